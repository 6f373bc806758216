"""`/console/login`: name and password, then the code of a second factor; and the logout."""

import re
from typing import Final

from confrere.access.login import CodeNeeded
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import LoginDelayed, NotFound, Unauthorized
from confrere.http.answer import Answer, retry_after, seconds_until
from confrere.services import Services

PAGE_OF_OURS: Final = re.compile(PATH + r"(?:/[\w./~%-]*)?(?:\?[\w./~%&=:+-]*)?", re.ASCII)
WRONG_PASSWORD: Final = "Name and password do not belong together."  # noqa: S105 - words
NO_PASSWORDS: Final = "Logins by password are turned off on this server."
WRONG_CODE: Final = "This is not the code that counts now. Each counts once: wait for the next one."
TOO_LONG: Final = "The login took too long. Begin anew."


async def show(page: Page, _services: Services) -> Answer:
    """Show the form, or the page behind it to whoever is logged in."""
    target = target_of(page.query.text("next"))
    return _form(page, 200, target=target) if page.user is None else redirect(target)


async def log_in(page: Page, services: Services) -> Answer:
    """Begin a session, or ask for the code; where the login is refused, the form keeps the name."""
    target, name = target_of(page.form.get("next")), page.form.get("name", "")
    if page.user is not None and "password" not in page.form:  # logged in by another tab meanwhile
        return redirect(target)
    try:
        token = await services.logins.log_in(
            page.workspace_id, name, page.form.get("password", ""), page.actor, browser=page.browser
        )
    except CodeNeeded as needed:
        return ask_for_code(page, needed.token, target)
    except Unauthorized:
        problem = WRONG_PASSWORD if services.logins.takes_passwords else NO_PASSWORDS
        return _form(page, 401, target=target, name=name, problem=problem)
    except LoginDelayed as delay:
        seconds = seconds_until(delay.resets_at, services.clock())
        return _form(page, 429, target=target, name=name, problem=wait(seconds), seconds=seconds)
    return redirect(target, page.cookie_names.keep_session(token))


async def check_code(page: Page, services: Services) -> Answer:
    """Begin the session of a login whose password was right."""
    target, pending = target_of(page.form.get("next")), page.form.get("login", "")
    try:
        token = await services.second_factors.finish_login(
            pending, page.form.get("code", ""), page.actor, browser=page.browser
        )
    except NotFound:
        return _form(page, 401, target=target, problem=TOO_LONG)
    except Unauthorized:
        return ask_for_code(page, pending, target, 401, WRONG_CODE)
    except LoginDelayed as delay:
        seconds = seconds_until(delay.resets_at, services.clock())
        return ask_for_code(page, pending, target, 429, wait(seconds), seconds)
    return redirect(target, page.cookie_names.keep_session(token))


async def log_out(page: Page, services: Services) -> Answer:
    """End the session."""
    await services.logins.log_out(page.session_token, page.actor)
    return redirect(f"{PATH}/login", page.cookie_names.drop_session())


def ask_for_code(
    page: Page, pending: str, target: str, status: int = 200, problem: str | None = None, seconds: int | None = None
) -> Answer:
    """Ask for the code of the second factor."""
    headers = () if seconds is None else retry_after(seconds)
    return page.render("login_code.html", status=status, headers=headers, target=target, login=pending, problem=problem)


def wait(seconds: int) -> str:
    """Return what is said to whoever guesses."""
    return f"Too many logins have failed. Wait {seconds} s, then try again."


def _form(
    page: Page, status: int, *, target: str, name: str = "", problem: str | None = None, seconds: int | None = None
) -> Answer:
    headers = () if seconds is None else retry_after(seconds)
    return page.render("login.html", status=status, headers=headers, target=target, name=name, problem=problem)


def target_of(path: str | None) -> str:
    """Return the page that a login leads to: the one that was asked for, if it is one of ours."""
    return path if path is not None and PAGE_OF_OURS.fullmatch(path) else PATH
