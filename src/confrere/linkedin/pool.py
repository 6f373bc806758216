"""The connections to LinkedIn: at most so many at a time, kept for a while, each used by one request at a time."""

import asyncio
import socket
import ssl
from asyncio import Future
from collections import deque
from typing import Final

import aiohappyeyeballs

from confrere.domain.outcome import NotSent
from confrere.linkedin.connection import SILENT, Connection

IDLE_SECONDS: Final = 15.0
"""Short, since a connection that the other side is just closing makes a send's fate unknown."""

_OTHER_FAMILY_SECONDS = 0.25
"""How long IPv6 may take before IPv4 is tried beside it. Source: RFC 8305."""

NO_CONNECTION: Final = NotSent("no connection to LinkedIn could be made")
NOT_FOUND: Final = NotSent("LinkedIn's address could not be found")
NOT_IN_TIME: Final = NotSent("no connection to LinkedIn could be had in time")
NO_TLS: Final = NotSent("no secure connection to LinkedIn could be made")
WRONG_CERTIFICATE: Final = NotSent("LinkedIn's certificate was not accepted")
POOL_CLOSED: Final = NotSent("the connections to LinkedIn are closed already")
RAN_OUT: Final = NotSent(f"{SILENT} before anything was sent")

_Turn = Connection | NotSent | None
"""What a waiting request is given: a connection, the reason why there is none, or None: the right to make one."""


class Pool:
    """Connections to one address.

    connections:              at most this many are open; who gets none within `pool_timeout_seconds` goes without.
    connect_timeout_seconds:  for making a connection, TLS included.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
        *,
        connections: int,
        connect_timeout_seconds: float,
        pool_timeout_seconds: float,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._connect_timeout_seconds = connect_timeout_seconds
        self._pool_timeout_seconds = pool_timeout_seconds
        self._places = connections
        self._open: set[Connection] = set()
        self._idle: list[tuple[float, Connection]] = []
        self._waiting: deque[Future[_Turn]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._all_closed = asyncio.Event()
        self._all_closed.set()

    async def take(self, *, until: float, fresh: bool = False) -> Connection | NotSent:
        """A connection that is fit to be asked at once, or why there is none.

        until:  the event loop's time at which there must be one.
        fresh:  one that was not asked before.
        """
        while True:
            if self._is_closed:
                return POOL_CLOSED
            if not fresh and (idle := self._take_idle()) is not None:
                return idle
            if not self._places and self._idle:
                self._idle.pop(0)[1].abort()  # its place is free in a moment
            turn = None if self._take_place() else await self._wait(until)
            if turn is None:
                return await self._connect(until)
            if isinstance(turn, NotSent):
                return turn
            if turn.is_fit and not fresh:
                return turn
            turn.abort()

    async def close(self) -> None:
        """Let go of all connections; no more are made."""
        self._is_closed = True
        while self._waiting:
            self._give(self._waiting.popleft(), POOL_CLOSED)
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self._open):
            connection.abort()
        await self._all_closed.wait()

    # ---- what connections tell ----

    def made(self, connection: Connection) -> None:
        """See `Keeper`."""
        self._open.add(connection)
        self._all_closed.clear()
        if self._is_closed:
            connection.abort()

    def freed(self, connection: Connection) -> None:
        """See `Keeper`. Who waits longest gets it."""
        while self._waiting:
            if self._give(self._waiting.popleft(), connection):
                return
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time() + IDLE_SECONDS, connection))
        if self._sweeper is None:
            self._sweeper = loop.call_later(IDLE_SECONDS, self._sweep)

    def lost(self, connection: Connection) -> None:
        """See `Keeper`."""
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()
        self._give_place_back()

    # ---- places, and who waits for one ----

    def _take_idle(self) -> Connection | None:
        """The one that was used last: the others can go."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            until, connection = self._idle.pop()
            if until > now and connection.is_fit:
                return connection
            connection.abort()
        return None

    def _take_place(self) -> bool:
        if not self._places:
            return False
        self._places -= 1
        return True

    def _give_place_back(self) -> None:
        while self._waiting:
            if self._give(self._waiting.popleft(), None):
                return
        self._places += 1

    async def _wait(self, until: float) -> _Turn:
        """A turn, or why none came."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._pool_timeout_seconds
        waiting: Future[_Turn] = loop.create_future()
        self._waiting.append(waiting)
        timer = loop.call_at(min(limit, until), self._give, waiting, NOT_IN_TIME if limit < until else RAN_OUT)
        try:
            return await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():  # it was given a turn in the same moment, for another to have
                turn = waiting.result()
                if turn is None:
                    self._give_place_back()
                elif isinstance(turn, Connection):
                    self.freed(turn)
            raise
        finally:
            timer.cancel()

    @staticmethod
    def _give(waiting: "Future[_Turn]", turn: _Turn) -> bool:
        """Whether it was still waiting."""
        if waiting.done():
            return False
        waiting.set_result(turn)
        return True

    def _sweep(self) -> None:
        """Let go of what has been idle for too long."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0][0] <= loop.time():
            self._idle.pop(0)[1].abort()
        if self._idle:
            self._sweeper = loop.call_at(self._idle[0][0], self._sweep)

    # ---- making one ----

    async def _connect(self, until: float) -> Connection | NotSent:
        """On a place that was taken."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._connect_timeout_seconds
        connection = Connection(self, loop)
        try:
            async with asyncio.timeout_at(min(limit, until)):
                infos = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                connected = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=_OTHER_FAMILY_SECONDS)
                name = None if self._tls is None else self._host
                await loop.create_connection(lambda: connection, sock=connected, ssl=self._tls, server_hostname=name)
        except TimeoutError:
            return NOT_IN_TIME if limit < until else RAN_OUT
        except OSError as error:
            return why_no_connection(error)
        finally:
            if not connection.was_made:
                self._give_place_back()
        if self._is_closed:
            return POOL_CLOSED
        return connection if connection.is_open else NO_CONNECTION


def why_no_connection(error: OSError) -> NotSent:
    """The reason for people. Everything that can keep two machines from connecting is an OSError."""
    match error:
        case socket.gaierror():
            return NOT_FOUND
        case ssl.SSLCertVerificationError():
            return WRONG_CERTIFICATE
        case ssl.SSLError():
            return NO_TLS
        case _:
            return NO_CONNECTION
