"""A form that comes after the session's end: nothing typed is lost, and nothing is sent without a click."""

import html
import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from confrere.access.attempts import FREE_ATTEMPTS_OF_NAME
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.users import SESSION_IDLE, Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Browser, Console, Reply, Scene
from tests.contract.console.test_profile import field_of, set_up

KEPT = re.compile(r'<textarea name="([^"]*)" hidden[^>]*>\n([^<]*)</textarea>')
INVITE = "/console/users/invite"


def kept_in(reply: Reply) -> dict[str, str]:
    """Return the fields that the page keeps."""
    return {html.unescape(name): html.unescape(value) for name, value in KEPT.findall(reply.text)}


async def ended(console: Console, fields: dict[str, str], path: str = INVITE) -> tuple[Browser, Reply]:
    """Send a form after the session's end."""
    browser = await console.user("Odile")
    await browser.get("/console/users")
    console.pass_time(SESSION_IDLE + timedelta(seconds=1))
    return browser, await browser.post(path, fields)


async def invites(console: Console) -> int:
    """Return how many invites were made."""
    entries = await console.services.audit.list_audit("default", before=None, count=100)
    return sum(entry.action == "user_invited" for entry in entries)


async def test_a_kept_form_is_sent_after_the_login(console: Console) -> None:
    """The page asks for the login, keeps the fields whatever is typed wrong, shows them, and sends them on a click."""
    strange = '\n"><script>alert(1)</script>&amp;\r\n\u202e\u05d0'
    browser, reply = await ended(console, {"role": "writer", "inbox": "yes", "name": strange})
    assert reply.status == 401
    assert "nothing that you typed is lost" in reply.text
    expected = {"kept-role": "writer", "kept-inbox": "yes", "kept-name": strange}
    assert kept_in(reply) == expected
    assert "<script>alert" not in reply.text
    fields = {"path": INVITE, **kept_in(reply), "name": "Odile"}
    wrong = await browser.post("/console/resume", {**fields, "password": "a wrong password"})
    assert wrong.status == 401
    assert kept_in(wrong) == expected
    assert "a wrong password" not in wrong.text
    right = await browser.post("/console/resume", {**fields, "password": PASSWORD})
    assert right.status == 200
    assert f'action="{INVITE}"' in right.text
    assert kept_in(right) == {name.removeprefix("kept-"): value for name, value in expected.items()}
    assert await invites(console) == 1  # the user's own
    assert (await browser.post(INVITE, kept_in(right))).status == 200
    assert await invites(console) == 2


async def test_a_kept_form_waits_for_the_code(console: Console) -> None:
    """With a second factor the fields are kept through both steps."""
    browser = await console.user("Odile")
    app, _ = await set_up(console, browser)
    await browser.get("/console/users")
    console.pass_time(SESSION_IDLE + timedelta(seconds=1))
    reply = await browser.post(INVITE, {"role": "viewer"})
    fields = {"path": INVITE, **kept_in(reply)}
    asked = await browser.post("/console/resume", {**fields, "name": "Odile", "password": PASSWORD})
    assert kept_in(asked) == {"kept-role": "viewer"}
    login = {**fields, "login": field_of(asked, "login")}
    assert (await browser.post("/console/resume", {**login, "code": "000000"})).status == 401
    done = await browser.post("/console/resume", {**login, "code": app.code()})
    assert "Send it now" in done.text
    assert (await browser.post(INVITE, kept_in(done))).status == 200


async def test_who_has_logged_in_elsewhere_goes_on_without_a_password(console: Console) -> None:
    """After a login in another tab the page goes on at once; before it, it says so."""
    browser, reply = await ended(console, {"role": "viewer"})
    fields = {"path": INVITE, **kept_in(reply)}
    early = await browser.post("/console/resume", fields)
    assert early.status == 401
    assert "You are not logged in yet" in early.text
    await browser.log_in("Odile")
    done = await browser.post("/console/resume", fields)
    assert "Send it now" in done.text


async def test_guesses_in_the_kept_form_are_slowed(console: Console) -> None:
    """It is a login as any other: it is slowed, and the fields stay."""
    browser, reply = await ended(console, {"role": "viewer"})
    fields = {"path": INVITE, **kept_in(reply), "name": "Odile", "password": "a wrong password"}
    replies = [await browser.post("/console/resume", fields) for _ in range(FREE_ATTEMPTS_OF_NAME + 1)]
    assert [one.status for one in replies] == [401] * FREE_ATTEMPTS_OF_NAME + [429]
    assert kept_in(replies[-1]) == {"kept-role": "viewer"}


@pytest.mark.parametrize(
    "path",
    ["", "https://evil.example/console/x", "//evil.example", "/v1/keys", "/console", "/console/resume", '/console/"x'],
)
async def test_only_forms_of_the_console_are_sent(console: Console, path: str) -> None:
    """No page makes a form for another place."""
    browser = await console.user("Odile")
    await browser.get("/console")
    assert (await browser.post("/console/resume", {"path": path, "kept-a": "b"})).status == 422


async def test_forms_with_passwords_are_not_kept(console: Console) -> None:
    """What is secret in a form comes back in no page."""
    fields = {"old_password": PASSWORD, "password": "another good password"}
    _, reply = await ended(console, fields, "/console/profile/password")
    assert reply.status == 401
    assert kept_in(reply) == {}
    assert PASSWORD not in reply.text
    assert "fill it in again" in reply.text


async def test_the_kept_form_gives_no_rights(console: Console) -> None:
    """Whoever logs in sends the form with their own rights."""
    await console.user("Vivi", Rights(Role.VIEWER))
    browser, reply = await ended(console, {"role": "owner"})
    fields = {"path": INVITE, **kept_in(reply), "name": "Vivi", "password": PASSWORD}
    done = await browser.post("/console/resume", fields)
    assert (await browser.post(INVITE, kept_in(done))).status == 403


@pytest.mark.browser
async def test_a_session_ends_in_the_midst_of_a_form(scene: Scene) -> None:
    """In a browser: the form is sent, the login is asked for right there, the kept form is shown, and sent."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await page.get_by_label("Name").fill("Odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        await page.goto(f"{scene.url}/users")
        await page.get_by_label("Approver").check()
        await page.get_by_label("May read private conversations").check()
        async with scene.site.services() as services:
            user = await services.logins.read("default", "Odile")
            assert await services.logins.end_sessions(user, COMMAND_LINE) == 1
        await page.get_by_role("button", name="Make a link").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your session has ended")
        visitor.complaints.clear()  # the browser reports the status 401
        await visitor.assert_sound()
        await page.get_by_label("Name").fill("Odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in and go on").click()
        await expect(page.locator(".kept")).to_contain_text("approver")
        await visitor.assert_sound()
        await page.get_by_role("button", name="Send it now").click()
        await expect(page.locator(".made")).to_contain_text("A link for a new approver")
        await visitor.assert_sound()
