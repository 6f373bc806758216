"""The retention port on SQL.

Rows are found by a read, which keeps no writer waiting, a bounded number at a time, and changed by their keys.
"""

from datetime import datetime
from functools import partial
from typing import Final

from confrere.domain.retention import Kept
from confrere.ports import RetentionStore
from confrere.store.engine import Engine
from confrere.store.rows import Row, to_micros
from confrere.store.script import Query, Script

_TABLES: Final = {
    Kept.TEXTS: ("sends", "campaign_people"),
    Kept.REPLIES: ("replies",),
    Kept.UNWRITTEN: ("group_members", "resolved_people", "audience_people"),
}
"""The tables of each kind: `find_old_<table>` returns keys from a place on, and whether each goes; `drop_old_<table>`
drops one.
"""


class SqlRetention(RetentionStore):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def drop_old(self, kind: Kept, before: datetime, after: str | None, *, count: int) -> str | None:
        tables = _TABLES[kind]
        table, *place = (after or tables[0]).split("\n")
        rows = await self._engine.read_many(f"find_old_{table}", *_place(table, place), to_micros(before), count)
        old = [row for row in rows if row[0]]
        if old:
            await self._engine.transact(partial(_drop, table, old))
        if len(rows) == count:
            return "\n".join((table, *map(str, rows[-1][1:])))
        following = tables[tables.index(table) + 1 :]
        return following[0] if following else None

    async def discard_dropped(self) -> None:
        await self._engine.discard_deleted()


_KEYS: Final = {"group_members": 3, "resolved_people": 2, "audience_people": 2}
"""How many columns the key of a table has, where that is not one."""


def _place(table: str, place: list[str]) -> tuple[str, ...]:
    return tuple(place) or ("",) * _KEYS.get(table, 1)


def _drop(table: str, rows: list[Row]) -> Script[None]:
    for row in rows:
        dropped = yield Query(f"drop_old_{table}", tuple(row[1:]))
        if table == "audience_people" and dropped:
            yield Query("shrink_audience", (row[1],))
