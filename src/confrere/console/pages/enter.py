"""`/console/enter`: one-time links, to become a user, to choose a new password, or to enter the sandbox."""

from confrere.access.login import CodeNeeded
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages.first_minute import prepare_for_newcomer
from confrere.console.pages.login import ask_for_code
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.users import MIN_PASSWORD, Invite, InviteKind
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """Ask for name and password; a link to the sandbox needs neither, and leads on."""
    token = page.query.text("token") or ""
    found = await services.logins.find_invite(token)
    if found is None:
        return _used(page)
    invite, name = found
    if invite.kind is InviteKind.ENTER:
        await prepare_for_newcomer(page, services)
        return await _enter(page, services, token)
    return _form(page, 200, token, invite, name)


async def accept(page: Page, services: Services) -> Answer:
    """Use the link, and log in whoever has it; where name or password cannot be used, the link stays valid."""
    token = page.form.get("token", "")
    found = await services.logins.find_invite(token)
    if found is None:
        return _used(page)
    invite, name = found
    try:
        return await _enter(page, services, token)
    except InvalidField as fault:
        return _form(page, 422, token, invite, name, fault)


async def _enter(page: Page, services: Services, token: str) -> Answer:
    name, password = page.form.get("name", ""), page.form.get("password", "")
    try:
        session = await services.logins.redeem(token, page.actor, name=name, password=password, browser=page.browser)
    except CodeNeeded as needed:
        return ask_for_code(page, needed.token, PATH)
    except NotFound:
        return _used(page)
    return redirect(PATH, page.cookie_names.keep_session(session))


def _form(
    page: Page, status: int, token: str, invite: Invite, name: str | None, fault: InvalidField | None = None
) -> Answer:
    return page.render(
        "enter.html",
        status=status,
        token=token,
        invite=invite,
        name=name,
        typed=page.form.get("name", ""),
        field=fault.field if fault else None,
        problem=f"The {fault}." if fault else None,
        least=MIN_PASSWORD,
    )


def _used(page: Page) -> Answer:
    return page.render("link_used.html", status=410)
