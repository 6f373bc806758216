"""The pages about personal data: erase a person, release an account after a restore, retention."""

import asyncio
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from playwright.async_api import expect

from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.person import VanityName
from confrere.domain.users import Rights, Role
from confrere.services import Services
from confrere.store.rows import to_micros
from confrere.store.script import run_query
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Console, Scene
from tests.fakes.upstream import BASTIEN

ERASE = f"/console/people/{BASTIEN.profile_urn}/erase"


async def hold(services: Services) -> None:
    """Hold every account, as restoring a backup does."""
    now = to_micros(datetime.now(UTC))
    store: Any = services.store
    await store.engine.transact(partial(run_query, "hold_restored", (to_micros(UNTIL_RELEASED), now - 10**9, now)))


async def look(services: Services, account_id: str) -> None:
    """Let the account look for lost messages, as one does that was released and that LinkedIn shows to have written."""
    now = to_micros(datetime.now(UTC))
    store: Any = services.store
    await store.engine.transact(partial(run_query, "hold_restored", (None, now - 10**9, now)))
    await store.engine.transact(partial(run_query, "begin_looking", (account_id, now + 10**9)))


async def test_a_person_is_erased(console: Console) -> None:
    """The page says what goes; without the box nothing does; afterwards it says when, and the file has nothing left."""
    store, browser = console.services.store, await console.user()
    await store.add_resolved_person("default", VanityName("bastien-exemple"), BASTIEN, console.services.clock())
    assert "What goes" in (await browser.get(ERASE)).text
    unsure = await browser.post(ERASE)
    assert unsure.status == 422
    assert 'role="alert"' in unsure.text
    exported = await browser.get(ERASE.replace("/erase", "/export"))
    assert json.loads(exported.text)["resolved_people"][0]["firstName"] == "Bastien"
    await browser.get(ERASE)
    assert (await browser.post(ERASE, {"sure": "yes"})).status == 303
    assert "Erased on" in (await browser.get(ERASE)).text
    assert json.loads((await browser.get(ERASE.replace("/erase", "/export"))).text)["resolved_people"] == []


async def test_the_own_account_is_no_person_to_erase(console: Console) -> None:
    """The page comes back and names the remedy."""
    browser = await console.user()
    path = f"/console/people/{console.account.profile_urn}/erase"
    await browser.get(path)
    refused = await browser.post(path, {"sure": "yes"})
    assert refused.status == 422
    assert "accounts disconnect" in refused.text


@pytest.mark.parametrize("path", [ERASE, ERASE.replace("/erase", "/export")])
async def test_people_are_data_of_all_accounts(console: Console, path: str) -> None:
    """A user of some accounts, or without the right to administer, neither erases nor exports."""
    limited = Rights(Role.OWNER, accounts=frozenset({console.account.id}))
    for number, rights in enumerate((limited, Rights(Role.APPROVER))):
        browser = await console.user(f"Odile {number}", rights)
        assert (await browser.get(path)).status == 403
        assert (await browser.post(ERASE, {"sure": "yes"})).status == 403
    assert await console.services.personal_data.read_erasure("default", BASTIEN.profile_urn) is None


async def test_an_account_is_released_after_a_restore(console: Console) -> None:
    """What was typed badly stays; without a number the day is used up. Its search for lost messages can be ended."""
    browser = await console.user()
    path = f"/console/accounts/{console.account.id}"
    for typed, used in (("", 150), ("20", 150)):
        await hold(console.services)
        assert "Since a backup was restored" in (await browser.get(path)).text
        await browser.get(f"{path}/restored")
        bad = await browser.post(f"{path}/restored", {"sent_today": "many"})
        assert bad.status == 422
        assert 'value="many"' in bad.text
        assert (await browser.post(f"{path}/restored", {"sent_today": typed})).status == 303
        account, quotas = await console.services.accounts.read_quotas("default", console.account.id)
        assert not account.awaits_release
        assert quotas[0].used == used
    assert "Looks for lost messages until" in (await browser.get(path)).text
    assert "Stop looking now" in (await browser.get(f"{path}/restored")).text
    assert (await browser.post(f"{path}/restored/end")).status == 303
    assert (await console.services.accounts.read("default", console.account.id)).lost is None
    assert "Looks for lost messages until" not in (await browser.get(path)).text


async def test_the_rules_of_retention_are_shown(console: Console) -> None:
    """Each with its setting; off by default."""
    shown = (await (await console.user()).get("/console/retention")).text
    assert shown.count("For ever") == 3
    assert "CONFRERE_KEEP_TEXTS_DAYS" in shown


@pytest.mark.browser
async def test_a_person_is_erased_and_an_account_released(scene: Scene) -> None:
    """In a browser: each page, with and without its problem."""
    async with scene.site.services() as services:
        await hold(services)
    account = scene.sandbox.accounts[0].profile_urn
    await asyncio.to_thread(scene.sandbox.reply, scene.sandbox.recipient, account, "Hello")  # in the lost time
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.goto(f"{scene.url}/people/{scene.sandbox.recipient}/erase")
        await visitor.assert_sound()
        await page.get_by_label("Erase this person").check()
        await page.get_by_role("button", name="Erase this person").click()
        await expect(page.get_by_role("status")).to_contain_text("Erased on")
        await visitor.assert_sound()
        await page.goto(f"{scene.url}/accounts/{scene.site.account_ids[0]}")
        await visitor.assert_sound()
        await page.get_by_role("link", name="What that means").click()
        await visitor.assert_sound()
        await page.get_by_label("Messages sent today").fill("151")
        await page.get_by_role("button", name="Release the account").click()
        await expect(page.get_by_role("alert")).to_contain_text("from 0 to 150")
        visitor.complaints.clear()  # Chromium reports the status 422
        await visitor.assert_sound()
        await page.get_by_label("Messages sent today").fill("20")
        await page.get_by_role("button", name="Release the account").click()
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("After a restore")
        async with scene.site.services() as services:
            await look(services, scene.site.account_ids[0])
        await page.goto(f"{scene.url}/accounts/{scene.site.account_ids[0]}")
        await page.get_by_role("link", name="Why, and how to end it").click()
        await page.get_by_text("Stop looking now").click()
        await visitor.assert_sound()
        await page.goto(f"{scene.url}/retention")
        await visitor.assert_sound()
