"""The audiences port on SQL."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.errors import NotFound
from confrere.ports import Audiences
from confrere.store.engine import Engine
from confrere.store.rows import audience_of, audience_person_of, to_micros
from confrere.store.script import Query, Script, first

_ROWS_A_STATEMENT: Final = 5_000
"""A statement with 5,000 people takes about 50 ms; PostgreSQL's timeout for one is 5 s."""


class SqlAudiences(Audiences):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add_audience(self, audience: Audience, people: Sequence[AudiencePerson]) -> Audience:
        rows = [_row(place, one) for place, one in enumerate(people, 1)]
        await self._engine.transact(partial(_add_audience, audience, rows))
        return await self.read_audience(audience.workspace_id, audience.id)

    async def read_audience(self, workspace_id: str, audience_id: str) -> Audience:
        row = first(await self._engine.read("read_audience", workspace_id, audience_id))
        if row is None:
            raise NotFound("There is no such audience in this workspace")
        return audience_of(row)

    async def list_audiences(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[Audience]:
        rows = await self._engine.read_many("list_audiences", workspace_id, before_id, count)
        return [audience_of(row) for row in rows]

    async def list_audience_people(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, AudiencePerson]]:
        rows = await self._engine.read_many("list_audience_people", workspace_id, audience_id, after_place, count)
        return [(row[0], audience_person_of(row[1:])) for row in rows]


def _row(place: int, one: AudiencePerson) -> list[Any]:
    person = one.person
    custom = json.dumps(one.custom, ensure_ascii=False) if one.custom else None
    known = (person.public_id, person.first_name, person.last_name, person.headline)
    return [str(person.profile_urn), place, *known, custom]


def _add_audience(audience: Audience, rows: list[list[Any]]) -> Script[None]:
    values = {
        "id": audience.id,
        "workspace_id": audience.workspace_id,
        "name": audience.name,
        "group_id": str(audience.group_id),
        "source": audience.source,
        "created_at": to_micros(audience.created_at),
        "columns": json.dumps(audience.columns),
    }
    yield Query("add_audience", values)
    added = 0
    for part in people_in_parts(rows):
        added += len((yield Query("add_audience_people", (audience.id, audience.workspace_id, part))))
    yield Query("count_audience_people", (audience.id, added))


def people_in_parts(rows: list[list[Any]]) -> Iterator[str]:
    """The rows as JSON arrays, each for one statement."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        yield json.dumps(rows[start : start + _ROWS_A_STATEMENT])
