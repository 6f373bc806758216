"""`/console/accounts/{id}/restored`: release an account that is held since a backup was restored."""

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.http.answer import Answer
from confrere.services import Services

FORM = f"Messages sent today must be a number from 0 to {MESSAGES_PER_DAY_CEILING}, or nothing if you do not know it."


async def show(page: Page, services: Services) -> Answer:
    """Say what is not known since the restore."""
    return await _form(page, services, 200, None)


async def release(page: Page, services: Services) -> Answer:
    """Release the account."""
    assert page.user is not None
    account_id, typed = page.account_id(), page.form.get("sent_today", "").strip()
    if typed and (not typed.isascii() or not typed.isdigit() or int(typed[:4]) > MESSAGES_PER_DAY_CEILING):
        return await _form(page, services, 422, FORM)
    sent_today = int(typed) if typed else None
    await services.accounts.update(page.user.workspace_id, account_id, release_hold=True, sent_today=sent_today)
    return redirect(f"{PATH}/accounts/{account_id}")


async def end(page: Page, services: Services) -> Answer:
    """Let the account send without looking for messages that the backup lacks."""
    assert page.user is not None
    account_id = page.account_id()
    await services.accounts.end_restore(page.user.workspace_id, account_id)
    return redirect(f"{PATH}/accounts/{account_id}/restored")


async def _form(page: Page, services: Services, status: int, problem: str | None) -> Answer:
    assert page.user is not None
    account = await services.accounts.read(page.user.workspace_id, page.account_id())
    return page.render(
        "restored.html",
        status=status,
        account=account,
        typed=page.form.get("sent_today", ""),
        most=MESSAGES_PER_DAY_CEILING,
        problem=problem,
    )
