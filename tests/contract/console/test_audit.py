"""The page Audit: who did what, found again."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.console.words import ACTOR_WORDS, action_words
from confrere.domain.audit import Actor, ActorKind, AuditAction, acting_as
from confrere.domain.keys import Scope
from confrere.domain.urns import ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Console, Scene
from tests.fakes.upstream import BROWSER, ODILE

PERSON = ProfileUrn("urn:li:fsd_profile:ACoAAnobodyelse")


def table(text: str) -> list[str]:
    """Return the rows of the page's table as text, newest first."""
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in rows]


async def test_the_log_has_who_acts_in_the_console(console: Console) -> None:
    """What is done on a page stands in the log with user, address and request; its pages follow each other."""
    owner = await console.user("Odile")
    for _ in range(51):
        await owner.post("/console/users/invite", {"role": "viewer"})
    newest = (await console.services.audit.list_audit("default", before=None, count=1))[0]
    assert (newest.actor.kind, newest.actor.address) == (ActorKind.USER, "127.0.0.1")
    page = await owner.get("/console/audit")
    assert newest.actor.request_id is not None
    assert newest.actor.request_id in page.text
    older = page.text.partition('rel="next" href="')[2].partition('"')[0]
    assert "User joined" in (await owner.get(older)).text
    assert (await owner.get("/console/audit?before=x")).status == 422


async def test_a_change_on_a_page_is_the_users(console: Console) -> None:
    """A use case that is not given who acts finds the user of the page; the entry leads to the account."""
    owner = await console.user("Odile")
    await owner.get("/console/accounts")
    await owner.post(f"/console/accounts/{console.account.id}/disconnect")
    page = await owner.get("/console/audit?action=account_disconnected")
    [row] = table(page.text)
    assert ("Account disconnected" in row, "Odile (User)" in row, "127.0.0.1" in row) == (True, True, True)
    path = page.text.partition("<tbody>")[2].partition('href="')[2].partition('"')[0]
    assert path == f"/console/accounts/{console.account.id}"
    assert (await owner.get(path)).status == 200


async def test_the_log_is_searched(console: Console) -> None:
    """By user, key, kind, action, subject, person and day; filters stay in the form, the pages and the export."""
    owner = await console.user("Odile")
    key, _ = await console.services.keys.create("default", name="crm", scopes=[Scope.SEND])
    with acting_as(Actor(ActorKind.AGENT, key.id)):
        await console.services.do_not_contact.add("default", [PERSON], reason=None, source="api")
    users = await console.services.logins.list_users("default")
    for query, actions in [
        (f"actor={key.id}", ["Put on the do-not-contact list"]),
        ("actor=agent", ["Put on the do-not-contact list"]),
        (f"actor={users[0].id}", ["User joined"]),
        (f"subject={PERSON}", ["Put on the do-not-contact list"]),
        ("action=key_created", ["API key created"]),
        ("since=2999-01-01", []),
    ]:
        page = await owner.get(f"/console/audit?{query}")
        rows = table(page.text)
        assert len(rows) == len(actions), (query, rows)
        assert all(action in row for action, row in zip(actions, rows, strict=True)), (query, rows)
        assert page.text.count(" selected") + page.text.count(f'value="{PERSON}"') <= 1
        if actions:
            assert f'href="/console/audit/export?{query.replace(":", "%3A")}"' in page.text
    assert "No entry matches" in (await owner.get("/console/audit?since=2999-01-01")).text
    page = await owner.get(f"/console/audit?subject={PERSON}")
    assert "crm (Agent)" in table(page.text)[0]
    assert PERSON not in page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    hashed = page.text.partition("<tbody>")[2].partition('href="')[2].partition('"')[0]
    assert len(table((await owner.get(hashed)).text)) == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [("actor=x", "By"), ("action=x", "Action"), ("subject=%3Cb%3E", "About"), ("since=x", "From")],
)
async def test_a_filter_that_cannot_be_used_is_named(console: Console, query: str, field: str) -> None:
    """The page says which and how, marks the field, and lists nothing; so does the export."""
    owner = await console.user()
    page = await owner.get(f"/console/audit?{query}")
    assert (page.status, table(page.text)) == (422, [])
    assert re.search(rf'role="alert"[^>]*>{field} must', page.text)
    assert page.text.count('aria-invalid="true"') == 1
    assert (await owner.get(f"/console/audit/export?{query}")).status == 422


