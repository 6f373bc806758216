"""The endpoint about a group: how many of its members were written to."""

from typing import Annotated

from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import Body, Moment
from confrere.domain.errors import InvalidField, NotFound
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
