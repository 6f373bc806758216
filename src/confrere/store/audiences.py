"""The audiences port on SQL."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from confrere.domain.campaigns.audience import Audience, AudienceInUse, AudiencePerson
from confrere.domain.errors import NotFound
from confrere.ports import Audiences
from confrere.store.engine import Engine
from confrere.store.rows import audience_of, audience_person_of, filters_to_json, to_micros
from confrere.store.script import Query, Script, first

_ROWS_A_STATEMENT: Final = 5_000
"""A statement with 5,000 people takes about 50 ms; PostgreSQL's timeout for one is 5 s."""

_ROWS_A_PURGE: Final = 2_000


class SqlAudiences(Audiences):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add_audience(self, audience: Audience, people: Sequence[AudiencePerson]) -> Audience:
        """Encoding 100,000 people takes a second, on a thread of its own."""
        rows = await asyncio.to_thread(lambda: [_row(one) for one in people])
        await self._engine.transact(partial(_add_audience, audience, rows))
        return await self.read_audience(audience.workspace_id, audience.id)

    async def read_audience(self, workspace_id: str, audience_id: str) -> Audience:
        row = first(await self._engine.read("read_audience", workspace_id, audience_id))
        if row is None:
            raise _missing()
        return audience_of(row)

    async def list_audiences(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[Audience]:
        rows = await self._engine.read_many("list_audiences", workspace_id, before_id, count)
        return [audience_of(row) for row in rows]

    async def list_audience_people(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, AudiencePerson]]:
        rows = await self._engine.read_many("list_audience_people", workspace_id, audience_id, after_place, count)
        return [(row[0], audience_person_of(row[1:])) for row in rows]

    async def add_audience_people(self, workspace_id: str, audience_id: str, people: Sequence[AudiencePerson]) -> int:
        rows = [_row(one) for one in people]
        return await self._engine.transact(partial(_add_people, workspace_id, audience_id, rows))

    async def delete_audience(self, workspace_id: str, audience_id: str) -> None:
        await self._engine.transact(partial(_delete, workspace_id, audience_id))

    async def purge_audiences(self) -> bool:
        row = first(await self._engine.read("find_deleted_audience"))
        if row is not None:
            await self._engine.transact(partial(_purge, row[0]))
        return row is not None


def _row(one: AudiencePerson) -> list[Any]:
    person = one.person
    custom = json.dumps(one.custom, ensure_ascii=False) if one.custom else None
    return [
        str(person.profile_urn),
        person.public_id,
        person.first_name,
        person.last_name,
        person.headline,
        custom,
    ]


def _missing() -> NotFound:
    return NotFound("There is no such audience in this workspace")


def _add_audience(audience: Audience, rows: list[list[Any]]) -> Script[None]:
    collection = audience.collection
    values = {
        "id": audience.id,
        "workspace_id": audience.workspace_id,
        "name": audience.name,
        "group_id": str(audience.group_id),
        "source": audience.source,
        "created_at": to_micros(audience.created_at),
        "columns": json.dumps(audience.columns),
        "status": audience.status.value,
        "bad_rows": json.dumps([[bad.line, bad.error] for bad in audience.bad_rows]),
        "bad_row_count": audience.bad_row_count,
        "account_id": None if collection is None else collection.account_id,
        "filters": None if collection is None else filters_to_json(collection.filters),
        "next_at": None if collection is None else to_micros(collection.next_at),
    }
    yield Query("add_audience", values)
    added = yield from insert_people(audience.id, audience.workspace_id, rows)
    yield Query("count_audience_people", (audience.id, len(added)))


def _add_people(workspace_id: str, audience_id: str, rows: list[list[Any]]) -> Script[int]:
    if not (yield Query("lock_audience", (workspace_id, audience_id))):
        raise _missing()
    added = yield from insert_people(audience_id, workspace_id, rows)
    yield Query("count_audience_people", (audience_id, len(added)))
    return len(added)


def insert_people(audience_id: str, workspace_id: str, rows: list[list[Any]]) -> Script[list[int]]:
    """Insert those who are not in it yet. Returns their places; does not count them."""
    [(last,)] = yield Query("last_audience_place", (audience_id,))
    placed = [[row[0], place, *row[1:]] for place, row in enumerate(rows, last + 1)]
    added: list[int] = []
    for part in people_in_parts(placed):
        added += [row[0] for row in (yield Query("add_audience_people", (audience_id, workspace_id, part)))]
    return added


def _delete(workspace_id: str, audience_id: str) -> Script[None]:
    if not (yield Query("lock_audience", (workspace_id, audience_id))):
        raise _missing()
    row = first((yield Query("find_campaign_of_audience", (workspace_id, audience_id))))
    if row is not None:
        raise AudienceInUse(*row)
    yield Query("delete_audience", (audience_id,))


def _purge(audience_id: str) -> Script[None]:
    if not (yield Query("purge_audience_people", (audience_id, _ROWS_A_PURGE))):
        yield Query("purge_audience", (audience_id,))


def people_in_parts(rows: list[list[Any]]) -> Iterator[str]:
    """The rows as JSON arrays, each for one statement."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        yield json.dumps(rows[start : start + _ROWS_A_STATEMENT])
