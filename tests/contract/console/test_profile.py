"""Your profile: browsers that are logged in, the password, and the second factor; on both stores."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from confrere.access.attempts import FREE_ATTEMPTS_OF_NAME
from confrere.access.totp import code_at, step_at
from confrere.domain.audit import COMMAND_LINE, AuditAction
from confrere.domain.users import PENDING_LOGIN_LIFETIME, Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Browser, Console, Reply, Scene

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SECRET = re.compile(r"secret=([A-Z2-7]{32})")
RECOVERY_CODE = re.compile(r"<code>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</code>")


def field_of(reply: Reply, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', reply.text)
    assert found is not None, reply.text
    return html.unescape(found[1])


class App:
    """An authenticator app."""

    def __init__(self, console: Console, secret: str) -> None:
        self._console = console
        self._secret = secret

    def code(self, ahead: timedelta = timedelta()) -> str:
        """Return what it shows now, or in some time."""
        return code_at(self._secret, step_at(self._console.services.clock() + ahead))

    def next_code(self) -> str:
        """Wait for the next code."""
        self._console.pass_time(timedelta(seconds=30))
        return self.code()


async def set_up(console: Console, browser: Browser) -> tuple[App, list[str]]:
    """Set up a second factor; return the app and the recovery codes."""
    page = await browser.get("/console/profile/second-factor")
    found = SECRET.search(html.unescape(page.text))
    assert found is not None
    app = App(console, found[1])
    reply = await browser.post("/console/profile/second-factor", {"code": app.code()})
    assert reply.status == 200, reply.text
    return app, RECOVERY_CODE.findall(reply.text)


async def test_browsers_are_listed_and_logged_out(console: Console) -> None:
    """Each browser that is logged in is shown with address and times; one, or all others, can be logged out."""
    here = await console.user("Odile")
    others = [console.browser() for _ in range(3)]
    for other in others:
        await other.get("/console/login")
        fields, headers = {"name": "Odile", "password": PASSWORD}, {"User-Agent": FIREFOX, "Origin": console.url}
        assert (await other.post("/console/login", fields, headers=headers)).status == 303
    page = await here.get("/console/profile")
    assert page.text.count("Firefox on Linux") == 6
    assert page.text.count("<code>127.0.0.1</code>") == 4
    assert page.text.count("this browser") == 1
    sessions = re.findall(r'name="session" value="([0-9a-f]{64})"', page.text)
    assert len(set(sessions)) == 3

    assert (await here.post("/console/profile/sessions/end", {"session": sessions[0]})).status == 303
    statuses = [(await other.get("/console")).status for other in others]
    assert sorted(statuses) == [200, 200, 303]
    assert (await here.post("/console/profile/sessions/end", {"session": sessions[0]})).status == 404
    assert (await here.post("/console/profile/sessions/end-others")).status == 303
    assert [(await other.get("/console")).status for other in others] == [303] * 3
    assert (await here.get("/console/profile?done=others")).status == 200
    entries = await console.services.audit.list_audit("default", before=None, count=2)
    assert [(one.action, one.detail) for one in entries] == [
        (AuditAction.SESSIONS_ENDED, "2"),
        (AuditAction.SESSIONS_ENDED, "1"),
    ]


async def test_nobody_ends_the_session_of_another_user(console: Console) -> None:
    """The id of somebody else's session is that of none."""
    odile, vivi = await console.user("Odile"), await console.user("Vivi", Rights(Role.VIEWER))
    user = (await console.services.logins.list_users("default"))[0]
    (session,) = await console.services.logins.list_sessions(user)
    await vivi.get("/console/profile")
    assert (await vivi.post("/console/profile/sessions/end", {"session": session.id})).status == 404
    assert (await vivi.post("/console/users/log-out", {"name": "Odile"})).status == 403
    assert (await odile.get("/console")).status == 200
    await odile.get("/console/users")
    assert (await odile.post("/console/users/log-out", {"name": "Vivi"})).status == 303
    assert (await vivi.get("/console")).status == 303


async def test_the_own_password_is_changed(console: Console) -> None:
    """It needs the present one, keeps this browser, logs out all others, and the former one is worth nothing."""
    here, other = await console.user("Odile"), console.browser()
    await other.log_in("Odile")
    new = "another good password"
    await here.get("/console/profile")
    for old, wanted, words in (
        ("a wrong password", new, "The present password must be the one"),
        (PASSWORD, "short", "The new password must be 10 to 500"),
        (PASSWORD, "odile", "The new password must be"),
    ):
        reply = await here.post("/console/profile/password", {"old_password": old, "password": wanted})
        assert reply.status == 422
        assert words in reply.text
        assert reply.text.count('aria-invalid="true"') == 1
        assert old not in reply.text
    assert (await here.post("/console/profile/password", {"old_password": PASSWORD, "password": new})).status == 303
    assert (await here.get("/console")).status == 200
    assert (await other.get("/console")).status == 303
    assert (await console.browser().log_in("Odile")).status == 401
    assert (await console.browser().log_in("Odile", new)).status == 303


