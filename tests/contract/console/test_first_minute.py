"""The newcomer's minute: on the sandbox only, without typing, and nothing twice."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.urns import GroupId
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import UP, Console
from tests.contract.console.playground import Playground, running_playground
from tests.contract.store.conftest import sqlite_url, url  # noqa: F401  # fixtures
from tests.sandbox_process import SandboxProcess
from tests.server_process import running_server

HERE = "/console/first-minute"
HASH = re.compile(r'name="content_hash" value="([0-9a-f]+)"')


@pytest.fixture
async def playground(url: str, sandbox: SandboxProcess) -> AsyncIterator[Playground]:  # noqa: F811 - the fixture
    """Serve the console on each store in turn, with the sandbox beside it."""
    async with running_playground(url, sandbox) as playground:
        yield playground


@pytest.mark.browser
async def test_a_newcomer_sends_one_and_starts_a_campaign_without_typing(tmp_path: Path) -> None:
    """The printed link shows group, text and inbox; a message appears in it, is answered, and a campaign runs."""
    environment = {"CONFRERE_DATA_DIR": str(tmp_path / "data")}
    with running_server(None, "--sandbox", command=UP, environment=environment) as server:
        async with visit(server.url) as visitor:
            page = visitor.page
            await page.goto(server.ready["consoleUrl"])
            await expect(page.locator(".faces li")).to_have_count(11)
            await expect(page.locator("#live-inbox")).to_contain_text("No message yet")
            await visitor.assert_sound()
            await page.get_by_role("button", name="Send to").click()
            await expect(page.locator("#live-inbox .message").first).to_contain_text("just write stop")
            await expect(page.locator("#sent")).to_have_text("Accepted")
            await expect(page.get_by_role("button", name="Send to")).to_have_count(0)
            await expect(page.locator("#live-inbox .own")).to_contain_text("tell me more")  # by itself
            await visitor.assert_sound()
            await page.get_by_role("button", name="Start the campaign").click()
            await expect(page.locator("#live-campaign")).to_contain_text(re.compile(r"([2-9]|10) sent"))
            await expect(page.locator("#live-day")).to_contain_text(re.compile(r"([3-9]|1[01]) of 150"))
            await visitor.assert_sound()
            await expect(page.locator(".reply").first).to_be_visible()
            await expect(page.locator(".statuses .replied").first).to_be_visible()
            await page.get_by_role("button", name="Put this away").click()
            await expect(page.locator("#minute")).to_have_count(0)
            await page.goto(f"{server.url}{HERE}")
            await expect(page.locator("#minute")).to_be_visible()
            await visitor.assert_sound()


async def test_the_minute_and_the_sandbox_are_for_the_first_workspace_only(playground: Playground) -> None:
    """Owners of other workspaces see neither its account and its day, nor what the sandbox's members got."""
    client = await playground.services.workspaces.create("Example Ltd")
    browsers = await playground.enter(), await playground.enter(workspace_id=client.id)
    pages = [(await browser.get("/console")).text for browser in browsers]
    for text in (playground.account.id, 'id="minute"', "/console/sandbox"):
        assert [text in page for page in pages] == [True, False], text


async def test_a_button_that_is_pressed_twice_sends_once(playground: Playground) -> None:
    """Two presses at once, and one later, send one message; two starts of the campaign are one."""
    browser = await playground.enter()
    page = await browser.get("/console")
    await asyncio.gather(*[browser.post(f"{HERE}/send") for _ in range(2)])
    assert (await browser.post(f"{HERE}/send")).status == 303
    [message] = playground.sandbox.messages()
    assert "we are both in" in message["text"]
    page = await browser.get("/console")
    found = HASH.search(page.text)
    assert found is not None
    assert "Send to" not in page.text
    for _ in range(2):
        assert (await browser.post(f"{HERE}/start", {"content_hash": found[1]})).status == 303
    [state] = await playground.services.campaigns.list_page("default")
    assert (state.campaign.status, state.counts.waiting) == (CampaignStatus.RUNNING, 10)
    assert (await browser.get(HERE)).status == 200


async def test_a_campaign_that_was_changed_meanwhile_is_not_started(playground: Playground) -> None:
    """The start is bound to what the page has shown."""
    browser = await playground.enter()
    await browser.get("/console")
    assert (await browser.post(f"{HERE}/start", {"content_hash": "0" * 64})).status == 409
    [state] = await playground.services.campaigns.list_page("default")
    assert state.campaign.status is CampaignStatus.DRAFT


async def test_where_nothing_could_be_read_the_panel_offers_it(playground: Playground) -> None:
    """A LinkedIn that fails does not keep a newcomer out; the button reads the members later, once."""
    playground.sandbox.faults([{"match": {"path": "voyagerGroups"}, "effect": "status", "status": 500, "times": None}])
    browser = await playground.enter()
    assert "Read the members" in (await browser.get("/console")).text
    playground.sandbox.clear_faults()
    for _ in range(2):
        assert (await browser.post(f"{HERE}/prepare")).status == 303
    assert "Send to" in (await browser.get("/console")).text
    assert len(await playground.services.campaigns.list_page("default")) == 1


async def test_the_members_that_were_read_are_known(playground: Playground) -> None:
    """The page of the group counts the members whom the panel read, and does not have them paid for again."""
    browser = await playground.enter()
    await browser.get("/console")
    [audience, *_] = await playground.services.audiences.list_page("default")
    group = await playground.services.members.read_group("default", playground.account.id, GroupId(audience.group_id))
    assert 11 < group.known_members <= group.places_read  # some places of the list are hidden
    assert (
        f"<dt>Members known here</dt><dd>{group.known_members}"
        in (await browser.get(f"/console/groups/{audience.group_id}")).text
    )


async def test_a_campaign_of_ones_own_can_be_watched(playground: Playground) -> None:
    """In the sandbox a new campaign is not spread over the day, unless somebody ticks the box."""
    browser = await playground.enter()
    await browser.get("/console")
    assert 'name="spread" value="yes"> ' in (await browser.get("/console/campaigns/new")).text


async def test_a_viewer_sees_no_button_and_no_inbox(playground: Playground) -> None:
    """Who may not send, start or read conversations sees neither, and is refused."""
    await playground.enter()
    viewer = await playground.enter(Rights(Role.VIEWER))
    text = (await viewer.get("/console")).text
    assert "faces" in text
    assert not any(words in text for words in ("Send to", "Start the campaign", "live-inbox"))
    assert (await viewer.post(f"{HERE}/send")).status == 403
    assert (await viewer.post(f"{HERE}/start")).status == 403
    limited = await playground.enter(Rights(Role.WRITER, accounts=frozenset({"0" * 24})))
    assert "minute" not in (await limited.get("/console")).text
    for act in ("send", "prepare"):
        assert (await limited.post(f"{HERE}/{act}")).status == 404
    assert playground.sandbox.messages() == []


async def test_the_real_linkedin_has_no_first_minute(console: Console) -> None:
    """Without a sandbox there is neither the panel nor its page, and nothing is prepared or sent."""
    owner = await console.user()
    assert "first-minute" not in (await owner.get("/console")).text
    assert (await owner.get(HERE)).status == 404
    for act in ("prepare", "send", "start"):
        assert (await owner.post(f"{HERE}/{act}")).status == 404
    assert await console.services.audiences.list_page("default") == []
