"""The groups of accounts, and their members, as far as LinkedIn was read."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.group import AccountGroup, KnownMember, ListedMember, MemberFilter
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn


class KnownMembers(Protocol):
    """What is known without asking LinkedIn. Collections of audiences add to it, too."""

    async def replace_account_groups(
        self, workspace_id: str, account_id: str, group_ids: Collection[str], now: datetime
    ) -> None:
        """Keep that the account is in these groups, and in no others."""
        ...

    async def list_account_groups(self, workspace_id: str, account_id: str) -> Sequence[AccountGroup]:
        """Return the account's groups by name, 200 at most."""
        ...

    async def read_account_group(self, workspace_id: str, account_id: str, group_id: GroupId) -> AccountGroup:
        """Return what is known of the group for this account; nothing, where the account never read of it."""
        ...

    async def add_members(
        self,
        workspace_id: str,
        account_id: str,
        group_id: GroupId,
        members: Sequence[KnownMember],
        *,
        places_read: int,
        is_read: bool,
        now: datetime,
    ) -> None:
        """Keep members as the account has read them now, and how far that came in the group's list."""
        ...

    async def list_members(
        self,
        workspace_id: str,
        account_id: str,
        group_id: GroupId,
        which: MemberFilter,
        *,
        after: ProfileUrn | None,
        count: int,
    ) -> Sequence[ListedMember]:
        """Return a page of the known members by name, with what is on record about each.

        account_id:  whose relationships are shown.
        after:       the last one of the page before.
        """
        ...

    async def find_members(
        self, workspace_id: str, account_id: str, group_id: GroupId, recipients: Collection[ProfileUrn]
    ) -> Mapping[str, ListedMember]:
        """Return those of the people who are known members of the group, by their URN."""
        ...

    async def find_people(self, workspace_id: str, recipients: Collection[str]) -> Mapping[str, Person]:
        """Return what is known of people from groups, campaigns and replies, by their URN; their names at least."""
        ...
