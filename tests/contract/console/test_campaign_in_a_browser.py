"""A campaign of a pasted list, and two people at it at once, in real browsers."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.contract.console.chromium import Visitor, visit
from tests.contract.console.conftest import Scene

pytestmark = pytest.mark.browser

TEXT = 'Hello {{ firstName | default: "there" }},\nmay I ask you something? If you would rather not, just say so.'


async def test_two_people_at_one_draft(scene: Scene) -> None:
    """Of two who edit, the second sees the other's version, and keeps theirs; no start of what was changed happens."""
    link = await scene.link()
    async with visit(scene.server.url) as odile, visit(scene.server.url) as bea:
        await odile.page.goto(link)
        await odile.page.get_by_role("link", name="Campaigns").click()
        await odile.assert_sound()
        await odile.page.get_by_role("link", name="New campaign").click()
        await odile.assert_sound()
        await odile.page.get_by_role("link", name="Paste a list").click()
        await paste_people(scene, odile.page, 3)
        await odile.assert_sound()
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
        await odile.page.get_by_role("link", name="Campaigns").first.click()
        await odile.assert_sound()
        assert bea.complaints == []


async def rewrite(page: Page, draft: str, text: str) -> None:
    """Give the draft another text."""
    await page.goto(f"{draft}/edit")
    await page.get_by_role("textbox", name="Text").fill(text)
    await page.get_by_role("button", name="Save and check").click()
    await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def paste_people(scene: Scene, page: Page, count: int) -> None:
    """Fill in the form of an audience with members of the sandbox's group."""
    world = await asyncio.to_thread(scene.sandbox.world, group=scene.sandbox.group_id, count=count, start=2)
    people = [str(member["profileUrn"]) for member in world["recipients"]]
    await page.get_by_role("textbox", name="Name", exact=True).fill("Buyers")
    await page.get_by_label("Group that they are all in").fill(scene.sandbox.group_id)
    await page.get_by_label("People, one a line").fill("\n".join(people))
    await page.get_by_role("button", name="Only look through it").click()
    await expect(page.get_by_role("status").first).to_contain_text(f"{count} people found")


def forget_refusal(visitor: Visitor) -> None:
    """Take away what the browser reports of a page with the status 409."""
    visitor.complaints[:] = [one for one in visitor.complaints if "409" not in one]
