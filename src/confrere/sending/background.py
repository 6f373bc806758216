"""Background tasks: shielded from their callers' cancellation, tracked, and waited for at shutdown."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

from confrere.domain.audit import SERVER, acting_as
from confrere.domain.errors import ConfrereError

log = structlog.get_logger()

T = TypeVar("T")


class BackgroundTasks:
    """The tasks of one process that must end before its connections close."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run it without a caller: the server acts, not who acts at present.

        What it raises is logged: a fault of the store as a warning, a bug as an error.
        """
        with acting_as(SERVER):
            self._track(work).add_done_callback(_log_failure)

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end, even where the caller is cancelled meanwhile. Returns and raises what it does."""
        task = self._track(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    async def wait_until_idle(self) -> None:
        """Return when no task runs."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _track(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _log_failure(task: asyncio.Task[Any]) -> None:
    if task.cancelled() or (fault := task.exception()) is None:
        return
    if isinstance(fault, ConfrereError):
        log.warning("background_task_failed", reason=str(fault))
    else:
        log.error("background_task_failed", exc_info=fault)
