"""Groups and their members, as LinkedIn lists them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

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
