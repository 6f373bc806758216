"""`/console/resume`: a form that came after the session's end is kept in the page, and sent after a login."""

import re
from collections.abc import Sequence
from typing import Final

from confrere.access.login import CodeNeeded
from confrere.console.origins import PATH
from confrere.console.page import FORM_TOKEN_FIELD, Page
from confrere.console.pages.login import NO_PASSWORDS, TOO_LONG, WRONG_CODE, WRONG_PASSWORD, wait
from confrere.domain.errors import InvalidField, LoginDelayed, NotFound, Unauthorized
from confrere.http.answer import Answer, retry_after, seconds_until
from confrere.services import Services

RESUME: Final = f"{PATH}/resume"
PREFIX: Final = "kept-"
"""Before the names of the kept fields, which may be the same as those of the login."""

_FORM_OF_OURS: Final = re.compile(PATH + r"/[\w./~-]+", re.ASCII)

Fields = Sequence[tuple[str, str]]


def hold(page: Page, *, is_kept: bool) -> Answer:
    """Ask for the login in the place of what the form would have done, and keep its fields in the page."""
    kept = [(name, value) for name, value in page.fields if name != FORM_TOKEN_FIELD] if is_kept else []
    return _ask(page, page.scope["path"], kept, is_kept=is_kept)


async def go_on(page: Page, services: Services) -> Answer:
    """Log in, if need be; then show what will be sent, with the one button that sends it."""
    path = page.form.get("path", "")
    if not _FORM_OF_OURS.fullmatch(path) or path == RESUME:
        raise InvalidField("path", "must be that of a form of the console")
    kept = [(name.removeprefix(PREFIX), value) for name, value in page.fields if name.startswith(PREFIX)]
    if page.user is not None:
        return page.render("resume.html", target=path, kept=kept)
    if "name" not in page.form and "code" not in page.form:
        return _ask(page, path, kept, problem="You are not logged in yet.")
    return await _log_in(page, services, path, kept)


async def _log_in(page: Page, services: Services, path: str, kept: Fields) -> Answer:
    name, pending = page.form.get("name", ""), page.form.get("login")
    try:
        if pending is not None:
            code = page.form.get("code", "")
            token = await services.second_factors.finish_login(pending, code, page.actor, browser=page.browser)
        else:
            password = page.form.get("password", "")
            token = await services.logins.log_in(page.workspace_id, name, password, page.actor, browser=page.browser)
    except CodeNeeded as needed:
        return _ask(page, path, kept, status=200, login=needed.token)
    except NotFound:
        return _ask(page, path, kept, problem=TOO_LONG)
    except Unauthorized:
        wrong = WRONG_PASSWORD if services.logins.takes_passwords else NO_PASSWORDS
        problem = wrong if pending is None else WRONG_CODE
        return _ask(page, path, kept, name=name, problem=problem, login=pending)
    except LoginDelayed as delay:
        seconds = seconds_until(delay.resets_at, services.clock())
        return _ask(page, path, kept, status=429, name=name, problem=wait(seconds), login=pending, seconds=seconds)
    page.user = await services.logins.find(token)
    page.new_cookies.append(page.cookie_names.keep_session(token))
    return page.render("resume.html", target=path, kept=kept)


def _ask(
    page: Page,
    path: str,
    kept: Fields,
    *,
    status: int = 401,
    is_kept: bool = True,
    name: str = "",
    problem: str | None = None,
    login: str | None = None,
    seconds: int | None = None,
) -> Answer:
    return page.render(
        "session_ended.html",
        status=status,
        headers=() if seconds is None else retry_after(seconds),
        target=path,
        kept=kept,
        prefix=PREFIX,
        is_kept=is_kept,
        name=name,
        problem=problem,
        login=login,
    )
