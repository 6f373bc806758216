"""The audiences port on SQL."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from confrere.domain.audit import AuditAction, count_of_people
from confrere.domain.campaigns.audience import Audience, AudienceInUse, AudiencePerson
from confrere.domain.errors import NotFound, StoreUnavailable
from confrere.ports import Audiences
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import audience_of, audience_person_of, filters_to_json, to_micros
from confrere.store.script import Query, Script, first

_ROWS_A_STATEMENT: Final = 5_000
"""A statement with 5,000 people takes about 50 ms; PostgreSQL's timeout for one is 5 s."""

_IMPORTING: Final = "importing"
"""The status in which nobody sees an audience yet."""

_PEOPLE_AT_ONCE: Final = 1_000
"""People in one transaction where there may be many: about 10 ms."""

_ABANDONED_AFTER: Final = timedelta(hours=1)
"""An audience of many people that is not complete then was being written by a process that died."""


class SqlAudiences(Audiences):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints, trail: Trail) -> None:
        self._engine = engine
        self._fingerprints = fingerprints
        self._trail = trail

    async def add_audience(self, audience: Audience, people: Sequence[AudiencePerson]) -> Audience:
        """Nobody sees the audience before all are in it.

        100,000 people in one transaction would keep senders waiting for a second.
        """
        parts = [people[start : start + _PEOPLE_AT_ONCE] for start in range(0, len(people), _PEOPLE_AT_ONCE)]
        is_small, audit = len(parts) <= 1, self._trail.recorder()
        await self._engine.transact(
            partial(_add_audience, self._fingerprints, audience, _rows(people) if is_small else None, audit)
        )
        if not is_small:
            for part in parts:
                rows = await asyncio.to_thread(_rows, part)
                await self._engine.transact(partial(_add_rows, self._fingerprints, audience, rows))
            await self._engine.transact(partial(_show, audience, audit))
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
        rows = _rows(people)
        script = partial(_add_people, self._fingerprints, workspace_id, audience_id, rows, self._trail.recorder())
        return await self._engine.transact(script)

    async def delete_audience(self, workspace_id: str, audience_id: str) -> None:
        await self._engine.transact(partial(_delete, workspace_id, audience_id, self._trail.recorder()))

    async def purge_audiences(self, now: datetime) -> bool:
        row = first(await self._engine.read("find_deleted_audience", to_micros(now)))
        if row is not None:
            await self._engine.transact(partial(_purge, row[0]))
        return row is not None


def _rows(people: Iterable[AudiencePerson]) -> list[list[Any]]:
    return [_row(one) for one in people]


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


def _add_audience(
    fingerprints: Fingerprints, audience: Audience, rows: list[list[Any]] | None, audit: Recorder
) -> Script[None]:
    """rows: None where they follow, in transactions of their own."""
    collection = audience.collection
    values = {
        "id": audience.id,
        "workspace_id": audience.workspace_id,
        "name": audience.name,
        "group_id": str(audience.group_id),
        "source": audience.source,
        "created_at": to_micros(audience.created_at),
        "columns": json.dumps(audience.columns),
        "status": _IMPORTING if rows is None else audience.status.value,
        "bad_rows": json.dumps([[bad.line, bad.error] for bad in audience.bad_rows]),
        "bad_row_count": audience.bad_row_count,
        "account_id": None if collection is None else collection.account_id,
        "filters": None if collection is None else filters_to_json(collection.filters),
        "next_at": to_micros(audience.created_at + _ABANDONED_AFTER) if rows is None else _next_at(audience),
    }
    yield Query("add_audience", values)
    if rows is not None:
        yield from _add_rows(fingerprints, audience, rows)
        yield from audit.append(audience.workspace_id, AuditAction.AUDIENCE_CREATED, audience.id)


def _next_at(audience: Audience) -> int | None:
    return None if audience.collection is None else to_micros(audience.collection.next_at)


def _add_rows(fingerprints: Fingerprints, audience: Audience, rows: list[list[Any]]) -> Script[None]:
    added = yield from insert_people(fingerprints, audience.id, audience.workspace_id, rows)
    yield Query("count_audience_people", (audience.id, len(added)))


def _show(audience: Audience, audit: Recorder) -> Script[None]:
    if not (yield Query("show_audience", (audience.id, audience.status.value, _next_at(audience)))):
        raise StoreUnavailable("The audience was not written in time, and is deleted again")
    yield from audit.append(audience.workspace_id, AuditAction.AUDIENCE_CREATED, audience.id)


def _add_people(
    fingerprints: Fingerprints, workspace_id: str, audience_id: str, rows: list[list[Any]], audit: Recorder
) -> Script[int]:
    if not (yield Query("lock_audience", (workspace_id, audience_id))):
        raise _missing()
    added = yield from insert_people(fingerprints, audience_id, workspace_id, rows)
    yield Query("count_audience_people", (audience_id, len(added)))
    if added:
        detail = count_of_people(len(added))
        yield from audit.append(workspace_id, AuditAction.AUDIENCE_PEOPLE_ADDED, audience_id, detail=detail)
    return len(added)


def insert_people(
    fingerprints: Fingerprints, audience_id: str, workspace_id: str, rows: list[list[Any]]
) -> Script[list[int]]:
    """Insert those who are not in it yet, and were not erased. Returns their places; does not count them."""
    erased = yield from find_erased(fingerprints, workspace_id, [row[0] for row in rows])
    rows = [row for row in rows if row[0] not in erased]
    [(last,)] = yield Query("last_audience_place", (audience_id,))
    placed = [[row[0], place, *row[1:]] for place, row in enumerate(rows, last + 1)]
    added: list[int] = []
    for part in people_in_parts(placed):
        added += [row[0] for row in (yield Query("add_audience_people", (audience_id, workspace_id, part)))]
    return added


def _delete(workspace_id: str, audience_id: str, audit: Recorder) -> Script[None]:
    if not (yield Query("lock_audience", (workspace_id, audience_id))):
        raise _missing()
    row = first((yield Query("find_campaign_of_audience", (workspace_id, audience_id))))
    if row is not None:
        raise AudienceInUse(*row)
    yield Query("delete_audience", (audience_id,))
    yield from audit.append(workspace_id, AuditAction.AUDIENCE_DELETED, audience_id)


def _purge(audience_id: str) -> Script[None]:
    if not (yield Query("purge_audience_people", (audience_id, _PEOPLE_AT_ONCE))):
        yield Query("purge_audience", (audience_id,))


def people_in_parts(rows: list[list[Any]]) -> Iterator[str]:
    """The rows as JSON arrays, each for one statement."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        yield json.dumps(rows[start : start + _ROWS_A_STATEMENT])
