"""Theme and time zone of the console's pages; on both stores."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Console, Scene

HOURS = {"timeZone": "Asia/Tokyo", "from": "09:00", "to": "17:00"}


async def test_times_are_in_the_chosen_zone(console: Console) -> None:
    """UTC at first, then the zone of the browser's choice, always with its name."""
    browser = await console.user("Viewer", Rights(Role.VIEWER))
    assert "Times are in UTC" in (await browser.get("/console")).text
    fields = {"zone": "America/New_York", "back": "/console/sends?outcome=unknown"}
    kept = await browser.post("/console/display", fields)
    assert kept.headers["Location"] == "/console/sends?outcome=unknown"
    page = (await browser.get("/console")).text
    assert "Times are in America/New York" in page
    assert "\u00a0EST; the day ends" in page or "\u00a0EDT; the day ends" in page
    assert '<option value="America/New_York" selected>' in (await browser.get("/console/display")).text


async def test_pages_of_an_account_are_in_its_zone(console: Console) -> None:
    """The zone of its own sending hours, or else of the workspace's, or else that which the browser has chosen."""
    browser = await console.user()
    await browser.get("/console")
    await browser.post("/console/display", {"zone": "America/New_York"})
    path = f"/console/accounts/{console.account.id}"
    assert "Times are in America/New York" in (await browser.get(path)).text
    await console.services.pacing.replace("default", None, {"sendingHours": {**HOURS, "timeZone": "Asia/Dubai"}})
    page = (await browser.get(path)).text
    assert "Times are in Asia/Dubai" in page
    assert "\u00a0UTC+04</time>" in page
    await console.services.pacing.replace("default", console.account.id, {"sendingHours": HOURS})
    assert "\u00a0JST</time>" in (await browser.get(path)).text


async def test_a_theme_is_kept(console: Console) -> None:
    """Light, dark, or again as the system is; after a long time, too, and for this browser only."""
    browser, other = await console.user("Odile"), await console.user("Odette")
    await browser.get("/console")
    for theme in ("dark", "light"):
        assert (await browser.post("/console/display", {"theme": theme})).headers["Location"] == "/console/display"
        console.pass_time(timedelta(hours=1))
        assert f'<html lang="en" data-theme="{theme}">' in (await browser.get("/console")).text
    assert '<html lang="en">' in (await other.get("/console")).text
    await browser.post("/console/display", {"theme": "system"})
    assert '<html lang="en">' in (await browser.get("/console")).text


async def test_a_choice_that_there_is_not_is_refused(console: Console) -> None:
    """A form names the field; a cookie is ignored; the way back leads to pages of the console only."""
    browser = await console.user()
    await browser.get("/console")
    for fields in ({"zone": "Mars/Olympus"}, {"zone": "../../etc/passwd"}, {"theme": "blue"}):
        reply = await browser.post("/console/display", fields)
        assert reply.status == 422
        assert f"{next(iter(fields))} must be one of" in reply.text
    assert (await browser.post("/console/display", {"back": "//evil.example"})).headers[
        "Location"
    ] == "/console/display"
    port = console.url.rpartition(":")[2]
    browser.cookies |= {f"confrere-{port}-zone": "../x", f"confrere-{port}-theme": '"><script>'}
    page = await browser.get("/console")
    assert page.status == 200
    assert "<script>" not in page.text
    assert "Times are in UTC" in page.text


@pytest.mark.browser
async def test_a_browser_stays_dark(scene: Scene) -> None:
    """The footer's buttons change the theme without JavaScript, whatever the system's is."""
    async with visit(scene.server.url, javascript=False) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("button", name="Dark").click()
        body = page.locator("body")
        await expect(body).to_have_css("background-color", "rgb(15, 20, 24)")
        await page.get_by_role("link", name="Change").click()
        await page.get_by_label("Times in").select_option("Europe/Paris")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator("footer")).to_contain_text("Times are in Europe/Paris")
        await expect(body).to_have_css("background-color", "rgb(15, 20, 24)")
        await page.get_by_role("button", name="Light").click()
        await expect(body).to_have_css("background-color", "rgb(246, 248, 248)")
