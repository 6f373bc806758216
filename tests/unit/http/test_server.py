"""Servers one after the other on one event loop, and what a cancelled one leaves behind."""

import asyncio
import gc
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from confrere.http.answer import Answer
from confrere.http.rejection import Rejection
from confrere.http.server import listen, serve

CONNECTIONS = 3


@pytest.fixture(autouse=True)
def garbage_collector_as_before() -> Iterator[None]:
    """A server tunes it."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 204."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def settled() -> None:
    """Nothing is in flight."""


def unexpected(rejection: Rejection) -> Answer:
    """No request of these tests is rejected."""
    raise AssertionError(rejection)


async def start(*, fast: bool) -> tuple[asyncio.Task[None], int]:
    """A server that is ready, and its port."""
    listener, ready = listen("127.0.0.1", 0), asyncio.Event()
    port: int = listener.getsockname()[1]
    serving = serve(app, listener, drain=settled, answer_rejection=unexpected, on_ready=ready.set, fast=fast)
    server = asyncio.create_task(serving)
    await ready.wait()
    return server, port


async def ask(port: int) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    """The status line of an answer, and its connection, which stays open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], reader, writer


@pytest.mark.parametrize("fast", [True, False])
async def test_a_cancelled_server_leaves_nothing_to_the_next_one(*, fast: bool) -> None:
    """Its port refuses, its idle connections are closed, and the next server on the event loop answers everybody."""
    async with asyncio.timeout(20):
        for _ in range(2):
            server, port = await start(fast=fast)
            clients = [await ask(port) for _ in range(CONNECTIONS)]
            assert [status for status, _, _ in clients] == [b"HTTP/1.1 204 No Content"] * CONNECTIONS
            server.cancel()
            await asyncio.wait([server])
            assert server.cancelled()
            assert [await reader.read() for _, reader, _ in clients] == [b""] * CONNECTIONS
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", port)
            for _, _, writer in clients:
                writer.close()
