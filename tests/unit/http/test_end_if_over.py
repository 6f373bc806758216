"""A hang-up is seen as soon as the operating system knows of it."""

import asyncio
import socket
from collections.abc import Iterator
from typing import cast

import pytest

from confrere.http.disconnects import close_if_ended


class Transport:
    """Of a socket that nobody reads."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.closed = False

    def get_extra_info(self, _name: str) -> socket.socket:
        """The socket."""
        return self._end

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Ours and the caller's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("sent", [b"", b"the next request"])
def test_an_end_is_seen_at_the_first_look(ends: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    """Also behind what nobody has read yet."""
    transport = Transport(ends[0])
    ends[1].sendall(sent)
    assert not close_if_ended(cast("asyncio.Transport", transport))
    assert not transport.closed
    ends[1].close()
    assert close_if_ended(cast("asyncio.Transport", transport))
    assert transport.closed


def test_a_closing_connection_is_not_asked_about(ends: tuple[socket.socket, socket.socket]) -> None:
    """Its descriptor may be another's by now."""
    transport = Transport(ends[0])
    transport.closed = True
    ends[0].close()
    assert close_if_ended(cast("asyncio.Transport", transport))
