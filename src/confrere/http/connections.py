"""The limits of one connection, and of all connections of a server together."""

import resource
from dataclasses import dataclass
from typing import Protocol

MAX_FRAMING_BYTES = 64 * 1024
"""Of one request, all but its body: request line, headers, chunk sizes and extensions, trailers."""

MAX_HEADERS = 256
"""Of one request: each takes 130 bytes of memory beside its own."""

MAX_QUEUED_REQUESTS = 16
"""On one connection, behind the request that is being answered."""

MAX_QUEUED_BYTES = 256 * 1024
"""Of the queued requests of one connection together."""

SHORT_HEAD_BYTES = 4 * 1024

_MAX_IDLE = 2048
_MAX_UNREAD = 64
_MAX_LONG_HEADS = 128


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How long something on a connection may take, and how many connections may be in a state that costs memory.

    head_seconds:        for a request's head, from its first byte; for the first one, from the connection.
    keep_alive_seconds:  between an answer and the next request.
    unread_seconds:      without the client reading anything of what is written.
    linger_seconds:      while what a rejected client still sends is read and discarded.
    idle:                connections without a request that is being answered; each holds a descriptor.
    unread:              connections whose client does not read; each holds up to some hundred KiB of answers.
    long_heads:          connections with more than 4 KiB of a head that is not whole; each holds up to 64 KiB.
    """

    head_seconds: float = 15.0
    keep_alive_seconds: float = 75.0
    unread_seconds: float = 60.0
    linger_seconds: float = 1.0
    idle: int = _MAX_IDLE
    unread: int = _MAX_UNREAD
    long_heads: int = _MAX_LONG_HEADS


class Evictable(Protocol):
    """A connection that can be closed to make room for another."""

    def evict(self) -> None:
        """Close the connection at once, with data unsent."""
        ...


class OldestEvicted:
    """A bounded set of connections: adding one too many evicts the oldest.

    So idle clients evict one another, and never keep out a client that sends a request.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._members: dict[Evictable, None] = {}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, connection: Evictable) -> None:
        """Add `connection` as the newest; evict the oldest if the set is full."""
        self._members.pop(connection, None)
        self._members[connection] = None
        if len(self._members) > self._size:
            oldest = next(iter(self._members))
            del self._members[oldest]
            oldest.evict()

    def discard(self, connection: Evictable) -> None:
        """Remove `connection`, if it is there."""
        self._members.pop(connection, None)


class Connections:
    """All connections of a server, by the state in which they cost memory."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.idle = OldestEvicted(limits.idle)
        self.unread = OldestEvicted(limits.unread)
        self.long_heads = OldestEvicted(limits.long_heads)

    def forget(self, connection: Evictable) -> None:
        """Remove a connection that has ended from every set."""
        for each in (self.idle, self.unread, self.long_heads):
            each.discard(connection)


def limits_for_descriptors() -> ConnectionLimits:
    """Raise the limit of open files as far as it goes; half of it may be idle connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * _MAX_IDLE if hard == resource.RLIM_INFINITY else min(hard, 4 * _MAX_IDLE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return ConnectionLimits(idle=_MAX_IDLE if soft == resource.RLIM_INFINITY else min(_MAX_IDLE, soft // 2))
