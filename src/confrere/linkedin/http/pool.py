"""The pool of connections to LinkedIn: limited in number, shared fairly, kept while idle for some seconds."""

import asyncio
import socket
import ssl
from typing import Final

import aiohappyeyeballs

from confrere.domain.outcome import NotSent
from confrere.linkedin.http.connection import SILENT, Connection
from confrere.linkedin.http.fair_semaphore import FairSemaphore, Owner
from confrere.linkedin.http.proxy import Proxy, ProxyFailed

IDLE_SECONDS: Final = 15.0
"""Short, because a send on a connection that LinkedIn is just closing has an unknown outcome."""

_OTHER_FAMILY_SECONDS = 0.25
"""Head start of IPv6 before IPv4 is tried in parallel. Source: RFC 8305."""

NO_CONNECTION: Final = NotSent("no connection to LinkedIn could be made")
NOT_FOUND: Final = NotSent("LinkedIn's address could not be found")
NOT_IN_TIME: Final = NotSent("no connection to LinkedIn could be had in time")
NO_TLS: Final = NotSent("no secure connection to LinkedIn could be made")
WRONG_CERTIFICATE: Final = NotSent("LinkedIn's certificate was not accepted")
POOL_CLOSED: Final = NotSent("the connections to LinkedIn are closed already")
DEADLINE_PASSED: Final = NotSent(f"{SILENT} before anything was sent")


class Pool:
    """Connections to one address, shared fairly between the accounts whose requests use them.

    A connection belongs to no account, but each use holds a slot of one: from the start of connecting, or from being
    taken, until it is idle again or closed.

    connections:              open at a time; `take` fails where none is available within `pool_timeout_seconds`.
    connect_timeout_seconds:  for establishing a connection, TLS included.
    proxy:                    that connections go through; None where they are direct.
    """

    def __init__(
        self,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
        *,
        proxy: Proxy | None,
        connections: int,
        connect_timeout_seconds: float,
        pool_timeout_seconds: float,
    ) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._proxy = proxy
        self._connect_timeout_seconds = connect_timeout_seconds
        self._pool_timeout_seconds = pool_timeout_seconds
        self._connections = connections
        self._slots = FairSemaphore(connections)
        self._open: set[Connection] = set()
        self._slot_owner: dict[Connection, Owner] = {}
        self._idle: list[tuple[float, Connection]] = []
        self._expiry_timer: asyncio.TimerHandle | None = None
        self._is_closed = False
        self._all_closed = asyncio.Event()
        self._all_closed.set()

    async def take(self, owner: Owner, *, until: float, fresh: bool = False) -> Connection | NotSent:
        """Return a connection that can take a request now, or why there is none.

        owner:  the account whose slot it holds.
        until:  the deadline, in the event loop's time.
        fresh:  whether it must be a new one.
        """
        if self._is_closed:
            return POOL_CLOSED
        if not self._slots.try_acquire(owner) and (why := await self._wait_for_slot(owner, until)) is not None:
            return why
        if not fresh and (idle := self._take_idle()) is not None:
            self._slot_owner[idle] = owner
            return idle
        if len(self._slot_owner) + len(self._idle) >= self._connections:
            self._idle.pop(0)[1].abort()  # closed first, so that the limit holds while the next one opens
        return await self._connect(owner, until)

    async def close(self) -> None:
        """Close all connections, and open no more."""
        self._is_closed = True
        self._slots.close()
        if self._expiry_timer is not None:
            self._expiry_timer.cancel()
        for connection in list(self._open):
            connection.abort()
        await self._all_closed.wait()

    # ---- events of connections: see `ConnectionOwner` ----

    def on_open(self, connection: Connection) -> None:
        """Count it as open, or close it where the pool was closed meanwhile."""
        self._open.add(connection)
        self._all_closed.clear()
        if self._is_closed:
            connection.abort()

    def on_idle(self, connection: Connection) -> None:
        """Keep it for the next request, and release its slot."""
        loop = asyncio.get_running_loop()
        self._idle.append((loop.time() + IDLE_SECONDS, connection))
        if self._expiry_timer is None:
            self._expiry_timer = loop.call_later(IDLE_SECONDS, self._close_expired)
        self._release_slot(connection)

    def on_close(self, connection: Connection) -> None:
        """Forget it, and release its slot."""
        self._open.discard(connection)
        if not self._open:
            self._all_closed.set()
        self._release_slot(connection)

    # ---- slots and idle connections ----

    def _release_slot(self, connection: Connection) -> None:
        if (owner := self._slot_owner.pop(connection, None)) is not None:
            self._slots.release(owner)

    async def _wait_for_slot(self, owner: Owner, until: float) -> NotSent | None:
        """Wait for a slot, or return why there is none."""
        limit = asyncio.get_running_loop().time() + self._pool_timeout_seconds
        if await self._slots.acquire(owner, until=min(limit, until)):
            return None
        if self._is_closed:
            return POOL_CLOSED
        return NOT_IN_TIME if limit < until else DEADLINE_PASSED

    def _take_idle(self) -> Connection | None:
        """Return the one that was used last, so that the others expire."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            until, connection = self._idle.pop()
            if until > now and connection.is_usable:
                return connection
            connection.abort()
        return None

    def _close_expired(self) -> None:
        """Close the connections that were idle for IDLE_SECONDS."""
        self._expiry_timer = None
        loop = asyncio.get_running_loop()
        while self._idle and self._idle[0][0] <= loop.time():
            self._idle.pop(0)[1].abort()
        if self._idle:
            self._expiry_timer = loop.call_at(self._idle[0][0], self._close_expired)

    # ---- connecting ----

    async def _connect(self, owner: Owner, until: float) -> Connection | NotSent:
        """Open a connection on a slot that was acquired."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._connect_timeout_seconds
        connection = Connection(self, loop)
        self._slot_owner[connection] = owner
        is_connected = False
        try:
            async with asyncio.timeout_at(min(limit, until)):
                connected = await self._connect_socket(loop)
                name = None if self._tls is None else self._host
                await loop.create_connection(lambda: connection, sock=connected, ssl=self._tls, server_hostname=name)
            is_connected = True
        except TimeoutError:
            return NOT_IN_TIME if limit < until else DEADLINE_PASSED
        except ProxyFailed as failure:
            return failure.why
        except OSError as error:
            return _connect_failure(error)
        finally:
            if not is_connected:
                connection.abort()
                self.on_close(connection)  # uvloop does not report the end of a connection whose opening was cancelled
        if self._is_closed:
            return POOL_CLOSED
        return connection if connection.is_open else NO_CONNECTION

    async def _connect_socket(self, loop: asyncio.AbstractEventLoop) -> socket.socket:
        """Connect, directly or through the proxy. Raises OSError and ProxyFailed."""
        if self._proxy is not None:
            return await self._proxy.connect(self._host, self._port)
        infos = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        return await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=_OTHER_FAMILY_SECONDS)


def _connect_failure(error: OSError) -> NotSent:
    """Return the reason in words. Every failure to connect is an OSError."""
    match error:
        case socket.gaierror():
            return NOT_FOUND
        case ssl.SSLCertVerificationError():
            return WRONG_CERTIFICATE
        case ssl.SSLError():
            return NO_TLS
        case _:
            return NO_CONNECTION
