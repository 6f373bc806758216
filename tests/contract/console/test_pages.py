"""The console in a real browser, against a real server and the sandbox, on both stores."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.domain.session import Member
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, UP, Scene
from tests.server_process import running_server

pytestmark = pytest.mark.browser

HOSTILE = "<script>document.title='taken'</script> \u202e\u0645\u0631 " + "W" * 300


async def test_the_first_user_sees_what_is_sent(scene: Scene) -> None:
    """The printed link leads to name and password, then to the account's day; a message appears, with its history."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await visitor.assert_sound()
        await page.get_by_label("Name").fill("Odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(page.locator("#live")).to_contain_text("0 of 150")
        await expect(page.get_by_text("Nothing was sent in this time")).to_be_visible()
        await visitor.assert_sound()

        assert (await asyncio.to_thread(scene.server.send, scene.sandbox, "Hello, console")).status == 200
        await expect(page.locator("#live")).to_contain_text("1 of 150")  # by itself
        await page.reload()
        await page.get_by_text("The same as a table").click()
        await expect(page.locator("details tbody tr")).to_have_count(1)
        await visitor.assert_sound()

        await page.get_by_role("link", name="Sends").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await visitor.assert_sound()
        await page.locator("tbody th a").click()
        await expect(page.locator(".message")).to_have_text("Hello, console")
        await expect(page.locator("#what")).to_have_text("Accepted")
        await visitor.assert_sound()

        await page.get_by_role("button", name="Log out").click()
        await visitor.assert_sound()
        await page.goto(f"{scene.url}/sends")
        await page.get_by_label("Name").fill("odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sends")


async def test_an_account_is_checked_and_disconnected(scene: Scene) -> None:
    """The account's page asks LinkedIn and says what came of it; what needs a person then stands on the overview."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Accounts").click()
        await visitor.assert_sound()
        await page.locator("tbody th a").click()
        await visitor.assert_sound()
        await page.get_by_role("button", name="Check the session").click()
        await expect(page.get_by_role("status").first).to_have_text("LinkedIn takes the session.")
        await visitor.assert_sound()

        await page.get_by_text("Disconnect …").click()
        await page.get_by_role("button", name="Erase the session").click()
        await expect(page.get_by_role("status").first).to_contain_text("The session is erased")
        await visitor.assert_sound()
        await page.get_by_role("link", name="Overview").click()
        needs = page.locator(".needs")
        await expect(needs).to_contain_text("has to be connected again")
        await visitor.assert_sound()
        await needs.get_by_role("link").click()
        await expect(page.locator("#state + dl")).to_contain_text("Disconnected")


async def test_hostile_names_do_no_harm(scene: Scene) -> None:
    """A name with markup, of another direction, of 300 characters is shown as it is, and every page keeps its form."""
    async with scene.site.services() as services:
        account = await services.accounts.read("default", None)
        session = await services.store.read_session(account.id, 0)
        assert session is not None
        member = Member(account.profile_urn, HOSTILE, "\u202e\u05d0\u05d1 &amp; <b>", account.public_id)
        await services.store.connect_account("default", session, member, services.clock())
    assert (await asyncio.to_thread(scene.server.send, scene.sandbox, HOSTILE)).status == 200
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await page.get_by_label("Name").fill(f"<img src=x onerror=alert(1)> {'W' * 60} \u05d0\u05d1")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        for link in ("Overview", "Accounts", "Sends"):
            await page.get_by_role("link", name=link).first.click()
            await expect(page.locator("main")).to_contain_text(HOSTILE[:60])
            await visitor.assert_sound()
        await page.locator("tbody th a").click()
        await expect(page.locator(".message")).to_have_text(HOSTILE)
        await visitor.assert_sound()
        await page.locator("dd a bdi").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("&amp; <b>")
        await visitor.assert_sound()
        assert (await page.title()).startswith("<script>")  # as text


async def test_an_owner_invites_and_disables(scene: Scene) -> None:
    """An owner makes a link for a viewer, who sees no page of owners; once disabled they are out; the log has all."""
    async with visit(scene.server.url) as visitor, visit(scene.server.url) as guest:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Users").click()
        await visitor.assert_sound()
        await page.get_by_role("button", name="Make a link").click()
        link = await page.locator(".link").text_content()
        assert link is not None
        await visitor.assert_sound()

        await guest.page.goto(link)
        await guest.page.get_by_label("Name").fill("Vivi")
        await guest.page.get_by_label("Password").fill(PASSWORD)
        await guest.page.get_by_role("button", name="Open the console").click()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(guest.page.get_by_role("link", name="Users")).to_have_count(0)

        await page.goto(f"{scene.url}/users")
        await page.get_by_role("button", name="Disable Vivi").click()
        await expect(page.locator("tr", has_text="Vivi")).to_contain_text("Disabled")
        await guest.page.reload()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Log in")

        await page.get_by_role("button", name="New password for Vivi").click()
        await guest.page.goto(await page.locator(".link").text_content() or "")
        await guest.page.get_by_label("Password").fill("another good password")
        await guest.page.get_by_role("button", name="Set the password").click()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Overview")

        await page.get_by_role("link", name="Audit").click()
        await expect(page.locator("tbody tr")).to_have_count(7)
        await expect(page.locator("tbody tr").first).to_contain_text("Password set")
        await visitor.assert_sound()
        assert guest.complaints == []


def settings_in(folder: Path) -> dict[str, str]:
    """Return the environment of a server that is started for the first time."""
    return {"CONFRERE_DATA_DIR": str(folder / "data")}


async def test_the_sandbox_opens_without_a_name(tmp_path: Path) -> None:
    """The link of a sandbox leads to the overview of its account at once, with the way to what LinkedIn's side sees."""
    with running_server(None, "--sandbox", command=UP, environment=settings_in(tmp_path)) as server:
        async with visit(server.url) as visitor:
            page = visitor.page
            await page.goto(server.ready["consoleUrl"])
            await expect(page.locator("#live")).to_contain_text("0 of 150")
            await page.locator("details.strip summary").click()
            inbox = page.get_by_role("link", name="own inbox")
            await expect(inbox).to_have_attribute("href", f"{server.ready['sandboxUrl']}/inbox")
            await visitor.assert_sound()


async def test_pages_can_be_read_without_javascript(scene: Scene) -> None:
    """Without JavaScript the login, the filters and the acts work."""
    await asyncio.to_thread(scene.server.send, scene.sandbox, "Hello")
    async with visit(scene.server.url, javascript=False) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Sends").click()
        await page.get_by_label("Outcome").select_option("refused")
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("main")).to_contain_text("No send matches")
        await page.get_by_label("Outcome").select_option("accepted")
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="Accounts").click()
        await page.locator("tbody th a").click()
        await page.get_by_role("button", name="Check the session").click()
        await expect(page.get_by_role("status").first).to_have_text("LinkedIn takes the session.")


async def test_a_server_that_is_gone_is_said_and_comes_back(scene: Scene) -> None:
    """While the server does not answer the page says so by itself; when it answers again the words go away."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.route("**/*", lambda route: route.abort())
        await expect(page.locator("#offline")).to_be_visible()
        await page.unroute("**/*")
        await expect(page.locator("#offline")).to_be_hidden()
