from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.chromium import open_chromium
from tests.contract.sandbox.browser import SEND, Browser
from tests.contract.sandbox.test_reading import newest, with_recipient
from tests.sandbox_process import SandboxProcess

HOSTILE = "<script>document.title='taken'</script>\n\"quoted\" & <b>bold</b> {braces}"


@pytest_asyncio.fixture(loop_scope="session")
async def page(sandbox: SandboxProcess) -> AsyncIterator[Page]:
    """Open the inbox of the example recipient in a browser, and fail on any error of the page."""
    wrong: list[str] = []
    context = await (await open_chromium()).new_context(viewport={"width": 360, "height": 740})
    async with context:
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda sent: None if sent.url.startswith((sandbox.url, "data:")) else wrong.append(sent.url))
        await page.goto(f"{sandbox.url}/inbox")
        yield page
    assert wrong == []


@pytest.mark.browser
async def test_a_message_appears_by_itself(page: Page, browser: Browser) -> None:
    """The page shows a new message as plain text with sender and group, and fits a phone."""
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bastien Exemple")
    await expect(page.locator(".thread")).to_contain_text("No messages yet")
    browser.send(HOSTILE)
    await expect(page.locator(".thread li.theirs p")).to_have_text(HOSTILE)
    account = browser.account
    await expect(page.locator(".thread h2")).to_have_text(f"{account.first_name} {account.last_name}")
    await expect(page.locator(".thread .soft")).to_contain_text("through the group Independent Consultants")
    browser.sandbox.reply(browser.sandbox.recipient, browser.urn, "Gladly!")
    await expect(page.locator(".thread li.own p")).to_have_text("Gladly!")
    assert "taken" not in await page.title()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.browser
async def test_whoever_got_a_message_can_be_chosen(page: Page, browser: Browser, sandbox: SandboxProcess) -> None:
    """The list shows every recipient with a count of messages, and marks the one on display."""
    other = sandbox.world(count=5)["recipients"][1]
    browser.send("first", other["profileUrn"])
    name = f"{other['firstName']} {other['lastName']}"
    link = page.get_by_role("link", name=name)
    await expect(link).to_contain_text("1")
    await link.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    await expect(page.locator("nav [aria-current=page]")).to_contain_text(name)
    await expect(page.locator(".thread li p")).to_have_text("first")


def test_a_message_that_reads_do_not_find_yet_is_not_shown(browser: Browser, sandbox: SandboxProcess) -> None:
    """The page shows what the member sees now, not what LinkedIn has accepted."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "read_lag_seconds", "seconds": 60}])
    browser.send("late")
    assert b"late" not in browser.get("/inbox").body


def test_wrong_addresses_are_named(browser: Browser) -> None:
    """An unknown member, an unknown file and another method each get their own answer."""
    unknown = browser.get("/inbox?member=nobody")
    assert (unknown.status, unknown.json()["field"]) == (400, "member")
    assert browser.get("/inbox/other").status == 404
    assert browser.post("/inbox", {}).status == 405
    assert urlsplit(browser.sandbox.url).hostname == "127.0.0.1"


def test_the_page_is_no_request_to_linkedin(browser: Browser, sandbox: SandboxProcess) -> None:
    """The page is not among the remembered requests, and no fault hits it."""
    sandbox.faults([{"effect": "reset_before_read", "times": None}])
    assert browser.get("/inbox").status == 200
    assert sandbox.requests() == []


@pytest.mark.browser
async def test_a_member_answers_on_the_page(page: Page, browser: Browser, sandbox: SandboxProcess) -> None:
    """The member accepts a request and replies; what is being typed outlives a new message, with its focus."""
    thread = browser.send("question")["conversationUrn"]
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    box = page.get_by_role("textbox", name="Reply")
    await box.fill("Gladly")
    browser.post(SEND, browser.thread_message("second question", thread))
    await expect(page.locator(".thread li.theirs")).to_have_count(2)
    await expect(box).to_have_value("Gladly")
    await expect(box).to_be_focused()
    await page.get_by_role("button", name="Reply").click()
    await expect(page.locator(".thread li.own p")).to_have_text("Gladly")
    await expect(box).to_have_value("")
    await page.get_by_role("combobox", name="Kind").select_option("voice")
    await page.get_by_role("button", name="Reply").click()
    await expect(page.locator(".thread li.own p").last).to_contain_text("[voice]")
    assert [message["renderContent"] == [] for message in newest(browser, thread)["elements"]] == [False, *[True] * 3]


@pytest.mark.browser
async def test_a_member_declines_on_the_page(page: Page, browser: Browser, sandbox: SandboxProcess) -> None:
    """The thread is then declined for the account, too."""
    browser.send("question")
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_role("button", name="Decline")).to_have_count(0)
    assert with_recipient(browser, sandbox.recipient)[0]["state"] == "DECLINED"


def test_an_account_has_no_reply_box(browser: Browser) -> None:
    """Accounts write over the protocol; the page answers as a member who was written to."""
    browser.send("question")
    own = browser.get(f"/inbox?member={browser.urn}").body
    assert (b"<textarea" in browser.get("/inbox").body, b"<textarea" in own) == (True, False)