async def test_the_log_is_exported(console: Console) -> None:
    """As a file of any length, with the page's filters; the export is an entry, and no page keeps the file."""
    owner = await console.user()
    for number in range(1, 502):
        await console.services.accounts.update("default", console.account.id, daily_limit=number % 150)
    reply = await owner.get("/console/audit/export?action=account_limit_changed")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "audit.csv" in reply.headers["Content-Disposition"]
    assert reply.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert len({row["number"] for row in rows}) == len(rows) == 501
    [row] = table((await owner.get("/console/audit?action=exported")).text)
    assert "Exported audit log" in row


async def test_only_who_may_see_the_log_sees_it(console: Console) -> None:
    """Who has another role is refused the page and the export; who sees some accounts reads no names of others."""
    viewer = await console.user("Vivi", Rights(Role.VIEWER))
    assert [(await viewer.get(f"/console/{path}")).status for path in ("audit", "audit/export")] == [403, 403]
    console.upstream.member = replace(ODILE, profile_urn=str(PERSON), first_name="Anton")
    other = await console.services.accounts.connect("default", BROWSER)
    limited = await console.user("Lena", Rights(Role.OWNER, accounts=frozenset({console.account.id})))
    page = (await limited.get("/console/audit?action=account_connected")).text
    mine, others = f"/console/accounts/{console.account.id}", f"/console/accounts/{other.id}"
    assert (mine in page, others in page, "Anton" in page) == (True, False, False)
    everything = (await (await console.user("Odile")).get("/console/audit?action=account_connected")).text
    assert (others in everything, "Anton" in everything) == (True, True)


async def test_a_page_of_the_past_has_no_dead_links(console: Console) -> None:
    """What was deleted since stands there by its id, without a link."""
    owner = await console.user()
    templates = console.services.templates
    made = await templates.create("default", name="Hello", text="Hello")
    await templates.delete("default", made.id)
    page = await owner.get("/console/audit?action=template_deleted")
    assert made.id in table(page.text)[0]
    assert "href" not in page.text.partition("<tbody>")[2].partition("</tbody>")[0]


def test_every_action_and_actor_has_words() -> None:
    """No two actions are called the same, and none by its name in programs."""
    words = [action_words(action) for action in AuditAction]
    assert len(set(words)) == len(words)
    assert not any("_" in one for one in words)
    assert set(ACTOR_WORDS) == set(ActorKind)


@pytest.mark.browser
async def test_the_log_is_read_with_a_browser(scene: Scene, tmp_path: Path) -> None:
    """What a page has done is found by its filters, a mistake is named beside what was typed, the file has all."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(scene.server.ready["consoleUrl"])
        await page.get_by_label("Name").fill("Odile")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Open the console").click()
        await page.get_by_role("link", name="Audit").click()
        await visitor.assert_sound()
        await page.get_by_label("By").select_option(label="Odile")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("tbody tr")).to_contain_text("User joined")
        await page.get_by_label("About").fill("nobody at all")
        await page.get_by_role("button", name="Filter").click()
        await expect(page.get_by_role("alert")).to_contain_text("About must be")
        await expect(page.get_by_label("About")).to_have_value("nobody at all")
        visitor.complaints.clear()  # Chromium reports the status 422
        await visitor.assert_sound()
        await page.get_by_role("link", name="Clear").click()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Export as CSV").click()
        exported = tmp_path / "audit.csv"
        await (await download.value).save_as(exported)
        assert "user_joined" in exported.read_text("utf-8")
        await page.reload()
        await expect(page.locator("tbody tr").first).to_contain_text("Exported audit log")
