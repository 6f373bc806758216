"""The units port on SQL: quotas of the actions other than messages."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from confrere.domain.errors import QuotaUsedUp
from confrere.domain.limits import Action, window_start
from confrere.domain.reservation import TakenUnits
from confrere.ports import Quotas
from confrere.store.clock import check_clock, check_newest
from confrere.store.engine import Engine
from confrere.store.rows import Row, from_micros, quota_of, to_micros
from confrere.store.script import Query, Script, first, only


class SqlUnits(Quotas):
    """The port on SQL."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    async def take_units(self, account_id: str, action: Action, *, limit: int, count: int, now: datetime) -> TakenUnits:
        """Take units; not retried where the answer was lost, and the units stay taken."""
        taken, used, last_taken_at, window = await self._engine.transact(
            partial(self._take, account_id, action, limit, count, now)
        )
        quota = quota_of(action, limit, used, last_taken_at, now)
        if not taken:
            raise QuotaUsedUp(quota)
        return TakenUnits(account_id, action, from_micros(window), taken, quota)

    async def settle_units(self, taken: TakenUnits, *, spent: int, now: datetime) -> TakenUnits:
        """Settle units; not retried where the answer was lost, since giving them back twice would exceed the limit."""
        back = max(0, taken.count - spent)
        used, last_taken_at = await self._engine.transact(partial(_settle, taken, back, now))
        quota = quota_of(taken.action, taken.quota.limit, used, last_taken_at, now)
        return TakenUnits(taken.account_id, taken.action, taken.window_start, taken.count - back, quota)

    def _take(
        self, account_id: str, action: Action, limit: int, count: int, now: datetime
    ) -> Script[tuple[int, int, int | None, int]]:
        yield from check_clock(self._engine.instance, to_micros(self._clock()))
        return (yield from _take(account_id, action, limit, count, now))


def _take(
    account_id: str, action: Action, limit: int, count: int, now: datetime
) -> Script[tuple[int, int, int | None, int]]:
    """Return how many were taken, then the used units and last use of the window after it, and when it begins."""
    window = to_micros(window_start(action, now))
    yield Query("open_window", (account_id, action.value, window, to_micros(now)))
    used, last_taken_at, newest = only((yield Query("lock_window", (account_id, action.value, window))))
    check_newest(to_micros(now), newest)
    wanted = min(count, limit - used)
    if wanted <= 0:
        return 0, used, last_taken_at, window
    rows = yield Query(
        "take_units",
        {
            "account_id": account_id,
            "action": action.value,
            "window_start": window,
            "count": wanted,
            "limit": limit,
            "now": to_micros(now),
        },
    )
    if not rows:
        return 0, used, last_taken_at, window
    return wanted, *rows[0], window


def _settle(taken: TakenUnits, back: int, now: datetime) -> Script[tuple[int, int | None]]:
    """Give units back; return the used units and last use of the window that contains `now`."""
    if back:
        window = to_micros(taken.window_start)
        yield Query("give_units_back", (taken.account_id, taken.action.value, window, back))
    window = to_micros(window_start(taken.action, now))
    row: Row | None = first((yield Query("read_window", (taken.account_id, taken.action.value, window))))
    return (row[0], row[1]) if row else (0, None)
