"""The connections of an engine: the pool's, some of them kept between two uses.

asyncpg's pool spends a task, two timers and three turns of the event loop on each use, as much as a statement costs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, Final, TypeAlias

import asyncpg

from confrere.domain.errors import StoreUnavailable

Lent: TypeAlias = "asyncpg.pool.PoolConnectionProxy[Any]"
Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_TIMEOUT_SECONDS: Final = 5.0
"""How long a caller waits for a free connection."""

_MOST_KEPT: Final = 8
_KEPT_SECONDS: Final = 60.0
"""A connection that was idle for longer may have been dropped by a firewall, and is replaced."""


class Connections:
    """Lends each connection to one user at a time."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._kept: list[tuple[float, Lent]] = []
        self._waiting = 0
        self._is_closed = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Lent]:
        """Raises StoreUnavailable where no connection becomes free in time."""
        connection = self._take_kept() or await self._acquire()
        is_clean = False
        try:
            yield connection
            is_clean = True
        finally:
            # After an exception the pool ends what is under way. A caller who waits is served by the pool.
            if is_clean and not self._waiting and not self._is_closed and len(self._kept) < _MOST_KEPT:
                self._kept.append((monotonic(), connection))
            else:
                await self._pool.release(connection)

    async def close(self) -> None:
        """Wait for the users, not for long, and close all connections."""
        self._is_closed = True
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                while self._kept:
                    await self._pool.release(self._kept.pop()[1])
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    def _take_kept(self) -> "Lent | None":
        """Return the one that was used last, if any is usable."""
        while self._kept:
            used_at, connection = self._kept.pop()
            with suppress(asyncpg.InterfaceError):  # the connection was lost, and the pool has noticed it
                if monotonic() - used_at < _KEPT_SECONDS and not connection.is_closed():
                    return connection
                connection.terminate()  # the pool opens another in its place
        return None

    async def _acquire(self) -> Lent:
        self._waiting += 1
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await self._pool.acquire()
        except TimeoutError:
            raise StoreUnavailable("PostgreSQL: no connection became free in time") from None
        finally:
            self._waiting -= 1
