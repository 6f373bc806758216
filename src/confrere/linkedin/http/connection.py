"""An HTTP/1.1 connection to LinkedIn, for one request at a time.

It is our own rather than an HTTP library's, so that one fact is certain: before `ask` nothing of a request can have
left, after it something may have. See docs/decisions/0006.
"""

import asyncio
import select
from asyncio import Future
from typing import Final, Protocol, cast

from confrere.domain.outcome import Unknown
from confrere.linkedin.http.response_parser import CUT_OFF, RawAnswer, ResponseParser

BROKEN: Final = "the connection to LinkedIn broke"
CLOSED: Final = "LinkedIn closed the connection without an answer"
SILENT: Final = "LinkedIn did not answer in time"

_READABLE = select.POLLIN | getattr(select, "POLLRDHUP", 0)


class ConnectionOwner(Protocol):
    """Receives the events of its connections. The pool implements it."""

    def on_open(self, connection: "Connection") -> None:
        """The connection was established."""
        ...

    def on_idle(self, connection: "Connection") -> None:
        """The connection's request was answered, and it can be reused."""
        ...

    def on_close(self, connection: "Connection") -> None:
        """The connection was closed. Not called for a connection that never opened."""
        ...


class _Pending:
    """The request in flight: the future of its answer, the parser of what has arrived, and the timer of its timeout."""

    __slots__ = ("future", "parser", "timer")

    def __init__(
        self, future: "Future[RawAnswer | Unknown]", parser: ResponseParser, timer: asyncio.TimerHandle
    ) -> None:
        self.future = future
        self.parser = parser
        self.timer = timer


class Connection(asyncio.Protocol):
    """Reused only after a complete answer to its own request; anything else that arrives closes it."""

    def __init__(self, owner: ConnectionOwner, loop: asyncio.AbstractEventLoop) -> None:
        self._owner = owner
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._poll = select.poll()
        self._pending: _Pending | None = None
        self.was_used = False

    # ---- for the pool and its callers ----

    @property
    def is_open(self) -> bool:
        """Whether it was established, and is neither closed nor closing."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_usable(self) -> bool:
        """Whether it can take a request: open, and with nothing to read, as the operating system knows at this moment.

        What arrives without a request is the connection's end, or an answer that a server writes before it (408).
        """
        return self.is_open and not self._poll.poll(0)

    def ask(self, request: bytes, *, until: float, max_bytes: int) -> "Future[RawAnswer | Unknown]":
        """Write the request, and return the future of its answer. A caller that stops waiting must `abort`.

        until:      the deadline, in the event loop's time; then the future is Unknown.
        max_bytes:  of the answer's body; a longer one is cut.
        """
        assert self._transport is not None
        assert self.is_open
        assert self._pending is None
        future: Future[RawAnswer | Unknown] = self._loop.create_future()
        self._pending = _Pending(future, ResponseParser(max_bytes), self._loop.call_at(until, self._finish, SILENT))
        self.was_used = True
        self._transport.write(request)
        return future

    def abort(self) -> None:
        """Close the connection without delay."""
        if self._transport is not None:
            self._transport.abort()

    # ---- called by the event loop ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the socket for polling, and report the open connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from asyncio's
        self._poll.register(transport.get_extra_info("socket").fileno(), _READABLE)
        self._owner.on_open(self)

    def data_received(self, data: bytes) -> None:
        """Parse a part of the answer; close the connection where no request is in flight."""
        if self._pending is None:
            self.abort()
            return
        parser = self._pending.parser
        parser.feed(data)
        if parser.is_complete or parser.fault:
            self._finish(parser.fault)

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish the request in flight; the end of the connection is the end of an answer without a length."""
        if self._pending is not None:
            parser = self._pending.parser
            if exc is None:
                parser.end()
            if parser.status:
                self._finish(None if parser.is_complete else CUT_OFF)
            else:
                self._finish(BROKEN if exc else CLOSED)
        self._owner.on_close(self)

    def _finish(self, fault: str | None) -> None:
        """Resolve the future; keep the connection only after a complete answer to a request that was written whole."""
        pending, self._pending = self._pending, None
        assert pending is not None
        assert self._transport is not None
        pending.timer.cancel()
        if not pending.future.done():
            parser = pending.parser
            pending.future.set_result(parser.answer(fault) if parser.status else Unknown(fault or CLOSED))
        is_written = not self._transport.get_write_buffer_size()
        if fault is None and is_written and not pending.parser.is_last and self.is_open:
            self._owner.on_idle(self)
        else:
            self._transport.abort()