async def test_guesses_of_the_present_password_are_slowed(console: Console) -> None:
    """Whoever sits down at a browser that is logged in guesses no faster than at the login."""
    here = await console.user("Odile")
    await here.get("/console/profile")
    fields = {"old_password": "a wrong password", "password": "another good password"}
    statuses = [(await here.post("/console/profile/password", fields)).status for _ in range(FREE_ATTEMPTS_OF_NAME + 1)]
    assert statuses == [422] * FREE_ATTEMPTS_OF_NAME + [429]


async def test_a_second_factor_counts_once_it_is_confirmed(console: Console) -> None:
    """Until a code has shown that the app has the secret, the password is enough; then it is not."""
    browser = await console.user("Odile")
    page = await browser.get("/console/profile/second-factor")
    assert "<svg" in page.text
    assert (await browser.post("/console/profile/second-factor", {"code": "000000"})).status == 422
    assert (await console.browser().log_in("Odile")).status == 303
    again = await browser.get("/console/profile/second-factor")
    assert SECRET.findall(page.text) == SECRET.findall(again.text)

    app, codes = await set_up(console, browser)
    assert len(set(codes)) == 10
    assert "Ask for codes from now on" not in (await browser.get("/console/profile/second-factor")).text
    other = console.browser()
    asked = await other.log_in("Odile")
    assert (asked.status, "Set-Cookie" in asked.headers) == (200, False)
    assert (await other.get("/console")).status == 303
    fields = {"login": field_of(asked, "login"), "code": app.next_code(), "next": "/console/sends"}
    done = await other.post("/console/login/code", fields)
    assert (done.status, done.headers["Location"]) == (303, "/console/sends")
    assert (await other.get("/console")).status == 200
    assert "Password and code" in (await other.get("/console/users")).text
    actions = [one.action for one in await console.services.audit.list_audit("default", before=None, count=2)]
    assert actions == [AuditAction.LOGGED_IN, AuditAction.SECOND_FACTOR_SET]


async def test_a_code_counts_once(console: Console) -> None:
    """A code that was used, for the set-up or a login, is refused, and so is an older one; the next one is taken."""
    app, _ = await set_up(console, await console.user("Odile"))
    browser = console.browser()
    pending = field_of(await browser.log_in("Odile"), "login")
    for code in (app.code(), app.code(timedelta(seconds=-30)), app.code(timedelta(minutes=5)), "", "abc", "é"):
        reply = await browser.post("/console/login/code", {"login": pending, "code": code})
        assert reply.status in (401, 429)
        console.pass_time(timedelta(seconds=5) if reply.status == 429 else timedelta())
    console.pass_time(timedelta(minutes=1))
    code = app.code()
    assert (await browser.post("/console/login/code", {"login": pending, "code": code})).status == 303
    second = console.browser()
    fields = {"login": field_of(await second.log_in("Odile"), "login"), "code": code}
    assert (await second.post("/console/login/code", fields)).status == 401
    entry = (await console.services.audit.list_audit("default", before=None, count=1))[0]
    assert (entry.action, entry.detail) == (AuditAction.LOGIN_FAILED, "code")


async def test_a_recovery_code_counts_once(console: Console) -> None:
    """Each recovery code opens one session, however it is typed; new ones replace all of them."""
    owner = await console.user("Odile")
    app, codes = await set_up(console, owner)
    browser = console.browser()

    async def try_code(code: str) -> int:
        fields = {"login": field_of(await browser.log_in("Odile"), "login"), "code": code}
        return (await browser.post("/console/login/code", fields)).status

    assert await try_code(codes[0].upper().replace("-", " ")) == 303
    assert await try_code(codes[0]) == 401
    assert "left: 9." in (await owner.get("/console/profile")).text
    renewed = await owner.post("/console/profile/second-factor/codes", {"code": app.next_code()})
    fresh = RECOVERY_CODE.findall(renewed.text)
    assert len(set(fresh) - set(codes)) == 10
    assert await try_code(codes[1]) == 401
    assert await try_code(fresh[1]) == 303


async def test_guesses_of_codes_are_slowed(console: Console) -> None:
    """Whoever has the password guesses no faster at the code, in however many logins; a login that takes long ends."""
    app, _ = await set_up(console, await console.user("Odile"))
    browser = console.browser()
    statuses, fields = [], {}
    for _ in range(FREE_ATTEMPTS_OF_NAME + 1):
        fields = {"login": field_of(await browser.log_in("Odile"), "login"), "code": "000000"}
        statuses.append((await browser.post("/console/login/code", fields)).status)
    assert statuses == [401] * FREE_ATTEMPTS_OF_NAME + [429]
    console.pass_time(PENDING_LOGIN_LIFETIME)
    late = await browser.post("/console/login/code", {**fields, "code": app.code()})
    assert late.status == 401
    assert "took too long" in late.text


