"""`/console/accounts`: all accounts, their condition and their day."""

from confrere.console.page import Page
from confrere.console.rules import in_words
from confrere.domain.limits import Action
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """List the accounts that the user sees, without asking LinkedIn."""
    assert page.user is not None
    workspace_id, now = page.user.workspace_id, services.clock()
    accounts = page.visible(await services.accounts.search(workspace_id))
    refusals = await services.history.last_refusals(workspace_id)
    rows = [
        (
            account,
            account.condition(now),
            await services.accounts.read_quota(workspace_id, account.id, Action.MESSAGE),
            await services.why_not_yet.of_account(workspace_id, account.id),
            in_words(await services.pacing.read(workspace_id, account.id)),
            refusals.get(account.id),
        )
        for account in accounts
    ]
    rules = in_words(await services.pacing.read(workspace_id, None))
    return page.render("accounts.html", rows=rows, rules=rules, now=now)
