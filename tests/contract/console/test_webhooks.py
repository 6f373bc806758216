"""The page Webhooks: adding, changing and testing one, and the log of its deliveries."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import expect

from confrere.domain.users import Rights, Role
from confrere.domain.webhooks import DeliveryStatus, Try
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import UP, Browser, Console, Scene
from tests.contract.webhooks.receiver import receiving, status
from tests.sandbox_process import SandboxProcess
from tests.server_process import prepare_site, running_server

URL = "https://crm.example.com/confrere"
PAGE = "/console/webhooks"


async def added(console: Console, browser: Browser) -> str:
    """Add a webhook; return its path."""
    await browser.get(PAGE)
    reply = await browser.post(PAGE, {"url": URL, "description": "CRM", "event": "send.accepted"})
    assert (reply.status, "whsec_" in reply.text) == (200, True)
    [webhook] = await console.services.webhooks.list_all("default")
    return f"{PAGE}/{webhook.id}"


async def end_all(console: Console, result: Try, ended: DeliveryStatus) -> None:
    """End every delivery that is due."""
    now, store = datetime.now(UTC), console.services.store
    for claimed in await store.claim_deliveries(now, at_once=9, count=9, lease_until=now):
        await store.end_try(claimed, result, ended, None, now)


async def test_a_webhook_is_added_changed_and_deleted(console: Console) -> None:
    """The secret is shown once; what is typed is saved; a deleted webhook is gone."""
    browser = await console.user()
    assert "None yet" in (await browser.get(PAGE)).text
    path = await added(console, browser)
    assert "whsec_" not in (await browser.get(path)).text
    changed = await browser.post(path, {"url": f"{URL}/2", "description": "<b>CRM</b>", "event": "message.received"})
    assert (changed.status, changed.headers["Location"]) == (303, f"{path}?done=changed")
    page = (await browser.get(path)).text
    assert "&lt;b&gt;CRM" in page
    assert re.findall(r'value="([a-z._]+)" checked', page) == ["message.received"]
    rotated = await browser.post(f"{path}/rotate")
    assert "whsec_" in rotated.text
    await browser.post(f"{path}/enable", {"enabled": "0"})
    assert "Disabled" in (await browser.get(path)).text
    refused = await browser.post(f"{path}/test")
    assert (refused.status, "enable it first" in refused.text) == (409, True)
    await browser.post(f"{path}/delete")
    assert (await browser.get(path)).status == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "http://example.com/", "event": "send.accepted"}, "must begin with https://"),
        ({"url": "https://127.0.0.1/", "event": "send.accepted"}, "CONFRERE_WEBHOOK_PRIVATE=1"),
        ({"url": URL}, "at least one event"),
        ({"url": URL, "event": "send.lost"}, "among those that are listed"),
        ({"url": URL, "event": "send.accepted", "description": "x" * 201}, "at most 200"),
    ],
)
async def test_what_cannot_be_used_is_named_and_kept(console: Console, fields: dict[str, str], words: str) -> None:
    """The form comes back with the reason and with what was typed, when one is added and when it is changed."""
    browser = await console.user()
    path = await added(console, browser)
    for target in (PAGE, path):
        await browser.get(target)
        reply = await browser.post(target, fields)
        assert reply.status == 422
        assert words in reply.text
        assert f'value="{fields["url"]}"' in reply.text
        assert 'role="alert"' in reply.text


async def test_a_delivery_is_shown_and_sent_again(console: Console) -> None:
    """A test stands in the log with the answer's text, escaped; what has ended can be sent again, once at a time."""
    browser = await console.user()
    path = await added(console, browser)
    assert "Nothing was sent to it yet" in (await browser.get(path)).text
    await browser.post(f"{path}/test")
    assert "To be sent" in (await browser.get(path)).text
    await end_all(console, Try(500, "it answered 500", b"<script>"), DeliveryStatus.FAILED)
    page = (await browser.get(f"{path}?status=failed")).text
    assert "It answered 500" in page
    assert "&lt;script&gt;" in page
    delivery = re.search(r'name="delivery" value="(\w+)"', page)
    assert delivery is not None
    again = await browser.post(f"{path}/resend", {"delivery": delivery[1]})
    assert again.headers["Location"] == f"{path}?done=again"
    twice = await browser.post(f"{path}/resend", {"delivery": delivery[1]})
    assert (twice.status, "still being tried" in twice.text) == (409, True)
    assert (await browser.post(f"{path}/resend", {"delivery": "x"})).status == 404
    assert "No delivery matches" in (await browser.get(f"{path}?status=delivered")).text


async def test_a_disabled_webhook_needs_a_person(console: Console) -> None:
    """A webhook that was disabled by itself stands on the overview, and leads to its page."""
    browser = await console.user()
    path = await added(console, browser)
    await browser.post(f"{path}/test")
    await end_all(console, Try(410, "gone"), DeliveryStatus.FAILED)
    overview = (await browser.get("/console")).text
    assert "A webhook was disabled" in overview
    assert path in overview


async def test_only_owners_see_webhooks(console: Console) -> None:
    """Other users have neither the link nor the pages."""
    path = await added(console, await console.user())
    other = await console.user("Paul", Rights(Role.APPROVER))
    assert PAGE not in (await other.get("/console")).text
    for target in (PAGE, path):
        assert (await other.get(target)).status == 403
    assert (await other.post(f"{path}/delete")).status == 403


async def test_deliveries_are_read_page_by_page(console: Console) -> None:
    """Where there are more than a page shows, a link leads on."""
    browser = await console.user()
    path = await added(console, browser)
    webhook_id = path.rpartition("/")[2]
    for _ in range(51):
        await console.services.webhooks.send_test("default", webhook_id)
    page = (await browser.get(path)).text
    assert page.count('<th scope="row">') == 50
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    assert (await browser.get(older[1].replace("&amp;", "&"))).text.count('<th scope="row">') == 1
    assert (await browser.get(f"{path}?before=x")).status == 404


@pytest.fixture(params=["sqlite", "postgresql"])
def private_scene(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Scene]:
    """Start a server that may send webhooks to this machine, on each store in turn."""
    sandbox.reset()
    database_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    site = prepare_site(tmp_path, sandbox, database_url=database_url)
    with running_server(site, command=UP, environment={"CONFRERE_WEBHOOK_PRIVATE": "1"}) as server:
        yield Scene(site, server, sandbox)


@pytest.mark.browser
async def test_a_test_arrives_while_the_page_is_looked_at(private_scene: Scene) -> None:
    """A webhook is added in a browser, and a test's failure and its success appear by themselves."""
    async with receiving(answer=status(500, body=b"not today")) as receiver, visit(private_scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await private_scene.link())
        await page.get_by_role("link", name="Webhooks").click()
        await visitor.assert_sound()
        await page.get_by_label("Address").fill(receiver.url)
        await page.get_by_label("Description").fill("CRM")
        await page.get_by_role("button", name="Add the webhook").click()
        await expect(page.locator(".link")).to_contain_text("whsec_")
        await visitor.assert_sound()
        await page.get_by_role("button", name="Send a test").click()
        await expect(page.locator("#live")).to_contain_text("It answered 500")  # by itself
        receiver.answer = status(200, body=b"welcome")
        await expect(page.locator("#live")).to_contain_text("Delivered")  # after 5 s
        await visitor.assert_sound()
