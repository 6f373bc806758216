"""The resolved people port on SQL."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from confrere.domain.person import Person, VanityName
from confrere.ports import ResolvedPeople
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import person_of, to_micros
from confrere.store.script import Query, Script, first


class SqlResolvedPeople(ResolvedPeople):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._fingerprints = fingerprints

    async def add_resolved_person(self, workspace_id: str, name: VanityName, person: Person, now: datetime) -> None:
        values = {
            "workspace_id": workspace_id,
            "vanity_name": name.lower(),
            "recipient": str(person.profile_urn),
            "public_id": person.public_id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "headline": person.headline,
            "resolved_at": to_micros(now),
        }
        await self._engine.transact(partial(_add, self._fingerprints, values))

    async def read_resolved_person(self, workspace_id: str, name: VanityName, since: datetime) -> Person | None:
        row = first(await self._engine.read("read_resolved_person", workspace_id, name.lower(), to_micros(since)))
        return None if row is None else person_of(row)

    async def list_resolved_people(self, workspace_id: str, since: datetime) -> Mapping[VanityName, Person]:
        rows = await self._engine.read_many("list_resolved_people", workspace_id, to_micros(since))
        return {VanityName(row[0]): person_of(row[1:]) for row in rows}


def _add(fingerprints: Fingerprints, values: Mapping[str, Any]) -> Script[None]:
    if not (yield from find_erased(fingerprints, values["workspace_id"], [values["recipient"]])):
        yield Query("add_resolved_person", values)
