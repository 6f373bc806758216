"""From a group to one message, and the do-not-contact list, in a real browser against the sandbox."""

import asyncio
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from confrere.domain.group import KnownGroup, KnownMember
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Scene

pytestmark = pytest.mark.browser

HOSTILE = "<script>document.title='taken'</script> \u202e\u0645\u0631 " + "W" * 300


async def test_a_member_is_found_and_written_to(scene: Scene) -> None:
    """From the members of a group to a message that LinkedIn has once, though its button is pressed twice."""
    async with scene.site.services() as services:
        await services.members.read_more("default", scene.site.account_ids[0], GroupId(scene.sandbox.group_id))
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.goto(f"{scene.url}/groups/{scene.sandbox.group_id}")
        rows = page.locator("tbody tr", has=page.get_by_role("link", name="Write"))
        await rows.nth(0).get_by_role("checkbox").check()
        await rows.nth(1).get_by_role("checkbox").check()
        name = await rows.nth(0).locator("a bdi").text_content()
        assert name is not None
        await page.get_by_label("Name", exact=True).fill(name)
        await page.get_by_label("Name", exact=True).press("Enter")
        await expect(page.locator("#elsewhere")).to_contain_text("1 person chosen on other pages")
        await page.get_by_role("link", name=name, exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await page.go_back()
        await expect(page.locator("#count")).to_have_text("2 people chosen")
        await visitor.assert_sound()
        await page.get_by_role("button", name="Show all").click()
        await expect(page.locator("tbody input:checked")).to_have_count(2)
        await page.get_by_role("button", name="Write to the chosen people").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await page.locator("textarea").press_sequentially("Dear {{ firstName }}, hello")
        await expect(page.locator("#preview .message")).to_have_text(f"Dear {name.split()[0]}, hello")  # by itself
        await expect(page.locator("#may-go")).to_have_text("It may go now")
        await visitor.assert_sound()
        await page.get_by_role("button", name="Next person").click()
        await expect(page.get_by_role("heading", level=1)).not_to_contain_text(name)
        await expect(page.locator("textarea")).to_have_value("Dear {{ firstName }}, hello")
        await page.get_by_role("button", name="Previous person").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)

        await page.get_by_role("button", name="Send to one").dblclick(no_wait_after=True)
        await expect(page.locator("#what")).to_have_text("Accepted")
        await expect(page.locator(".message")).to_contain_text("hello")
        assert len(await asyncio.to_thread(scene.sandbox.messages)) == 1
        await page.reload()
        assert len(await asyncio.to_thread(scene.sandbox.messages)) == 1
        await page.locator("dd a bdi").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await expect(page.locator("main")).to_contain_text("Accepted")
        await visitor.assert_sound()

        await page.get_by_text("Do not contact …").click()
        await page.get_by_label("Reason").fill("Asked by phone")
        await page.get_by_role("button", name="Put on the do-not-contact list").click()
        await expect(page.get_by_role("status").first).to_contain_text("is on the do-not-contact list")
        await visitor.assert_sound()
        await page.get_by_role("link", name="Do not contact", exact=True).click()
        await expect(page.locator("tbody tr")).to_contain_text("Asked by phone")
        await visitor.assert_sound()


async def test_a_table_is_imported_after_a_look(scene: Scene) -> None:
    """A pasted table is first shown line by line, then written; all of it works without JavaScript, too."""
    async with visit(scene.server.url, javascript=False) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.goto(f"{scene.url}/do-not-contact")
        await expect(page.locator("main")).to_contain_text("Nobody is on the list yet")
        await page.get_by_role("link", name="Import a table", exact=True).click()
        await page.locator("textarea").fill("ACoAAone,Said no\nnobody here\nACoAAtwo,")
        await page.get_by_role("button", name="Show what would happen").click()
        await expect(page.locator("tbody tr")).to_have_count(3)
        await page.get_by_role("button", name="Add 2 people to the list").click()
        await expect(page.get_by_role("status").first).to_contain_text("2 people were added; 1 line was left out")
        await page.get_by_role("link", name="Show the list").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
    async with visit(scene.server.url) as visitor:
        await visitor.page.goto(await scene.link())
        await visitor.page.goto(f"{scene.url}/do-not-contact/import")
        await visitor.assert_sound()
        await visitor.page.locator("input[type=file]").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": b"ACoAAone\nACoAAthree\nno one\n"}
        )
        await visitor.page.get_by_role("button", name="Show what would happen").click()
        await expect(visitor.page.locator("tbody tr")).to_have_count(3)
        await visitor.assert_sound()


async def test_hostile_names_do_no_harm(scene: Scene) -> None:
    """Names, headlines and reasons with markup, of another direction, of 300 characters are shown as they are."""
    who = Person(ProfileUrn("urn:li:fsd_profile:ACoAAhostile"), "p", HOSTILE, "\u202e\u05d0\u05d1 <b>", HOSTILE)
    account_id, now = scene.site.account_ids[0], datetime.now(UTC)
    async with scene.site.services() as services:
        await services.store.keep_groups("default", [KnownGroup("42", HOSTILE, 9)])
        await services.store.add_members(
            "default", account_id, GroupId("42"), [KnownMember(who)], places_read=1, is_read=True, now=now
        )
    async with visit(scene.server.url) as visitor:
        page, at = visitor.page, f"account={account_id}&group=42&person=ACoAAhostile"
        await page.goto(await scene.link())
        for path in (f"groups/42?account={account_id}", f"compose?{at}", "people/ACoAAhostile"):
            await page.goto(f"{scene.url}/{path}")
            await expect(page.locator("main")).to_contain_text(HOSTILE[:60])
            await visitor.assert_sound()
        await page.get_by_text("Do not contact …").click()
        await page.get_by_label("Reason").fill(HOSTILE)
        await page.get_by_role("button", name="Put on the do-not-contact list").click()
        await page.goto(f"{scene.url}/do-not-contact")
        await expect(page.locator("tbody tr")).to_contain_text(HOSTILE[:60])
        await visitor.assert_sound()
