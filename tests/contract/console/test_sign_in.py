"""Logins at a real identity provider, by OpenID Connect; on both stores."""

from collections.abc import AsyncIterator, Iterator, Mapping
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.async_api import Page, expect

from confrere.access.provider_settings import ProviderSettings, parse_provider
from confrere.domain.audit import COMMAND_LINE, AuditAction
from confrere.domain.users import PENDING_LOGIN_LIFETIME, Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Browser, Console, Reply, Scene, serve_console
from tests.contract.console.provider_process import (
    CLIENT_ID,
    CLIENT_SECRET,
    ROLES,
    ProviderProcess,
    log_in_there,
    running_provider,
)
from tests.contract.store.conftest import sqlite_url, url  # noqa: F401  # fixtures

MARTA = {"preferred_username": "marta", "roles": ["admins", "people"]}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProviderProcess]:
    """Start one provider for all tests."""
    with running_provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def provider(running: ProviderProcess) -> ProviderProcess:
    """Return the provider, which knows Marta only."""
    running.know(marta=MARTA)
    return running


def settings_of(issuer: str, workspace_claim: str | None = None) -> ProviderSettings:
    """Return the settings of a provider with the clients and roles of these tests."""
    settings = parse_provider(issuer, CLIENT_ID, CLIENT_SECRET, "roles", ROLES, "openid profile email", workspace_claim)
    assert settings is not None
    return settings


@pytest.fixture
async def console(url: str, provider: ProviderProcess) -> AsyncIterator[Console]:  # noqa: F811 - the fixture
    """Start a server whose people may log in at the provider."""
    async with serve_console(url, settings_of(provider.issuer)) as console:
        yield console


async def go_there(browser: Browser, name: str = "marta", target: str = "") -> str:
    """Go to the provider, log in, and return the path by which the browser comes back."""
    begun = await browser.get(f"/console/login/start{target}")
    assert begun.status == 303, begun.text
    back = urlsplit(await log_in_there(begun.headers["Location"], name))
    return f"{back.path}?{back.query}"


async def come_in(console: Console, name: str = "marta") -> tuple[Browser, Reply]:
    """Log in at the provider with a new browser."""
    browser = console.browser()
    return browser, await browser.get(await go_there(browser, name))


async def test_the_first_login_creates_a_user(console: Console, provider: ProviderProcess) -> None:
    """Whoever has a role that is mapped comes in with it, and sees the page that they wanted."""
    browser = console.browser()
    target = "/console/sends?outcome=unknown"
    assert "Log in at 127.0.0.1" in (await browser.get(f"/console/login?next={quote(target)}")).text
    reply = await browser.get(await go_there(browser, target=f"?next={quote(target)}"))
    assert (reply.status, reply.headers["Location"]) == (303, target)
    (user,) = await console.services.logins.list_users("default")
    assert (user.name, user.rights, user.issuer) == ("marta", Rights(Role.OWNER), provider.issuer)
    assert not user.has_password
    assert not any("sign-in" in name for name in browser.cookies)
    actions = [one.action for one in await console.services.audit.list_audit("default", before=None, count=9)]
    assert actions == [AuditAction.LOGGED_IN, AuditAction.USER_JOINED, AuditAction.ACCOUNT_CONNECTED]
    page = await browser.get("/console/profile")
    assert provider.issuer in page.text
    assert "Change the password" not in page.text
    assert (await console.browser().log_in("marta", "")).status == 401


async def test_the_role_is_that_of_the_last_login(console: Console, provider: ProviderProcess) -> None:
    """Another role there is another role here from the next login on; and no role is the end."""
    browser, _ = await come_in(console)
    provider.know(marta={**MARTA, "roles": ["staff", "marketing"]})
    again, _ = await come_in(console)
    (user,) = await console.services.logins.list_users("default")
    assert user.rights == Rights(Role.WRITER, inbox=True)
    assert (await browser.get("/console/users")).status == 403
    provider.know(marta={**MARTA, "roles": []})
    _, refused = await come_in(console)
    assert refused.status == 403
    for one in (browser, again):
        assert (await one.get("/console")).status == 303
    entry = (await console.services.audit.list_audit("default", before=None, count=1))[0]
    assert (entry.action, entry.subject, entry.detail) == (AuditAction.LOGIN_FAILED, user.id, "no role")


@pytest.mark.parametrize("roles", [["people", "<b>guests</b>"], [], None, "people", {"admins": True}, [1, ["admins"]]])
async def test_nobody_comes_in_without_a_role(console: Console, provider: ProviderProcess, roles: object) -> None:
    """Whoever has no role that is mapped is told which they have, and where it is set; no user is created."""
    provider.know(marta={**MARTA, "roles": roles})
    browser, reply = await come_in(console)
    assert reply.status == 403
    assert "CONFRERE_OIDC_ROLES" in reply.text
    assert "<b>" not in reply.text
    assert not any("session" in name for name in browser.cookies)
    assert not await console.services.logins.list_users("default")


