"""Drops personal data that is too old, a little at a time."""

from datetime import datetime, timedelta
from typing import Final

from confrere.domain.retention import Kept, RetentionRules
from confrere.ports import Clock, Store

ROWS: Final = 200
"""Rows that are looked at in one step: to change all of them takes SQLite's writer about 5 ms."""

EVERY: Final = timedelta(hours=6)
"""How often all data is looked at."""


class Retention:
    """Applies the rules of the settings. A step looks at a few rows, so that no sender waits for it."""

    def __init__(self, *, store: Store, clock: Clock, rules: RetentionRules) -> None:
        self._store = store
        self._clock = clock
        self.rules = rules
        self._places: dict[Kept, str | None] = {}
        self._next_at: dict[Kept, datetime] = {}

    async def run_step(self) -> bool:
        """Go on with each kind that is due; return whether anything is left to do now."""
        now, is_busy = self._clock(), False
        for kind in Kept:
            before = self.rules.before(kind, now)
            if before is None or self._next_at.get(kind, now) > now:
                continue
            place = await self._store.drop_old(kind, before, self._places.get(kind), count=ROWS)
            self._places[kind] = place
            if place is None:
                self._next_at[kind] = now + EVERY
                await self._store.discard_dropped()
            else:
                is_busy = True
        return is_busy
