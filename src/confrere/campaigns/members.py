"""Groups and their members: what is known costs nothing; reading more of LinkedIn's list spends units of the day."""

from collections.abc import Collection, Mapping, Sequence

from confrere.campaigns.audiences import AudienceDirectory
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.collecting import PAGE
from confrere.domain.campaigns.collection import people_among
from confrere.domain.errors import InvalidField
from confrere.domain.group import (
    AccountGroup,
    Group,
    GroupMember,
    KnownMember,
    ListedMember,
    MemberFilter,
    MembersQuery,
    Page,
)
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import Clock, Store
from confrere.sending.account_reads import Reading
from confrere.sending.directory import Directory

MOST_GROUPS = 200
"""Groups of an account that are read; LinkedIn lets nobody join more than 100."""

MOST_CHOSEN = 100_000
"""People in an audience of known members."""

_BATCH = 5_000


class MemberDirectory:
    """The groups of accounts and their members, as far as they are known, and reading more of them."""

    def __init__(self, *, store: Store, directory: Directory, audiences: AudienceDirectory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._audiences = audiences
        self._clock = clock

    async def list_groups(self, workspace_id: str, account_id: str) -> Sequence[AccountGroup]:
        """Return the account's groups by name, as LinkedIn listed them last; it is not asked."""
        return await self._store.list_account_groups(workspace_id, account_id)

    async def read_groups(self, workspace_id: str, account_id: str) -> Reading[Page[Group]]:
        """Ask LinkedIn in which groups the account is, and keep that. Spends no unit. Raises as `Directory`."""
        reading = await self._directory.read_groups(workspace_id, account_id, start=0, count=MOST_GROUPS)
        if isinstance(reading.result, Page):
            ids = {one.group_id for one in reading.result.items if one.group_id}
            await self._store.replace_account_groups(workspace_id, account_id, ids, self._clock())
        return reading

    async def read_group(self, workspace_id: str, account_id: str, group_id: GroupId) -> AccountGroup:
        """Return what is known of a group; LinkedIn is not asked."""
        return await self._store.read_account_group(workspace_id, account_id, group_id)

    async def read_more(
        self, workspace_id: str, account_id: str, group_id: GroupId, *, count: int = PAGE
    ) -> Reading[Page[GroupMember]]:
        """Read the next places of LinkedIn's list of the members, from its beginning once its end was reached.

        Each member who is read spends a unit of GROUP_MEMBERS. Raises as `Directory.read_members`.
        """
        group = await self._store.read_account_group(workspace_id, account_id, group_id)
        start = 0 if group.is_read else group.places_read
        reading = await self._directory.read_members(
            workspace_id, account_id, MembersQuery(group_id), start=start, count=count
        )
        page = reading.result
        if isinstance(page, Page):
            await self._store.add_members(
                workspace_id,
                account_id,
                group_id,
                [KnownMember(person, member.relationship) for member, person in people_among(page.items)],
                places_read=start + page.places,
                is_read=page.is_last,
                now=self._clock(),
            )
        return reading

    async def list_members(
        self,
        workspace_id: str,
        account_id: str,
        group_id: GroupId,
        which: MemberFilter,
        *,
        after: ProfileUrn | None = None,
        count: int = 50,
    ) -> Sequence[ListedMember]:
        """Return a page of the known members by name, after the last one of the page before; LinkedIn is not asked."""
        return await self._store.list_members(workspace_id, account_id, group_id, which, after=after, count=count)

    async def find_members(
        self, workspace_id: str, account_id: str, group_id: GroupId, recipients: Collection[ProfileUrn]
    ) -> Mapping[str, ListedMember]:
        """Return those of the people who are known members, by their URN."""
        return await self._store.find_members(workspace_id, account_id, group_id, recipients)

    async def find_people(self, workspace_id: str, recipients: Collection[str]) -> Mapping[str, Person]:
        """Return what is known of people, by their URN: their names at least."""
        return await self._store.find_people(workspace_id, recipients)

    async def create_audience(
        self, workspace_id: str, account_id: str, group_id: GroupId, *, name: str, recipients: Sequence[ProfileUrn]
    ) -> Audience:
        """Write an audience of these people, with what is known of each. Raises InvalidField."""
        if not recipients:
            raise InvalidField("person", "must be chosen: tick the boxes of those who are meant")
        known = await self._store.find_members(workspace_id, account_id, group_id, recipients)
        people = [
            AudiencePerson(known[urn].person) if urn in known else AudiencePerson.of(urn)
            for urn in dict.fromkeys(recipients)
        ]
        return await self._audiences.create(workspace_id, name=name, group_id=group_id, people=people)

    async def create_audience_of_known(
        self, workspace_id: str, account_id: str, group_id: GroupId, *, name: str, which: MemberFilter
    ) -> Audience:
        """Write an audience of all known members who pass the filter, MOST_CHOSEN at most. Raises InvalidField."""
        people: list[AudiencePerson] = []
        after: ProfileUrn | None = None
        while len(people) < MOST_CHOSEN and (
            page := await self._store.list_members(workspace_id, account_id, group_id, which, after=after, count=_BATCH)
        ):
            people += [AudiencePerson(one.person) for one in page]
            after = page[-1].person.profile_urn
        if not people:
            raise InvalidField("name", "cannot be given to an audience of nobody: no known member matches")
        return await self._audiences.create(workspace_id, name=name, group_id=group_id, people=people)