async def test_the_way_back_is_taken_once(console: Console) -> None:
    """The address by which a browser came back logs in nobody again, with the cookie of then neither."""
    browser = console.browser()
    begun = await browser.get("/console/login/start")
    cookies = dict(browser.cookies)
    back = urlsplit(await log_in_there(begun.headers["Location"], "marta"))
    path = f"{back.path}?{back.query}"
    assert (await browser.get(path)).status == 303
    again = console.browser()
    again.cookies = cookies
    replayed = await again.get(path)
    assert replayed.status == 403
    assert "was used already" in replayed.text


async def test_the_way_back_expires(console: Console) -> None:
    """Whoever takes too long begins anew."""
    browser = console.browser()
    path = await go_there(browser)
    console.pass_time(PENDING_LOGIN_LIFETIME)
    assert (await browser.get(path)).status == 403


async def test_the_way_back_is_of_one_browser(console: Console) -> None:
    """A login that somebody else has begun logs in nobody, in a browser with a login of its own neither."""
    attacker, victim = console.browser(), console.browser()
    path = await go_there(attacker)
    assert (await victim.get(path)).status == 403
    await victim.get("/console/login/start")
    assert (await victim.get(path)).status == 403
    assert not await console.services.logins.list_users("default")


@pytest.mark.parametrize(
    ("error", "words"),
    [("access_denied", "was cancelled"), ("server_error", "server_error"), ("<script>", "did not log you in")],
)
async def test_what_the_provider_refuses_is_said(console: Console, error: str, words: str) -> None:
    """An error that the provider sends back is explained; without its state it is not believed."""
    browser = console.browser()
    begun = await browser.get("/console/login/start")
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    callback = f"/console/login/callback?error={quote(error)}&state={state}"
    assert "expired" in (await console.browser().get(callback)).text
    reply = await browser.get(callback)
    assert reply.status == 403
    assert words in reply.text
    assert "<script>" not in reply.text


async def test_the_request_is_the_code_flow_with_pkce(console: Console, provider: ProviderProcess) -> None:
    """State, nonce and challenge are new each time; what the browser keeps is in none of them, nor in the address."""
    seen = []
    for _ in range(2):
        browser = console.browser()
        begun = await browser.get("/console/login/start")
        query = parse_qs(urlsplit(begun.headers["Location"]).query)
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["redirect_uri"] == [f"{console.url}/console/login/callback"]
        seen += [query[name][0] for name in ("state", "nonce", "code_challenge")]
        (secret,) = (value for name, value in browser.cookies.items() if name.endswith("-sign-in"))
        assert secret not in begun.headers["Location"]
        seen.append(secret)
    assert len(set(seen)) == 8


async def test_names_of_others_stay_theirs(console: Console, provider: ProviderProcess) -> None:
    """A person of the provider is not the user who has this name here, and gets one with a number."""
    await console.user("Marta", Rights(Role.VIEWER))
    browser, _ = await come_in(console)
    users = await console.services.logins.list_users("default")
    assert [(user.name, user.rights.role) for user in users] == [("Marta", Role.VIEWER), ("marta 2", Role.OWNER)]
    assert "marta 2" in (await browser.get("/console")).text


async def test_who_is_disabled_stays_out(console: Console) -> None:
    """A user whom an owner has disabled does not come in by the provider."""
    browser, _ = await come_in(console)
    await console.services.logins.disable("default", "marta", COMMAND_LINE)
    assert (await browser.get("/console")).status == 303
    _, reply = await come_in(console)
    assert reply.status == 403
    assert "You are disabled here" in reply.text


@pytest.fixture
async def several(url: str, provider: ProviderProcess) -> AsyncIterator[Console]:  # noqa: F811 - the fixture
    """Start a server whose provider names the workspaces of people."""
    async with serve_console(url, settings_of(provider.issuer, "workspaces")) as console:
        yield console


async def last_failure(console: Console, workspace_id: str) -> tuple[str | None, str | None]:
    """Return whom the last entry of a workspace's log is about, and its detail."""
    [entry] = await console.services.audit.list_audit(workspace_id, before=None, count=1)
    assert entry.action is AuditAction.LOGIN_FAILED
    return entry.subject, entry.detail


async def test_the_provider_names_the_workspace(several: Console, provider: ProviderProcess) -> None:
    """By its id or its name; names that are none here do not matter, as long as one is."""
    client = await several.services.workspaces.create("Example Ltd")
    for named in (client.id, "Example Ltd", [client.id, "Example Ltd", "all staff"]):
        provider.know(marta={**MARTA, "workspaces": named})
        browser, _ = await come_in(several)
        users = await several.services.logins.list_users(client.id)
        assert [(user.name, user.rights.role) for user in users] == [("marta", Role.OWNER)]
        assert "Odile" not in (await browser.get("/console/accounts")).text
    assert not await several.services.logins.list_users("default")


