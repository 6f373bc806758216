"""Liveness of an open store: a session's advisory lock, on a connection of its own.

PostgreSQL releases the lock when the connection ends, and that ends with the process. Where the connection breaks and
the process lives, the lock is taken again at once; until then others may see this store as dead, and reconcile its
sends, which costs a read of LinkedIn and no message.
"""

import asyncio
import contextlib
import secrets
from typing import Any, Final

import asyncpg

from confrere.store.postgresql.faults import FAULTS

_CHECK_EVERY_SECONDS: Final = 5.0
_TIMEOUT_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.2

_DETECT_A_DEAD_PEER: Final = {
    "application_name": "confrere instance",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""A machine that loses its network is detected after 25 seconds, within the lease of what it was sending."""


class InstanceLock:
    """The lock of this open store, held from `take` to `release`."""

    def __init__(self, url: str, hold_query: str) -> None:
        self.number = secrets.randbits(62)
        self.name = f"{self.number:016x}"
        self._url = url
        self._hold_query = hold_query
        self._connection: asyncpg.Connection[Any] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Take the lock, and keep it held in the background."""
        await self._connect()
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def release(self) -> None:
        """Release the lock: others see this store as dead."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        await self._disconnect()

    async def _connect(self) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=_TIMEOUT_SECONDS,
            command_timeout=_TIMEOUT_SECONDS,
            server_settings=_DETECT_A_DEAD_PEER,
        )
        self._connection = connection
        # False: the server has not noticed yet that our last connection is gone, and that one still shows us alive.
        while not await connection.fetchval(self._hold_query, self.number):  # noqa: ASYNC110  # the server reports no event
            await asyncio.sleep(_RETRY_SECONDS)

    async def _keep(self) -> None:
        while True:
            try:
                if self._connection is None:
                    await self._connect()
                else:
                    await self._connection.execute("SELECT 1")
                await self._wait_for_check_or_loss()
            except FAULTS:
                await self._disconnect()
                await asyncio.sleep(_RETRY_SECONDS)

    async def _wait_for_check_or_loss(self) -> None:
        connection, lost = self._connection, asyncio.Event()
        assert connection is not None

        def set_lost(_connection: object) -> None:
            lost.set()

        connection.add_termination_listener(set_lost)
        try:
            async with asyncio.timeout(_CHECK_EVERY_SECONDS):
                await lost.wait()
            self._connection = None
        except TimeoutError:
            connection.remove_termination_listener(set_lost)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*FAULTS):
                await connection.close(timeout=1)
