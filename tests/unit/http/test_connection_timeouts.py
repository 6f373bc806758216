"""One timer limits the time for a head and the idle time of a connection."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from confrere.http.connections import ConnectionLimits
from tests.unit.http.protocol import Line

HEAD_SECONDS = ConnectionLimits().head_seconds
KEEP_ALIVE_SECONDS = ConnectionLimits().keep_alive_seconds
GET = "GET / HTTP/1.1\nHost: host"


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer at once."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def test_a_silent_client_is_refused() -> None:
    """A client that sends nothing gets a 408 at the end of the time for a head."""
    line = Line(app)
    line.loop.pass_time(HEAD_SECONDS - 0.1)
    assert line.transport.written == []
    line.loop.pass_time(0.1)
    assert line.transport.written[0].startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("rest", [0.0, 1.0, 14.9, 15.0, 40.0])
async def test_time_for_a_head_counts_from_its_first_byte(rest: float) -> None:
    """On a used connection the time for a head begins with its first byte, and further bytes do not extend it."""
    line = Line(app)
    await line.ask(GET)
    line.loop.pass_time(rest)
    line.protocol.data_received(b"GET / HT")
    line.loop.pass_time(HEAD_SECONDS - 1)
    line.protocol.data_received(b"TP/1.1\r\nHost:")
    line.loop.pass_time(0.9)
    assert len(line.transport.written) == 1
    line.loop.pass_time(0.1)
    assert line.transport.written[1].startswith(b"HTTP/1.1 408 ")


async def test_an_idle_connection_is_closed() -> None:
    """An idle connection is closed without an answer after its time, counted from the last answer."""
    line = Line(app)
    for _ in range(3):
        line.loop.pass_time(KEEP_ALIVE_SECONDS - 1 if line.transport.written else 1)
        await line.ask(GET)
    line.loop.pass_time(KEEP_ALIVE_SECONDS - 0.1)
    assert not line.transport.closed
    line.loop.pass_time(0.1)
    assert line.transport.closed
    assert len(line.transport.written) == 3


@pytest.mark.parametrize("begun_before", [False, True])
async def test_an_answer_may_take_as_long_as_it_takes(begun_before: bool) -> None:
    """An answer has no time limit, also for a request that began to arrive before the last answer."""
    may_answer = asyncio.Semaphore(0)

    async def slow_app(scope: Scope, receive: Receive, send: Send) -> None:
        await may_answer.acquire()
        await app(scope, receive, send)

    line = Line(slow_app)
    await line.ask(GET)
    if begun_before:
        line.protocol.data_received(b"GET / HT")
        may_answer.release()
        await line.settle()
        await line.ask("TP/1.1\nHost: host")
    line.loop.pass_time(1000)
    assert not line.transport.closed
    may_answer.release()
    await line.settle()
    assert len(line.transport.written) == 1 + begun_before


async def test_requests_set_no_timers() -> None:
    """A request sets no timer, which would cost 2 µs each."""
    line = Line(app)
    for _ in range(10):
        await line.ask(GET)
    assert len(line.loop.timers) == 1
    line.protocol.connection_lost(None)
    assert line.loop.waiting() == []
