"""`list-linkedin-accounts` and `get-account-quota`: read from the store, without a call to LinkedIn."""

from typing import Annotated

from msgspec import Meta

from confrere.domain.account import Account
from confrere.domain.ids import parse_account_id
from confrere.mcp.arguments import Arguments
from confrere.mcp.shapes import AccountId, Budget, Moment, budget_of, format_time
from confrere.mcp.tool import Call, Result, Tool


class ListAccounts(Arguments, frozen=True, kw_only=True):
    """Arguments of `list-linkedin-accounts`."""

    query: Annotated[
        str | None, Meta(description="Only accounts whose name, public id, accountId or profile URL matches this.")
    ] = None


class AccountItem(Result, frozen=True, kw_only=True):
    """One account."""

    account_id: str
    name: str
    profile_urn: str
    profile_url: str
    is_default: Annotated[bool, Meta(description="Whether it is used where no accountId is given.")]
    status: Annotated[str, Meta(description="AVAILABLE, IN_USE, WARMUP, ERROR or UNKNOWN.")]
    status_reason: str | None
    enabled: bool
    has_session: bool
    session_connected_at: Annotated[Moment | None, Meta(description="When a human last connected its session.")]
    session_answered_at: Annotated[Moment | None, Meta(description="When LinkedIn last took its session, to a minute.")]
    held_until: Annotated[Moment | None, Meta(description="LinkedIn throttled it: it must rest until then.")]
    daily_limit: Annotated[int, Meta(description="Messages a day: a ceiling, not a recommendation.")]


class Accounts(Result, frozen=True, kw_only=True):
    """The matching accounts."""

    accounts: list[AccountItem]


class GetQuota(Arguments, frozen=True, kw_only=True):
    """Arguments of `get-account-quota`."""

    account_id: AccountId = None


class Quotas(Result, frozen=True, kw_only=True):
    """Every quota of an account."""

    account_id: str
    held_until: Annotated[Moment | None, Meta(description="LinkedIn throttled it: it must rest until then.")]
    quotas: list[Budget]


async def list_accounts(call: Call, args: ListAccounts) -> Accounts:
    """List the workspace's accounts."""
    found = await call.services.accounts.search(call.workspace_id, args.query)
    return Accounts(accounts=[_item(account) for account in found])


async def get_quota(call: Call, args: GetQuota) -> Quotas:
    """Read an account's quotas. Raises NotFound."""
    account, quotas = await call.services.accounts.read_quotas(call.workspace_id, parse_account_id(args.account_id))
    return Quotas(
        account_id=account.id, held_until=format_time(account.hold_until), quotas=[budget_of(quota) for quota in quotas]
    )


def _item(account: Account) -> AccountItem:
    return AccountItem(
        account_id=account.id,
        name=f"{account.first_name} {account.last_name}".strip(),
        profile_urn=account.profile_urn,
        profile_url=f"https://www.linkedin.com/in/{account.public_id}/",
        is_default=account.is_default,
        status=account.status,
        status_reason=account.status_reason,
        enabled=account.enabled,
        has_session=account.has_session,
        session_connected_at=format_time(account.connected_at),
        session_answered_at=format_time(account.answered_at),
        held_until=format_time(account.hold_until),
        daily_limit=account.daily_limit,
    )


LIST_ACCOUNTS = Tool(
    name="list-linkedin-accounts",
    title="List LinkedIn accounts",
    description="""\
List the LinkedIn accounts that this server may act for, and how each is. Start here, to choose an accountId.

An account with status ERROR, without a session, disabled, or held until a time to come cannot send: tell the human, who
alone can fix it. Do not move to another account to get round a hold or a used-up day: each account is a real person's.
LinkedIn is not asked.""",
    takes=ListAccounts,
    gives=Accounts,
    do=list_accounts,
)

GET_QUOTA = Tool(
    name="get-account-quota",
    title="Get an account's quota",
    description="""\
See what is left of an account's day: MESSAGE (messages sent), GROUP_MEMBERS (members read), and GROUP_FIRST_CONTACT
(first messages to people through a group, this month). Look at it before you plan several messages.

The limit is a ceiling, not a goal: the last allowance that LinkedIn published was 15 first messages to fellow group
members a MONTH. When few are left, tell the human and let them choose whom to write to. LinkedIn is not asked, and
nothing is spent.""",
    takes=GetQuota,
    gives=Quotas,
    do=get_quota,
)
