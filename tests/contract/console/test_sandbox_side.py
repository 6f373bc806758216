"""What LinkedIn's side sees, answers as a member, faults, and the demonstration: in the sandbox only."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.domain.account import Condition
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import SendFilter
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import UP, Browser, Console
from tests.contract.console.playground import Playground, running_playground
from tests.contract.store.conftest import sqlite_url, url  # noqa: F401  # fixtures
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import running_server

HERE = "/console/sandbox"


@pytest.fixture
async def playground(url: str, sandbox: SandboxProcess) -> AsyncIterator[Playground]:  # noqa: F811 - the fixture
    """Serve the console on each store in turn, with the sandbox beside it."""
    async with running_playground(url, sandbox) as playground:
        yield playground


async def send_one(browser: Browser) -> None:
    """Press the button of the first minute."""
    await browser.get("/console")
    assert (await browser.post("/console/first-minute/send")).status in (303, 429)


async def outcomes(playground: Playground) -> list[OutcomeName]:
    """Return the outcomes of all sends, the newest first."""
    sends = await playground.services.history.search("default", None, SendFilter(), before_id=None, count=10)
    return [send.outcome for send in sends]


@pytest.mark.browser
async def test_the_strip_answers_and_the_demonstration_keeps_its_promises(tmp_path: Path) -> None:
    """On any page the strip shows the inbox and answers; pulling the plug shows every recipient with one message."""
    environment = {"CONFRERE_DATA_DIR": str(tmp_path / "data")}
    with running_server(None, "--sandbox", command=UP, environment=environment) as server:
        async with visit(server.url) as visitor:
            page = visitor.page
            await page.goto(server.ready["consoleUrl"])
            await page.goto(f"{server.url}/console/pull-the-plug")
            await page.get_by_role("button", name="Pull the plug").click()
            await expect(page.locator("#state")).to_be_visible()
            await page.goto(f"{server.url}/console")
            await page.get_by_role("button", name="Send to").click()
            await page.get_by_role("link", name="What is on record of it").click()
            strip = page.locator("details.strip")
            await strip.locator("summary").click()
            await expect(strip.locator(".thread")).to_contain_text("just write stop")
            await visitor.assert_sound()
            await strip.get_by_label("Answer as").fill("Who gave you my name?")
            await strip.get_by_role("button", name="Answer", exact=True).click()
            await expect(strip.locator(".thread .own").last).to_contain_text("Who gave you my name?")
            await strip.get_by_role("button", name="Throttle the next message").click()
            await expect(strip).to_contain_text("Pending: throttle the next message")
            await strip.get_by_role("button", name="Set everything back").click()
            await expect(strip).to_contain_text("No fault is pending")
            await page.goto(f"{server.url}{HERE}")
            await visitor.assert_sound()

            await page.goto(f"{server.url}/console/pull-the-plug")
            await visitor.assert_sound()
            await expect(page.locator(".promises")).to_be_visible(timeout=120_000)
            assert await page.locator(".promises .badge").all_text_contents() == ["kept"] * 6
            await expect(page.locator(".recipients .once")).to_have_count(60)
            await expect(page.get_by_role("button", name="Pull it again")).to_be_visible()
            await visitor.assert_sound()


async def test_a_member_answers(playground: Playground) -> None:
    """An answer is in the account's mailbox; a blank one, and one of nobody, come back with the reason."""
    browser = await playground.enter()
    assert "Nobody has received a message yet" in (await browser.get(HERE)).text
    await send_one(browser)
    page = await browser.get(HERE)
    fields = {name: value for name, value in re.findall(r'name="(member|account)" value="([^"]+)"', page.text) if value}
    assert set(fields) == {"member", "account"}
    assert (await browser.post(f"{HERE}/answer", {**fields, "text": "Yes & <b>no</b>"})).status == 303
    inbox = playground.sandbox.control("GET", "inbox", member=fields["member"])
    assert inbox["threads"][0]["messages"][-1] == {
        "text": "Yes & <b>no</b>", "isOwn": True, "at": inbox["threads"][0]["messages"][-1]["at"],
    }  # fmt: skip
    assert "Yes &amp; &lt;b&gt;no&lt;/b&gt;" in (await browser.get(f"{HERE}?member={fields['member']}")).text
    for changed in ({"text": " "}, {"text": "x" * 2_001}, {"member": "nobody"}, {"account": fields["member"]}):
        reply = await browser.post(f"{HERE}/answer", {**fields, "text": "kept", **changed})
        assert reply.status == 422, changed
        assert 'role="alert"' in reply.text
    assert (await browser.get(f"{HERE}?member=nobody")).status == 422


