"""One account: its session is checked and erased; in a real browser, on both stores."""

import pytest
from playwright.async_api import expect

from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Scene


@pytest.mark.browser
async def test_an_account_is_checked_and_disconnected(scene: Scene) -> None:
    """The account's page asks LinkedIn and says what came of it; what needs a person then stands on the overview."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Accounts").click()
        await visitor.assert_sound()
        await page.locator("tbody th a").click()
        await visitor.assert_sound()
        await page.get_by_role("button", name="Check the session").click()
        await expect(page.get_by_role("status").first).to_have_text("LinkedIn takes the session.")
        await visitor.assert_sound()

        await page.get_by_text("Disconnect …").click()
        await page.get_by_role("button", name="Erase the session").click()
        await expect(page.get_by_role("status").first).to_contain_text("The session is erased")
        await visitor.assert_sound()
        await page.get_by_role("link", name="Overview").click()
        needs = page.locator(".needs")
        await expect(needs).to_contain_text("has to be connected again")
        await visitor.assert_sound()
        await needs.get_by_role("link").click()
        await expect(page.locator("#state + dl")).to_contain_text("Disconnected")
