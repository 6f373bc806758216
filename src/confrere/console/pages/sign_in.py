"""`/console/login/start` and `/console/login/callback`: the login at an identity provider."""

from typing import Final

from confrere.access.identity_provider import ProviderFailed
from confrere.access.sign_in import SignInRefused
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages.login import target_of
from confrere.domain.errors import NotFound
from confrere.http.answer import Answer
from confrere.services import Services

START: Final = f"{PATH}/login/start"
CALLBACK: Final = f"{PATH}/login/callback"


async def start(page: Page, services: Services) -> Answer:
    """Lead the browser to the provider."""
    if services.sign_in is None:
        raise NotFound("No identity provider is configured: log in with name and password")
    target = target_of(page.query.text("next"))
    try:
        url, secret = await services.sign_in.begin(target, page.origin + CALLBACK)
    except ProviderFailed as fault:
        return _failed(page, 502, f"{fault}.", target)
    return redirect(url, page.cookie_names.keep_sign_in(secret))


async def come_back(page: Page, services: Services) -> Answer:
    """Log in whoever comes back from the provider, or say why not."""
    if services.sign_in is None:
        raise NotFound("No identity provider is configured: log in with name and password")
    names = page.cookie_names
    page.new_cookies.append(names.drop_sign_in())
    answer = {name: page.query.text(name) for name in ("state", "code", "iss", "error")}
    try:
        token, target = await services.sign_in.finish(
            page.workspace_id,
            page.cookies.get(names.sign_in, ""),
            answer,
            page.origin + CALLBACK,
            page.actor,
            browser=page.browser,
        )
    except SignInRefused as refusal:
        return _failed(page, 403, str(refusal))
    except ProviderFailed as fault:
        return _failed(page, 502, f"{fault}.")
    return redirect(target_of(target), names.keep_session(token))


def _failed(page: Page, status: int, problem: str, target: str = PATH) -> Answer:
    return page.render("sign_in_failed.html", status=status, problem=problem, target=target)
