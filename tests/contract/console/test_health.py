"""Settings and health in the console; on both stores."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from playwright.async_api import expect

from confrere.console.page import Page
from confrere.console.pages import health
from confrere.domain.installation import Finding, SettingRow
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Console, Scene


async def test_checks_and_processes_are_shown(console: Console) -> None:
    """What is wrong is named with its remedy; each process on the store has its last sign of life."""
    browser = await console.user()
    page = (await browser.get("/console/health")).text
    assert "no worker runs" in page
    assert "Requests cannot be served" in page
    assert "None has reported yet" in page
    await console.services.health.beat(is_worker=True)
    page = (await browser.get("/console/health")).text
    assert "Requests can be served" in page
    assert "One runs: campaigns go on" in page
    assert 'data-label="Does">Worker' in page
    assert (await browser.post("/console/health")).status == 200


async def test_only_owners_see_it(console: Console) -> None:
    """Settings and the whole check are for owners."""
    browser = await console.user("Approver", Rights(Role.APPROVER, inbox=True))
    assert (await browser.get("/console/health")).status == 403
    assert (await browser.post("/console/health")).status == 403


async def test_findings_have_their_remedies(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding of the whole check is a line, with what to do; settings that are not the default are marked."""

    class Ill:
        def settings(self) -> Sequence[SettingRow]:
            return [SettingRow("CONFRERE_PORT", "8080", "9090", "Port.")]

        def versions(self) -> Mapping[str, str]:
            return {"Confrere": "1.2.3"}

        async def diagnose(self) -> Sequence[Finding]:
            return [Finding("<clock>", ok=False, detail="it is wrong", remedy="Run `timedatectl`")]

    show = health._page

    async def shown(page: Page, services: object, *more: object) -> object:
        return await show(page, replace(console.services, installation=Ill()), *(more and [await Ill().diagnose()]))

    monkeypatch.setattr(health, "_page", shown)
    browser = await console.user()
    page = (await browser.get("/console/health")).text
    assert "9090" in page
    assert "changed" in page
    page = (await browser.post("/console/health")).text
    assert "&lt;clock&gt;" in page
    assert "<code>timedatectl</code>" in page


@pytest.mark.browser
async def test_an_owner_checks_everything(scene: Scene) -> None:
    """The whole check runs in place, and finds the account's session; settings have no secret."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Settings and health").click()
        await expect(page.locator("#processes + table tbody tr")).to_have_count(1)  # the server is a worker, too
        await page.get_by_role("button", name="Check everything now").click()
        await expect(page.locator("#doctor .checks")).to_contain_text("LinkedIn takes its session")
        await expect(page.locator("#doctor .checks .fails")).to_have_count(0)
        assert page.url.endswith("/console/health")
        await visitor.assert_sound()
        await expect(page.locator("main")).to_contain_text("CONFRERE_LINKEDIN_URL")
        database_url = scene.site.settings.database_url
        assert database_url is None or database_url not in await page.content()
