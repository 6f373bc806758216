"""The endpoints about accounts and their quotas."""

from confrere.api import bodies
from confrere.api.errors import Answer
from confrere.api.query import Query
from confrere.api.request import Request
from confrere.domain.account import Account
from confrere.domain.errors import NotFound
from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, iso_z
from confrere.domain.urns import trimmed
from confrere.services import Services


async def list_accounts(request: Request, services: Services) -> Answer:
    """`GET /accounts?q=`: the workspace's accounts, without asking LinkedIn. Source: contract §4."""
    assert request.caller is not None
    q = Query(request.scope["query_string"]).text("q")
    accounts = await services.accounts.search(request.caller.workspace_id, q)
    return Answer(200, [_item(account) for account in accounts])


async def read_status(request: Request, services: Services) -> Answer:
    """`GET /account/status?accountId=` and `GET /account/{id}/status`. Source: contract §4."""
    assert request.caller is not None
    workspace_id = request.caller.workspace_id
    in_query = Query(request.scope["query_string"]).text("accountId")
    account_id = account_in_path(request) if request.path_params else _named(request, in_query)
    try:
        account = await _find(services, workspace_id, account_id)
    except NotFound as error:
        return Answer(404, bodies.Unknown(error=str(error)))
    request.account_id = account.id
    return Answer(200, _status(account))


async def read_quotas(request: Request, services: Services) -> Answer:
    """`GET /account/{id}/quota`: every quota of the account, without asking LinkedIn. Source: contract §4."""
    assert request.caller is not None
    account, quotas = await services.accounts.read_quotas(request.caller.workspace_id, account_in_path(request))
    request.account_id = account.id
    return Answer(
        200, bodies.QuotaList(account_id=account.id, quotas=[quota_item(quota) for quota in quotas]), quotas[0]
    )


def account_in_path(request: Request) -> str | None:
    """The account that the path names."""
    return _named(request, request.path_params.get("account_id"))


def _named(request: Request, text: str | None) -> str | None:
    """The account's id; of another form it is that of no account. Raises InvalidField where two are named."""
    return request.same_account(trimmed(text).lower() if text else None)


async def _find(services: Services, workspace_id: str, account_id: str | None) -> Account:
    if account_id is None:
        return await services.accounts.most_recently_used(workspace_id)
    return await services.accounts.read(workspace_id, account_id)


def _item(account: Account) -> bodies.AccountItem:
    return bodies.AccountItem(
        id=account.id,
        first_name=account.first_name,
        last_name=account.last_name,
        public_id=account.public_id,
        picture=account.picture,
        status=account.status,
        enabled=account.enabled,
        api_seat_allocated=account.enabled and account.has_session,
    )


def _status(account: Account) -> bodies.AccountStatusBody:
    plan = None
    if account.premium is not None:
        plan = bodies.LinkedInPlan(is_premium=account.premium)
    return bodies.AccountStatusBody(
        id=account.id,
        first_name=account.first_name,
        last_name=account.last_name,
        public_id=account.public_id,
        status=account.status,
        enabled=account.enabled,
        last_used=iso_z(account.last_used_at) if account.last_used_at else None,
        has_tokens=account.has_session,
        linkedin_plan=plan,
    )


def quota_item(quota: Quota) -> bodies.QuotaItem:
    """The state of one quota."""
    reached = quota.remaining == 0
    return bodies.QuotaItem(
        feature=quota.action,
        window=WINDOW_OF[quota.action],
        used=quota.used,
        limit=quota.limit,
        linkedin_limit=GROUP_FIRST_CONTACTS_PUBLISHED if quota.action is Action.GROUP_FIRST_CONTACT else None,
        remaining=quota.remaining,
        limit_reached=reached,
        limit_reached_at=iso_z(quota.reached_at) if reached and quota.reached_at else None,
        reset_at=iso_z(quota.resets_at),
    )
