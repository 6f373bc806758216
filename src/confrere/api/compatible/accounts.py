"""The endpoints about accounts and their quotas."""

from confrere.api.compatible import bodies
from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import account_fields, optional_time, quota_item
from confrere.domain.account import Account
from confrere.domain.errors import NotFound
from confrere.domain.keys import Caller
from confrere.domain.urns import trimmed
from confrere.http.answer import Answer
from confrere.services import Services


async def list_accounts(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /accounts?q=`: list the workspace's accounts, without asking LinkedIn. Source: contract §4."""
    accounts = await services.accounts.search(caller.workspace_id, request.query.text("q"))
    return Answer(200, [account_item(account) for account in accounts])


async def read_status(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /account/status?accountId=` and `GET /account/{id}/status`. Source: contract §4."""
    account_id = account_in_path(request) if request.path_params else _named(request, request.query.text("accountId"))
    try:
        account = await _find(services, caller.workspace_id, account_id)
    except NotFound as error:
        return Answer(404, bodies.Unknown(error=str(error)))
    request.account_id = account.id
    return Answer(200, account_status(account))


async def read_quotas(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /account/{id}/quota`: read every quota of the account, without asking LinkedIn. Source: contract §4."""
    account, quotas = await services.accounts.read_quotas(caller.workspace_id, account_in_path(request))
    request.account_id = account.id
    return Answer(
        200, bodies.QuotaList(account_id=account.id, quotas=[quota_item(quota) for quota in quotas]), quotas[0]
    )


def account_in_path(request: ApiRequest) -> str | None:
    """Return the account that the path names. Raises InvalidField where a header names another one."""
    return _named(request, request.path_params.get("account_id"))


def _named(request: ApiRequest, text: str | None) -> str | None:
    """Return the id, unchecked: one of a wrong form is that of no account. Raises InvalidField where two are named."""
    return request.use_account(trimmed(text).lower() if text else None)


async def _find(services: Services, workspace_id: str, account_id: str | None) -> Account:
    if account_id is None:
        return await services.accounts.most_recently_used(workspace_id)
    return await services.accounts.read(workspace_id, account_id)


def account_item(account: Account) -> bodies.AccountItem:
    """Convert an account of the list."""
    return bodies.AccountItem(
        **account_fields(account),
        picture=account.picture,
        api_seat_allocated=account.enabled and account.has_session,
    )


def account_status(account: Account) -> bodies.AccountStatusBody:
    """Convert an account with its status."""
    plan = None
    if account.premium is not None:
        plan = bodies.LinkedInPlan(is_premium=account.premium)
    return bodies.AccountStatusBody(
        **account_fields(account),
        last_used=optional_time(account.last_used_at),
        has_tokens=account.has_session,
        linkedin_plan=plan,
    )