async def test_faults_do_what_their_buttons_say_and_can_be_set_back(playground: Playground) -> None:
    """A throttled message holds the account, an ended session stops it; setting back lets it send again."""
    browser = await playground.enter()
    await browser.get(HERE)
    assert (await browser.post(f"{HERE}/fault", {"fault": "throttle"})).status == 303
    assert "throttle the next message" in (await browser.get(HERE)).text
    await send_one(browser)
    assert await outcomes(playground) == [OutcomeName.THROTTLED]
    assert await condition(playground) is Condition.HELD
    assert (await browser.post(f"{HERE}/set-back")).status == 303
    assert await condition(playground) is Condition.AVAILABLE

    assert (await browser.post(f"{HERE}/fault", {"fault": "dead_session"})).status == 303
    await send_one(browser)
    assert (await outcomes(playground))[0] is OutcomeName.SESSION_DEAD
    assert await condition(playground) is Condition.ERROR
    assert (await browser.post(f"{HERE}/set-back")).status == 303
    assert await condition(playground) is Condition.AVAILABLE

    assert (await browser.post(f"{HERE}/fault", {"fault": "lost_answer"})).status == 303
    await send_one(browser)
    assert (await outcomes(playground))[0] is OutcomeName.UNKNOWN
    assert len(playground.sandbox.messages()) == 1
    assert (await browser.post(f"{HERE}/fault", {"fault": "flood"})).status == 422


async def condition(playground: Playground) -> Condition:
    """Return the account's condition, once what follows a send is done."""
    await playground.services.background.wait_until_idle()
    account = await playground.services.accounts.read("default", None)
    return account.condition(playground.services.clock())


async def test_only_owners_have_the_strip(playground: Playground) -> None:
    """Others neither see what LinkedIn's side sees nor make it fail."""
    viewer = await playground.enter(Rights(Role.VIEWER))
    page = await viewer.get("/console")
    assert "This is the sandbox" in page.text
    assert HERE not in page.text
    assert (await viewer.get(HERE)).status == 403
    assert (await viewer.post(f"{HERE}/fault", {"fault": "throttle"})).status == 403
    assert (await viewer.post("/console/pull-the-plug")).status == 403
    assert playground.sandbox.waiting_faults() == []


async def test_the_real_linkedin_has_no_such_pages(console: Console) -> None:
    """Without a sandbox there is neither strip nor page."""
    owner = await console.user()
    assert "sandbox" not in (await owner.get("/console")).text
    for path in (HERE, "/console/pull-the-plug"):
        assert (await owner.get(path)).status == 404
    for path in (f"{HERE}/answer", f"{HERE}/fault", f"{HERE}/set-back", "/console/pull-the-plug"):
        assert (await owner.post(path)).status == 404


async def test_a_sandbox_that_does_not_answer_is_said(url: str) -> None:  # noqa: F811 - the fixture
    """Pages that need it answer 503 with the reason; the overview goes on without it."""
    with running_sandbox(members=200) as own:
        async with running_playground(url, own) as playground:
            browser = await playground.enter()
            own.process.kill()
            own.process.wait()
            assert (await browser.get("/console")).status == 200
            reply = await browser.get(HERE)
            assert (reply.status, "does not answer" in reply.text) == (503, True)
