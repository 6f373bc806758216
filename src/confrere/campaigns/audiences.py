"""Audiences: named lists of people of one group."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from confrere.campaigns.known_members import find_known_member
from confrere.domain.campaigns.audience import Audience, AudienceNotReady, AudiencePerson, AudienceStatus
from confrere.domain.campaigns.audience_csv import AudienceTable
from confrere.domain.campaigns.collecting import begin_collection, completes_at, why_collection_waits
from confrere.domain.campaigns.collection import Collection, GroupFilters
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.group import KnownGroup
from confrere.domain.ids import new_record_id
from confrere.domain.limits import Action
from confrere.domain.opt_out_csv import BadRow
from confrere.domain.urns import GroupId
from confrere.domain.why_not import WhyNot
from confrere.ports import Clock, Store
from confrere.sending.directory import KEPT_FOR

NAME_FORM = "must be a printable text of 1 to 200 characters"

MOST_BAD_ROWS = 100
"""Bad rows of a table that are kept with its audience."""

_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class AudienceState:
    """An audience with how far it is collected.

    why_not:       why nothing is read now; None where something may be, or where it is ready.
    completes_at:  None where it is ready, or where that cannot be known.
    """

    audience: Audience
    why_not: WhyNot | None = None
    completes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AudienceContent:
    """Who is in a table.

    fields:    by field, the column that it was read from.
    columns:   the names after `custom.` of the others.
    bad_rows:  that name nobody, or somebody again: the first of bad_row_count.
    """

    people: Sequence[AudiencePerson]
    fields: Mapping[str, str]
    columns: tuple[str, ...]
    bad_rows: Sequence[BadRow]
    bad_row_count: int

    @property
    def first_bad_rows(self) -> tuple[BadRow, ...]:
        """Those that are kept with the audience."""
        return tuple(self.bad_rows[:MOST_BAD_ROWS])


class AudienceDirectory:
    """The audiences of a workspace."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(
        self,
        workspace_id: str,
        *,
        name: str,
        group_id: GroupId,
        people: Sequence[AudiencePerson],
    ) -> Audience:
        """Write an audience of these people; somebody who is given twice is in it once. Raises InvalidField."""
        if not people:
            raise InvalidField("recipientProfileUrns", "must name at least one person")
        audience = self._new(workspace_id, name, group_id, "ids")
        return await self._store.add_audience(audience, people)

    async def read_table(
        self,
        workspace_id: str,
        group_id: GroupId,
        file: BinaryIO,
        *,
        mapping: Mapping[str, str] | None = None,
        name: str = "csv",
    ) -> AudienceContent:
        """Read who is in a CSV table, without writing anything.

        mapping:  as `AudienceTable` takes it.  name: of the table in errors.
        Raises:   InvalidField where it cannot be read as such a table.
        """
        find_member = await find_known_member(self._store, workspace_id, group_id, self._clock() - KEPT_FOR)
        return await asyncio.to_thread(lambda: _content(AudienceTable(file, find_member, mapping=mapping, name=name)))

    async def create_from_table(
        self, workspace_id: str, *, name: str, group_id: GroupId, content: AudienceContent
    ) -> Audience:
        """Write an audience of the people of a table, without its bad rows. Raises InvalidField."""
        if not content.people:
            raise InvalidField("csv", "must name at least one person")
        audience = self._new(
            workspace_id,
            name,
            group_id,
            "csv",
            columns=content.columns,
            bad_rows=content.first_bad_rows,
            bad_row_count=content.bad_row_count,
        )
        return await self._store.add_audience(audience, content.people)

    async def create_from_group(
        self, workspace_id: str, *, name: str, group_id: GroupId, account_id: str | None, filters: GroupFilters
    ) -> Audience:
        """Write an audience that the worker collects from the group's members, read by this account or the default one.

        Raises InvalidField, NotFound.
        """
        account = await self._store.read_account(workspace_id, account_id)
        audience = self._new(workspace_id, name, group_id, "group")
        audience = begin_collection(audience, Collection(account.id, filters), self._clock())
        return await self._store.add_audience(audience, ())

    async def read(self, workspace_id: str, audience_id: str) -> Audience:
        """Raises NotFound."""
        return await self._store.read_audience(workspace_id, audience_id)

    async def read_state(self, workspace_id: str, audience_id: str) -> AudienceState:
        """Raises NotFound."""
        return await self.state_of(await self.read(workspace_id, audience_id))

    async def state_of(self, audience: Audience) -> AudienceState:
        """Return how far it is collected, why it waits, and when it will be complete."""
        collection = audience.collection
        if audience.status is AudienceStatus.READY or collection is None:
            return AudienceState(audience)
        now = self._clock()
        try:
            account = await self._store.read_account(audience.workspace_id, collection.account_id)
        except NotFound:
            account = None
        quotas = await self._store.read_quotas(collection.account_id, now)
        quota = next(one for one in quotas if one.action is Action.GROUP_MEMBERS)
        why = why_collection_waits(audience, account, quota, now)
        others = [one for one in await self._store.list_collecting(collection.account_id) if one.id != audience.id]
        return AudienceState(audience, why, completes_at(audience, others, quota, why, now))

    async def list_page(
        self, workspace_id: str, *, before_id: str | None = None, count: int = 50
    ) -> Sequence[Audience]:
        """Return a page, the newest first."""
        return await self._store.list_audiences(workspace_id, before_id=before_id, count=count)

    async def list_groups(self, workspace_id: str) -> Sequence[KnownGroup]:
        """Return the groups that LinkedIn has shown to an account of the workspace, by name; it is not asked."""
        return await self._store.list_groups(workspace_id)

    async def list_people(
        self, workspace_id: str, audience_id: str, *, after_place: int = 0, count: int = 200
    ) -> Sequence[tuple[int, AudiencePerson]]:
        """Return a page of its people with their places, beginning after a place."""
        return await self._store.list_audience_people(workspace_id, audience_id, after_place=after_place, count=count)

    async def read_pages(self, audience: Audience) -> AsyncIterator[Sequence[AudiencePerson]]:
        """Yield all people of an audience, in their order. Raises AudienceNotReady while it is collected."""
        if audience.status is AudienceStatus.COLLECTING:
            raise AudienceNotReady(audience)
        place = 0
        while page := await self.list_people(audience.workspace_id, audience.id, after_place=place, count=_PAGE):
            yield [person for _, person in page]
            place = page[-1][0]

    async def read_everybody(self, workspace_id: str, audience_id: str) -> list[AudiencePerson]:
        """Return all people of an audience at once. Raises as `read_pages`; NotFound."""
        audience = await self.read(workspace_id, audience_id)
        return [person async for page in self.read_pages(audience) for person in page]

    async def add_people(self, workspace_id: str, audience_id: str, people: Sequence[AudiencePerson]) -> int:
        """Add those who are not in it yet; return how many. Raises NotFound."""
        return await self._store.add_audience_people(workspace_id, audience_id, people)

    async def delete(self, workspace_id: str, audience_id: str) -> None:
        """Delete it; campaigns that were started keep their people. Raises NotFound, AudienceInUse."""
        await self._store.delete_audience(workspace_id, audience_id)

    def _new(
        self,
        workspace_id: str,
        name: str,
        group_id: GroupId,
        source: str,
        *,
        columns: tuple[str, ...] = (),
        bad_rows: tuple[BadRow, ...] = (),
        bad_row_count: int = 0,
    ) -> Audience:
        return Audience(
            id=new_record_id(),
            workspace_id=workspace_id,
            name=parse_name(name),
            group_id=group_id,
            source=source,
            created_at=self._clock(),
            count=0,
            columns=columns,
            bad_rows=bad_rows,
            bad_row_count=bad_row_count,
        )


def _content(table: AudienceTable) -> AudienceContent:
    people = [AudiencePerson(row.person, row.custom) for row in table]
    return AudienceContent(people, table.fields, table.columns, table.bad, table.bad_count)


def parse_name(value: object) -> str:
    """Return the name without blanks around it. Raises InvalidField."""
    if not isinstance(value, str) or not value.strip() or len(value.strip()) > 200 or not value.isprintable():
        raise InvalidField("name", NAME_FORM)
    return value.strip()
