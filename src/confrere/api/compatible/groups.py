"""The endpoints that read LinkedIn: a group's members, the account's groups, a conversation."""

from typing import Any

from confrere.api.compatible import bodies
from confrere.api.compatible.errors import answer_for_failed_read
from confrere.api.compatible.group_bodies import (
    conversation_body,
    groups_body,
    members_body,
    members_by_url_body,
    older_members_body,
)
from confrere.api.request import ApiRequest
from confrere.domain.errors import InvalidField, MissingFields
from confrere.domain.group import IN_THE_GROUP, GroupMember, MembersQuery, Page
from confrere.domain.keys import Caller
from confrere.domain.person import ConversationWith, parse_person
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.http.body_fields import choices, is_blank, short_text, whole_number
from confrere.sending import Reading
from confrere.services import Services

MAX_COUNT = 100
DEFAULT_COUNT = 50
DEFAULT_COUNT_OLDER = 10
MAX_START = 10_000_000
MAX_TYPED = 200

MISSING_ID = "groupId is required"
MISSING_URL = "groupUrl is required"
MISSING_ANY = "groupUrl, groupUrn, or groupId is required"

MEMBERS_ERROR = "Error fetching group members: "
GROUPS_ERROR = "Error fetching groups: "
CONVERSATION_ERROR = "Error looking for the conversation: "
NO_SUCH_PERSON = Answer(404, bodies.Unknown(error="LinkedIn knows no person of this name or id"))


async def list_members(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /groups/members`: read one page of a group's members. Source: contract §4."""
    fields = await request.json_object()
    given: Any = fields.get("groupId")
    if is_blank(given):
        raise MissingFields(MISSING_ID)
    reading, start = await _read(caller, request, services, fields, GroupId.parse(given), DEFAULT_COUNT)
    if not isinstance(reading.result, Page):
        return answer_for_failed_read(reading, MEMBERS_ERROR, services.clock())
    return Answer(200, members_body(reading.account_id, given, reading.result, start), reading.quota)


async def list_members_by_url(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /groups/members-by-url`: read them by the group's URL. Source: contract §4."""
    fields = await request.json_object()
    url: Any = fields.get("groupUrl")
    if is_blank(url):
        raise MissingFields(MISSING_URL)
    group_id = GroupId.parse_url(url)
    reading, start = await _read(caller, request, services, fields, group_id, DEFAULT_COUNT)
    if not isinstance(reading.result, Page):
        return answer_for_failed_read(reading, MEMBERS_ERROR, services.clock())
    return Answer(200, members_by_url_body(reading.account_id, url, group_id, reading.result, start), reading.quota)


async def list_members_older(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /group-members`: the older endpoint, with a body of its own. Source: contract §4."""
    fields = await request.json_object()
    group_id = _any_group(fields)
    reading, start = await _read(caller, request, services, fields, group_id, DEFAULT_COUNT_OLDER)
    if not isinstance(reading.result, Page):
        return answer_for_failed_read(reading, MEMBERS_ERROR, services.clock())
    body = older_members_body(reading.account_id, _query(fields, group_id), reading.result, start)
    return Answer(200, body, reading.quota)


async def list_groups(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /groups`: list the groups that the account is in. Source: contract §4."""
    query = request.query
    request.parse_account(query.text("accountId"))
    start = query.integer("start", default=0, least=0, most=MAX_START)
    count = query.integer("count", default=DEFAULT_COUNT, least=1, most=MAX_COUNT)
    reading = await services.directory.read_groups(caller.workspace_id, request.account_id, start=start, count=count)
    request.account_id = reading.account_id
    if not isinstance(reading.result, Page):
        return answer_for_failed_read(reading, GROUPS_ERROR, services.clock())
    return Answer(200, groups_body(reading.account_id, reading.result, start))


async def find_conversation(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /conversations/exists/{profileId}`: find the conversation with this person. Source: contract §4."""
    request.parse_account(request.query.text("accountId"))
    who = parse_person(request.path_params["profile_id"], field="profileId")
    reading = await services.directory.find_conversation(caller.workspace_id, request.account_id, who)
    request.account_id = reading.account_id
    found = reading.result
    if found is None:
        return NO_SUCH_PERSON
    if not isinstance(found, ConversationWith):
        return answer_for_failed_read(reading, CONVERSATION_ERROR, services.clock())
    return Answer(200, conversation_body(reading.account_id, found))


async def _read(
    caller: Caller,
    request: ApiRequest,
    services: Services,
    fields: dict[str, Any],
    group_id: GroupId,
    default_count: int,
) -> tuple[Reading[Page[GroupMember]], int]:
    """Read the page that the body asks for; return it with its first place. Raises InvalidField."""
    request.parse_account(fields.get("accountId"))
    count = whole_number(fields, "count", default=default_count, least=1, most=MAX_COUNT)
    start = whole_number(fields, "start", default=0, least=0, most=MAX_START)
    reading = await services.directory.read_members(
        caller.workspace_id, request.account_id, _query(fields, group_id), start=start, count=count
    )
    request.quota = reading.quota
    return reading, start


def _query(fields: dict[str, Any], group_id: GroupId) -> MembersQuery:
    return MembersQuery(
        group_id,
        choices(fields, "membershipStatuses", default=IN_THE_GROUP),
        short_text(fields, "typeaheadQuery", most=MAX_TYPED).strip(),
    )


def _any_group(fields: dict[str, Any]) -> GroupId:
    """Return the group that any of three fields names. Raises InvalidField where they name different ones."""
    named = {
        GroupId.parse(fields[name], field=name) for name in ("groupId", "groupUrn") if not is_blank(fields.get(name))
    }
    if not is_blank(fields.get("groupUrl")):
        named.add(GroupId.parse_url(fields["groupUrl"]))
    if not named:
        raise MissingFields(MISSING_ANY)
    if len(named) > 1:
        raise InvalidField("groupUrl, groupUrn and groupId", "must name the same group")
    return named.pop()


# ---- bodies -----------------------------------------------------------------------------------------------------
