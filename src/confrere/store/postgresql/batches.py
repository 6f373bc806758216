"""Many calls of one query as one statement: the round trip, the commit and its fsync are shared.

Calls that arrive while a statement is under way wait for the next one, so that the batches grow with the load and a
lone caller waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from confrere.store.rows import Row

_LARGEST_BATCH: Final = 100
_AT_ONCE: Final = 2
"""Statements of one query under way: while one is being synced to disk, the next is carried out."""

Call = Mapping[str, Any]
"""One caller's values, by the names of the query's parameters."""

RunMany = Callable[[Sequence[Call]], Awaitable[Sequence[Row]]]
"""Run the query once for all calls; the last column of each row is its call's place, from 1."""


class Batches:
    """The calls of one query.

    order:  callers are put in the order of this value, so that two processes that lock in it cannot deadlock.
    """

    def __init__(self, run_many: RunMany, *, order: Callable[[Call], Any] | None = None) -> None:
        self._run_many = run_many
        self._order = order
        self._waiting: deque[tuple[Call, asyncio.Future[Sequence[Row]]]] = deque()
        self._is_scheduled = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, call: Call) -> Sequence[Row]:
        """Return the rows of this call. Raises what the statement raised, whichever of its calls was the cause."""
        future: asyncio.Future[Sequence[Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        self._schedule()
        return await future

    def _schedule(self) -> None:
        """Begin in the next turn of the event loop, so that other calls of this turn are included."""
        if self._waiting and not self._is_scheduled and len(self._tasks) < _AT_ONCE:
            self._is_scheduled = True
            task = asyncio.get_running_loop().create_task(self._run_batch())
            self._tasks.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._schedule()

    async def _run_batch(self) -> None:
        self._is_scheduled = False
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_BATCH))]
        if (order := self._order) is not None:
            batch.sort(key=lambda waiting: order(waiting[0]))
        try:
            rows = await self._run_many([call for call, _ in batch])
        except BaseException as fault:  # noqa: BLE001  # it is raised to every caller
            for _, future in batch:
                if not future.done():
                    future.set_exception(fault)
            return
        found: list[list[Row]] = [[] for _ in batch]
        for row in rows:
            found[row[-1] - 1].append(row)
        for (_, future), its_rows in zip(batch, found, strict=True):
            if not future.done():
                future.set_result(its_rows)
