"""A campaign from a pasted list to its end, and two people at it at once, in real browsers on both stores."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.contract.console.chromium import Visitor, visit
from tests.contract.console.conftest import Scene

pytestmark = pytest.mark.browser

TEXT = 'Hello {{ firstName | default: "there" }},\nmay I ask you something? If you would rather not, just say so.'


async def test_a_campaign_is_prepared_tried_with_one_started_and_finished(scene: Scene) -> None:
    """Who has read nothing pastes people, writes a text, reads what each would get, sends one, starts; all get one."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Campaigns").click()
        await visitor.assert_sound()
        await page.get_by_role("link", name="New campaign").click()
        await visitor.assert_sound()
        await page.get_by_role("link", name="Paste a list").click()
        people = await paste_people(scene, page, 4)
        await visitor.assert_sound()
        await page.get_by_role("button", name="Make the audience").click()

        await page.get_by_role("textbox", name="Name", exact=True).fill("Spring")
        await page.get_by_text("Pace and other options").click()
        await page.get_by_label("Spread each day").uncheck()
        await page.get_by_role("textbox", name="Text").press_sequentially("Hello {{ frstName }}")
        await expect(page.locator("#preview")).to_contain_text("did you mean firstName?")  # while it is typed
        await page.get_by_role("textbox", name="Text").fill(TEXT)
        await expect(page.locator("#preview .message")).to_have_text(
            TEXT.replace('{{ firstName | default: "there" }}', "there")
        )
        await page.get_by_role("button", name="Next person").click()
        await expect(page.get_by_role("button", name="Previous person")).to_be_visible()
        await visitor.assert_sound()
        await page.get_by_role("button", name="Save and check").click()

        await expect(page.get_by_role("heading", name="4 people would be written to")).to_be_visible()
        await visitor.assert_sound()
        await page.get_by_role("link", name="Read every text in full").click()
        await expect(page.locator(".message")).to_have_count(4)
        await visitor.assert_sound()
        await page.get_by_role("button", name="Send this one message now").last.click()
        await expect(page.get_by_role("status").first).to_contain_text("accepted")
        assert [one["recipient"] for one in scene.sandbox.messages()] == [people[3]]
        await expect(page.get_by_role("heading", name="3 people would be written to")).to_be_visible()
        await visitor.assert_sound()

        await page.get_by_role("button", name="Start: write to 3 people").click()
        await expect(page.locator("#status")).to_contain_text("Finished")  # by itself
        await expect(page.locator("#live")).to_contain_text("3 of 4 people written to")
        await visitor.assert_sound()
        assert sorted(one["recipient"] for one in scene.sandbox.messages()) == sorted(people)
        await page.get_by_role("link", name="Written to before").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.get_by_role("link", name="The earlier message")).to_be_visible()
        await visitor.assert_sound()
        await page.get_by_role("link", name="Campaigns").first.click()
        await visitor.assert_sound()


async def test_two_people_at_one_draft(scene: Scene) -> None:
    """Of two who edit, the second sees the other's version, and keeps theirs; no start of what was changed happens."""
    link = await scene.link()
    async with visit(scene.server.url) as odile, visit(scene.server.url) as bea:
        await odile.page.goto(link)
        await odile.page.goto(f"{scene.url}/audiences/new?then=campaign")
        await paste_people(scene, odile.page, 3)
        await odile.page.get_by_role("button", name="Make the audience").click()
        await odile.page.get_by_role("textbox", name="Name", exact=True).fill("Spring")
        await odile.page.get_by_role("textbox", name="Text").fill(TEXT)
        await odile.page.get_by_role("button", name="Save and check").click()
        await expect(odile.page.get_by_role("button", name="Start")).to_be_visible()
        draft = odile.page.url

        await bea.page.goto(await scene.link())
        await rewrite(bea.page, draft, "Hello from Bea. If you would rather not, just say so.")
        await odile.page.get_by_role("button", name="Start").click()
        await expect(odile.page.get_by_role("alert")).to_contain_text("somebody has changed it since you checked it")
        await expect(odile.page.get_by_role("alert")).to_contain_text("Hello from Bea")
        forget_refusal(odile)
        await odile.assert_sound()
        assert scene.sandbox.messages() == []

        await odile.page.goto(f"{draft}/edit")
        await rewrite(bea.page, draft, "Hello again from Bea. If you would rather not, just say so.")
        mine = "Hello from Odile. If you would rather not, just say so."
        await odile.page.get_by_role("textbox", name="Text").fill(mine)
        await odile.page.get_by_role("button", name="Save and check").click()
        await expect(odile.page.get_by_role("alert")).to_contain_text("Hello again from Bea")
        await expect(odile.page.get_by_role("textbox", name="Text")).to_have_value(mine)
        forget_refusal(odile)
        await odile.assert_sound()
        await odile.page.get_by_role("button", name="Save and check").click()
        await odile.page.get_by_role("button", name="Start").click()
        await expect(odile.page.locator("#status")).to_contain_text("Running")
        assert bea.complaints == []


async def rewrite(page: Page, draft: str, text: str) -> None:
    """Give the draft another text."""
    await page.goto(f"{draft}/edit")
    await page.get_by_role("textbox", name="Text").fill(text)
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def paste_people(scene: Scene, page: Page, count: int) -> list[str]:
    """Fill in the form of an audience with members of the sandbox's group; return them."""
    world = await asyncio.to_thread(scene.sandbox.world, group=scene.sandbox.group_id, count=count, start=2)
    people = [str(member["profileUrn"]) for member in world["recipients"]]
    await page.get_by_role("textbox", name="Name", exact=True).fill("Buyers")
    await page.get_by_label("Group that they are all in").fill(scene.sandbox.group_id)
    await page.get_by_label("People, one a line").fill("\n".join(people))
    await page.get_by_role("button", name="Only look through it").click()
    await expect(page.get_by_role("status").first).to_contain_text(f"{count} people found")
    return people


def forget_refusal(visitor: Visitor) -> None:
    """Take away what the browser reports of a page with the status 409."""
    visitor.complaints[:] = [one for one in visitor.complaints if "409" not in one]
