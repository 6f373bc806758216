"""`/console/profile`: the user's own browsers, password and second factor."""

from typing import Final

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import InvalidField, LoginDelayed, NotFound
from confrere.domain.users import MIN_PASSWORD, hash_token
from confrere.http.answer import Answer, seconds_until
from confrere.services import Services

PROFILE: Final = f"{PATH}/profile"

DONE: Final = {
    "password": "Your password is changed. Every other browser is logged out.",
    "ended": "That browser is logged out.",
    "others": "Every other browser is logged out.",
    "off": "The second factor is off. A login needs your password only.",
}
"""What an act has done, by the word that it leaves in the address."""


async def show(page: Page, services: Services) -> Answer:
    """Show the page."""
    return await _page(page, services)


async def change_password(page: Page, services: Services) -> Answer:
    """Change the password, which logs every other browser out."""
    assert page.user is not None
    old, new = page.form.get("old_password", ""), page.form.get("password", "")
    try:
        await services.logins.change_password(page.user, old, new, page.actor, keep=page.session_token)
    except InvalidField as fault:
        return await _page(page, services, 422, field=fault.field, problem=f"The {fault}.")
    except LoginDelayed as delay:
        seconds = seconds_until(delay.resets_at, services.clock())
        problem = f"Too many attempts have failed. Wait {seconds} s, then try again."
        return await _page(page, services, 429, field="present password", problem=problem)
    return redirect(f"{PROFILE}?done=password")


async def end_session(page: Page, services: Services) -> Answer:
    """Log one other browser out."""
    assert page.user is not None
    session_id = page.form.get("session", "")
    if session_id == hash_token(page.session_token):
        raise NotFound("This browser is logged out by the button Log out")
    await services.logins.end_session(page.user, session_id, page.actor)
    return redirect(f"{PROFILE}?done=ended")


async def end_other_sessions(page: Page, services: Services) -> Answer:
    """Log every other browser out."""
    assert page.user is not None
    await services.logins.end_sessions(page.user, page.actor, keep=page.session_token)
    return redirect(f"{PROFILE}?done=others")


async def _page(
    page: Page, services: Services, status: int = 200, *, field: str | None = None, problem: str | None = None
) -> Answer:
    assert page.user is not None
    return page.render(
        "profile.html",
        status=status,
        sessions=await services.logins.list_sessions(page.user),
        this_session=hash_token(page.session_token),
        codes_left=await services.second_factors.count_recovery_codes(page.user),
        done=DONE.get(page.query.text("done") or ""),
        field=field,
        problem=problem,
        least=MIN_PASSWORD,
    )
