"""The collection of audiences from groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.collection import CollectionFault
from confrere.domain.group import Relationship
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn


@dataclass(frozen=True, slots=True)
class ClaimedCollection:
    """An audience whose next page nobody else reads until `lease_until`."""

    audience: Audience
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class CollectedPage:
    """A page of the members' list.

    members:  all who were read.  people: those of them who pass the filters, in the list's order.
    places:   of the list that the page covers.  is_last: whether the list ends with it.
    relationships:  of the members to the account, where LinkedIn shows them.
    """

    members: Sequence[Person]
    people: Sequence[Person]
    places: int
    total: int | None
    is_last: bool
    relationships: Mapping[ProfileUrn, Relationship] = field(default_factory=dict)


class Collections(Protocol):
    """Audiences that are being collected, and the members of groups that were read for them."""

    async def claim_collections(
        self, now: datetime, *, count: int, lease_until: datetime
    ) -> Sequence[ClaimedCollection]:
        """Lease at most `count` audiences that are due, of each account one at a time."""
        ...

    async def add_collected_page(
        self, claimed: ClaimedCollection, page: CollectedPage, *, next_at: datetime, now: datetime
    ) -> Audience | None:
        """Write the page and the place after it in one transaction, and end the lease.

        People who are in the audience already stay as they are. With its last page, or when it has as many people as
        were wanted, the audience is ready. Returns it; None where the lease was lost, and then nothing is written.
        """
        ...

    async def put_collection_off(
        self, claimed: ClaimedCollection, *, until: datetime, fault: CollectionFault | None
    ) -> None:
        """End the lease; the same page is read again at `until`."""
        ...

    async def list_collecting(self, account_id: str) -> Sequence[Audience]:
        """Return the audiences that this account collects, the oldest first."""
        ...

    async def name_group(self, workspace_id: str, group_id: GroupId, name: str) -> None:
        """Give the group's name to all audiences of it that lack it."""
        ...

    async def list_group_members(
        self, workspace_id: str, group_id: GroupId, *, after: ProfileUrn | None, count: int
    ) -> Sequence[Person]:
        """Return a page of the members that collections have read, in the order of their URNs."""
        ...
