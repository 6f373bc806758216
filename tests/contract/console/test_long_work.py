"""Checks and starts that take longer than an answer waits, over HTTP on both stores."""

import asyncio

import pytest

from confrere.campaigns import Progress
from confrere.console.pages import campaign, campaign_draft
from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged
from confrere.domain.campaigns.check import CampaignCheck
from tests.contract.console.conftest import Console
from tests.contract.console.test_campaigns import field, make_draft


async def test_a_large_audience_is_checked_when_asked_for_and_shows_how_far_it_is(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft's page does not wait for it; the check goes on, the page asks again, and then shows the result."""
    monkeypatch.setattr(campaign_draft, "CHECKED_AT_ONCE", 2)
    monkeypatch.setattr(campaign_draft, "WAIT_SECONDS", 0)
    browser = await console.user()
    path = f"/console/campaigns/{await make_draft(console)}"
    unasked = await browser.get(path)
    assert "Not checked yet" in unasked.text
    assert f'href="{path}?check=now"' in unasked.text
    page = await browser.get(f"{path}?check=now")
    assert "Being checked" in page.text
    assert f'hx-get="{path}?check=now"' in page.text
    while "Being checked" in page.text:
        page = await browser.get(f"{path}?check=now", headers={"HX-Trigger": "live"})
        assert page.status == 200
    assert "3 people would be written to" in page.text


async def test_a_start_goes_on_after_its_answer(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer leads to the page at once, which shows how far the start is, and then the campaign."""
    browser = await console.user()
    path = f"/console/campaigns/{await make_draft(console)}"
    content_hash = field((await browser.get(path)).text, "content_hash")
    monkeypatch.setattr(campaign_draft, "WAIT_SECONDS", 0)
    monkeypatch.setattr(campaign, "WAIT_SECONDS", 0)
    assert (await browser.post(f"{path}/start", {"content_hash": content_hash})).status == 303
    page = await browser.get(path)
    while "Being started" in page.text:
        page = await browser.get(path)
    assert "0 of 3 people written to" in page.text


async def test_a_failure_is_said_once(console: Console) -> None:
    """A start that fails after its answer is reported to whoever asks next, and the draft can be started again."""
    state = await console.services.campaigns.read("default", await make_draft(console))
    tasks = console.services.long_tasks
    begun = await tasks.start(state.campaign, content_hash="old", first=None, started_by="x", wait_seconds=0)
    assert isinstance(begun, Progress)
    with pytest.raises(ContentChanged):
        await tasks.start(state.campaign, content_hash="old", first=None, started_by="x", wait_seconds=10)
    assert await tasks.find_change(state.campaign.id) is None
    checked = await tasks.check(state.campaign, wait_seconds=10)
    assert isinstance(checked, CampaignCheck)
    content_hash = checked.content_hash
    await tasks.start(state.campaign, content_hash=content_hash, first=None, started_by="x", wait_seconds=10)
    after = await console.services.campaigns.read("default", state.campaign.id)
    assert after.campaign.status is CampaignStatus.RUNNING


async def test_two_who_start_at_once_start_one(console: Console) -> None:
    """The second joins the start of the first."""
    state = await console.services.campaigns.read("default", await make_draft(console))
    tasks = console.services.long_tasks
    checked = await tasks.check(state.campaign, wait_seconds=10)
    assert isinstance(checked, CampaignCheck)
    results = await asyncio.gather(
        *(
            tasks.start(state.campaign, content_hash=checked.content_hash, first=None, started_by=who, wait_seconds=10)
            for who in ("first", "second")
        )
    )
    assert not any(isinstance(one, Progress) for one in results)
    after = await console.services.campaigns.read("default", state.campaign.id)
    assert (after.campaign.started_by, after.counts.waiting) == ("first", 3)
