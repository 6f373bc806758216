"""The endpoints that manage LinkedIn accounts."""

from typing import Any, assert_never

from confrere.api.errors import Answer
from confrere.api.fields import is_blank
from confrere.api.request import Request
from confrere.api.v1.dialect import BASE_PATH
from confrere.api.v1.shapes import ManagedAccountPage, SessionCheck, account_detail, account_shape
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import InvalidField, NotFound, SessionNotTaken
from confrere.domain.ids import parse_account_id
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.outcome import SessionDead, Throttled
from confrere.services import Services

MAX_USER_AGENT = 1_000


async def list_accounts(request: Request, services: Services) -> Answer:
    """`GET /accounts`: all of them, without asking LinkedIn."""
    accounts, now = await services.accounts.search(_workspace(request)), services.clock()
    return Answer(200, ManagedAccountPage(items=[account_shape(one, now) for one in accounts], next_cursor=None))


async def connect_account(request: Request, services: Services) -> Answer:
    """`POST /accounts`: keep the session that a person copied from their browser, once LinkedIn has taken it."""
    fields = await request.fields()
    pasted, user_agent = _text(fields, "pasted"), fields.get("userAgent")
    if user_agent is not None and (not isinstance(user_agent, str) or len(user_agent) > MAX_USER_AGENT):
        raise InvalidField("userAgent", f"must be a string of at most {MAX_USER_AGENT:,} characters")
    try:
        account = await services.accounts.connect_pasted(_workspace(request), pasted, user_agent)
    except SessionNotTaken:
        raise
    except InvalidField as fault:
        if fault.field != "userAgent":
            fault.field = "pasted"  # the text says what of it
        raise
    answer = await _told(request, services, account.id)
    location = f"{BASE_PATH}/accounts/{account.id}".encode()
    return Answer(201, answer.body, headers=((b"location", location),))


async def read_account(request: Request, services: Services) -> Answer:
    """`GET /accounts/{id}`: one, with its quotas, without asking LinkedIn."""
    return await _told(request, services, _account_id(request))


async def change_account(request: Request, services: Services) -> Answer:
    """`PATCH /accounts/{id}`: its daily limit, whether it may send, that it is the default one, its own pacing."""
    fields = await request.fields()
    limit, enabled, is_default = (fields.get(name) for name in ("dailyLimit", "enabled", "isDefault"))
    if limit is not None and (type(limit) is not int or not 0 <= limit <= MESSAGES_PER_DAY_CEILING):
        raise InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}")
    if enabled is not None and not isinstance(enabled, bool):
        raise InvalidField("enabled", "must be true or false")
    if is_default is not None and is_default is not True:
        raise InvalidField("isDefault", "can only be made true; make another account the default one instead")
    account_id = _account_id(request)
    if (pacing := fields.get("pacing")) is not None:
        await services.pacing.change(_workspace(request), account_id, pacing)
    await services.accounts.update(
        _workspace(request), account_id, daily_limit=limit, enabled=enabled, make_default=is_default is True
    )
    return await _told(request, services, account_id)


async def check_account(request: Request, services: Services) -> Answer:
    """`POST /accounts/{id}/check`: ask LinkedIn, once, whether the session lives."""
    account_id = _account_id(request)
    alive, detail = _judged(await services.accounts.check_session(_workspace(request), account_id))
    account = await services.accounts.read(_workspace(request), account_id)  # as it is after that
    shape = account_shape(account, services.clock())
    return Answer(200, SessionCheck(alive=alive, detail=detail, account=shape))


async def disconnect_account(request: Request, services: Services) -> Answer:
    """`DELETE /accounts/{id}/session`: its cookies are erased; the account and its sends stay."""
    await services.accounts.disconnect(_workspace(request), _account_id(request))
    return Answer(204, None)


async def release_hold(request: Request, services: Services) -> Answer:
    """`POST /accounts/{id}/release-hold`: end the rest of an account that LinkedIn throttled, before its time."""
    account_id = _account_id(request)
    await services.accounts.update(_workspace(request), account_id, release_hold=True)
    return await _told(request, services, account_id)


async def _told(request: Request, services: Services, account_id: str) -> Answer:
    account, quotas = await services.accounts.read_quotas(_workspace(request), account_id)
    pacing = await services.pacing.read(_workspace(request), account_id)
    return Answer(200, account_detail(account, quotas, pacing, services.clock()))


def _judged(found: Account | SessionDead | Throttled | Unreadable) -> tuple[bool | None, str | None]:
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


def _workspace(request: Request) -> str:
    assert request.caller is not None
    return request.caller.workspace_id


def _account_id(request: Request) -> str:
    """The account in the path. Raises NotFound where it can be none."""
    try:
        account_id = parse_account_id(request.path_params["account_id"])
    except InvalidField as fault:
        raise NotFound("There is no such account in this workspace") from fault
    assert account_id is not None
    request.same_account(account_id)
    return account_id


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if is_blank(value) or not isinstance(value, str):
        raise InvalidField(name, 'must be what you copied from your browser: "Copy as cURL", or a Cookie header')
    return value
