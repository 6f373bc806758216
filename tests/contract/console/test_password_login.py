"""Logins by password can be turned off where an identity provider is configured; on both stores."""

from collections.abc import AsyncIterator

import pytest

from confrere.access.provider_settings import parse_provider
from confrere.cli.runtime import SetupError
from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind, AuditAction
from confrere.domain.errors import Unauthorized
from confrere.domain.users import Rights, Role
from confrere.settings import Settings, read_settings
from confrere.wiring.services import open_services
from tests.contract.console.conftest import PASSWORD, Browser, Console, serve_console
from tests.contract.store.conftest import sqlite_url, url  # noqa: F401  # fixtures

PROVIDER = parse_provider("https://login.example", "confrere", None, "roles", "admins=owner", "openid")
OWNER = Rights(Role.OWNER)


@pytest.fixture
async def console(url: str) -> AsyncIterator[Console]:  # noqa: F811 - the fixture
    """Start a server that takes no passwords, with a user who had one before."""
    async with serve_console(url, PROVIDER, password_login=False) as console:
        logins = console.services.logins
        logins.takes_passwords = True
        _, token = await logins.invite("default", OWNER, COMMAND_LINE)
        await logins.redeem(token, COMMAND_LINE, name="Odile", password=PASSWORD)
        logins.takes_passwords = False
        yield console


async def enter(console: Console, token: str, **fields: str) -> Browser:
    """Open a one-time link, which asks for no password, and go in."""
    browser = console.browser()
    page = await browser.get(f"/console/enter?token={token}")
    assert 'name="password"' not in page.text
    assert "Passwords are turned off here" in page.text
    reply = await browser.post("/console/enter", {"token": token, **fields})
    assert reply.status == 303, reply.text
    return browser


async def test_no_page_asks_for_a_password_and_none_is_taken(console: Console) -> None:
    """The login page has no such form; a password that is posted is refused, the right one too, on any way."""
    browser = console.browser()
    page = await browser.get("/console/login")
    assert 'name="password"' not in page.text
    assert "Log in at login.example" in page.text
    _, token = await console.services.logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    await browser.get(f"/console/enter?token={token}")  # whose form has this browser's token
    refused = await browser.post("/console/login", {"name": "Odile", "password": PASSWORD})
    assert refused.status == 401
    assert "Logins by password are turned off on this server" in refused.text
    held = await browser.post("/console/keys", {"name": "what was typed"})
    assert held.status == 401
    assert 'name="password"' not in held.text
    assert "what was typed" in held.text
    fields = {"path": "/console/keys", "name": "Odile", "password": PASSWORD}
    resumed = await browser.post("/console/resume", fields)
    assert (resumed.status, "turned off on this server" in resumed.text) == (401, True)
    assert not any("session" in name for name in browser.cookies)


async def test_a_link_of_the_terminal_leads_a_user_in(console: Console) -> None:
    """A link for a user logs them in once, without a password; the one that they had stays for when it counts again."""
    logins = console.services.logins
    _, token = await logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    browser = await enter(console, token)
    assert (await browser.get("/console")).status == 200
    assert "Change the password" not in (await browser.get("/console/profile")).text
    fields = {"old_password": PASSWORD, "password": "another good password"}
    assert (await browser.post("/console/profile/password", fields)).status == 403
    [entry] = await console.services.audit.list_audit("default", before=None, count=1)
    assert entry.action is AuditAction.LINK_ENTERED
    logins.takes_passwords = True
    assert await logins.log_in("default", "Odile", PASSWORD, Actor(ActorKind.NOBODY, address="192.0.2.7"))


async def test_a_link_of_the_terminal_makes_a_user(console: Console) -> None:
    """Somebody new chooses a name, and has no password."""
    _, token = await console.services.logins.invite("default", Rights(Role.VIEWER), COMMAND_LINE)
    await enter(console, token, name="Vivi")
    vivi = await console.services.logins.read("default", "Vivi")
    assert (vivi.has_password, vivi.rights) == (False, Rights(Role.VIEWER))


async def test_nobody_else_makes_links(console: Console) -> None:
    """An owner cannot let somebody in past the provider: the page says how people become users."""
    logins = console.services.logins
    _, token = await logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    browser = await enter(console, token)
    page = (await browser.get("/console/users")).text
    assert "when they first log in at the identity provider" in page
    assert "Make a link" not in page
    assert "New password" not in page
    assert (await browser.post("/console/users/invite", {"role": "owner"})).status == 403
    assert (await browser.post("/console/users/reset", {"name": "Odile"})).status == 403
    with pytest.raises(Unauthorized):
        await logins.invite("default", OWNER, Actor(ActorKind.USER, "1" * 24))


async def test_without_a_provider_the_setting_is_refused() -> None:
    """A server that nobody could log in to does not start; the error names both settings."""
    settings = read_settings({"CONFRERE_PASSWORD_LOGIN": "0"})
    assert (settings.password_login, Settings().password_login) == (False, True)
    with pytest.raises(SetupError, match="CONFRERE_PASSWORD_LOGIN=0 needs an identity provider"):
        await open_services(settings)
