"""The bodies about groups, members and conversations, and their conversion from the domain's values."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import (
    AccountId,
    Body,
)
from confrere.domain.group import Group, GroupMember, MembersQuery, Page, Relationship
from confrere.domain.person import ConversationWith
from confrere.domain.urns import GroupId


class MemberItem(Body, frozen=True, kw_only=True):
    """One member of a group; what LinkedIn does not report is null, false or empty, or absent where documented."""

    profile_id: Annotated[str | None, Meta(description="The `recipientProfileId` of a send.")]
    profile_urn: Annotated[str | None, Meta(description="The `recipientProfileUrn` of a send.")]
    entity_urn: Annotated[str | None, Meta(description="LinkedIn's id of the membership.")]
    public_identifier: str | None
    first_name: str | None
    last_name: str | None
    full_name: str | None
    headline: str | None
    profile_picture: Annotated[str | UnsetType, Meta(description="Absent if there is none.")] = UNSET
    profile_url: str | None
    follower_count: Annotated[int | UnsetType, Meta(description="Absent if LinkedIn does not report it.")] = UNSET
    membership_status: str | None
    relationship_status: Annotated[
        Relationship | None, Meta(description="The member's connection to the account that reads.")
    ]
    is_premium: bool
    is_verified: bool
    badges: Annotated[list[str], Meta(description="`premium`, `verified`, `creator`, as far as they apply.")]
    creator: bool


class Pagination(Body, frozen=True, kw_only=True):
    """Positions in LinkedIn's list, not people: some positions have no visible member."""

    start: int
    count: Annotated[
        int, Meta(description="How many positions this page covers; the next one begins at start + count.")
    ]
    total: Annotated[
        int | None, Meta(description="How many positions the list has; null if LinkedIn does not report it.")
    ]


class GroupMembers(Body, frozen=True, kw_only=True):
    """A page of a group's members. group_id echoes what the caller sent, count is how many members there are here."""

    success: bool = True
    account_id: AccountId
    group_id: str | int
    members: list[MemberItem]
    pagination: Pagination
    has_more: bool
    count: int


class GroupMembersByUrl(GroupMembers, frozen=True, kw_only=True):
    """The same, and the URL that the caller sent."""

    group_url: str


class OlderMemberItem(Body, frozen=True, kw_only=True):
    """One member in the older shape."""

    profile_id: str | None
    name: str | None
    headline: str | None
    profile_url: str | None
    profile_picture: Annotated[str | UnsetType, Meta(description="Absent if there is none.")] = UNSET
    membership_status: str | None


class OlderPagination(Body, frozen=True, kw_only=True):
    """Positions in LinkedIn's list that this page covers, and how many members there are here."""

    start: int
    count: int
    returned: int


class MemberFilters(Body, frozen=True, kw_only=True):
    """Which members were asked for."""

    membership_statuses: list[str]
    typeahead_query: str


class OlderGroupMembers(Body, frozen=True, kw_only=True):
    """A page of a group's members in the older shape."""

    success: bool = True
    group_id: str
    account_id: AccountId
    members: list[OlderMemberItem]
    pagination: OlderPagination
    filters: MemberFilters
    message: str


class GroupItem(Body, frozen=True, kw_only=True):
    """One group that the account is in."""

    group_id: Annotated[str | None, Meta(description="The `groupId` of a send.")]
    group_urn: str
    name: str | None
    member_count: int | None
    membership_status: str | None
    group_url: str | None
    logo: str | None


class GroupList(Body, frozen=True, kw_only=True):
    """A page of the account's groups."""

    success: bool = True
    account_id: AccountId
    groups: list[GroupItem]
    pagination: Pagination
    has_more: bool


class ConversationExists(Body, frozen=True, kw_only=True):
    """Whether there is a conversation with this person in the account's mailbox."""

    success: bool = True
    has_conversation: bool
    conversation_urn: Annotated[str | None, Meta(description="LinkedIn's id of it; null if there is none.")]
    profile_urn: Annotated[str, Meta(description="The person, as the `recipientProfileUrn` of a send.")]
    account_id: AccountId


def members_body(account_id: str, group: str | int, page: Page[GroupMember], start: int) -> GroupMembers:
    """Convert a page of members; `group` as the caller gave it."""
    return GroupMembers(
        account_id=account_id,
        group_id=group,
        members=[_member(member) for member in page.items],
        pagination=_pagination(page, start),
        has_more=not page.is_last,
        count=len(page.items),
    )


def members_by_url_body(
    account_id: str, url: str, group_id: GroupId, page: Page[GroupMember], start: int
) -> GroupMembersByUrl:
    """Convert a page of members, with the URL as the caller gave it."""
    return GroupMembersByUrl(
        account_id=account_id,
        group_id=str(group_id),
        members=[_member(member) for member in page.items],
        pagination=_pagination(page, start),
        has_more=not page.is_last,
        count=len(page.items),
        group_url=url,
    )


def older_members_body(account_id: str, asked: MembersQuery, page: Page[GroupMember], start: int) -> OlderGroupMembers:
    """Convert a page of members to the older endpoint's body."""
    found = len(page.items)
    return OlderGroupMembers(
        group_id=str(asked.group_id),
        account_id=account_id,
        members=[
            OlderMemberItem(
                profile_id=member.profile_id,
                name=member.full_name,
                headline=member.headline,
                profile_url=member.profile_url,
                profile_picture=member.picture or UNSET,
                membership_status=member.status,
            )
            for member in page.items
        ],
        pagination=OlderPagination(start=start, count=page.places, returned=found),
        filters=MemberFilters(
            membership_statuses=[str(status) for status in asked.statuses], typeahead_query=asked.typed
        ),
        message=f"Found {found} group member{'' if found == 1 else 's'}",
    )


def groups_body(account_id: str, page: Page[Group], start: int) -> GroupList:
    """Convert a page of an account's groups."""
    return GroupList(
        account_id=account_id,
        groups=[
            GroupItem(
                group_id=group.group_id,
                group_urn=group.urn,
                name=group.name,
                member_count=group.member_count,
                membership_status=group.status,
                group_url=group.url,
                logo=group.logo,
            )
            for group in page.items
        ],
        pagination=_pagination(page, start),
        has_more=not page.is_last,
    )


def conversation_body(account_id: str, found: ConversationWith) -> ConversationExists:
    """Convert what was found of a conversation."""
    return ConversationExists(
        has_conversation=found.urn is not None,
        conversation_urn=found.urn,
        profile_urn=str(found.profile_urn),
        account_id=account_id,
    )


def _pagination(page: Page[Any], start: int) -> Pagination:
    return Pagination(start=start, count=page.places, total=page.total)


def _member(member: GroupMember) -> MemberItem:
    return MemberItem(
        profile_id=member.profile_id,
        profile_urn=member.profile_urn,
        entity_urn=member.entity_urn,
        public_identifier=member.public_id,
        first_name=member.first_name,
        last_name=member.last_name,
        full_name=member.full_name,
        headline=member.headline,
        profile_picture=member.picture or UNSET,
        profile_url=member.profile_url,
        follower_count=UNSET if member.follower_count is None else member.follower_count,
        membership_status=member.status,
        relationship_status=member.relationship,
        is_premium=member.premium,
        is_verified=member.verified,
        badges=list(member.badges),
        creator=member.creator,
    )
