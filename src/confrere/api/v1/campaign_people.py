"""The endpoints of the people of campaigns."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from confrere.api.request import ApiRequest
from confrere.api.v1.campaign_people_bodies import (
    CampaignMember,
    CampaignMemberPage,
    PersonHeld,
    added_body,
    campaign_member,
    member_history,
    person_body,
    why_not_answer,
)
from confrere.api.v1.campaigns import campaign_id_of, choice, parse_audience
from confrere.api.v1.do_not_contact import parse_recipients, recipient_of
from confrere.api.v1.paging import CSV, JSON_LINES, bad_cursor, exported, from_cursor, page_size, to_cursor
from confrere.campaigns import PeopleAdded, finished
from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignPerson, PersonStatus
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.ids import is_person_of, is_record_id
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer
from confrere.http.query_params import parse_time
from confrere.services import Services

FORMATS = ("csv", "jsonl")
COLUMNS = tuple(field.encode_name for field in msgspec.structs.fields(CampaignMember))
WHO_FORM = "must be a list of URNs, or audienceId be given instead of it"
CAMPAIGN_FORM = "must be the id of a campaign of this workspace; GET /v1/campaigns lists them"

_MANY = "recipientProfileUrns"
_lines = msgspec.json.Encoder().encode_lines

Row = tuple[CampaignPerson, WhyNot | None]


async def list_campaign_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}/people`: list its people with what became of them."""
    campaign_id, query = campaign_id_of(request), request.query
    count, cursor = page_size(query), from_cursor(query)
    after_id = None if cursor is None else cursor.hex()
    if after_id is not None and not is_person_of(campaign_id, after_id):
        raise bad_cursor()
    found = await services.campaign_people.list_page(
        caller.workspace_id,
        campaign_id,
        status=choice(query, "status", PersonStatus),
        reason=query.text("reason"),
        after_id=after_id,
        count=count + 1,
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1][0].id)) if len(found) > count else None
    items = [campaign_member(person, why_not) for person, why_not in page]
    return Answer(200, CampaignMemberPage(items=items, next_cursor=next_cursor))


async def export_campaign_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}/people/export`: export all that match the filters as one file, without texts."""
    query, campaign_id = request.query, campaign_id_of(request)
    form = query.text("format") or FORMATS[0]
    if form not in FORMATS:
        raise InvalidField("format", f"must be {' or '.join(FORMATS)}")
    list_page = partial(
        services.campaign_people.list_page,
        caller.workspace_id,
        campaign_id,
        status=choice(query, "status", PersonStatus),
        reason=query.text("reason"),
    )
    record = partial(
        services.audit.record, caller.workspace_id, AuditAction.EXPORTED, campaign_id, "people of a campaign"
    )

    async def read(last: Row | None, count: int) -> Sequence[Row]:
        return await list_page(after_id=last[0].id if last else None, count=count)

    if form == "csv":
        head = write_rows([COLUMNS])
        return await exported(read, people_table, record=record, head=head, name="campaign-people.csv", media_type=CSV)
    return await exported(
        read, people_lines, record=record, head=b"", name="campaign-people.jsonl", media_type=JSON_LINES
    )


def people_table(people: Sequence[Row]) -> bytes:
    """Encode rows of the exported table."""
    return write_rows(msgspec.structs.astuple(campaign_member(*row)) for row in people)


def people_lines(people: Sequence[Row]) -> bytes:
    """Encode people as JSON, one a line."""
    return _lines([campaign_member(*row) for row in people])


async def read_campaign_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}/people/{recipient}`: read one person with all that happened."""
    history = await services.campaign_people.read(caller.workspace_id, campaign_id_of(request), recipient_of(request))
    return Answer(200, member_history(history))


async def add_campaign_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/people`: add those who are not in it yet."""
    fields = await request.json_object()
    return Answer(200, added_body(await _add(caller, request, fields, services)))


async def _add(caller: Caller, request: ApiRequest, fields: dict[str, Any], services: Services) -> PeopleAdded:
    workspace_id, campaign_id, audience_id = caller.workspace_id, campaign_id_of(request), fields.get("audienceId")
    if (fields.get(_MANY) is None) == (audience_id is None):
        raise InvalidField(_MANY, WHO_FORM)
    if audience_id is None:
        people = [AudiencePerson.of(recipient) for recipient in parse_recipients(fields[_MANY], _MANY)]
        return await services.campaign_people.add(workspace_id, campaign_id, people)
    campaign = (await services.campaigns.read(workspace_id, campaign_id)).campaign
    wanted = await parse_audience(caller, audience_id, services)
    return finished(await services.long_tasks.add_audience(campaign, wanted, wait_seconds=request.seconds_left))


async def hold_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/people/{recipient}/hold`: no campaign of the workspace writes to the person before then."""
    campaign_id, recipient, fields = campaign_id_of(request), recipient_of(request), await request.json_object()
    given = fields.get("until")
    until = parse_time(given if isinstance(given, str) else "", "until")
    campaigns = await services.campaign_people.hold(caller.workspace_id, recipient, until, campaign_id=campaign_id)
    held_until = iso_z(until) if campaigns else None
    return Answer(200, PersonHeld(recipient_profile_urn=str(recipient), held_until=held_until, campaigns=campaigns))


async def release_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/people/{recipient}/release`: end the hold in all campaigns."""
    recipient = recipient_of(request)
    campaigns = await services.campaign_people.release(
        caller.workspace_id, recipient, campaign_id=campaign_id_of(request)
    )
    return Answer(200, PersonHeld(recipient_profile_urn=str(recipient), held_until=None, campaigns=campaigns))


async def read_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /people/{recipient}`: read what the workspace has of one person."""
    return Answer(
        200, person_body(await services.campaign_people.read_everywhere(caller.workspace_id, recipient_of(request)))
    )


async def read_why_not_yet(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /why-not-yet`: why an account, a campaign or a person waits."""
    query = request.query
    campaign_id, person = query.text("campaignId"), query.text("recipientProfileUrn")
    if campaign_id is not None and not is_record_id(campaign_id):
        raise InvalidField("campaignId", CAMPAIGN_FORM)
    why = await services.why_not_yet.of(
        caller.workspace_id,
        account_id=request.parse_account(query.text("accountId")),
        campaign_id=campaign_id,
        recipient=None if person is None else ProfileUrn.parse(person),
    )
    return Answer(200, why_not_answer(why))