async def test_a_second_factor_is_taken_off(console: Console) -> None:
    """With a code, or a recovery code, by its user; by an owner for somebody who has lost it; not by anybody else."""
    owner, vivi = await console.user("Odile"), await console.user("Vivi", Rights(Role.VIEWER))
    app, codes = await set_up(console, vivi)
    remove = "/console/profile/second-factor/remove"
    assert (await vivi.post(remove, {"code": "000000"})).status == 422
    assert (await vivi.post(remove, {"code": app.next_code()})).status == 303
    assert (await console.browser().log_in("Vivi")).status == 303
    _, codes = await set_up(console, vivi)
    assert (await vivi.post(remove, {"code": codes[3]})).status == 303
    await set_up(console, vivi)
    assert (await vivi.post("/console/users/second-factor", {"name": "Odile"})).status == 403
    await owner.get("/console/users")
    assert (await owner.post("/console/users/second-factor", {"name": "vivi"})).status == 303
    assert (await owner.post("/console/users/second-factor", {"name": "vivi"})).status == 404
    assert (await console.browser().log_in("Vivi")).status == 303


async def test_a_link_for_a_new_password_is_no_way_round_the_code(console: Console) -> None:
    """Whoever gets hold of the link sets a password, and is then asked for a code."""
    owner = await console.user("Odile")
    app, _ = await set_up(console, owner)
    _, token = await console.services.logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    browser = console.browser()
    await browser.get(f"/console/enter?token={token}")
    asked = await browser.post("/console/enter", {"token": token, "password": "another good password"})
    assert (asked.status, "Set-Cookie" in asked.headers) == (200, False)
    fields = {"login": field_of(asked, "login"), "code": app.next_code()}
    assert (await browser.post("/console/login/code", fields)).status == 303


async def test_a_new_password_ends_a_login_that_waits_for_its_code(console: Console) -> None:
    """A login that began with the former password cannot be finished."""
    owner = await console.user("Odile")
    app, _ = await set_up(console, owner)
    browser = console.browser()
    fields = {"login": field_of(await browser.log_in("Odile"), "login")}
    await owner.get("/console/profile")
    changed = {"old_password": PASSWORD, "password": "another good password"}
    assert (await owner.post("/console/profile/password", changed)).status == 303
    assert (await browser.post("/console/login/code", {**fields, "code": app.next_code()})).status == 401


@pytest.mark.parametrize("path", ["/console/profile/second-factor", "/console/profile"])
async def test_who_enters_by_a_link_has_neither_password_nor_code(console: Console, path: str) -> None:
    """The sandbox's user sees that there is nothing to set up."""
    services = console.services
    token = await services.logins.invite_to_enter("default", "Sandbox", Rights(Role.OWNER), timedelta(hours=1))
    browser = console.browser()
    await browser.get(f"/console/enter?token={token}")
    reply = await browser.get(path)
    assert reply.status == 200
    assert "otpauth" not in reply.text
    assert "nothing to add a second factor to" in reply.text


@pytest.mark.browser
async def test_a_user_sets_up_a_second_factor(scene: Scene) -> None:
    """In a browser: set up by the secret that the page shows, recovery codes, a login with a code, and the profile."""
    async with visit(scene.server.url) as visitor, visit(scene.server.url) as elsewhere:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await page.get_by_label("Name").fill("Odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        await page.get_by_role("link", name="Odile").click()
        await visitor.assert_sound()
        await page.get_by_role("link", name="Set it up").click()
        await visitor.assert_sound()
        await page.get_by_text("Type it instead").click()
        secret = (await page.locator(".link").text_content() or "").replace(" ", "")
        await page.get_by_role("textbox", name="Code").fill("000000")
        await page.get_by_role("button", name="Ask for codes from now on").click()
        await expect(page.get_by_role("alert")).to_contain_text("The code must be the one that the app shows now")
        visitor.complaints.clear()  # the browser reports the status 422
        await visitor.assert_sound()
        await page.get_by_role("textbox", name="Code").fill(code_at(secret, step_at(datetime.now(UTC)) - 1))
        await page.get_by_role("button", name="Ask for codes from now on").click()
        await expect(page.locator(".codes li")).to_have_count(10)
        await visitor.assert_sound()

        other = elsewhere.page
        await other.goto(f"{scene.url}/login")
        await elsewhere.assert_sound()
        await other.get_by_label("Name").fill("Odile")
        await other.get_by_label("Password").fill(PASSWORD)
        await other.get_by_role("button", name="Log in").click()
        await elsewhere.assert_sound()
        await other.get_by_role("textbox", name="Code").fill(code_at(secret, step_at(datetime.now(UTC))))
        await other.get_by_role("button", name="Log in").click()
        await expect(other.get_by_role("heading", level=1)).to_have_text("Overview")

        await page.get_by_role("link", name="I have kept them").click()
        await page.get_by_role("button", name="Log out every other browser").click()
        await expect(page.get_by_role("status").first).to_have_text("Every other browser is logged out.")
        await visitor.assert_sound()
        await page.get_by_role("link", name="New recovery codes").click()
        await visitor.assert_sound()
        await page.get_by_role("link", name="Users").click()
        await visitor.assert_sound()
        await other.reload()
        await expect(other.get_by_role("heading", level=1)).to_have_text("Log in")
