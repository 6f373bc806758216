"""An answer's head and body are one write, and what is no ordinary answer is written as uvicorn writes it."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.http.disconnects import disconnect_watch_of
from tests.unit.http.protocol import Line

GET = "GET / HTTP/1.1\nHost: host"


def answering(*parts: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> ASGIApp:
    """Answers every request so; with a length where there is one part and no other headers."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        length = (b"content-length", b"%d" % sum(map(len, parts)))
        await send({"type": "http.response.start", "status": 200, "headers": list(headers) or [length]})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1]})

    return app


async def test_head_and_body_are_one_write_made_at_once() -> None:
    """When the body has been handed over, the answer is with the operating system."""
    line = None
    seen: list[int] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        assert line is not None
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        seen.append(len(line.transport.written))
        await send({"type": "http.response.body", "body": b"body"})
        seen.append(len(line.transport.written))

    line = Line(app)
    assert await line.ask(GET) == [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"]
    assert seen == [0, 1]


async def test_requests_of_one_connection_are_answered_in_turn() -> None:
    """Those that arrive together, too."""
    line = Line(answering(b"body"))
    assert len(await line.ask(GET)) == 1
    assert len(await line.ask(GET + "\n\n" + GET)) == 2
    assert not line.transport.closed


@pytest.mark.parametrize("head", ["GET / HTTP/1.0\nHost: host", "GET / HTTP/1.1\nHost: host\nConnection: close"])
async def test_connection_ends_with_the_answer_where_the_client_wants_that(head: str) -> None:
    """And the answer says so."""
    line = Line(answering(b"body"))
    assert await line.ask(head) == [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody"]
    assert line.transport.closed


async def test_answer_to_head_has_the_length_and_no_body() -> None:
    """As of the GET in its place."""
    written = b"".join(await Line(answering(b"body")).ask("HEAD / HTTP/1.1\nHost: host"))
    assert written == b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


async def test_the_head_of_an_answer_in_parts_leaves_at_once() -> None:
    """Its first part may take time, and the client waits for a sign."""
    go_on = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"body"})

    line = Line(app)
    assert b"".join(await line.ask(GET)) == b"HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n"
    go_on.set()
    await line.settle()
    assert b"".join(line.transport.written[1:]) == b"4\r\nbody\r\n0\r\n\r\n"


async def test_parts_are_written_as_they_come() -> None:
    """Of an answer whose length nobody knows."""
    written = await Line(answering(b"one", b"two", headers=((b"x-a", b"b"),))).ask(GET)
    assert b"".join(written) == (
        b"HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    )


@pytest.mark.parametrize("value", [b"a\r\nx-b: c", b"a\nb", b"a\0", b"a\x7f"])
async def test_a_header_with_a_control_character_does_not_leave(value: bytes) -> None:
    """It could end the head and begin an answer of somebody else's."""
    line = Line(answering(b"body", headers=((b"content-length", b"4"), (b"x-a", value))))
    assert [written for written in await line.ask(GET) if b"x-a" in written or b"x-b" in written] == []


async def test_who_fails_between_head_and_body_answers_500() -> None:
    """The head that was begun is forgotten."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        raise RuntimeError

    written = b"".join(await Line(app).ask(GET))
    assert written.startswith(b"HTTP/1.1 500 ")
    assert written.endswith(b"Internal Server Error")


async def test_nothing_is_written_to_a_client_that_has_hung_up() -> None:
    """Its connection is gone."""
    go_on = asyncio.Event()
    inner = answering(b"body")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await inner(scope, receive, send)

    line = Line(app)
    await line.ask(GET)
    line.protocol.connection_lost(None)
    go_on.set()
    await line.settle()
    assert line.transport.written == []


async def test_an_answer_may_have_neither_headers_nor_a_body() -> None:
    """ASGI lets both be left out."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert b"".join(await Line(app).ask(GET)) == b"HTTP/1.1 204 No Content\r\n\r\n"


def watched(told: list[str], meanwhile: Callable[[], None] = lambda: None) -> ASGIApp:
    """Notes a hang-up that it is told of, until its answer is written."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        disconnects = disconnect_watch_of(scope)
        assert disconnects is not None
        disconnects.add(lambda: told.append("hung up"))
        meanwhile()
        await answering(b"body")(scope, receive, send)

    return app


async def test_an_answer_that_is_swallowed_is_told_as_a_hang_up() -> None:
    """Once: the client has ended the connection, and nobody was told yet."""
    told: list[str] = []

    def end() -> None:
        line.transport.closed = True

    line = Line(watched(told, end))
    await line.ask(GET)
    assert told == ["hung up"]


async def test_an_answer_that_ends_its_connection_is_no_hang_up() -> None:
    """The client asked for that."""
    told: list[str] = []
    await Line(watched(told)).ask(GET + "\nConnection: close")
    assert told == []
