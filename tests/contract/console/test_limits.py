"""Limits, rules of pacing and sending hours in the console; on both stores."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from confrere.domain.outcome import Throttled
from confrere.domain.pacing_json import show_pacing
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Browser, Console, Scene

RULES = {
    "minGapSeconds": "90",
    "writesPerMinute": "",
    "sendingHours.from": "09:00",
    "sendingHours.to": "24:00",
    "sendingHours.timeZone": "Europe/Paris",
    "warmUp.startsOn": "2026-01-31",
    "warmUp.firstDay": "20",
}


async def open_page(browser: Browser, path: str) -> str:
    """Read the page, and return by what its form recognises the rules that it showed."""
    page = (await browser.get(path)).text
    return page.partition('name="seen" value="')[2].partition('"')[0]


async def test_a_daily_limit_is_never_above_150(console: Console) -> None:
    """From 0 to 150; anything else is named, kept in the field, and changes nothing."""
    browser, path = await console.user(), f"/console/accounts/{console.account.id}/limits"
    await browser.get(path)
    assert (await browser.post(path, {"dailyLimit": " 40 "})).headers["Location"] == f"{path}?done=limit"
    for wrong in ("151", "-1", "4.5", "", "x", "9" * 20):
        reply = await browser.post(path, {"dailyLimit": wrong})
        assert reply.status == 422
        assert "Messages a day must be a whole number from 0 to 150" in reply.text
        assert f'value="{wrong}"' in reply.text
    assert (await console.services.accounts.read("default", None)).daily_limit == 40


async def test_rules_are_changed(console: Console) -> None:
    """Of the account and of the workspace; the forms show them again, and the account's page has them in words."""
    browser, path = await console.user(), f"/console/accounts/{console.account.id}/limits"
    seen = await open_page(browser, path)
    fields = {**RULES, "seen": seen, "sendingHours.weekdays": "mon"}
    assert (await browser.post(f"{path}/rules", fields)).headers["Location"] == f"{path}?done=rules"
    assert show_pacing(await console.services.pacing.read("default", console.account.id)) == {
        "minGapSeconds": 90,
        "sendingHours": {"timeZone": "Europe/Paris", "weekdays": ["mon"], "from": "09:00", "to": "24:00"},
        "warmUp": {"startsOn": "2026-01-31", "firstDay": 20, "growthPerDay": 0},
    }
    page = (await browser.get(path)).text
    for words in ('value="90"', 'value="24:00"', 'value="Europe/Paris" selected', 'value="mon" checked'):
        assert words in page
    account = (await browser.get(f"/console/accounts/{console.account.id}")).text
    assert "Mon, 09:00 to 24:00, Europe/Paris" in account
    assert "20 messages on 31 Jan 2026, then 0 more each day" in account
    seen = await open_page(browser, "/console/limits")
    fields = {"seen": seen, "groupMonthlyShare": "12.5", "callsPerMinute": "600"}
    assert (await browser.post("/console/limits/rules", fields)).headers["Location"] == "/console/limits?done=rules"
    assert show_pacing(await console.services.pacing.read("default", None)) == {
        "callsPerMinute": 600,
        "groupMonthlyShare": 12.5,
    }
    seen = await open_page(browser, path)
    await browser.post(f"{path}/rules", {"seen": seen})
    assert (await console.services.pacing.read("default", console.account.id)).is_off


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"minGapSeconds": "soon"}, "Seconds between two messages must be a number"),
        ({"writesPerMinute": "1.5"}, "Messages a minute must be a whole number from 1 to 150; empty is no rule"),
        ({"sendingHours.from": "9"}, "Opens at must be a time on a 24-hour clock, such as 09:00"),
        ({"sendingHours.to": ""}, "Closes at must be a time"),
        ({"sendingHours.timeZone": "Mars"}, "Time zone must be the IANA name"),
        ({"sendingHours.weekdays": "someday"}, "Days must be a list"),
        ({"warmUp.startsOn": "tomorrow"}, "Warm-up begins on must be a day"),
        ({"warmUp.firstDay": "500"}, "Messages on the first day must be a whole number from 1 to 150"),
        ({"callsPerMinute": "5"}, "Calls of a key a minute must be set for the workspace"),
    ],
)
async def test_a_rule_that_cannot_be_is_named(console: Console, changes: dict[str, str], words: str) -> None:
    """With its label; everything that was typed stays, and no rule changes."""
    browser, path = await console.user(), f"/console/accounts/{console.account.id}/limits"
    seen = await open_page(browser, path)
    fields = {**RULES, "seen": seen, "sendingHours.weekdays": "sat", **changes}
    reply = await browser.post(f"{path}/rules", fields)
    assert reply.status == 422
    assert words in reply.text
    assert 'value="2026-01-31"' in reply.text or "warmUp.startsOn" in changes
    assert 'value="sat" checked' in reply.text or "sendingHours.weekdays" in changes
    assert (await console.services.pacing.read("default", console.account.id)).is_off


