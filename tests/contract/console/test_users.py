"""Users: owners invite and disable them; in a real browser, on both stores."""

import pytest
from playwright.async_api import expect

from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Scene


@pytest.mark.browser
async def test_an_owner_invites_and_disables(scene: Scene) -> None:
    """An owner makes a link for a viewer, who sees no page of owners; once disabled they are out; the log has all."""
    async with visit(scene.server.url) as visitor, visit(scene.server.url) as guest:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Users").click()
        await visitor.assert_sound()
        await page.get_by_role("button", name="Make a link").click()
        link = await page.locator(".link").text_content()
        assert link is not None
        await visitor.assert_sound()

        await guest.page.goto(link)
        await guest.page.get_by_label("Name").fill("Vivi")
        await guest.page.get_by_label("Password").fill(PASSWORD)
        await guest.page.get_by_role("button", name="Open the console").click()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Overview")
        await expect(guest.page.get_by_role("link", name="Users")).to_have_count(0)

        await page.goto(f"{scene.url}/users")
        await page.get_by_role("button", name="Disable Vivi").click()
        await expect(page.locator("tr", has_text="Vivi")).to_contain_text("Disabled")
        await guest.page.reload()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Log in")

        await page.get_by_role("button", name="New password for Vivi").click()
        await guest.page.goto(await page.locator(".link").text_content() or "")
        await guest.page.get_by_label("Password").fill("another good password")
        await guest.page.get_by_role("button", name="Set the password").click()
        await expect(guest.page.get_by_role("heading", level=1)).to_have_text("Overview")

        await page.get_by_role("link", name="Audit").click()
        await expect(page.locator("tbody tr")).to_have_count(9)
        await expect(page.locator("tbody tr").first).to_contain_text("Password set")
        await visitor.assert_sound()
        assert guest.complaints == []
