"""The connections to LinkedIn: at most so many at a time, kept for a while, each used by one request at a time."""

import asyncio
import socket
import ssl
from typing import Final

import aiohappyeyeballs

from confrere.domain.outcome import NotSent
from confrere.linkedin.connection import SILENT, Connection
from confrere.linkedin.fair_semaphore import FairSemaphore, Owner

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


class Pool:
    """Connections to one address, shared fairly between the accounts whose requests use them.

    A connection belongs to no account, only its use counts for one: from the moment in which its making begins, or it
    is taken, until it is free again or lost.

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
        self._connections = connections
        self._slots = FairSemaphore(connections)
        self._open: set[Connection] = set()
        self._used_by: dict[Connection, Owner] = {}
        self._idle: list[tuple[float, Connection]] = []
        self._sweeper: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._all_closed = asyncio.Event()
        self._all_closed.set()

    async def take(self, owner: Owner, *, until: float, fresh: bool = False) -> Connection | NotSent:
        """A connection that is fit to be asked at once, or why there is none.

        owner:  the account that its use counts for.
        until:  the event loop's time at which there must be one.
        fresh:  one that was not asked before.
        """
        if self._is_closed:
            return POOL_CLOSED
        if not self._slots.try_acquire(owner) and (why := await self._wait(owner, until)) is not None:
            return why
        if not fresh and (idle := self._take_idle()) is not None:
            self._used_by[idle] = owner
            return idle
        if len(self._used_by) + len(self._idle) >= self._connections:
            self._idle.pop(0)[1].abort()  # closed before another one can be open
        return await self._connect(owner, until)

    async def close(self) -> None:
        """Let go of all connections; no more are made."""
        self._is_closed = True
        self._slots.close()
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
        """See `Keeper`."""
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time() + IDLE_SECONDS, connection))
        if self._sweeper is None:
            self._sweeper = loop.call_later(IDLE_SECONDS, self._sweep)
        self._end_use(connection)

    def lost(self, connection: Connection) -> None:
        """See `Keeper`."""
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()
        self._end_use(connection)

    # ---- what is used, and what is idle ----

    def _end_use(self, connection: Connection) -> None:
        if (owner := self._used_by.pop(connection, None)) is not None:
            self._slots.release(owner)

    async def _wait(self, owner: Owner, until: float) -> NotSent | None:
        """Wait for a slot, or return why there is none."""
        limit = asyncio.get_running_loop().time() + self._pool_timeout_seconds
        if await self._slots.acquire(owner, until=min(limit, until)):
            return None
        if self._is_closed:
            return POOL_CLOSED
        return NOT_IN_TIME if limit < until else RAN_OUT

    def _take_idle(self) -> Connection | None:
        """The one that was used last: the others can go."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            until, connection = self._idle.pop()
            if until > now and connection.is_fit:
                return connection
            connection.abort()
        return None

    def _sweep(self) -> None:
        """Let go of what has been idle for too long."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0][0] <= loop.time():
            self._idle.pop(0)[1].abort()
        if self._idle:
            self._sweeper = loop.call_at(self._idle[0][0], self._sweep)

    # ---- making one ----

    async def _connect(self, owner: Owner, until: float) -> Connection | NotSent:
        """On a slot that was acquired."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._connect_timeout_seconds
        connection = Connection(self, loop)
        self._used_by[connection] = owner
        is_ready = False
        try:
            async with asyncio.timeout_at(min(limit, until)):
                infos = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                connected = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=_OTHER_FAMILY_SECONDS)
                name = None if self._tls is None else self._host
                await loop.create_connection(lambda: connection, sock=connected, ssl=self._tls, server_hostname=name)
            is_ready = True
        except TimeoutError:
            return NOT_IN_TIME if limit < until else RAN_OUT
        except OSError as error:
            return why_no_connection(error)
        finally:
            if not is_ready:
                connection.abort()
                self.lost(connection)  # uvloop does not report the end of one whose making was cancelled
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