async def test_rules_that_another_has_changed_are_not_overwritten(console: Console) -> None:
    """The second of two forms is refused, and keeps what was typed."""
    browser, path = await console.user(), f"/console/accounts/{console.account.id}/limits"
    seen = await open_page(browser, path)
    await console.services.pacing.replace("default", console.account.id, {"minGapSeconds": 30})
    reply = await browser.post(f"{path}/rules", {"seen": seen, "minGapSeconds": "77"})
    assert reply.status == 409
    assert "Somebody has changed these rules" in reply.text
    assert 'value="77"' in reply.text
    rules = await console.services.pacing.read("default", console.account.id)
    assert rules.min_gap == timedelta(seconds=30)


async def test_an_account_is_disabled_and_a_hold_released(console: Console) -> None:
    """Both are buttons of the account's page, for owners; a release says what it risks."""
    browser, path = await console.user(), f"/console/accounts/{console.account.id}"
    await browser.get(path)
    assert (await browser.post(f"{path}/enabled", {"enabled": "no"})).headers["Location"] == f"{path}?done=disabled"
    assert "Enable: send again" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/enabled", {"enabled": "yes"})).headers["Location"] == f"{path}?done=enabled"
    console.upstream.member = Throttled(429, 3600)
    await browser.post(f"{path}/check")
    assert "Release the hold …" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/release")).headers["Location"] == f"{path}?done=released"
    assert (await console.services.accounts.read("default", None)).hold_until is None
    approver = await console.user("Approver", Rights(Role.APPROVER))
    assert "Change limits" not in (await approver.get(path)).text
    for act in ("limits", "limits/rules", "enabled", "release"):
        assert (await approver.post(f"{path}/{act}")).status == 403
    assert (await approver.get("/console/limits")).status == 403
    fenced = await console.user("Fenced", Rights(Role.OWNER, accounts=frozenset({"0" * 24})))
    assert (await fenced.get(f"{path}/limits")).status == 404
    for act in ("limits", "limits/rules", "enabled", "release"):
        assert (await fenced.post(f"{path}/{act}")).status == 404


@pytest.mark.browser
async def test_an_owner_sets_hours(scene: Scene) -> None:
    """The account's page leads to the form; a mistake is named at its field; then the rules stand in words."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Accounts").click()
        await page.locator("tbody th a").click()
        await page.get_by_role("link", name="Change limits and hours").click()
        await page.get_by_label("Opens at").fill("9 o'clock")
        await page.get_by_label("Closes at").fill("17:00")
        await page.get_by_label("Time zone").select_option("Europe/Paris")
        await page.get_by_role("button", name="Change the rules").click()
        await expect(page.get_by_role("alert")).to_contain_text("Opens at must be")
        await expect(page.get_by_label("Closes at")).to_have_value("17:00")
        visitor.complaints[:] = [one for one in visitor.complaints if "422" not in one]  # Chromium reports the status
        await visitor.assert_sound()
        await page.get_by_label("Opens at").fill("09:00")
        await page.get_by_role("button", name="Change the rules").click()
        await expect(page.get_by_role("status").first).to_have_text("The rules are changed.")
        await page.locator(".path a").last.click()
        rules = "Mon, Tue, Wed, Thu, Fri, 09:00 to 17:00, Europe/Paris"
        await expect(page.locator("main dl").last).to_contain_text(rules)
