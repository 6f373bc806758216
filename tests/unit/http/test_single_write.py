"""An ordinary answer is one write of head and body, and any other is written as uvicorn writes it."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.http.disconnects import disconnect_watch_of
from tests.unit.http.protocol import Line

GET = "GET / HTTP/1.1\nHost: host"


def answering(*parts: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> ASGIApp:
    """Build an application that gives this answer, with a length if there is one part and no other headers."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        length = (b"content-length", b"%d" % sum(map(len, parts)))
        await send({"type": "http.response.start", "status": 200, "headers": list(headers) or [length]})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": parts[-1]})

    return app


async def test_head_and_body_are_one_write_made_at_once() -> None:
    """Head and body are one write, which is done when the application has passed the body on."""
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
    """Requests of one connection are answered in order, also those that arrive together."""
    line = Line(answering(b"body"))
    assert len(await line.ask(GET)) == 1
    assert len(await line.ask(GET + "\n\n" + GET)) == 2
    assert not line.transport.closed


@pytest.mark.parametrize("head", ["GET / HTTP/1.0\nHost: host", "GET / HTTP/1.1\nHost: host\nConnection: close"])
async def test_connection_ends_with_the_answer_where_the_client_wants_that(head: str) -> None:
    """The connection closes after the answer if the client asks for that, and the answer has the header."""
    line = Line(answering(b"body"))
    assert await line.ask(head) == [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody"]
    assert line.transport.closed


async def test_answer_to_head_has_the_length_and_no_body() -> None:
    """The answer to HEAD has the length of the GET and no body."""
    written = b"".join(await Line(answering(b"body")).ask("HEAD / HTTP/1.1\nHost: host"))
    assert written == b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


async def test_the_head_of_an_answer_in_parts_leaves_at_once() -> None:
    """The head of an answer in parts is written at once, since the first part may take time."""
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
    """The parts of an answer without a length are written as they come."""
    written = await Line(answering(b"one", b"two", headers=((b"x-a", b"b"),))).ask(GET)
    assert b"".join(written) == (
        b"HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    )


@pytest.mark.parametrize("value", [b"a\r\nx-b: c", b"a\nb", b"a\0", b"a\x7f"])
async def test_a_header_with_a_control_character_does_not_leave(value: bytes) -> None:
    """A header with a control character is not written, which prevents response splitting."""
    line = Line(answering(b"body", headers=((b"content-length", b"4"), (b"x-a", value))))
    assert [written for written in await line.ask(GET) if b"x-a" in written or b"x-b" in written] == []


async def test_who_fails_between_head_and_body_answers_500() -> None:
    """An application that fails between head and body gives a 500, and the first head is discarded."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        raise RuntimeError

    written = b"".join(await Line(app).ask(GET))
    assert written.startswith(b"HTTP/1.1 500 ")
    assert written.endswith(b"Internal Server Error")


async def test_nothing_is_written_to_a_client_that_has_disconnected() -> None:
    """Nothing is written to a client that has disconnected."""
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
    """An answer without headers or body, as ASGI allows, is written."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert b"".join(await Line(app).ask(GET)) == b"HTTP/1.1 204 No Content\r\n\r\n"


def watched(calls: list[str], meanwhile: Callable[[], None] = lambda: None) -> ASGIApp:
    """Record a disconnect that is reported before the answer is written."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        disconnects = disconnect_watch_of(scope)
        assert disconnects is not None
        disconnects.add(lambda: calls.append("hung up"))
        meanwhile()
        await answering(b"body")(scope, receive, send)

    return app


async def test_an_answer_to_a_disconnected_client_is_reported_as_a_disconnect() -> None:
    """An answer to a client whose disconnect was not reported yet is reported as a disconnect, once."""
    calls: list[str] = []

    def end() -> None:
        line.transport.closed = True

    line = Line(watched(calls, end))
    await line.ask(GET)
    assert calls == ["hung up"]


async def test_an_answer_that_closes_its_connection_is_no_disconnect() -> None:
    """An answer that closes its connection at the client's request is not reported as a disconnect."""
    calls: list[str] = []
    await Line(watched(calls)).ask(GET + "\nConnection: close")
    assert calls == []
