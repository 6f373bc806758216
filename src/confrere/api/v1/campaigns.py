"""The endpoints that manage campaigns."""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from confrere.api.request import ApiRequest
from confrere.api.v1.audiences import place_cursor, record_cursor, record_id
from confrere.api.v1.campaign_bodies import CampaignPage, CampaignTextPage, campaign_body, campaign_text, check_body
from confrere.api.v1.paging import page_size, to_cursor
from confrere.campaigns import CampaignChanges, CampaignState, finished
from confrere.campaigns.control import TEMPLATE_FORM
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_record_id
from confrere.domain.keys import Caller
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.http.answer import Answer
from confrere.http.body_fields import whole_number
from confrere.http.query_params import QueryParams, parse_time
from confrere.services import Services

AUDIENCE_FORM = "must be the id of an audience of this workspace; GET /v1/audiences lists them"
TEXT_FORM = "must be a string: the text of the message, in Liquid"
HASH_FORM = "must be the contentHash that POST /v1/campaigns/{id}/check returns"
MAX_FIRST = 1_000
MAX_REVISION = 10**9

Choice = TypeVar("Choice", bound=StrEnum)


async def create_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns`: write a draft."""
    fields = await request.json_object()
    state = await services.campaigns.create(
        caller.workspace_id,
        name=fields.get("name") or "",
        audience_id=await parse_audience(caller, fields.get("audienceId"), services),
        text=parse_text(fields),
        template_id=_template_id(fields),
        account_id=request.parse_account(fields.get("accountId")),
        starts_at=_starts_at(fields.get("startsAt"), services.clock()),
        daily_cap=_optional_number(fields, "dailyCap", MESSAGES_PER_DAY_CEILING),
        spread=_flag(fields, "spread") is not False,
        skip_existing_conversations=_flag(fields, "skipExistingConversations") is not False,
        created_by=caller.key_id,
    )
    location = f"/v1/campaigns/{state.campaign.id}".encode()
    return Answer(201, campaign_body(state), headers=((b"location", location),))


async def change_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PATCH /campaigns/{id}`: change a draft of the given `revision`; null takes `startsAt` and `dailyCap` away."""
    fields = await request.json_object()
    campaign_id, audience_id = campaign_id_of(request), fields.get("audienceId")
    changes = CampaignChanges(
        name=fields.get("name"),
        audience_id=None if audience_id is None else await parse_audience(caller, audience_id, services),
        account_id=request.parse_account(fields.get("accountId")),
        text=parse_text(fields),
        template_id=_template_id(fields),
        starts_at=_starts_at(fields.get("startsAt"), services.clock()),
        at_once="startsAt" in fields and fields["startsAt"] is None,
        daily_cap=_optional_number(fields, "dailyCap", MESSAGES_PER_DAY_CEILING),
        uncapped="dailyCap" in fields and fields["dailyCap"] is None,
        spread=_flag(fields, "spread"),
        skip_existing_conversations=_flag(fields, "skipExistingConversations"),
        revision=_optional_number(fields, "revision", MAX_REVISION),
    )
    return _answer(await services.campaigns.change(caller.workspace_id, campaign_id, changes))


async def list_campaigns(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns`: list them, newest first; archived ones only with `status=archived`."""
    query = request.query
    count = page_size(query)
    found = await services.campaigns.list_page(
        caller.workspace_id,
        status=choice(query, "status", CampaignStatus),
        account_id=request.parse_account(query.text("accountId")),
        before_id=record_cursor(query),
        count=count + 1,
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].campaign.id)) if len(found) > count else None
    return Answer(200, CampaignPage(items=[campaign_body(one) for one in page], next_cursor=next_cursor))


