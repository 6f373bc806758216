"""The ledger; in a real browser, on both stores."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Scene


@pytest.mark.browser
async def test_pages_can_be_read_without_javascript(scene: Scene) -> None:
    """Without JavaScript the login, the filters and the acts work."""
    await asyncio.to_thread(scene.server.send, scene.sandbox, "Hello")
    async with visit(scene.server.url, javascript=False) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Sends").click()
        await page.get_by_label("Outcome").select_option("refused")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("main")).to_contain_text("No send matches")
        await page.get_by_label("Outcome").select_option("accepted")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="Accounts").click()
        await page.locator("tbody th a").click()
        await page.get_by_role("button", name="Check the session").click()
        await expect(page.get_by_role("status").first).to_have_text("LinkedIn takes the session.")
