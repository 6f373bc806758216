"""The vitals port on SQL: whether the store can be used, who else uses it, and whose clock is wrong."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.domain.errors import ClockWrong, StoreUnavailable
from confrere.domain.installation import ProcessBeat
from confrere.domain.limits import Action, window_start
from confrere.ports import Vitals
from confrere.store.clock import CLOCK_TOLERANCE, check_clock
from confrere.store.engine import Engine
from confrere.store.rows import from_micros, to_micros, windows_of
from confrere.store.script import LivenessQuery, Query, Script

_UNCHANGED_BEATS: Final = 3
"""A process whose beat stays the same for this many of ours hangs, and its clock is no evidence."""

_WORKER_LIFE: Final = timedelta(seconds=15)
"""Three missed beats and a worker counts as gone."""

_TOLERANCE: Final = CLOCK_TOLERANCE * timedelta(microseconds=1)


class SqlVitals(Vitals):
    """The port on SQL."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._has_beaten = False
        self._others: Mapping[str, tuple[int, int]] = {}  # a process's last beat, and at how many of ours it was that

    async def ping(self) -> None:
        """Raise the failure of the last write, which is at most a few seconds old: each beat writes."""
        await self._engine.read("ping")
        if (fault := self._engine.write_fault) is not None:
            raise fault

    async def beat(self, *, is_worker: bool) -> None:
        """Write this process's beat; remove those of processes that have ended or hang: their clocks do not count."""
        self._has_beaten = True
        hanging = frozenset(name for name, (_, times) in self._others.items() if times >= _UNCHANGED_BEATS)
        beats = await self._engine.transact(
            partial(_beat, self._engine.instance, to_micros(self._clock()), hanging, is_worker=is_worker)
        )
        self._others = {name: (beat, self._times_seen(name, beat)) for name, beat in beats}

    async def has_worker(self) -> bool:
        now = self._clock()
        values = (to_micros(now - _WORKER_LIFE), to_micros(now + _TOLERANCE))
        return bool(await self._engine.read("is_worker_alive", *values))

    async def list_processes(self) -> Sequence[ProcessBeat]:
        rows = await self._engine.read("list_processes")
        return [ProcessBeat(row[0], from_micros(row[1]), bool(row[2])) for row in rows]

    async def check_clock(self, *, with_accounts: bool = False) -> None:
        now = self._clock()
        await self._engine.transact(partial(check_clock, self._engine.instance, to_micros(now)))
        if not with_accounts:
            return
        day = window_start(Action.MESSAGE, now + _TOLERANCE)
        ahead = (await self._engine.read_many("count_ahead", to_micros(day)))[0][0]
        if ahead:
            raise ClockWrong.accounts_ahead(now, ahead)

    async def accept_clock(self) -> int:
        return await self._engine.transact(partial(_accept_clock, self._engine.instance, self._clock()))

    async def find_damage(self) -> Sequence[str]:
        return await self._engine.find_damage()

    async def _leave(self) -> None:
        """Remove this process's beat: its clock is no evidence any more."""
        if self._has_beaten:
            try:
                await self._engine.transact(partial(_forget, self._engine.instance))
            except StoreUnavailable:
                return  # the next beat of another process removes it

    def _times_seen(self, name: str, beat: int) -> int:
        before, times = self._others.get(name, (None, 0))
        return times + 1 if before == beat else 1


def _beat(instance: str, clock: int, hanging: frozenset[str], *, is_worker: bool) -> Script[list[tuple[str, int]]]:
    """Return the latest beats of the other live processes."""
    yield Query("beat", (instance, clock, int(is_worker)))
    rows = yield Query("list_beats", (instance,))
    names = frozenset(row[0] for row in rows)
    alive = frozenset(row[0] for row in (yield LivenessQuery(names))) if names else names
    for name in names - (alive - hanging):
        yield Query("forget_process", (name,))
    return [(name, beat) for name, beat in rows if name in alive]


def _accept_clock(instance: str, clock: datetime) -> Script[int]:
    now = to_micros(clock)
    yield from check_clock(instance, now)
    day, month = windows_of(now).day, windows_of(now).month
    account_ids = [row[0] for row in (yield Query("list_ahead", (day,)))]
    for account_id in account_ids:
        for action in Action:
            window = to_micros(window_start(action, clock))
            yield Query("move_units_back", (account_id, action.value, window, now))
            yield Query("forget_later_windows", (account_id, action.value, window))
        yield Query("move_sends_back", (account_id, day, month))
    return len(account_ids)


def _forget(instance: str) -> Script[None]:
    yield Query("forget_process", (instance,))
