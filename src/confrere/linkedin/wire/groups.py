"""LinkedIn's JSON about groups.

Few fields of these answers are published, so each is read on its own: one that is missing, null or of another type is
None or False, and does not make the page unreadable. Entries of a list without a member (null, or a null profile) are
skipped, but counted. Source: LinkedIn's web client; the list's field, nulls and `publicIdentifier` attested, the rest
assumed by analogy with LinkedIn's other answers.
"""

from confrere.domain.attempt import Unreadable
from confrere.domain.group import Group, GroupMember, GroupsPage, MembersPage, Page, Relationship
from confrere.linkedin.wire.nodes import Node, image_url, read_collection

EMPTY_TYPED = "''"
"""The empty search text: two quotes. Source: LinkedIn's web client, one source."""

_GROUP_URN = "urn:li:fsd_group:"
_PROFILE_URN = "urn:li:fsd_profile:"

_RELATIONSHIPS = {
    "self": Relationship.SELF,
    "connection": Relationship.CONNECTION,
    "noConnection": Relationship.NO_CONNECTION,
}


def decode_members(body: bytes, field: str, count: int) -> MembersPage | Unreadable:
    """Decode a page of a group's members, at most `count` entries."""
    found = _decode_list(body, field)
    if isinstance(found, Unreadable):
        return found
    elements, total = found
    members = tuple(member for element in elements[:count] if element and (member := _member(element)))
    return Page(members, min(len(elements), count), total, is_last=not elements)


def decode_groups(body: bytes, count: int) -> GroupsPage | Unreadable:
    """Decode a page of the viewer's groups, at most `count` entries."""
    found = _decode_list(body, None)
    if isinstance(found, Unreadable):
        return found
    elements, total = found
    groups = tuple(group for element in elements[:count] if element and (group := _group(element)))
    return Page(groups, min(len(elements), count), total, is_last=not elements)


def _decode_list(body: bytes, field: str | None) -> tuple[list[Node | None], int | None] | Unreadable:
    """Return a collection's elements, and the total that LinkedIn states for the whole list."""
    collection = read_collection(body, field)
    if isinstance(collection, Unreadable):
        return collection
    paging = collection.child("paging")
    return collection.children("elements") or [], paging.number("total") if paging else None


def _member(element: Node) -> GroupMember | None:
    profile = element.child("profile")
    if profile is None:
        return None
    profile_urn = profile.text("entityUrn")
    following = profile.child("followingState")
    return GroupMember(
        profile_urn=profile_urn if profile_urn and profile_urn.startswith(_PROFILE_URN) else _profile_in(element),
        entity_urn=element.text("entityUrn") or profile_urn,
        public_id=profile.text("publicIdentifier"),
        first_name=profile.text("firstName"),
        last_name=profile.text("lastName"),
        headline=profile.text("headline"),
        picture=image_url(profile.child("profilePicture")),
        follower_count=following.number("followerCount") if following else profile.number("followerCount"),
        status=element.text("status", "membershipStatus"),
        relationship=_relationship(profile),
        premium=profile.is_true("premium"),
        verified=profile.is_true("showVerificationBadge", "verified"),
        creator=profile.is_true("creator"),
    )


def _profile_in(element: Node) -> str | None:
    """Return the profile in `urn:li:fsd_groupMembership:(<group>,<profile>)`."""
    last = (element.text("entityUrn") or "").rpartition(",")[2].rstrip(")")
    return last if last.startswith(_PROFILE_URN) else None


def _relationship(profile: Node) -> Relationship | None:
    """Read the relationship from a union, which may itself be a reference."""
    holder = profile.child("memberRelationship")
    if holder is None:
        return None
    unions = (holder.child("memberRelationshipUnion"), holder.child("memberRelationship"), holder)
    return next(
        (meaning for union in unions if union for name, meaning in _RELATIONSHIPS.items() if union.has(name)), None
    )


def _group(element: Node) -> Group | None:
    urn = element.text("entityUrn")
    if urn is None:
        return None
    number = urn.removeprefix(_GROUP_URN)
    membership = element.child("viewerGroupMembership")
    return Group(
        urn=urn,
        group_id=number if urn.startswith(_GROUP_URN) and number.isascii() and number.isdigit() else None,
        name=element.text("name"),
        member_count=element.number("memberCount"),
        status=membership.text("status") if membership else None,
        logo=image_url(element.child("logo")),
    )