async def read_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}`: read one with how far it is, and why it waits."""
    return _answer(await services.campaigns.read(caller.workspace_id, campaign_id_of(request)))


async def check_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/check`: find out what a start would do, without sending."""
    campaign = (await services.campaigns.read(caller.workspace_id, campaign_id_of(request))).campaign
    found = await services.long_tasks.check(campaign, wait_seconds=request.seconds_left)
    return Answer(200, check_body(finished(found)))


async def list_texts(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /campaigns/{id}/texts`: list what each person of a draft would get now."""
    count, after_place = page_size(request.query), place_cursor(request.query)
    found = await services.campaigns.list_texts(
        caller.workspace_id, campaign_id_of(request), after_place=after_place, count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(b"%d" % page[-1][0]) if len(found) > count else None
    return Answer(200, CampaignTextPage(items=[campaign_text(one) for _, one in page], next_cursor=next_cursor))


async def start_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/start`: start what was checked."""
    fields = await request.json_object()
    content_hash = fields.get("contentHash")
    if not isinstance(content_hash, str) or not content_hash:
        raise InvalidField("contentHash", HASH_FORM)
    first = _optional_number(fields, "first", MAX_FIRST)
    campaign = (await services.campaigns.read(caller.workspace_id, campaign_id_of(request))).campaign
    found = await services.long_tasks.start(
        campaign,
        content_hash=content_hash,
        first=first,
        started_by=caller.key_id,
        wait_seconds=request.seconds_left,
    )
    return _answer(finished(found))


async def pause_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/pause`: no message of it begins after the answer."""
    return _answer(await services.campaigns.pause(caller.workspace_id, campaign_id_of(request)))


async def resume_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/resume`: let a paused campaign run."""
    return _answer(await services.campaigns.resume(caller.workspace_id, campaign_id_of(request)))


async def stop_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/stop`: end it permanently."""
    return _answer(await services.campaigns.stop(caller.workspace_id, campaign_id_of(request)))


async def archive_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/archive`: hide a draft, or a campaign that is over."""
    return _answer(await services.campaigns.archive(caller.workspace_id, campaign_id_of(request)))


def campaign_id_of(request: ApiRequest) -> str:
    """Return the id in the path. Raises NotFound where its form is that of none."""
    return record_id(request, "campaign_id", "campaign")


def _answer(state: CampaignState) -> Answer:
    return Answer(200, campaign_body(state))


async def parse_audience(caller: Caller, value: object, services: Services) -> str:
    """Return the id of an audience of the workspace. Raises InvalidField."""
    if not isinstance(value, str) or not is_record_id(value):
        raise InvalidField("audienceId", AUDIENCE_FORM)
    try:
        return (await services.audiences.read(caller.workspace_id, value)).id
    except NotFound as fault:
        raise InvalidField("audienceId", AUDIENCE_FORM) from fault


def parse_text(fields: dict[str, Any]) -> str | None:
    """Return the text of the body, as it is; None where it is absent or null. Raises InvalidField."""
    text = fields.get("text")
    if text is not None and not isinstance(text, str):
        raise InvalidField("text", TEXT_FORM)
    return text


def _template_id(fields: dict[str, Any]) -> str | None:
    template_id = fields.get("templateId")
    if template_id is not None and not is_record_id(template_id):
        raise InvalidField("templateId", TEMPLATE_FORM)
    return template_id


def _starts_at(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    starts_at = parse_time(value if isinstance(value, str) else "", "startsAt")
    if starts_at <= now:
        raise InvalidField("startsAt", "must lie in the future")
    return starts_at


def _optional_number(fields: dict[str, Any], name: str, most: int) -> int | None:
    return None if fields.get(name) is None else whole_number(fields, name, default=1, least=1, most=most)


def _flag(fields: dict[str, Any], name: str) -> bool | None:
    """Return a boolean; None where it is absent or null. Raises InvalidField."""
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidField(name, "must be true or false")
    return value


def choice(query: QueryParams, name: str, names: type[Choice]) -> Choice | None:
    """Return the value of a parameter that has a fixed set of them; None where it is absent. Raises InvalidField."""
    text = query.text(name)
    if text is not None and text not in set(names):
        raise InvalidField(name, f"must be one of {', '.join(names)}")
    return None if text is None else names(text)
