"""`/console/accounts/connect`: connect an account, or connect it again, with what was copied from its browser."""

from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.account import Account
from confrere.domain.errors import InvalidField, SessionNotTaken
from confrere.domain.paste import PasteContents
from confrere.http.answer import Answer
from confrere.services import Services

MAX_FORM_BYTES: Final = 3 * 1024 * 1024
"""Of a form with a paste of 1 MB, whose special characters take three bytes each."""

MAX_PASTE: Final = 1_000_000
MAX_USER_AGENT: Final = 1_000


async def show(page: Page, services: Services) -> Answer:
    """Show how to copy a session, and the form that takes it."""
    return await _form(page, services)


async def connect(page: Page, services: Services) -> Answer:
    """Ask LinkedIn once whose session it is, and store it. Otherwise show what was found, and what is missing.

    What was pasted is not shown again: it holds the session.
    """
    assert page.user is not None
    pasted, user_agent = page.form.get("pasted", ""), page.form.get("user_agent", "").strip()
    try:
        _check_lengths(pasted, user_agent)
        account = await services.accounts.connect_pasted(page.user.workspace_id, pasted, user_agent or None)
    except InvalidField as fault:
        found = services.accounts.describe_paste(pasted, user_agent or None) if pasted.strip() else None
        return await _form(page, services, fault=fault, found=found)
    meant = page.form.get("account", "")
    done = "connected" if meant in ("", account.id) else "another"
    return redirect(f"{PATH}/accounts/{account.id}?done={done}" if page.may_see(account.id) else f"{PATH}/accounts")


def _check_lengths(pasted: str, user_agent: str) -> None:
    """Raise InvalidField."""
    if not pasted.strip() or len(pasted) > MAX_PASTE:
        raise InvalidField("session", f"must be what you copied, at most {MAX_PASTE:,} characters")
    if len(user_agent) > MAX_USER_AGENT:
        raise InvalidField("userAgent", f"must be at most {MAX_USER_AGENT:,} characters long")


async def _form(
    page: Page, services: Services, *, fault: InvalidField | None = None, found: PasteContents | None = None
) -> Answer:
    return page.render(
        "connect.html",
        status=422 if fault else 200,
        again=await _again(page, services),
        found=found,
        problem=None if fault is None else _words(fault),
        field=None if fault is None else "user_agent" if fault.field == "userAgent" else "pasted",
        was_asked=isinstance(fault, SessionNotTaken),
        user_agent=page.form.get("user_agent", ""),
        filled=page.query.text("sandbox"),
    )


async def _again(page: Page, services: Services) -> Account | None:
    """Return the account that is to be connected again; None for a new one."""
    assert page.user is not None
    wanted = page.form.get("account") or page.query.text("account")
    accounts = page.visible(await services.accounts.search(page.user.workspace_id))
    return next((account for account in accounts if account.id == wanted), None)


def _words(fault: InvalidField) -> str:
    names = {"session": "What you paste", "cookie": "The copied cookies", "userAgent": "The user agent"}
    name = names.get(fault.field, f"The {fault.field}")
    return f"{name}{str(fault).removeprefix(fault.field)}."
