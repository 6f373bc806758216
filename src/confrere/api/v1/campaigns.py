"""The endpoints that manage campaigns."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from confrere.api.request import ApiRequest
from confrere.api.v1.audiences import record_cursor, record_id
from confrere.api.v1.campaign_bodies import CampaignPage, campaign_body, check_body
from confrere.api.v1.paging import page_size, to_cursor
from confrere.campaigns import CampaignState
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.keys import Caller
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.message import MessageText
from confrere.http.answer import Answer
from confrere.http.body_fields import whole_number
from confrere.http.query_params import QueryParams, parse_time
from confrere.services import Services

AUDIENCE_FORM = "must be the id of an audience of this workspace; GET /v1/audiences lists them"
HASH_FORM = "must be the contentHash that POST /v1/campaigns/{id}/check returns"
LIQUID_FORM = "must be the same for everybody, without {{ or {%: variables are not filled in"
MAX_FIRST = 1_000

_RECORD_ID = re.compile(r"[0-9a-f]{32}")

Choice = TypeVar("Choice", bound=StrEnum)


async def create_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns`: write a draft."""
    fields = await request.json_object()
    audience_id = fields.get("audienceId")
    if not isinstance(audience_id, str) or not _RECORD_ID.fullmatch(audience_id):
        raise InvalidField("audienceId", AUDIENCE_FORM)
    try:
        await services.audiences.read(caller.workspace_id, audience_id)
    except NotFound as fault:
        raise InvalidField("audienceId", AUDIENCE_FORM) from fault
    state = await services.campaigns.create(
        caller.workspace_id,
        name=fields.get("name") or "",
        audience_id=audience_id,
        text=_text(fields.get("text")),
        account_id=request.parse_account(fields.get("accountId")),
        starts_at=_starts_at(fields.get("startsAt"), services.clock()),
        daily_cap=_optional_number(fields, "dailyCap", MESSAGES_PER_DAY_CEILING),
        spread=_flag(fields, "spread"),
        skip_existing_conversations=_flag(fields, "skipExistingConversations"),
        created_by=caller.key_id,
    )
    location = f"/v1/campaigns/{state.campaign.id}".encode()
    return Answer(201, campaign_body(state), headers=((b"location", location),))


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
    return Answer(200, check_body(await services.campaigns.check(caller.workspace_id, campaign_id_of(request))))


async def start_campaign(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /campaigns/{id}/start`: start what was checked."""
    fields = await request.json_object()
    content_hash = fields.get("contentHash")
    if not isinstance(content_hash, str) or not content_hash:
        raise InvalidField("contentHash", HASH_FORM)
    state = await services.campaigns.start(
        caller.workspace_id,
        campaign_id_of(request),
        content_hash=content_hash,
        first=_optional_number(fields, "first", MAX_FIRST),
        started_by=caller.key_id,
    )
    return _answer(state)


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


def _text(value: object) -> MessageText:
    """Parse the text. A template is refused: it would be sent as it is."""
    try:
        text = MessageText.parse(value)
    except InvalidField as fault:
        raise InvalidField("text", str(fault).removeprefix("message ")) from None
    if "{{" in text or "{%" in text:
        raise InvalidField("text", LIQUID_FORM)
    return text


def _starts_at(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    starts_at = parse_time(value if isinstance(value, str) else "", "startsAt")
    if starts_at <= now:
        raise InvalidField("startsAt", "must lie in the future")
    return starts_at


def _optional_number(fields: dict[str, Any], name: str, most: int) -> int | None:
    return None if fields.get(name) is None else whole_number(fields, name, default=1, least=1, most=most)


def _flag(fields: dict[str, Any], name: str) -> bool:
    """Return a boolean; True where it is absent or null. Raises InvalidField."""
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidField(name, "must be true or false")
    return value is not False


def choice(query: QueryParams, name: str, names: type[Choice]) -> Choice | None:
    """Return the value of a parameter that has a fixed set of them; None where it is absent. Raises InvalidField."""
    text = query.text(name)
    if text is not None and text not in set(names):
        raise InvalidField(name, f"must be one of {', '.join(names)}")
    return None if text is None else names(text)
