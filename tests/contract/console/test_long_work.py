"""Work that takes longer than an answer waits, over HTTP on both stores."""

import asyncio
from typing import Any

import pytest

from confrere.campaigns import Progress, checks
from confrere.console.pages import campaign, campaign_draft
from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.keys import Scope
from confrere.http import request
from confrere.http.timeouts import ANSWER_SECONDS
from tests.contract.console.conftest import Console, Reply
from tests.contract.console.people import GROUP, know_members
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


PEOPLE = [f"urn:li:fsd_profile:ACoAAlongwork{number}" for number in range(4)]
TABLE = "\n".join(["recipientProfileUrn", *PEOPLE])


class ImpatientClient:
    """Calls /v1 where every answer is late, and repeats what was not answered in time."""

    def __init__(self, console: Console, key: str) -> None:
        self._http = console.http
        self._headers = {"Authorization": f"Bearer {key}"}
        self.late: list[Any] = []

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        """Return status and body of the first answer that is not late. late: the problems before it."""
        self.late = []
        while True:
            async with self._http.post(f"/v1{path}", headers=self._headers, **body) as answer:
                status, content = answer.status, await answer.json()
            if status != 504:
                return status, content
            self.late.append(content)
            await asyncio.sleep(0.01)


@pytest.fixture
async def late(console: Console, monkeypatch: pytest.MonkeyPatch) -> ImpatientClient:
    """Long work is not waited for at all."""
    monkeypatch.setattr(request, "WRITING_SECONDS", ANSWER_SECONDS)
    _, key = await console.services.keys.create("default", name="late", scopes=list(Scope))
    return ImpatientClient(console, key)


async def test_an_audience_that_takes_too_long_is_written_once(console: Console, late: ImpatientClient) -> None:
    """A request that was not answered in time is repeated until it is, and there is one audience."""
    source = {"type": "csv", "csv": TABLE}
    status, made = await late.post("/audiences", json={"name": "Late", "groupId": GROUP, "source": source})
    assert (status, made["count"]) == (201, 4)
    assert late.late[0]["type"].endswith("notInTime")
    assert "repeat the same request" in late.late[0]["detail"]
    assert len(await console.services.audiences.list_page("default")) == 1
    status, _ = await late.post("/audiences", json={"name": "Late", "groupId": GROUP, "source": source})
    assert status == 201
    assert len(await console.services.audiences.list_page("default")) == 2, "a later request is one of its own"


async def test_an_import_that_takes_too_long_counts_what_it_has_added(console: Console, late: ImpatientClient) -> None:
    """Whoever repeats the import gets the counts of the one that ran, and not those of a second one."""
    status, done = await late.post("/do-not-contact/import", data=TABLE)
    assert (status, done["added"], done["alreadyListed"]) == (200, 4, 0)
    assert late.late
    assert len(await console.services.do_not_contact.list_page("default")) == 4


async def test_a_campaign_is_checked_started_and_enlarged_however_late_the_answers_are(
    console: Console, late: ImpatientClient
) -> None:
    """Each is done once; a start that was answered cannot be repeated, and one of another content does not join."""
    draft = f"/campaigns/{await make_draft(console)}"
    _, checked = await late.post(f"{draft}/check")
    assert checked["wouldSend"] == 3
    status, problem = await late.post(f"{draft}/start", json={"contentHash": "of something else"})
    assert (status, problem["type"].rpartition(":")[2]) == (409, "contentChanged")
    status, started = await late.post(f"{draft}/start", json={"contentHash": checked["contentHash"]})
    assert (status, started["status"], started["counts"]["waiting"]) == (200, "running", 3)
    assert late.late
    status, _ = await late.post(f"{draft}/start", json={"contentHash": checked["contentHash"]})
    assert status == 409
    source = {"type": "csv", "csv": TABLE}
    _, audience = await late.post("/audiences", json={"name": "More", "groupId": GROUP, "source": source})
    status, added = await late.post(f"{draft}/people", json={"audienceId": audience["id"]})
    assert (status, added["added"], added["alreadyIn"]) == (200, 4, [])
    assert late.late


async def test_known_members_become_one_audience_however_late_the_page_is(
    console: Console, late: ImpatientClient
) -> None:
    """The page says that it goes on and how to wait for it; who sends the form again gets the one audience."""
    browser = await console.user()
    await know_members(console, 4)
    pages: list[Reply] = []
    while not pages or pages[-1].status == 504:
        pages.append(await browser.post(f"/console/groups/{GROUP}/everybody", {"everybody": "All", "from": "known"}))
        await asyncio.sleep(0.01)
    assert "It goes on: reload this page" in pages[0].text
    assert pages[-1].status == 303, pages[-1].text
    [audience] = await console.services.audiences.list_page("default")
    assert (audience.name, audience.count) == ("All", 4)


async def test_a_start_in_steps_after_one_that_crashed(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees whom a start stages; the next start drops them, and so does a start that fails."""
    monkeypatch.setattr(checks, "PAGE", 1)
    services = console.services
    state = await services.campaigns.read("default", await make_draft(console))
    campaign = state.campaign
    somebody, _ = await anext(services.campaigns._checks.freeze(campaign))
    await services.store.stage_people(campaign, somebody, staged=0, now=services.clock())
    assert (await services.campaigns.read("default", campaign.id)).counts.waiting == 0
    assert await services.campaign_people.list_page("default", campaign.id) == []
    recipient = somebody[0].person.recipient
    assert (await services.campaign_people.read_everywhere("default", recipient)).campaigns == []
    with pytest.raises(ContentChanged):
        await services.campaigns.start("default", campaign.id, content_hash="old")
    assert not await services.store.drop_staged_people(campaign, by=None), "a start that fails leaves nobody"
    await services.store.stage_people(campaign, somebody, staged=0, now=services.clock())
    content_hash = (await services.campaigns.check("default", campaign.id)).content_hash
    started = await services.campaigns.start("default", campaign.id, content_hash=content_hash)
    assert started.counts.waiting == 3
