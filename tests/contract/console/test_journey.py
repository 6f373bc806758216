"""From the members of a group to the last reply, as one person does it in a real browser, on both stores."""

import asyncio
from collections import Counter
from collections.abc import Mapping

import pytest
from playwright.async_api import expect

from tests.contract.console.chromium import Visitor, visit
from tests.contract.console.conftest import Scene

pytestmark = pytest.mark.browser

TEXT = 'Hello {{ firstName | default: "there" }},\nmay I ask you something? If you would rather not, just say so.'
GLAD, UNSURE, OUT = "Gladly, tell me more", "Where did you get my name?", "Please stop"


@pytest.fixture
def server_environment() -> Mapping[str, str]:
    """Read the mailboxes often."""
    return {"CONFRERE_REPLIES_EVERY_SECONDS": "1"}


async def test_from_the_members_of_a_group_to_the_last_reply(scene: Scene) -> None:
    """Who is chosen among the members gets the text once, none is missed; who answers is answered or left alone."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        chosen = await make_audience(visitor)
        await write_and_check(visitor, chosen)
        await page.get_by_role("button", name="Send this one message now").click()
        await expect(page.get_by_role("status").first).to_contain_text("accepted")
        assert await inboxes(scene) == {next(iter(chosen)): 1}
        await expect(page.get_by_role("heading", name="4 people would be written to")).to_be_visible()
        await visitor.assert_sound()

        await page.get_by_role("button", name="Start: write to 4 people").click()
        await expect(page.locator("#status")).to_contain_text("Finished")  # by itself
        await expect(page.locator("#live")).to_contain_text("4 of 5 people written to")
        await visitor.assert_sound()
        assert await inboxes(scene) == dict.fromkeys(chosen, 1)
        for message in await asyncio.to_thread(scene.sandbox.messages):
            assert message["text"].startswith(f"Hello {chosen[message['recipient']].split()[0]},\nmay I ask")
        await page.get_by_role("link", name="Written to before").click()
        await expect(page.get_by_role("link", name="The earlier message")).to_be_visible()
        await visitor.assert_sound()

        glad, unsure, out = list(chosen)[:3]
        await page.locator("#pages").get_by_role("link", name="Replies").click()
        await expect(page.locator("main")).to_contain_text("Nobody has replied yet")
        await visitor.assert_sound()
        for person, text in ((glad, GLAD), (unsure, UNSURE), (out, OUT)):
            await asyncio.to_thread(scene.sandbox.reply, person, scene.sandbox.accounts[0].profile_urn, text)
        await expect(page.locator(".inbox li")).to_have_count(3)  # by itself
        await expect(page.locator(".inbox li", has_text=OUT)).to_contain_text("Wants out")
        await answer(visitor)
        await page.locator(".inbox li", has_text=UNSURE).get_by_role("link").click()
        await expect(page.locator("#decide")).to_be_visible()
        await visitor.assert_sound()
        await page.get_by_role("button", name="They do not want out").click()
        await expect(page.get_by_role("status").last).to_have_text("The reply is handled.")

        await page.get_by_role("link", name="Do not contact", exact=True).click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("tbody tr")).to_contain_text(chosen[out])
        await visitor.assert_sound()
        assert await inboxes(scene) == {**dict.fromkeys(chosen, 1), glad: 2}


async def make_audience(visitor: Visitor) -> dict[str, str]:
    """Read a group's members, and make an audience of five of them; return their names by URN."""
    page = visitor.page
    await page.get_by_role("link", name="Groups").click()
    await expect(page.locator("main")).to_contain_text("will stand here")
    await visitor.assert_sound()
    await page.get_by_role("button", name="Read the groups from LinkedIn").click()
    await page.locator("tbody th a").first.click()
    await expect(page.locator("main")).to_contain_text("No member of this group is known yet")
    await visitor.assert_sound()
    await page.get_by_role("button", name="members from LinkedIn").click()
    await expect(page.get_by_role("status").first).to_contain_text("members are known now")
    rows = page.locator("tbody tr", has=page.get_by_role("link", name="Write"))
    chosen = {}
    for number in range(5):
        box = rows.nth(number).get_by_role("checkbox")
        await box.check()
        chosen[f"urn:li:fsd_profile:{await box.get_attribute('value')}"] = (
            await rows.nth(number).locator("a bdi").inner_text()
        )
    await visitor.assert_sound()
    await page.get_by_label("Name of the audience").first.fill("Buyers")
    await page.get_by_role("button", name="Make an audience of the chosen people").click()
    await expect(page.get_by_role("heading", name="5 people")).to_be_visible()
    await visitor.assert_sound()
    return chosen


async def write_and_check(visitor: Visitor, chosen: Mapping[str, str]) -> None:
    """Draft a campaign for the audience that is shown, with a fault that the preview finds, and have it checked."""
    page, first = visitor.page, next(iter(chosen.values())).split()[0]
    await page.get_by_role("link", name="Make a campaign for them").click()
    await page.get_by_role("textbox", name="Name", exact=True).fill("Spring")
    await page.get_by_text("Pace and other options").click()
    await page.get_by_label("Spread each day").uncheck()
    await page.get_by_role("textbox", name="Text").press_sequentially("Hello {{ frstName }}")
    await expect(page.locator("#preview")).to_contain_text("did you mean firstName?")  # while it is typed
    await page.get_by_role("textbox", name="Text").fill(TEXT)
    await expect(page.locator("#preview .message")).to_contain_text(f"Hello {first},")
    await page.get_by_role("button", name="Next person").click()
    await expect(page.get_by_role("button", name="Previous person")).to_be_visible()
    await visitor.assert_sound()
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_role("heading", name="5 people would be written to")).to_be_visible()
    await visitor.assert_sound()
    await page.get_by_role("link", name="Read every text in full").click()
    await expect(page.locator(".message")).to_have_count(5)
    await visitor.assert_sound()
    await page.go_back()


async def answer(visitor: Visitor) -> None:
    """Answer who is glad, with a button that is pressed twice, and mark the reply as handled."""
    page = visitor.page
    await page.locator(".inbox li", has_text=GLAD).get_by_role("link").click()
    await expect(page.locator("#thread .said")).to_have_count(2)
    await expect(page.locator("#thread")).to_contain_text("may I ask you something?")
    await visitor.assert_sound()
    await page.get_by_label("Answer").fill("I will call you on Monday")
    await page.get_by_role("button", name="Send the answer").dblclick()
    await expect(page.get_by_role("status").last).to_contain_text("LinkedIn has your answer.")
    await expect(page.locator("#thread")).to_contain_text("I will call you on Monday")
    await page.get_by_role("button", name="Mark as handled").click()
    await expect(page.get_by_role("status").last).to_have_text("The reply is handled.")


async def inboxes(scene: Scene) -> dict[str, int]:
    """Return how many messages each person has, from LinkedIn's side."""
    messages = await asyncio.to_thread(scene.sandbox.messages)
    return dict(Counter(message["recipient"] for message in messages))
