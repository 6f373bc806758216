"""Connecting an account by paste: what is found and missing, and that no value is shown; on both stores."""

import pytest
from playwright.async_api import expect

from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import SessionDead
from confrere.domain.session import Member
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Console, Scene

PATH = "/console/accounts/connect"
AGENT = "Mozilla/5.0 (X11; Linux x86_64)"
CURL = (
    "curl 'https://www.linkedin.com/voyager/api/me' -H 'user-agent: Mozilla/5.0' "
    "-b 'li_at=AQsecretvalue; JSESSIONID=\"ajax:4242\"'"
)


async def test_a_paste_connects(console: Console) -> None:
    """A new account, and one that is known again, which keeps its id; the page of it says so."""
    browser = await console.user()
    assert "Copy as cURL" in (await browser.get(PATH)).text
    again = await browser.post(PATH, {"pasted": CURL, "account": console.account.id})
    assert again.headers["Location"] == f"/console/accounts/{console.account.id}?done=connected"
    console.upstream.member = Member("urn:li:fsd_profile:ACoAAAnna", "Anna", "Sample", "anna-sample")
    cookies = 'li_at=AQsecretvalue; JSESSIONID="ajax:4242"'
    fields = {"pasted": cookies, "user_agent": AGENT, "account": console.account.id}
    other = (await browser.post(PATH, fields)).headers["Location"]
    assert other.endswith("?done=another")
    assert "other account" in (await browser.get(other)).text
    assert len(await console.services.accounts.search("default")) == 2
    assert (
        f"Connect <bdi>{console.account.first_name}" in (await browser.get(f"{PATH}?account={console.account.id}")).text
    )


@pytest.mark.parametrize(
    ("pasted", "words", "found"),
    [
        ("", "must be what you copied", 0),
        ("hello", "must hold li_at", 0),
        ("li_at=AQsecretvalue", "must hold JSESSIONID", 1),
        ('li_at=AQsecretvalue; JSESSIONID="ajax:4242"', "must be that of the same browser", 2),
        (CURL[:-20], "its end is missing", 0),
        (CURL.replace("www.linkedin.com", "evil.example"), "must be a request to www.linkedin.com", 1),
        ("x" * 1_000_001, "at most 1,000,000 characters", 0),
    ],
)
async def test_what_is_missing_is_named(console: Console, pasted: str, words: str, found: int) -> None:
    """The page says what it saw and what is missing, and shows no value of it."""
    browser = await console.user()
    await browser.get(PATH)
    probes = console.upstream.probes
    reply = await browser.post(PATH, {"pasted": pasted, "user_agent": ""})
    assert reply.status == 422
    assert words in reply.text
    assert reply.text.count('class="passes"') >= found
    assert "secretvalue" not in reply.text
    assert "4242" not in reply.text
    assert console.upstream.probes == probes


async def test_a_session_that_linkedin_does_not_take_is_not_stored(console: Console) -> None:
    """Its reason is shown, with all that was found; the account stays as it is."""
    browser = await console.user()
    await browser.get(PATH)
    before = await console.services.accounts.read("default", None)
    for answer, words in ((SessionDead("logged out"), "logged out"), (Unreadable("no connection"), "no connection")):
        console.upstream.member = answer
        reply = await browser.post(PATH, {"pasted": CURL})
        assert reply.status == 422
        assert words in reply.text
        assert reply.text.count('class="passes"') == 4
        assert "secretvalue" not in reply.text
    assert await console.services.accounts.read("default", None) == before


async def test_only_owners_connect(console: Console) -> None:
    """No other role sees the page or its links; nothing of an address is filled in."""
    browser = await console.user("Approver", Rights(Role.APPROVER))
    assert (await browser.get(PATH)).status == 403
    assert (await browser.post(PATH, {"pasted": CURL})).status == 403
    assert "accounts/connect" not in (await browser.get("/console/accounts")).text
    owner = await console.user()
    page = (await owner.get(f"{PATH}?pasted=AQsecret&sandbox=0&account=x")).text
    assert page.partition("<textarea")[2].partition("</textarea>")[0].endswith(">\n")


@pytest.mark.browser
async def test_an_owner_connects_a_second_account(scene: Scene) -> None:
    """A paste that lacks the user agent is explained; with it the account is connected, and can be checked."""
    account = scene.sandbox.accounts[1]
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Accounts").click()
        await page.get_by_role("link", name="Connect an account").click()
        await visitor.assert_sound()
        await page.get_by_label("What you copied").fill(account.cookie)
        await page.get_by_role("button", name="Connect").click()
        await expect(page.get_by_role("alert")).to_contain_text("The user agent is missing")
        await expect(page.locator(".checks .passes")).to_have_count(3)
        complaints = [one for one in visitor.complaints if "422" not in one]  # Chromium reports the status
        visitor.complaints[:] = complaints
        await visitor.assert_sound()
        await page.get_by_label("What you copied").fill(account.cookie)
        await page.get_by_label("User agent").fill(account.user_agent)
        await page.get_by_role("button", name="Connect").click()
        await expect(page.get_by_role("status").first).to_contain_text("The account is connected")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(account.first_name)
