"""The collections port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from confrere.domain.campaigns.audience import Audience, AudienceStatus
from confrere.domain.campaigns.collection import CollectionFault
from confrere.domain.group import KnownMember
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import ClaimedCollection, CollectedPage, Collections
from confrere.store.audiences import insert_people
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.known_members import add_members, member_rows
from confrere.store.rows import Row, audience_of, to_micros
from confrere.store.script import Query, Script, first, only, run_query


class SqlCollections(Collections):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._fingerprints = fingerprints

    async def claim_collections(
        self, now: datetime, *, count: int, lease_until: datetime
    ) -> Sequence[ClaimedCollection]:
        """Most of the time nothing is due, which is seen without a transaction."""
        if not await self._engine.read("is_collection_due", to_micros(now)):
            return []
        script = partial(_claim, to_micros(now), count, self._engine.instance, to_micros(lease_until))
        return [ClaimedCollection(audience_of(row), lease_until) for row in await self._engine.transact(script)]

    async def add_collected_page(
        self, claimed: ClaimedCollection, page: CollectedPage, *, next_at: datetime, now: datetime
    ) -> Audience | None:
        rows = member_rows([KnownMember(one, page.relationships.get(one.profile_urn)) for one in page.members])
        script = partial(
            _add_page,
            self._fingerprints,
            claimed,
            page,
            rows,
            self._engine.instance,
            to_micros(next_at),
            to_micros(now),
        )
        row = await self._engine.transact(script)
        return None if row is None else audience_of(row)

    async def put_collection_off(
        self, claimed: ClaimedCollection, *, until: datetime, fault: CollectionFault | None
    ) -> None:
        values = {
            "id": claimed.audience.id,
            "owner": self._engine.instance,
            "lease_until": to_micros(claimed.lease_until),
            "next_at": to_micros(until),
            "fault": fault,
        }
        await self._engine.transact(partial(run_query, "put_collection_off", values))

    async def list_collecting(self, account_id: str) -> Sequence[Audience]:
        return [audience_of(row) for row in await self._engine.read("list_collecting", account_id)]

    async def name_group(self, workspace_id: str, group_id: GroupId, name: str) -> None:
        await self._engine.transact(partial(run_query, "name_group", (workspace_id, str(group_id), name)))

    async def list_group_members(
        self, workspace_id: str, group_id: GroupId, *, after: ProfileUrn | None, count: int
    ) -> Sequence[Person]:
        rows = await self._engine.read_many("list_group_members", workspace_id, str(group_id), after, count)
        return [Person(ProfileUrn(row[0]), *row[1:]) for row in rows]


def _row(person: Person) -> list[Any]:
    return [str(person.profile_urn), person.public_id, person.first_name, person.last_name, person.headline]


def _claim(now: int, count: int, instance: str, lease_until: int) -> Script[Sequence[Row]]:
    rows = yield Query("find_due_collections", (now, count))
    for row in rows:
        yield Query("lease_collection", (row[0], instance, lease_until))
    return rows


def _add_page(
    fingerprints: Fingerprints,
    claimed: ClaimedCollection,
    page: CollectedPage,
    members: list[list[Any]],
    instance: str,
    next_at: int,
    now: int,
) -> Script[Row | None]:
    audience = claimed.audience
    assert audience.collection is not None
    row = first((yield Query("lock_collection", (audience.id, instance, to_micros(claimed.lease_until)))))
    if row is None:
        return None
    group_id, account_id = str(audience.group_id), audience.collection.account_id
    yield from add_members(fingerprints, audience.workspace_id, account_id, group_id, members, now)
    yield Query("record_members_collected", (account_id, group_id, audience.workspace_id, now))
    people = [[*_row(one), None] for one in page.people]
    added = sorted((yield from insert_people(fingerprints, audience.id, audience.workspace_id, people)))
    most = audience.collection.filters.most
    is_full = most is not None and row[0] + len(added) >= most
    if most is not None and is_full:
        added, surplus = added[: max(0, most - row[0])], added[max(0, most - row[0]) :]
        if surplus:
            yield Query("drop_surplus_people", (audience.id, surplus[0] - 1))
    is_ready = is_full or page.is_last
    values = {
        "id": audience.id,
        "added": len(added),
        "places": page.places,
        "total": page.total,
        "status": (AudienceStatus.READY if is_ready else AudienceStatus.COLLECTING).value,
        "next_at": None if is_ready else next_at,
    }
    yield Query("advance_collection", values)
    return only((yield Query("read_audience", (audience.workspace_id, audience.id))))
