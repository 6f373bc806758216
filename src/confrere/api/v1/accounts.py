"""The endpoints that manage LinkedIn accounts."""

from typing import Any, assert_never

from confrere.api.request import ApiRequest
from confrere.api.v1.account_bodies import ManagedAccountPage, SessionCheck, account_detail, account_shape
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import InvalidField, NotFound, SessionNotTaken
from confrere.domain.ids import parse_account_id
from confrere.domain.keys import Caller
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.outcome import SessionDead, Throttled
from confrere.http.answer import Answer
from confrere.http.body_fields import is_blank
from confrere.services import Services

MAX_USER_AGENT = 1_000


async def list_accounts(caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /accounts`: list all of them, without asking LinkedIn."""
    accounts, now = await services.accounts.search(caller.workspace_id), services.clock()
    return Answer(200, ManagedAccountPage(items=[account_shape(one, now) for one in accounts], next_cursor=None))


async def connect_account(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /accounts`: store the session that a person copied from their browser, if LinkedIn accepts it."""
    fields = await request.json_object()
    pasted, user_agent = _text(fields, "pasted"), fields.get("userAgent")
    if user_agent is not None and (not isinstance(user_agent, str) or len(user_agent) > MAX_USER_AGENT):
        raise InvalidField("userAgent", f"must be a string of at most {MAX_USER_AGENT:,} characters")
    try:
        account = await services.accounts.connect_pasted(caller.workspace_id, pasted, user_agent)
    except SessionNotTaken:
        raise
    except InvalidField as fault:
        if fault.field != "userAgent":
            fault.field = "pasted"  # the caller's field; the text says which part of it
        raise
    answer = await _detail(caller, services, account.id)
    location = f"/v1/accounts/{account.id}".encode()
    return Answer(201, answer.body, headers=((b"location", location),))


async def read_account(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /accounts/{id}`: read one with its quotas, without asking LinkedIn."""
    return await _detail(caller, services, _account_id(request))


async def change_account(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PATCH /accounts/{id}`: change daily limit, permission to send, default account, own pacing."""
    fields = await request.json_object()
    limit, enabled, is_default = (fields.get(name) for name in ("dailyLimit", "enabled", "isDefault"))
    if limit is not None and (type(limit) is not int or not 0 <= limit <= MESSAGES_PER_DAY_CEILING):
        raise InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}")
    if enabled is not None and not isinstance(enabled, bool):
        raise InvalidField("enabled", "must be true or false")
    if is_default is not None and is_default is not True:
        raise InvalidField("isDefault", "can only be made true; make another account the default one instead")
    account_id = _account_id(request)
    if (pacing := fields.get("pacing")) is not None:
        await services.pacing.change(caller.workspace_id, account_id, pacing)
    await services.accounts.update(
        caller.workspace_id, account_id, daily_limit=limit, enabled=enabled, make_default=is_default is True
    )
    return await _detail(caller, services, account_id)


async def check_account(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /accounts/{id}/check`: ask LinkedIn once whether the session is alive."""
    account_id = _account_id(request)
    alive, detail = _liveness(await services.accounts.check_session(caller.workspace_id, account_id))
    account = await services.accounts.read(caller.workspace_id, account_id)  # as it is after that
    shape = account_shape(account, services.clock())
    return Answer(200, SessionCheck(alive=alive, detail=detail, account=shape))


async def disconnect_account(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /accounts/{id}/session`: erase its cookies; the account and its sends stay."""
    await services.accounts.disconnect(caller.workspace_id, _account_id(request))
    return Answer(204, None)


async def release_hold(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /accounts/{id}/release-hold`: end the hold of an account before its time, or after a restore."""
    account_id = _account_id(request)
    fields = await request.json_object() if request.has_body else {}
    sent_today = fields.get("sentToday")
    if sent_today is not None and (type(sent_today) is not int or not 0 <= sent_today <= MESSAGES_PER_DAY_CEILING):
        raise InvalidField("sentToday", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}")
    await services.accounts.update(caller.workspace_id, account_id, release_hold=True, sent_today=sent_today)
    return await _detail(caller, services, account_id)


async def end_restore(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /accounts/{id}/end-restore`: send without looking for messages that a restored backup lacks."""
    account_id = _account_id(request)
    await services.accounts.end_restore(caller.workspace_id, account_id)
    return await _detail(caller, services, account_id)


async def _detail(caller: Caller, services: Services, account_id: str) -> Answer:
    account, quotas = await services.accounts.read_quotas(caller.workspace_id, account_id)
    pacing = await services.pacing.read(caller.workspace_id, account_id)
    return Answer(200, account_detail(account, quotas, pacing, services.clock()))


def _liveness(found: Account | SessionDead | Throttled | Unreadable) -> tuple[bool | None, str | None]:
    match found:
        case Account():
            return True, None
        case SessionDead(why):
            return False, why
        case Throttled():
            return None, "LinkedIn throttles this account"
        case Unreadable(why):
            return None, why
        case _:
            assert_never(found)


def _account_id(request: ApiRequest) -> str:
    """Return the account in the path. Raises NotFound where its form is that of none."""
    try:
        account_id = parse_account_id(request.path_params["account_id"])
    except InvalidField as fault:
        raise NotFound("There is no such account in this workspace") from fault
    assert account_id is not None
    request.use_account(account_id)
    return account_id


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if is_blank(value) or not isinstance(value, str):
        raise InvalidField(name, 'must be what you copied from your browser: "Copy as cURL", or a Cookie header')
    return value
