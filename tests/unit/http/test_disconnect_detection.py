"""A disconnect is detected as soon as the operating system knows of it."""

import asyncio
import socket
from collections.abc import Iterator
from typing import cast

import pytest

from confrere.http.disconnects import close_if_ended


class Transport:
    """A transport with a socket that nobody reads."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.closed = False

    def get_extra_info(self, _name: str) -> socket.socket:
        """Return the socket."""
        return self._end

    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Record the close."""
        self.closed = True


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return our end and the caller's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("sent", [b"", b"the next request"])
def test_the_first_poll_detects_an_end(ends: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    """The first poll detects an end, also behind unread bytes."""
    transport = Transport(ends[0])
    ends[1].sendall(sent)
    assert not close_if_ended(cast("asyncio.Transport", transport))
    assert not transport.closed
    ends[1].close()
    assert close_if_ended(cast("asyncio.Transport", transport))
    assert transport.closed


def test_a_closing_connection_is_not_asked_about(ends: tuple[socket.socket, socket.socket]) -> None:
    """A closing connection is not polled, since its descriptor may be another's."""
    transport = Transport(ends[0])
    transport.closed = True
    ends[0].close()
    assert close_if_ended(cast("asyncio.Transport", transport))
