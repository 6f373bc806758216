"""The overview: what needs a person, today, and the last 30 days; in a real browser, on both stores."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.message import MessageText
from confrere.domain.reply import ReplyFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, UP, Console, Scene
from tests.contract.console.test_replies import record
from tests.server_process import running_server


@pytest.mark.browser
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
        await expect(page.locator("figcaption")).to_contain_text("the top is 1 message.")
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


def settings_in(folder: Path) -> dict[str, str]:
    """Return the environment of a server that is started for the first time."""
    return {"CONFRERE_DATA_DIR": str(folder / "data")}


@pytest.mark.browser
async def test_the_sandbox_opens_without_a_name(tmp_path: Path) -> None:
    """The link of a sandbox leads to the overview of its account at once, with the way to what LinkedIn's side sees."""
    with running_server(None, "--sandbox", command=UP, environment=settings_in(tmp_path)) as server:
        async with visit(server.url) as visitor:
            page = visitor.page
            await page.goto(server.ready["consoleUrl"])
            await expect(page.locator("#live")).to_contain_text("0 of 150")
            await page.locator("details.strip summary").click()
            await expect(page.locator("#sandbox")).to_be_visible()
            await visitor.assert_sound()


@pytest.mark.browser
async def test_a_server_that_is_gone_is_said_and_comes_back(scene: Scene) -> None:
    """While the server does not answer the page says so by itself; when it answers again the words go away."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.route("**/*", lambda route: route.abort())
        await expect(page.locator("#offline")).to_be_visible()
        await page.unroute("**/*")
        await expect(page.locator("#offline")).to_be_hidden()


async def test_the_overview_counts_replies(console: Console) -> None:
    """Replies per 100 messages stand with both counts; who may want out is a need, for those who may decide."""
    reader = await console.user("Reader", Rights(Role.VIEWER, inbox=True))
    plain = await console.user("Plain", Rights(Role.VIEWER))
    fenced = await console.user("Fenced", Rights(Role.VIEWER, inbox=True, accounts=frozenset({"0" * 24})))
    for number in range(4):
        await record(console, number, may_want_out=number == 0)
    page = (await reader.get("/console")).text
    assert "<strong>100.0</strong> replies per 100 messages: 4 people have replied, 4 messages were accepted" in page
    assert "People who may want out: 1" in page
    assert 'href="/console/replies?state=out"' in page
    assert "may want out: 1" not in (await plain.get("/console")).text
    assert "may want out: 1" not in (await fenced.get("/console")).text
    [reply] = await console.services.replies.list_page("default", ReplyFilter(may_want_out=True))
    await console.services.replies.mark_handled("default", reply.id, by="cli")
    assert "may want out: 1" not in (await reader.get("/console")).text


async def test_the_overview_leads_to_campaigns(console: Console) -> None:
    """Those that run say when they end; those that are paused are a need with its reason, and a link."""
    browser = await console.user()
    people = [AudiencePerson.of(ProfileUrn(f"urn:li:fsd_profile:ACoAAmember{number}")) for number in range(3)]
    audience = await console.services.audiences.create(
        "default", name="Members", group_id=GroupId("12345678"), people=people
    )
    draft = await console.services.campaigns.create(
        "default", name="Spring <b>", audience_id=audience.id, text=MessageText("Dear member"), spread=False
    )
    await console.services.campaigns.start("default", draft.campaign.id)
    page = (await browser.get("/console")).text
    assert f'href="/console/campaigns/{draft.campaign.id}"><bdi>Spring &lt;b&gt;' in page
    assert 'data-label="Still waiting">3' in page
    await console.services.campaigns.pause("default", draft.campaign.id)
    page = (await browser.get("/console")).text
    assert "is paused" in page
    assert f'href="/console/campaigns/{draft.campaign.id}"' in page
    assert "Campaigns that run" not in page
