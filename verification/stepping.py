"""Runs the product one step at a time: every task waits for its turn before it does something that others can observe.

A step is one transaction of the store, one thing that LinkedIn does, or one thing that a caller does. Everything
between two steps of a process is its own business and happens at once. So an order of steps is an interleaving of
processes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

WRITES_DEFERRED = "makes its deferred writes"

SETTLING_TURNS = 12
"""Iterations of the event loop after which every task that can continue has done so."""

_BUSY_PATIENCE_SECONDS = 30

current: ContextVar[str] = ContextVar("current", default="nobody")
"""The name of the simulated process that runs now."""


@dataclass(eq=False)
class Step:
    """A step that waits for its turn. asleep_since: for a sleep, the number of steps made before it began."""

    who: str
    what: str
    turn: "asyncio.Future[None]"
    asleep_since: int | None = None

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"


@dataclass
class Turns:
    """The steps that wait and those that were made. busy: the number of steps that run."""

    waiting: list[Step] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    busy: int = 0
    dead: set[str] = field(default_factory=set)
    seconds: float = 0.0

    async def take(self, what: str, *, asleep: bool = False) -> None:
        """Wait for a turn; a killed process waits for ever."""
        step = Step(current.get(), what, asyncio.get_running_loop().create_future())
        step.asleep_since = len(self.done) if asleep else None
        self.waiting.append(step)
        try:
            await step.turn
        finally:
            if step in self.waiting:
                self.waiting.remove(step)

    async def within(self, work: Awaitable[Any]) -> Any:
        """Do the work of a step: no other step begins before it has ended."""
        self.busy += 1
        try:
            return await work
        finally:
            self.busy -= 1

    async def settle(self) -> None:
        """Wait until every task waits for a turn or has ended."""
        async with asyncio.timeout(_BUSY_PATIENCE_SECONDS):
            calm = 0
            while calm < SETTLING_TURNS:
                await asyncio.sleep(0)
                calm = 0 if self.busy else calm + 1

    async def grant(self, step: Step) -> None:
        """Let it run; return when every task waits again."""
        if step.asleep_since is not None:
            self.seconds += 30  # a sleeper wakes when there is nothing else, or something has happened
        self.waiting.remove(step)
        self.done.append(str(step))
        step.turn.set_result(None)
        await self.settle()

    def ready(self) -> list[Step]:
        """Return the steps that may run next. A sleep ends after another step, or where nothing else can run."""
        living = [step for step in self.waiting if step.who not in self.dead]
        awake = [step for step in living if step.asleep_since is None]
        slept = [step for step in living if step.asleep_since is not None and step.asleep_since < len(self.done)]
        return [*awake, *slept] if awake else [step for step in living if step.asleep_since is not None]


class SteppedAsyncio:
    """`asyncio` for the module that sends: its sleeps are steps, its clock is simulated."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        """Wait for a turn, as a step."""
        await self._turns.take(f"sleeps {seconds} s", asleep=True)

    def get_running_loop(self) -> "SteppedLoop":
        """Return the loop with the simulated clock."""
        return SteppedLoop(self._turns)


class SteppedLoop:
    """The running loop with a clock that advances when a sleep ends."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.create_task: Callable[..., asyncio.Task[Any]] = asyncio.get_running_loop().create_task

    def time(self) -> float:
        """Return the simulated time in seconds."""
        return self._turns.seconds


class SteppedStore:
    """A store whose transactions are steps; so are its deferred writes."""

    STEPS = frozenset({"reserve", "settle", "claim_unknown", "record_absent"})

    def __init__(self, store: Any, turns: Turns) -> None:
        self._store = store
        self._turns = turns
        self._deferred: list[tuple[str, Any, bool]] = []
        self._write_later = store._engine.write_later
        store._engine.write_later = self._defer
        self._tasks: set[asyncio.Task[None]] = set()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        async def stepped(*args: Any, **named: Any) -> Any:
            if name in self.STEPS:
                await self._turns.take(name)
            if name == "reserve":
                await self._turns.within(self._hand_over())  # the engine writes them before it decides a claim
            return await self._turns.within(method(*args, **named))

        return stepped

    def discard(self) -> None:
        """Discard the deferred writes, as a killed process does."""
        self._deferred.clear()
        self._store._engine.write_later = self._write_later
        for task in self._tasks:
            task.cancel()

    def _defer(self, query: str, *values: Any, flush: bool = False) -> None:
        self._deferred.append((query, values, flush))
        task = asyncio.get_running_loop().create_task(self._write_deferred())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write_deferred(self) -> None:
        await self._turns.take(WRITES_DEFERRED)
        await self._turns.within(self._hand_over())

    async def _hand_over(self) -> None:
        if self._deferred:
            for query, values, flush in self._deferred:
                self._write_later(query, *values, flush=flush)
            self._deferred.clear()
            await write_deferred(self._store)


async def write_deferred(store: Any) -> None:
    """Write what the store has deferred."""
    if hasattr(store.engine, "_deferred"):
        await store.engine._deferred.flush()
    else:
        await store.engine.transact(_nothing)


def _nothing() -> Any:
    return
    yield
