"""`/console/accounts/{id}`: one account; check it, make it the default one, disconnect it."""

from typing import Final, assert_never

from confrere.console.local_time import zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.rules import in_words
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import OutcomeName, SessionDead, Throttled
from confrere.domain.send import SendFilter
from confrere.http.answer import Answer
from confrere.services import Services

DONE: Final = {
    "alive": "LinkedIn takes the session.",
    "dead": "LinkedIn no longer takes the session. The account sends nothing until it is connected again.",
    "throttled": "LinkedIn throttles this account, so it was not asked. Let it rest until the hold ends.",
    "unreadable": "LinkedIn could not be read. Try again; if it stays, `confrere doctor` finds the reason.",
    "default": "This account now sends where no account is named.",
    "connected": "LinkedIn takes the session. The account is connected.",
    "another": "The session was that of this other account, which is connected now.",
    "enabled": "The account may send again.",
    "disabled": "The account sends nothing until it is enabled; its session stays.",
    "released": "The hold is released. Send slowly: LinkedIn may restrict an account that goes on while throttled.",
    "disconnected": "The session is erased. The account and its sends stay.",
}
"""What an action has done, by the word that it leaves in the address."""


async def show(page: Page, services: Services) -> Answer:
    """Show the account with its quotas and rules, without asking LinkedIn."""
    assert page.user is not None
    workspace_id, account_id = page.user.workspace_id, page.account_id()
    account, quotas = await services.accounts.read_quotas(workspace_id, account_id)
    refused = await services.history.search(
        workspace_id, account_id, SendFilter(outcome=OutcomeName.REFUSED), before_id=None, count=1
    )
    return page.render(
        "account.html",
        zone=await zone_of(page, services, account_id),
        now=services.clock(),
        account=account,
        condition=account.condition(services.clock()),
        is_held=account.is_held(services.clock()),
        quotas=quotas,
        why_not=await services.why_not_yet.of_account(workspace_id, account_id),
        own_rules=in_words(await services.pacing.read(workspace_id, account_id)),
        rules=in_words(await services.pacing.read(workspace_id, None)),
        refused=refused[0] if refused else None,
        done=DONE.get(page.query.text("done") or ""),
    )


async def check(page: Page, services: Services) -> Answer:
    """Ask LinkedIn once whether the session is alive."""
    assert page.user is not None
    account_id = page.account_id()
    return _done(account_id, _liveness(await services.accounts.check_session(page.user.workspace_id, account_id)))


async def make_default(page: Page, services: Services) -> Answer:
    """Make it the account that sends where none is named."""
    assert page.user is not None
    account_id = page.account_id()
    await services.accounts.update(page.user.workspace_id, account_id, make_default=True)
    return _done(account_id, "default")


async def set_enabled(page: Page, services: Services) -> Answer:
    """Let it send, or stop it from sending; its session stays."""
    assert page.user is not None
    account_id, enabled = page.account_id(), page.form.get("enabled") == "yes"
    await services.accounts.update(page.user.workspace_id, account_id, enabled=enabled)
    return _done(account_id, "enabled" if enabled else "disabled")


async def release_hold(page: Page, services: Services) -> Answer:
    """Let it send before the hold ends that LinkedIn's throttling has begun."""
    assert page.user is not None
    account_id = page.account_id()
    await services.accounts.update(page.user.workspace_id, account_id, release_hold=True)
    return _done(account_id, "released")


async def disconnect(page: Page, services: Services) -> Answer:
    """Erase the session."""
    assert page.user is not None
    account_id = page.account_id()
    await services.accounts.disconnect(page.user.workspace_id, account_id)
    return _done(account_id, "disconnected")


def _done(account_id: str, what: str) -> Answer:
    return redirect(f"{PATH}/accounts/{account_id}?done={what}")


def _liveness(found: Account | SessionDead | Throttled | Unreadable) -> str:
    match found:
        case Account():
            return "alive"
        case SessionDead():
            return "dead"
        case Throttled():
            return "throttled"
        case Unreadable():
            return "unreadable"
        case _:
            assert_never(found)
