"""Stored names that would do harm; in a real browser, on both stores."""

import asyncio

import pytest
from playwright.async_api import expect

from confrere.domain.session import Member
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Scene

HOSTILE = "<script>document.title='taken'</script> \u202e\u0645\u0631 " + "W" * 300


@pytest.mark.browser
async def test_hostile_names_do_no_harm(scene: Scene) -> None:
    """A name with markup, of another direction, of 300 characters is shown as it is, and every page keeps its form."""
    async with scene.site.services() as services:
        account = await services.accounts.read("default", None)
        session = await services.store.read_session(account.id, 0)
        assert session is not None
        member = Member(account.profile_urn, HOSTILE, "\u202e\u05d0\u05d1 &amp; <b>", account.public_id)
        await services.store.connect_account("default", session, member, services.clock())
    assert (await asyncio.to_thread(scene.server.send, scene.sandbox, HOSTILE)).status == 200
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await page.get_by_label("Name").fill(f"<img src=x onerror=alert(1)> {'W' * 60} \u05d0\u05d1")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        for link in ("Overview", "Accounts", "Sends"):
            await page.get_by_role("link", name=link).first.click()
            await expect(page.locator("main")).to_contain_text(HOSTILE[:60])
            await visitor.assert_sound()
        await page.locator("tbody th a").click()
        await expect(page.locator(".message")).to_have_text(HOSTILE)
        await visitor.assert_sound()
        await page.locator("dd a bdi").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("&amp; <b>")
        await visitor.assert_sound()
        assert (await page.title()).startswith("<script>")  # as text
