"""Small writes for which nobody waits, collected and written together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from confrere.domain.errors import StoreUnavailable
from confrere.store.engine import NOTES_DELAY_SECONDS

_MOST_NOTES: Final = 100_000
"""Kept while the server is away; the oldest are let go then."""

Write = Callable[[str, list[tuple[Any, ...]]], Awaitable[None]]
"""Run one query with the values of many notes."""


class DeferredWrites:
    """One statement for each kind of note, about every tenth of a second."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: deque[tuple[str, tuple[Any, ...]]] = deque(maxlen=_MOST_NOTES)
        self._writing: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    def add(self, query: str, values: tuple[Any, ...]) -> None:
        """To be written soon."""
        self._waiting.append((query, values))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())
            self._writing.add_done_callback(self._end)

    async def close(self) -> None:
        """Write what waits, and begin nothing new."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self.flush()

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(NOTES_DELAY_SECONDS)
            await asyncio.shield(self.flush())

    def _end(self, writing: asyncio.Task[None]) -> None:
        self._writing = None
        if not writing.cancelled() and (fault := writing.exception()):
            raise fault  # to the event loop's handler: a bug of ours

    async def flush(self) -> None:
        """Write what waits, now."""
        async with self._one_at_a_time:
            await self._flush_all()

    async def _flush_all(self) -> None:
        kinds: dict[str, list[tuple[Any, ...]]] = {}
        while self._waiting:
            query, values = self._waiting.popleft()
            kinds.setdefault(query, []).append(values)
        for query, rows in kinds.items():
            try:
                await self._write(query, rows)
            except StoreUnavailable:
                self._waiting.extend((query, values) for values in rows)
