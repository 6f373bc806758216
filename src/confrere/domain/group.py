"""Groups and their members, as LinkedIn lists them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from confrere.domain.person import Person
from confrere.domain.urns import GroupId

T = TypeVar("T")


class MembershipStatus(StrEnum):
    """A person's status in a group. Source: LinkedIn's web client, attested; the last two seen once."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    MEMBER = "MEMBER"
    REQUEST_PENDING = "REQUEST_PENDING"
    INVITE_PENDING = "INVITE_PENDING"


IN_THE_GROUP = (MembershipStatus.OWNER, MembershipStatus.MANAGER, MembershipStatus.MEMBER)


class Relationship(StrEnum):
    """The relationship of a member to the account that reads."""

    SELF = "SELF"
    CONNECTION = "CONNECTION"
    NO_CONNECTION = "NO_CONNECTION"


@dataclass(frozen=True, slots=True)
class MembersQuery:
    """A query for members of a group. typed: what their names begin with, "" for all."""

    group_id: GroupId
    statuses: tuple[MembershipStatus, ...] = IN_THE_GROUP
    typed: str = ""


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member. Fields that LinkedIn does not show are None or False.

    entity_urn:  LinkedIn's name for the membership or, where it gives none, for the profile.
    """

    profile_urn: str | None
    entity_urn: str | None
    public_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None
    picture: str | None = None
    follower_count: int | None = None
    status: str | None = None
    relationship: Relationship | None = None
    premium: bool = False
    verified: bool = False
    creator: bool = False

    @property
    def profile_id(self) -> str | None:
        """The bare id at the end of the profile's URN."""
        return self.profile_urn and self.profile_urn.rpartition(":")[2]

    @property
    def full_name(self) -> str | None:
        """First and last name."""
        return " ".join(name for name in (self.first_name, self.last_name) if name) or None

    @property
    def badges(self) -> tuple[str, ...]:
        """The badges that LinkedIn shows beside the name."""
        badges = (("premium", self.premium), ("verified", self.verified), ("creator", self.creator))
        return tuple(name for name, has in badges if has)

    @property
    def profile_url(self) -> str | None:
        """The address of the profile's page."""
        return f"https://www.linkedin.com/in/{self.public_id}/" if self.public_id else None


@dataclass(frozen=True, slots=True)
class Group:
    """A group that an account is in. The id is None where LinkedIn's name for it is of another form."""

    urn: str
    group_id: str | None
    name: str | None
    member_count: int | None
    status: str | None
    logo: str | None

    @property
    def url(self) -> str | None:
        """The address of the group's page."""
        return f"https://www.linkedin.com/groups/{self.group_id}/" if self.group_id else None


@dataclass(frozen=True, slots=True)
class KnownGroup:
    """A group as LinkedIn last showed it to some account; None where it did not."""

    group_id: str
    name: str | None = None
    members: int | None = None


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """A group of an account, as far as LinkedIn was read.

    known_members:    how many of its members are known; counting ends at MOST_COUNTED + 1.
    listed_at:        when LinkedIn last listed it among the account's groups.
    places_read:      of the list of its members, read page by page; is_read: whether to its end.
    members_read_at:  when the account last read some of them.
    """

    group_id: str
    name: str | None = None
    members: int | None = None
    known_members: int = 0
    listed_at: datetime | None = None
    places_read: int = 0
    is_read: bool = False
    members_read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownMember:
    """A member as an account has read them. relationship: to this account; None where LinkedIn did not show it."""

    person: Person
    relationship: Relationship | None = None


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A known member, with what is on record about them.

    relationship:   to the account for which they are listed; None where another account has read them last.
    is_written_to:  whether some account of the workspace has, or may have, written to them.
    is_opted_out:   whether they are on the do-not-contact list.
    has_replied:    whether they have answered.
    """

    person: Person
    relationship: Relationship | None
    read_at: datetime
    is_written_to: bool
    is_opted_out: bool
    has_replied: bool


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """Which known members to list; None means any. name: a part of it, without regard to case and accents."""

    name: str = ""
    relationship: Relationship | None = None
    is_written_to: bool | None = None
    is_opted_out: bool | None = None


MOST_COUNTED = 10_000
"""Known members of a group are counted up to here."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of one of LinkedIn's lists.

    places:  how many places of the list it covers. Some hold nobody who can be shown, so there may be fewer items.
    total:   how many places the whole list has, None where LinkedIn does not say.
    is_last: whether the list ends with it.
    """

    items: tuple[T, ...]
    places: int
    total: int | None
    is_last: bool = False


MembersPage = Page[GroupMember]
GroupsPage = Page[Group]
