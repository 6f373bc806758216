"""Small writes for which no caller waits, collected and written together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from confrere.domain.errors import StoreUnavailable
from confrere.store.engine import DEFERRED_WRITE_SECONDS

_MOST_DEFERRED: Final = 100_000
"""Kept while the server is away; beyond that the oldest are dropped."""

Write = Callable[[str, list[tuple[Any, ...]]], Awaitable[None]]
"""Run one query with the values of many writes."""


class DeferredWrites:
    """Collects deferred calls, and runs those of one query as one statement, about every tenth of a second."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=_MOST_DEFERRED)
        self._writing: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def add(self, query: str, values: tuple[Any, ...]) -> None:
        """Defer the query to the next flush."""
        self._waiting.append((query, values))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())
            self._writing.add_done_callback(self._end)

    async def close(self) -> None:
        """Write the deferred queries, and accept no more."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self.flush()

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(DEFERRED_WRITE_SECONDS)
            await asyncio.shield(self.flush())

    def _end(self, writing: asyncio.Task[None]) -> None:
        self._writing = None
        if not writing.cancelled() and (fault := writing.exception()):
            raise fault  # to the event loop's handler: a bug of ours

    async def flush(self) -> None:
        """Write the deferred queries now."""
        async with self._one_at_a_time:
            await self._flush_all()

    async def _flush_all(self) -> None:
        by_query: dict[str, list[tuple[Any, ...]]] = {}
        while self._waiting:
            query, values = self._waiting.popleft()
            by_query.setdefault(query, []).append(values)
        for query, rows in by_query.items():
            try:
                await self._write(query, rows)
            except StoreUnavailable:
                self._waiting.extend((query, values) for values in rows)
