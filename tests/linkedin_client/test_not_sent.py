import asyncio
import json
import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractStreamWriter

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import NotSent, SessionDead
from confrere.domain.session import Session
from confrere.linkedin import LinkedInClient
from confrere.linkedin.request import WatchedBody
from tests.linkedin_client.one_message import (
    ACCEPTED,
    GOOD,
    MESSAGE,
    OTHER,
    OWN,
    SESSION,
    SILENT,
    TOKEN,
    connected_client,
    send,
    swallow,
)
from tests.linkedin_client.raw_server import Wire, answer, raw_server, read_all


async def test_the_request_is_on_the_wire_as_the_browser_writes_it() -> None:
    """Byte for byte, but for the tracking id and what the HTTP library adds."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
        assert await send(server) == Attempt(ACCEPTED, {})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage HTTP/1.1"
    own = [line for line in lines[1:] if not line.lower().startswith(("host:", "accept-encoding:", "content-length:"))]
    assert own == [
        "accept: application/json",
        "accept-language: de",
        'cookie: bcookie="v=2"; li_at=AQED1; JSESSIONID="ajax:7"',
        "csrf-token: ajax:7",
        "referer: https://www.linkedin.com/messaging/",
        "user-agent: Mozilla/5.0 (Test)",
        "x-li-lang: de_DE",
        "x-li-page-instance: urn:li:page:p;1",
        "x-li-track: {}",
        "x-restli-protocol-version: 2.0.0",
        "content-type: text/plain;charset=UTF-8",
        "origin: https://www.linkedin.com",
    ]
    sent = json.loads(body)
    assert len(sent.pop("trackingId")) == 16
    assert sent == {
        "message": {
            "body": {"attributes": [], "text": "Grüße"},
            "renderContentUnions": [],
            "originToken": TOKEN,
        },
        "mailboxUrn": OWN,
        "dedupeByClientGeneratedToken": False,
        "hostRecipientUrns": [OTHER],
        "messageRequestContextByRecipient": [{"hostRecipientUrn": OTHER, "contextEntityUrn": "urn:li:fsd_group:1"}],
    }


# ---- before anything has left -----------------------------------------------------------------------------------


async def test_no_connection_is_not_sent() -> None:
    """Nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with connected_client(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            attempt = await client.send_group_message(SESSION, MESSAGE)
    assert attempt == Attempt(NotSent("no connection to LinkedIn could be made"), {})


async def test_no_tls_is_not_sent() -> None:
    """What listens does not speak it."""
    async with raw_server(lambda wire: wire.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        attempt = await send(server, scheme="https")
    assert attempt.outcome == NotSent("no secure connection to LinkedIn could be made")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"connect_timeout_seconds": 0.05}, "no connection to LinkedIn could be had in time"),
        ({"send_timeout_seconds": 0.05}, "LinkedIn did not answer in time before anything was sent"),
    ],
)
async def test_a_handshake_without_end_is_not_sent(options: dict[str, Any], why: str) -> None:
    """Whether the time for connecting runs out or the whole, which is the same exception as after the request."""
    async with raw_server(Wire.wait_for_end) as server:
        attempt = await send(server, scheme="https", **options)
    assert attempt.outcome == NotSent(why)


async def test_no_free_connection_in_time_is_not_sent() -> None:
    """The pool is as large as it is."""
    async with raw_server(swallow) as server:
        options = {"connections": 1, "pool_timeout_seconds": 0.03, "connect_timeout_seconds": 0.03}
        async with connected_client(server.url, **options, send_timeout_seconds=0.5) as client:
            first = asyncio.create_task(client.send_group_message(SESSION, MESSAGE))
            await asyncio.sleep(0)
            second = await client.send_group_message(SESSION, MESSAGE)
            assert second.outcome == NotSent("no connection to LinkedIn could be had in time")
            assert (await first).outcome == SILENT
    assert len(server.requests) == 1


