"""The endpoints about a group: how many of its members were written to, and those who are known."""

from typing import Annotated

from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import Body, Cursor, Moment
from confrere.api.v1.campaigns import choice
from confrere.api.v1.do_not_contact import person_at
from confrere.api.v1.paging import from_cursor, page_size, to_cursor
from confrere.api.v1.replies import optional_flag
from confrere.domain.campaigns.collection import parse_filter_text
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.group import ListedMember, MemberFilter, Relationship
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.sending.pacing import GroupShare
from confrere.services import Services

NOT_A_GROUP = "A group's id is a number"


class GroupContactsBody(Body, frozen=True, kw_only=True):
    """How many members of a group were first written to in this UTC month, by all accounts of the workspace."""

    group_id: str
    first_contacts: int
    members: Annotated[int | None, Meta(description="As LinkedIn showed it last; null if it was never read.")]
    monthly_share: Annotated[
        int | float | None, Meta(description="`groupMonthlyShare` of the workspace's pacing; null: not limited.")
    ]
    limit: Annotated[int | None, Meta(description="How many members that is; null: not limited, or members unknown.")]
    resets_at: Moment


class KnownMemberBody(Body, frozen=True, kw_only=True):
    """A known member of a group, with what is on record."""

    recipient_profile_urn: str
    name: str | None
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: str | None
    relationship: Annotated[
        Relationship | None, Meta(description="To the account; null if another account has read the member last.")
    ]
    read_at: Moment
    written_to: Annotated[bool, Meta(description="By some account of the workspace, or perhaps.")]
    do_not_contact: bool
    replied: bool


class KnownMemberPage(Body, frozen=True, kw_only=True):
    """A page of known members, by name."""

    items: list[KnownMemberBody]
    next_cursor: Cursor


async def read_group(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /groups/{id}`: read how many members were first written to this month."""
    try:
        group_id = GroupId.parse(request.path_params["group_id"])
    except InvalidField as fault:
        raise NotFound(NOT_A_GROUP) from fault
    return Answer(200, group_body(group_id, await services.pacing.read_group_share(caller.workspace_id, group_id)))


def group_body(group_id: GroupId, share: GroupShare) -> GroupContactsBody:
    """Convert what was written to a group."""
    return GroupContactsBody(
        group_id=str(group_id),
        first_contacts=share.used,
        members=share.members,
        monthly_share=share.percent,
        limit=share.limit,
        resets_at=iso_z(share.resets_at),
    )


async def list_known_members(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /groups/{id}/members`: list the members who are known, by name, without asking LinkedIn."""
    query = request.query
    try:
        group_id = GroupId.parse(request.path_params["group_id"])
    except InvalidField as fault:
        raise NotFound(NOT_A_GROUP) from fault
    count, cursor = page_size(query), from_cursor(query)
    which = MemberFilter(
        name=parse_filter_text(query.text("name"), field="name"),
        relationship=choice(query, "relationship", Relationship),
        is_written_to=optional_flag(query, "writtenTo"),
        is_opted_out=optional_flag(query, "doNotContact"),
    )
    account = await services.accounts.read(caller.workspace_id, request.parse_account(query.text("accountId")))
    found = await services.members.list_members(
        caller.workspace_id,
        account.id,
        group_id,
        which,
        after=None if cursor is None else person_at(cursor),
        count=count + 1,
    )
    page = found[:count]
    next_cursor = to_cursor(page[-1].person.profile_urn.encode()) if len(found) > count else None
    return Answer(200, KnownMemberPage(items=[member_body(one) for one in page], next_cursor=next_cursor))


def member_body(member: ListedMember) -> KnownMemberBody:
    """Convert a known member."""
    person = member.person
    return KnownMemberBody(
        recipient_profile_urn=str(person.profile_urn),
        name=person.full_name,
        first_name=person.first_name,
        last_name=person.last_name,
        headline=person.headline,
        public_identifier=person.public_id,
        relationship=member.relationship,
        read_at=iso_z(member.read_at),
        written_to=member.is_written_to,
        do_not_contact=member.is_opted_out,
        replied=member.has_replied,
    )
