"""`/console/profile/second-factor`: set up codes by an app, with recovery codes; renew those; take it off."""

from collections.abc import Sequence
from typing import Final

from confrere.access.second_factor import Setup
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.qr_code import draw_qr_code
from confrere.domain.errors import InvalidField, LoginDelayed
from confrere.http.answer import Answer, seconds_until
from confrere.services import Services

SETUP: Final = f"{PATH}/profile/second-factor"


async def show(page: Page, services: Services) -> Answer:
    """Show the secret to whoever has no second factor, else what can be done with it."""
    return await _page(page, services)


async def confirm(page: Page, services: Services) -> Answer:
    """Begin to ask for codes, once one has shown that the app holds the secret; show the recovery codes, this once."""
    assert page.user is not None
    try:
        codes = await services.second_factors.confirm(page.user, page.form.get("code", ""), page.actor)
    except (InvalidField, LoginDelayed) as fault:
        return await _page(page, services, fault, act="confirm")
    return _codes(page, codes, is_new=True)


async def renew_codes(page: Page, services: Services) -> Answer:
    """Replace the recovery codes, and show the new ones, this once."""
    assert page.user is not None
    try:
        codes = await services.second_factors.renew_recovery_codes(page.user, page.form.get("code", ""), page.actor)
    except (InvalidField, LoginDelayed) as fault:
        return await _page(page, services, fault, act="codes")
    return _codes(page, codes, is_new=False)


async def remove(page: Page, services: Services) -> Answer:
    """Ask for codes no longer."""
    assert page.user is not None
    try:
        await services.second_factors.remove(page.user, page.form.get("code", ""), page.actor)
    except (InvalidField, LoginDelayed) as fault:
        return await _page(page, services, fault, act="remove")
    return redirect(f"{PATH}/profile?done=off")


def _codes(page: Page, codes: Sequence[str], *, is_new: bool) -> Answer:
    return page.render("recovery_codes.html", codes=codes, is_new=is_new)


async def _page(
    page: Page, services: Services, fault: InvalidField | LoginDelayed | None = None, *, act: str | None = None
) -> Answer:
    assert page.user is not None
    user = page.user
    setup = None if user.has_second_factor or not user.has_password else await services.second_factors.begin(user)
    status, problem = 200, None
    if isinstance(fault, InvalidField):
        status, problem = 422, f"The {fault}."
    elif fault is not None:
        status = 429
        problem = f"Too many attempts have failed. Wait {seconds_until(fault.resets_at, services.clock())} s."
    return page.render(
        "second_factor.html",
        status=status,
        setup=setup,
        grouped=_grouped(setup),
        picture=draw_qr_code(setup.uri) if setup else None,
        codes_left=await services.second_factors.count_recovery_codes(user),
        problem=problem,
        act=act,
    )


def _grouped(setup: Setup | None) -> str:
    """Return the secret in groups of four, as people copy it."""
    secret = setup.secret if setup else ""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