async def test_after_close_nothing_is_sent() -> None:
    """A server that stops begins nothing new."""
    async with raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server:
        client = LinkedInClient(server.url)
        await client.send_group_message(SESSION, MESSAGE)
        await client.close()
        attempt = await client.send_group_message(SESSION, MESSAGE)
        assert attempt.outcome == NotSent("the connections to LinkedIn are closed already")
    assert len(server.requests) == 1


async def test_a_session_that_no_header_can_carry_is_not_sent() -> None:
    """A person must connect the account again."""
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: GOOD)) as server,
        connected_client(server.url) as client,
    ):
        attempt = await client.send_group_message(Session({"li_at": "a\n", "JSESSIONID": "x"}, "UA"), MESSAGE)
        assert attempt.outcome == SessionDead(
            "the header cookie of this session would hold characters that cannot be sent"
        )
    assert server.connections == 0


class _Exploding(WatchedBody):
    async def write_with_length(self, _writer: AbstractStreamWriter, _length: int | None) -> None:
        raise OSError(5, "test")


async def test_the_library_writes_nothing_before_it_asks_the_body_to_write_itself() -> None:
    """The fact about aiohttp on which `WatchedBody` rests."""
    received = asyncio.get_running_loop().create_future()

    async def listen(wire: Wire) -> None:
        received.set_result(await wire.wait_for_end())

    async with raw_server(listen) as server, aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.post(server.url, data=_Exploding(b"body"))
        assert await received == b""


async def test_an_answer_to_nothing_is_not_taken_for_ours() -> None:
    """Some servers answer an idle connection before they close it."""

    async def answer_twice(wire: Wire) -> None:
        await wire.read_request()
        await wire.write(GOOD)
        await answered.wait()
        await wire.write(answer(400))
        unasked.set()
        await wire.read_request()

    answered, unasked = asyncio.Event(), asyncio.Event()
    async with raw_server(answer_twice) as server, connected_client(server.url) as client:
        assert (await client.send_group_message(SESSION, MESSAGE)).outcome == ACCEPTED
        answered.set()
        await unasked.wait()
        await asyncio.sleep(0.01)
        second = await client.send_group_message(SESSION, MESSAGE)
        assert second.outcome == NotSent("LinkedIn answered before anything was sent")
    assert len(server.requests) == 1


class _Connection:
    def __init__(self, *, connected: bool = True, should_close: bool = False) -> None:
        self.connected = connected
        self.should_close = should_close

    def is_connected(self) -> bool:
        return self.connected


class _Writer:
    def __init__(self, connection: _Connection) -> None:
        self.protocol = connection
        self.written = b""

    async def write(self, chunk: bytes) -> None:
        self.written += chunk


@pytest.mark.parametrize("connection", [_Connection(connected=False), _Connection(should_close=True)])
async def test_a_connection_that_is_not_fit_takes_no_byte(connection: _Connection) -> None:
    """It closed, or got an answer, between being chosen and being written to."""
    body, writer = WatchedBody(b"body"), _Writer(connection)
    with pytest.raises(aiohttp.ClientConnectionResetError):
        await body.write_with_length(writer, 4)  # type: ignore[arg-type]
    assert (body.begun, writer.written) == (False, b"")


async def test_what_was_withdrawn_is_not_written_afterwards() -> None:
    """NotSent stays true, whatever the library still has in hand."""
    body, writer = WatchedBody(b"body"), _Writer(_Connection())
    assert not body.withdraw()
    with pytest.raises(aiohttp.ClientConnectionResetError):
        await body.write_with_length(writer, 4)  # type: ignore[arg-type]
    assert writer.written == b""


async def test_what_was_begun_is_known() -> None:
    """From the moment before the first byte."""
    body, writer = WatchedBody(b"body"), _Writer(_Connection())
    await body.write_with_length(writer, 4)  # type: ignore[arg-type]
    assert (body.begun, body.withdraw(), writer.written) == (True, True, b"body")
