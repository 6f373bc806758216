"""One HTTP/1.1 connection to LinkedIn, which is asked one thing at a time.

It is ours, and no HTTP library's, because everything about a message's fate hangs on one moment: until `ask` nothing of
a request can have left, from `ask` on it may have. See docs/decisions/0006.
"""

import asyncio
import select
from asyncio import Future
from typing import Final, Protocol, cast

from confrere.domain.outcome import Unknown
from confrere.linkedin.response_parser import CUT_OFF, AnswerReader, RawAnswer

BROKEN: Final = "the connection to LinkedIn broke"
CLOSED: Final = "LinkedIn closed the connection without an answer"
SILENT: Final = "LinkedIn did not answer in time"

_SOMETHING_THERE = select.POLLIN | getattr(select, "POLLRDHUP", 0)


class Keeper(Protocol):
    """Who owns connections, and is told what becomes of them."""

    def made(self, connection: "Connection") -> None:
        """It is open."""
        ...

    def freed(self, connection: "Connection") -> None:
        """It was answered, and may be asked again."""
        ...

    def lost(self, connection: "Connection") -> None:
        """It is closed. Not told of one that was never made."""
        ...


class _Asked:
    """The request that is under way: who waits for its answer, what of that has come, and what ends the waiting."""

    __slots__ = ("reader", "timer", "waiting")

    def __init__(
        self, waiting: "Future[RawAnswer | Unknown]", reader: AnswerReader, timer: asyncio.TimerHandle
    ) -> None:
        self.waiting = waiting
        self.reader = reader
        self.timer = timer


class Connection(asyncio.Protocol):
    """An answer counts for the request that waits for it; a connection with anything else about it is closed."""

    def __init__(self, keeper: Keeper, loop: asyncio.AbstractEventLoop) -> None:
        self._keeper = keeper
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._arriving = select.poll()
        self._asked: _Asked | None = None
        self.was_asked = False

    # ---- for whoever asks ----

    @property
    def is_open(self) -> bool:
        """Whether it was made, and is not closed or closing."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_fit(self) -> bool:
        """Whether it may be asked: open and silent, as far as the operating system knows.

        What arrives unasked is the end of the connection, or some server's last word before it.
        """
        return self.is_open and not self._arriving.poll(0)

    def ask(self, request: bytes, *, until: float, max_bytes: int) -> "Future[RawAnswer | Unknown]":
        """Send the request; what becomes of it. Whoever stops waiting has to `abort`.

        until:      the event loop's time at which there must be an answer.
        max_bytes:  of the answer's body; what is longer is cut.
        """
        assert self._transport is not None
        assert self.is_open
        assert self._asked is None
        waiting: Future[RawAnswer | Unknown] = self._loop.create_future()
        self._asked = _Asked(waiting, AnswerReader(max_bytes), self._loop.call_at(until, self._end, SILENT))
        self.was_asked = True
        self._transport.write(request)
        return waiting

    def abort(self) -> None:
        """Close it now."""
        if self._transport is not None:
            self._transport.abort()

    # ---- from the event loop ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from asyncio's
        self._arriving.register(transport.get_extra_info("socket").fileno(), _SOMETHING_THERE)
        self._keeper.made(self)

    def data_received(self, data: bytes) -> None:
        """Some of an answer; or of nothing that was asked for, and then the connection is worth nothing."""
        if self._asked is None:
            self.abort()
            return
        reader = self._asked.reader
        reader.feed(data)
        if reader.is_whole or reader.fault:
            self._end(reader.fault)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed; an answer without a length ends here."""
        if self._asked is not None:
            reader = self._asked.reader
            if exc is None:
                reader.end()
            if reader.status:
                self._end(None if reader.is_whole else CUT_OFF)
            else:
                self._end(BROKEN if exc else CLOSED)
        self._keeper.lost(self)

    def _end(self, fault: str | None) -> None:
        """Tell who waits; keep the connection only if there was nothing about it."""
        asked, self._asked = self._asked, None
        assert asked is not None
        assert self._transport is not None
        asked.timer.cancel()
        if not asked.waiting.done():
            asked.waiting.set_result(asked.reader.answer(fault) if asked.reader.status else Unknown(fault or CLOSED))
        is_written = not self._transport.get_write_buffer_size()
        if fault is None and is_written and not asked.reader.is_last and self.is_open:
            self._keeper.freed(self)
        else:
            self._transport.abort()
