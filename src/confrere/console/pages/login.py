"""`/console/login`: name and password; and the logout."""

import re
from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import LoginDelayed, Unauthorized
from confrere.http.answer import Answer, retry_after, seconds_until
from confrere.services import Services

PAGE_OF_OURS: Final = re.compile(PATH + r"(?:/[\w./~%-]*)?(?:\?[\w./~%&=:+-]*)?", re.ASCII)


async def show(page: Page, _services: Services) -> Answer:
    """Show the form, or the page behind it to whoever is logged in."""
    target = _target(page.query.text("next"))
    return _form(page, 200, target=target) if page.user is None else redirect(target)


async def log_in(page: Page, services: Services) -> Answer:
    """Begin a session; where the login is refused, the form keeps the name."""
    target, name = _target(page.form.get("next")), page.form.get("name", "")
    try:
        token = await services.logins.log_in(page.workspace_id, name, page.form.get("password", ""), page.actor)
    except Unauthorized:
        return _form(page, 401, target=target, name=name, problem="Name and password do not belong together.")
    except LoginDelayed as delay:
        seconds = seconds_until(delay.resets_at, services.clock())
        problem = f"Too many logins have failed. Wait {seconds} s, then try again."
        return _form(page, 429, target=target, name=name, problem=problem, seconds=seconds)
    return redirect(target, page.cookie_names.keep_session(token))


async def log_out(page: Page, services: Services) -> Answer:
    """End the session."""
    await services.logins.log_out(page.session_token, page.actor)
    return redirect(f"{PATH}/login", page.cookie_names.drop_session())


def _form(
    page: Page, status: int, *, target: str, name: str = "", problem: str | None = None, seconds: int | None = None
) -> Answer:
    headers = () if seconds is None else retry_after(seconds)
    return page.render("login.html", status=status, headers=headers, target=target, name=name, problem=problem)


def _target(path: str | None) -> str:
    """Return the page that a login leads to: the one that was asked for, if it is one of ours."""
    return path if path is not None and PAGE_OF_OURS.fullmatch(path) else PATH
