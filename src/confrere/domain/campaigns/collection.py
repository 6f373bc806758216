"""The collection of an audience from a group: which of its members, and how far their list is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from confrere.domain.errors import InvalidField
from confrere.domain.group import IN_THE_GROUP, GroupMember, MembershipStatus, Relationship
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn

MAX_FILTER_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class GroupFilters:
    """Which members of a group are taken.

    statuses:  filtered by LinkedIn; the others apply to what was read. Texts: contained in any case, "" for all.
    most:      how many people at most, None for all.
    """

    statuses: tuple[MembershipStatus, ...] = IN_THE_GROUP
    headline_contains: str = ""
    name_contains: str = ""
    relationship: Relationship | None = None
    premium: bool | None = None
    most: int | None = None

    @property
    def takes_all(self) -> bool:
        """Whether every member whom LinkedIn returns is taken."""
        return not (self.headline_contains or self.name_contains) and self.relationship is None and self.premium is None

    def take(self, member: GroupMember) -> bool:
        """Whether a member whom LinkedIn returned is taken."""
        return (
            self.headline_contains.casefold() in (member.headline or "").casefold()
            and self.name_contains.casefold() in (member.full_name or "").casefold()
            and (self.relationship is None or member.relationship is self.relationship)
            and (self.premium is None or member.premium is self.premium)
        )


def parse_filter_text(value: object, *, field: str) -> str:
    """Return the text without blanks around it, "" where it is None. Raises InvalidField."""
    text = "" if value is None else value
    if not isinstance(text, str) or len(text) > MAX_FILTER_CHARACTERS or not text.isprintable():
        raise InvalidField(field, f"must be a printable text of at most {MAX_FILTER_CHARACTERS} characters")
    return text.strip()


class CollectionFault(StrEnum):
    """Why LinkedIn's list could not be read, where it is neither the account nor a quota."""

    REFUSED = "refused"
    UNREADABLE = "unreadable"
    PROTOCOL_MOVED = "protocol_moved"


@dataclass(frozen=True, slots=True)
class Collection:
    """How far LinkedIn's list of a group's members is read for an audience.

    account_id:   whose session reads, and whose units of GROUP_MEMBERS are spent.
    places_read:  the place of the list at which it goes on.
    total:        of the list's places; None where LinkedIn has not returned it.
    next_at:      when it goes on; None where it has ended.
    """

    account_id: str
    filters: GroupFilters = GroupFilters()
    places_read: int = 0
    total: int | None = None
    fault: CollectionFault | None = None
    next_at: datetime | None = None

    def places_left(self, count: int) -> int | None:
        """How many places are left at most, with `count` people in the audience; None where that is unknown."""
        left = None if self.total is None else max(0, self.total - self.places_read)
        if self.filters.most is None or not self.filters.takes_all:
            return left
        wanted = max(0, self.filters.most - count)
        return wanted if left is None else min(left, wanted)


def people_among(members: Iterable[GroupMember]) -> list[tuple[GroupMember, Person]]:
    """Pair the members who can be written to with what is kept of each; those without a profile id are left out."""
    people = []
    for member in members:
        try:
            urn = ProfileUrn.parse(member.profile_urn)
        except InvalidField:
            continue
        people.append((member, Person(urn, member.public_id, member.first_name, member.last_name, member.headline)))
    return people