@pytest.mark.parametrize("named", [None, "Elsewhere <b>", [], ["Example Ltd", "default"], {"default": True}])
async def test_nobody_comes_in_without_one_workspace(
    several: Console, provider: ProviderProcess, named: object
) -> None:
    """Whoever has none, an unknown one or several is refused, with what the provider says; no user is created."""
    client = await several.services.workspaces.create("Example Ltd")
    provider.know(marta={**MARTA, "workspaces": named})
    _, reply = await come_in(several)
    assert reply.status == 403
    assert "<code>workspaces</code>" in reply.text
    assert "<b>" not in reply.text
    assert ("several workspaces" in reply.text) == (named == ["Example Ltd", "default"])
    for workspace_id in ("default", client.id):
        assert not await several.services.logins.list_users(workspace_id)
    assert await last_failure(several, "default") == (None, "no workspace")


async def test_nobody_changes_workspace_by_a_login(several: Console, provider: ProviderProcess) -> None:
    """A user whom the provider now puts elsewhere is out, until an operator disables the former user."""
    client = await several.services.workspaces.create("Example Ltd")
    provider.know(marta={**MARTA, "workspaces": "default"})
    browser, _ = await come_in(several)
    [former] = await several.services.logins.list_users("default")
    provider.know(marta={**MARTA, "workspaces": "Example Ltd"})
    _, refused = await come_in(several)
    assert refused.status == 403
    assert "<code>confrere --workspace default users disable marta</code>" in refused.text
    assert (await browser.get("/console")).status == 303
    assert await last_failure(several, "default") == (former.id, "another workspace")
    assert not await several.services.logins.list_users(client.id)

    await several.services.logins.disable("default", "marta", COMMAND_LINE)
    _, reply = await come_in(several)
    assert reply.status == 303
    [user] = await several.services.logins.list_users(client.id)
    assert user.name == "marta 2"
    provider.know(marta={**MARTA, "workspaces": "default"})
    _, refused = await come_in(several)
    assert "<code>confrere --workspace &#39;Example Ltd&#39; users disable &#39;marta 2&#39;</code>" in refused.text


async def test_the_health_page_shows_the_provider(console: Console, provider: ProviderProcess) -> None:
    """Whoever sees settings and health sees whether the provider answers, and what to do where it does not."""
    browser, _ = await come_in(console)
    page = (await browser.get("/console/health")).text
    assert f"Identity provider</strong>: {provider.issuer} answers; signing keys: 1." in page


async def fill_in_there(page: Page, name: str) -> None:
    """Log in on the provider's page, and allow it to tell Confrere who that is."""
    await page.get_by_placeholder("Enter any login").fill(name)
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await page.get_by_role("button", name="Continue").click()


@pytest.fixture
def server_environment(provider: ProviderProcess) -> Mapping[str, str]:
    """Return the settings of a server whose people may log in at the provider."""
    return provider.environment


@pytest.mark.browser
async def test_people_log_in_on_the_providers_page(scene: Scene, provider: ProviderProcess) -> None:
    """In a browser: to the provider and back, in with a role, out without one; a form that waits goes on after it."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(f"{scene.url}/users")
        await visitor.assert_sound()
        await page.get_by_role("link", name="Log in at").click()
        await fill_in_there(page, "marta")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Users")
        visitor.complaints.clear()  # of the provider's pages
        await visitor.assert_sound()

        await page.get_by_label("Approver").check()
        async with scene.site.services() as services:
            user = await services.logins.read("default", "marta")
            assert await services.logins.end_sessions(user, COMMAND_LINE) == 1
        await page.get_by_role("button", name="Make a link").click()
        async with page.expect_popup() as popup:
            await page.get_by_role("link", name="in a new tab").click()
        tab = await popup.value
        await tab.get_by_role("button", name="Continue").click()  # the provider knows who it is
        await expect(tab.get_by_role("heading", level=1)).to_have_text("Overview")
        await page.get_by_role("button", name="I am logged in: go on").click()
        await page.get_by_role("button", name="Send it now").click()
        await expect(page.locator(".made")).to_contain_text("A link for a new approver")

        provider.know(marta={**MARTA, "roles": ["guests"]})
        await page.get_by_role("button", name="Log out").click()
        await page.get_by_role("link", name="Log in at").click()
        await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_role("alert")).to_contain_text("CONFRERE_OIDC_ROLES")
        visitor.complaints.clear()
        await visitor.assert_sound()
