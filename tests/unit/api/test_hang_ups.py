"""A hang-up is seen as soon as the operating system knows of it."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Message

from confrere.api.bounds import Bounds
from confrere.api.request import HANG_UPS, HangUps, Request
from confrere.sending import CallerLine


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours and the caller's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("sent", [b"", b"the next request"])
def test_an_end_is_seen_at_the_first_look(ends: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    """Also behind what nobody has read yet, and it is told once."""
    told: list[str] = []
    hang_ups = HangUps(ends[0].fileno())
    hang_ups.add(lambda: told.append("ended"))
    ends[1].sendall(sent)
    hang_ups.look()
    assert told == []
    ends[1].close()
    assert hang_ups.look()
    assert hang_ups.look()
    hang_ups.tell()
    assert told == ["ended"]


def test_who_comes_after_the_end_is_told_at_once() -> None:
    """A connection without a socket is told of by its protocol only."""
    told: list[str] = []
    hang_ups = HangUps()
    assert not hang_ups.look()
    hang_ups.tell()
    hang_ups.add(lambda: told.append("ended"))
    assert told == ["ended"]


def test_who_need_not_know_is_not_told(ends: tuple[socket.socket, socket.socket]) -> None:
    """Its answer has been written."""
    told: list[str] = []

    def watcher() -> None:
        told.append("ended")

    hang_ups = HangUps(ends[0].fileno())
    hang_ups.add(watcher)
    hang_ups.discard(watcher)
    ends[1].close()
    hang_ups.look()
    assert told == []


@pytest.mark.parametrize("server", ["ours", "ours, where the system cannot be asked", "another"])
async def test_a_request_looks_for_it(ends: tuple[socket.socket, socket.socket], server: str) -> None:
    """Where nobody can be asked, those who tell of it get the time to do so."""
    hang_ups = HangUps(ends[0].fileno() if server == "ours" else None)
    extensions = {} if server == "another" else {HANG_UPS: {"connection": hang_ups}}

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    request = Request({"headers": [], "extensions": extensions}, receive, Bounds())
    gone: list[CallerLine] = []
    request.watch(gone.append)
    ends[1].close()
    if server == "ours, where the system cannot be asked":
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, hang_ups.tell)
    await request.look_for_hang_up()
    assert gone == [request.line]
