"""Queued requests, unread answers and idle connections are limited on each connection and over all of them."""

import asyncio
import resource

import pytest
from starlette.types import Receive, Scope, Send

from confrere.http.connections import (
    MAX_QUEUED_BYTES,
    MAX_QUEUED_REQUESTS,
    ConnectionLimits,
    Connections,
    OldestEvicted,
    limits_for_descriptors,
)
from tests.unit.http.protocol import Line, assert_refused, echo, echoed

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
QUEUE_FULL = "At most 16 requests of together 256 KiB may wait on one connection; read the earlier answers first"
UNREAD_SECONDS = ConnectionLimits().unread_seconds


def post(size: int) -> bytes:
    """Build a request with a body of this many bytes."""
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size


class SlowApp:
    """An application that answers once it may."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.started = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        self.started += 1
        await self.may_answer.wait()
        await echo(scope, receive, send)


async def answers(line: Line, app: SlowApp) -> list[bytes]:
    """Let the application answer, and return everything that is written."""
    app.may_answer.set()
    for _ in range(MAX_QUEUED_REQUESTS):
        await line.settle()
    return line.transport.written


@pytest.mark.parametrize("at_once", [True, False])
async def test_one_request_too_many_on_a_connection_is_refused_behind_the_answers(at_once: bool) -> None:
    """One queued request too many is rejected after the earlier answers, and neither it nor later ones are run."""
    app = SlowApp()
    line = Line(app)
    requests = [GET] * (MAX_QUEUED_REQUESTS + 100)
    await line.feed(*([b"".join(requests)] if at_once else requests))
    assert line.transport.written == []
    written = await answers(line, app)
    assert len(written) == 1 + MAX_QUEUED_REQUESTS + 1
    assert app.started == 1 + MAX_QUEUED_REQUESTS
    assert_refused(written[-1], 400, QUEUE_FULL)


async def test_too_many_bytes_behind_a_request_are_refused_behind_its_answer() -> None:
    """A queued request with too many bytes is rejected after the earlier answer, and not run."""
    app = SlowApp()
    line = Line(app)
    request = GET + post(MAX_QUEUED_BYTES + 60_000)
    await line.feed(*(request[at : at + 60_000] for at in range(0, len(request), 60_000)))
    written = await answers(line, app)
    assert [echoed(written[0])["path"], app.started, len(written)] == ["/", 1, 2]
    assert_refused(written[1], 400, QUEUE_FULL)


async def test_a_connection_is_read_while_its_requests_wait() -> None:
    """A connection is read while its requests wait, so that a disconnect is detected during a send."""
    app = SlowApp()
    line = Line(app)
    for request in (post(100_000), GET, post(100_000)[:90_000]):
        await line.feed(request)
        assert not line.transport.is_reading_paused


@pytest.mark.parametrize("broken", [b"noise\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n"])
async def test_a_fault_behind_a_request_does_not_cost_its_answer(broken: bytes) -> None:
    """Malformed bytes behind requests are rejected after the answers to these."""
    app = SlowApp()
    line = Line(app)
    await line.feed(GET + GET + broken)
    written = await answers(line, app)
    assert [each.split(b" ")[1] for each in written] == [b"200", b"200", b"400"]


async def test_an_idle_connection_keeps_nothing_of_its_last_request() -> None:
    """An idle connection keeps no headers and no unread body of its last request."""
    line = Line(echo)
    await line.feed(post(100_000))
    kept: list[object] = [line.protocol.cycle, line.protocol.scope, line.protocol.headers]
    assert kept == [None, None, None]


@pytest.mark.parametrize("is_closing", [True, False])
async def test_a_client_that_does_not_read_its_answer_is_dropped(is_closing: bool) -> None:
    """A client that does not read its answer is dropped, also before a close; reading a little extends the time."""
    line = Line(echo)
    await line.feed(GET)
    line.transport.unsent_bytes = 100_000
    if is_closing:
        line.transport.close()
    else:
        line.protocol.pause_writing()
    line.loop.pass_time(UNREAD_SECONDS)
    line.transport.unsent_bytes = 90_000
    line.loop.pass_time(UNREAD_SECONDS - 15)
    assert not line.transport.aborted
    line.loop.pass_time(UNREAD_SECONDS)
    assert line.transport.aborted


async def test_a_client_that_reads_again_is_not_dropped() -> None:
    """A client that reads again is not dropped."""
    line = Line(echo)
    await line.feed(GET)
    line.transport.unsent_bytes = 100_000
    line.protocol.pause_writing()
    line.loop.pass_time(UNREAD_SECONDS - 1)
    line.protocol.resume_writing()
    await line.feed(GET)
    line.loop.pass_time(UNREAD_SECONDS)
    assert not line.transport.aborted


async def test_one_idle_connection_too_many_drops_the_one_that_is_idle_for_longest() -> None:
    """One idle connection too many drops the one that is idle for longest; busy and recent ones stay."""
    connections, app = Connections(ConnectionLimits(idle=2)), SlowApp()
    busy = Line(app, connections)
    await busy.feed(GET)
    first, second = Line(echo, connections), Line(echo, connections)
    await first.feed(GET)
    third = Line(echo, connections)
    assert [line.transport.aborted for line in (busy, first, second, third)] == [False, False, True, False]


async def test_one_long_head_too_many_drops_the_oldest() -> None:
    """One long incomplete head too many drops the oldest, and a complete one does not count."""
    connections = Connections(ConnectionLimits(long_heads=2))
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 10_000
    whole, *lines = (Line(echo, connections) for _ in range(4))
    await whole.feed(head, b"\r\n\r\n")
    for line in lines:
        await line.feed(head)
    assert [line.transport.aborted for line in (whole, *lines)] == [False, True, False, False]


async def test_one_unread_answer_too_many_drops_the_oldest() -> None:
    """One unread answer too many drops the oldest, and a client that has read its answer does not count."""
    connections = Connections(ConnectionLimits(unread=1))
    lines = [Line(echo, connections) for _ in range(3)]
    lines[0].protocol.pause_writing()
    lines[0].protocol.resume_writing()
    lines[1].protocol.pause_writing()
    assert [line.transport.aborted for line in lines] == [False, False, False]
    lines[2].protocol.pause_writing()
    assert [line.transport.aborted for line in lines] == [False, True, False]


async def test_an_ended_connection_is_in_no_set() -> None:
    """Nothing is kept of a connection that has ended."""
    connections = Connections(ConnectionLimits())
    line = Line(echo, connections)
    line.protocol.pause_writing()
    line.protocol.connection_lost(None)
    assert [len(each) for each in (connections.idle, connections.unread, connections.long_heads)] == [0, 0, 0]


def test_adding_twice_makes_newest() -> None:
    """A connection that is added again is the last to be evicted."""

    class Connection:
        def __init__(self) -> None:
            self.is_evicted = False

        def evict(self) -> None:
            self.is_evicted = True

    connections, oldest = [Connection() for _ in range(3)], OldestEvicted(2)
    for number in (0, 1, 0, 2):
        oldest.add(connections[number])
    assert [each.is_evicted for each in connections] == [False, True, False]


@pytest.mark.parametrize(
    ("soft", "hard", "raised_to", "idle"),
    [
        (1024, 524_288, 8192, 2048),
        (256, 1000, 1000, 500),
        (1024, 1024, None, 512),
        (1024, resource.RLIM_INFINITY, 8192, 2048),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, None, 2048),
        (1_000_000, 1_000_000, None, 2048),
    ],
)
def test_idle_connections_never_take_the_last_descriptors(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised_to: int | None, idle: int
) -> None:
    """The limit of open files is raised to its maximum, and idle connections get at most half of it."""
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    assert limits_for_descriptors().idle == idle
    assert raised == ([] if raised_to is None else [(raised_to, hard)])
