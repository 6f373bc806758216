"""The reference page in a browser is complete, usable, and connects to its own server only."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from confrere.domain.keys import Scope
from tests.chromium import open_chromium
from tests.contract.api.conftest import SEND_PATH, Api, serve_api
from tests.contract.api.openapi import DOCUMENT, fill_in, operations, sources, success

pytestmark = pytest.mark.browser

READ_SECTIONS = """() => [...document.querySelectorAll("section.operation")].map(section => ({
    id: section.id,
    title: section.querySelector("h3").innerText,
    method: section.querySelector(".endpoint .method").innerText,
    path: section.querySelector(".endpoint code").innerText,
    badges: [...section.querySelectorAll(".endpoint .badge:not(.may)")].map(badge => badge.innerText),
    effects: section.querySelectorAll(".go .effect").length,
    statuses: [...section.querySelectorAll(".response")].map(response => response.dataset.status),
    listed: document.querySelector(`nav a[href='#${section.id}']`).checkVisibility(),
}))"""
"""What the page shows of each operation, in one call: a hundred sections of several calls each take a minute."""

SEND_FORM = """async ([id, parameters]) => {
    const form = document.querySelector(`section#${id} form.try`)
    for (const [name, value] of Object.entries(parameters)) {
        const named = label => label.querySelector("code")?.textContent === name
        const label = [...form.querySelectorAll("label")].find(named)
        label.control.value = value
    }
    const button = form.querySelector("button[type=submit]")
    button.click()
    while (button.disabled) await new Promise(done => setTimeout(done, 5))
    const answer = form.querySelector(".answer")
    const bare = [...answer.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data)
    return { shown: answer.querySelector(".status")?.checkVisibility() ?? false, bare }
}"""
"""Fills in parameters by their labels, sends, and returns whether a status is shown, and text outside of elements."""


@dataclass
class Reader:
    """A browser with every request that it made and every error that it reported."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open_form(self, operation_id: str) -> Locator:
        """Return the form of the operation's request; the page adds it after its section is opened."""
        section = self.page.locator(f"section#{operation_id}")
        if await section.locator(".trial").get_attribute("open") is None:
            await section.locator(".trial > summary").click()
        form = section.locator("form.try")
        await expect(form).to_be_visible()
        return form

    async def open_every_form(self) -> None:
        """Open the forms of all operations."""
        await self.page.evaluate("document.querySelectorAll('.trial').forEach(trial => { trial.open = true })")
        count = len(list(operations()))
        await expect(self.page.locator("form.try:visible")).to_have_count(count)

    def assert_undisturbed(self) -> None:
        """Check that no request went to another origin, and that the browser reported no error."""
        assert [url for url in self.requests if not url.startswith(f"{self.origin}/")] == []
        assert self.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """Start a server on the event loop of the browser."""
    async with serve_api(tmp_path) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def reader(api: Api) -> AsyncIterator[Reader]:
    """Open the page in a browser without memory; scrolling is not animated unless a test turns that on."""
    chromium = await open_chromium()
    context = await chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    async with context:
        page = await context.new_page()
        reader = Reader(page, api.url)
        page.on("request", lambda request: reader.requests.append(request.url))
        page.on("pageerror", lambda error: reader.complaints.append(str(error)))
        page.on("console", lambda message: _record(reader, message.type, message.text))
        await page.goto(f"{api.url}/docs")
        await expect(page.locator(".operation").first).to_be_visible()
        yield reader


def _record(reader: Reader, kind: str, text: str) -> None:
    """Record errors, except the 4xx answers that some tests ask for."""
    if kind in ("error", "warning") and not text.startswith("Failed to load resource: the server responded with"):
        reader.complaints.append(text)


async def test_page_shows_every_operation(reader: Reader) -> None:
    """The page shows each operation's path, description, statuses and code, and the disclaimer at the top."""
    page = reader.page
    sections = {section["id"]: section for section in await page.evaluate(READ_SECTIONS)}
    for method, path, operation in operations():
        section = sections.pop(operation["operationId"])
        assert section["title"] == operation["summary"]
        assert (section["method"], section["path"]) == (method, path)
        assert section["statuses"] == list(operation["responses"])
        assert section["listed"], section["id"]
    assert not sections
    await expect(page.locator(".lead")).to_contain_text("Not affiliated with LinkedIn or with any vendor")
    assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    reader.assert_undisturbed()


async def test_page_shows_every_documented_example(reader: Reader) -> None:
    """An opened status shows its examples word for word, its fields and its headers."""
    section = reader.page.locator("section#sendGroupMessage")
    for status, response in DOCUMENT["paths"][SEND_PATH]["post"]["responses"].items():
        answer = section.locator(f".response[data-status='{status}']")
        if await answer.get_attribute("open") is None:
            await answer.locator("summary").first.click()
        examples = response["content"]["application/json"]["examples"].values()
        await expect(answer.locator("pre")).to_have_count(len(examples))
        shown = await answer.locator("pre").all_text_contents()
        assert shown == [json.dumps(example["value"], indent=2, ensure_ascii=False) for example in examples]
        await answer.get_by_text("Headers", exact=True).click()
        await expect(answer.get_by_text("X-RateLimit-Remaining")).to_be_visible()
    reader.assert_undisturbed()


async def test_language_is_chosen_once_for_the_whole_page(reader: Reader) -> None:
    """A language chosen by mouse or arrow key applies to every operation and is remembered; code names this server."""
    page = reader.page
    first = page.locator("section#sendGroupMessage .samples")
    await expect(first.locator("pre:visible")).to_contain_text(f"curl -X POST '{reader.origin}{SEND_PATH}'")
    await first.get_by_role("tab", name="Python").click()
    await expect(first.locator("pre:visible")).to_contain_text("import requests")
    await page.keyboard.press("ArrowRight")
    await expect(first.locator("pre:visible")).to_contain_text(f'await fetch("{reader.origin}{SEND_PATH}"')
    await page.reload()
    other = page.locator("section#listAccounts .samples pre:visible")
    await expect(other).to_contain_text("await fetch(")
    reader.assert_undisturbed()


async def test_trying_with_a_wrong_key_shows_the_whole_refusal(reader: Reader) -> None:
    """The page shows status, body and rate limit headers of a 401 as they were received."""
    form = await reader.open_form("sendGroupMessage")
    await form.get_by_label("API key").fill("confrere_wrong")
    await form.get_by_role("button", name="Send request").click()
    answer = form.locator(".answer")
    await expect(answer.locator(".status")).to_have_text("401 Unauthorized")
    await expect(answer.locator("pre")).to_have_text('{\n  "error": "Unauthorized - Invalid credentials"\n}')
    await expect(answer.locator(".limits")).to_contain_text("MESSAGE 0 of 0 used, 0 left")
    await answer.locator(".headers summary").click()
    for name in ("x-ratelimit-action", "x-ratelimit-reset", "x-request-id", "www-authenticate"):
        await expect(answer.locator(".headers dt", has_text=name)).to_be_visible()
    reader.assert_undisturbed()


async def test_trying_sends_what_was_edited(api: Api, reader: Reader) -> None:
    """A key that is entered once serves every form, and the message that is sent is the one in the field."""
    form = await reader.open_form("sendGroupMessage")
    await form.get_by_label("API key").fill(api.key)
    body = json.loads(await form.get_by_label("Body").input_value())
    await form.get_by_label("Body").fill(json.dumps({**body, "message": "Grüße from the page"}))
    await form.locator(".more summary").click()
    await form.get_by_label("X-Request-Id").fill("from-the-page")
    await form.get_by_role("button", name="Send request").click()
    await expect(form.locator(".answer .status")).to_have_text("200 OK")
    await expect(form.locator(".limits")).to_contain_text("1 of 150 used, 149 left")
    await form.locator(".headers summary").click()
    await expect(form.locator(".headers")).to_contain_text("from-the-page")
    assert [message.text for message in api.upstream.seen] == ["Grüße from the page"]

    ledger = await reader.open_form("listSends")
    await ledger.get_by_role("button", name="Send request").click()
    await expect(ledger.locator(".answer")).to_have_text("accountId is needed")
    await ledger.get_by_label("accountId").fill(api.account.id)
    await ledger.get_by_label("outcome").select_option("accepted")
    await ledger.get_by_role("button", name="Send request").click()
    await expect(ledger.locator(".answer pre")).to_contain_text('"requestId": "from-the-page"')
    reader.assert_undisturbed()


async def test_javascript_samples_work(api: Api, reader: Reader) -> None:
    """Each JavaScript sample runs unchanged and succeeds."""
    for operation, sample in sources("JavaScript"):
        source = await fill_in(api, sample)
        status = await reader.page.evaluate(f"async () => {{ {source}\nreturn response.status }}")
        assert str(status) == success(operation), operation["operationId"]
    reader.assert_undisturbed()


async def test_page_fits_a_phone(reader: Reader) -> None:
    """Nothing on the page is wider than a phone's screen, and the list of operations opens and closes."""
    page = reader.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_function("innerWidth === 390 && document.documentElement.scrollWidth === 390")
    link = page.locator("nav a[href='#readSend']")
    await expect(link).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await link.click()
    await expect(link).to_be_hidden()
    await expect(page.locator("section#readSend h3")).to_be_in_viewport()
    reader.assert_undisturbed()


async def test_theme_is_chosen_and_remembered(reader: Reader) -> None:
    """The theme is the system's until the reader chooses another, which is remembered."""
    page = reader.page
    body = page.locator("body")
    light = await body.evaluate("body => getComputedStyle(body).backgroundColor")
    button = page.get_by_role("button", name="Theme: auto")
    await button.click()
    await page.get_by_role("button", name="Theme: light").click()
    await expect(body).not_to_have_css("background-color", light)
    await page.reload()
    await expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    await expect(body).not_to_have_css("background-color", light)
    reader.assert_undisturbed()


async def test_answers_of_every_operation_are_whole(api: Api, reader: Reader) -> None:
    """Every operation's answer is shown with its status, and all of its text is inside of an element."""
    page = reader.page
    _, key = await api.services.keys.create("default", name="page", scopes=[Scope.READ])
    await page.locator("section#sendGroupMessage form.try").get_by_label("API key").fill(key)
    await reader.open_every_form()
    for _, _, operation in operations():
        parameters = {
            parameter["name"]: parameter.get("example", "x")
            for parameter in operation.get("parameters", [])
            if parameter.get("in") == "path" or parameter.get("required")
        }
        async with asyncio.timeout(30):
            answer = await page.evaluate(SEND_FORM, [operation["operationId"], parameters])
        assert answer == {"shown": True, "bare": []}, operation["operationId"]
    assert api.upstream.seen == []
    reader.assert_undisturbed()


async def test_an_empty_key_is_asked_for(reader: Reader) -> None:
    """Without a key nothing is sent; an error explains how to create one, and the field has the focus."""
    form = await reader.open_form("sendGroupMessage")
    for value, words in (("", "An API key is needed"), ("clé à molette", "This is no API key")):
        await form.get_by_label("API key").fill(value)
        await form.get_by_role("button", name="Send request").click()
        await expect(form.locator(".answer")).to_contain_text(words)
        await expect(form.get_by_label("API key")).to_be_focused()
    assert [url for url in reader.requests if SEND_PATH in url] == []
    health = await reader.open_form("readHealth")
    await health.get_by_role("button", name="Send request").click()
    await expect(health.locator(".answer .status")).to_have_text("200 OK")
    reader.assert_undisturbed()


async def test_a_key_is_taken_as_it_was_pasted(api: Api, reader: Reader) -> None:
    """A key is found alone, in a header or in a command; every form then shows and sends the key itself."""
    field = (await reader.open_form("sendGroupMessage")).get_by_label("API key")
    accounts = await reader.open_form("listAccounts")
    for pasted in (
        "{}",
        "  {}\n",
        "Bearer {}",
        "bearer  {}",
        "Authorization: Bearer {}",
        "-H 'Authorization: Bearer {}'",
        '"{}"',
        "X-API-Key: {}",
        "Authorization: {}",
    ):
        await field.fill("")
        await field.fill(pasted.format(api.key))
        await field.blur()
        await expect(field).to_have_value(api.key)
        await expect(accounts.get_by_label("API key")).to_have_value(api.key)
        async with reader.page.expect_response(f"{api.url}/linkedin/accounts") as response:
            await accounts.get_by_role("button", name="Send request").click()
        assert (await response.value).status == 200, pasted
    reader.assert_undisturbed()


async def test_what_changes_something_is_marked(reader: Reader) -> None:
    """Operations that send or change something are marked beside the path and the button; reads are not."""
    marks = {"send": "sends a message", "change": "changes something"}
    await reader.open_every_form()
    sections = {section["id"]: section for section in await reader.page.evaluate(READ_SECTIONS)}
    for method, _, operation in operations():
        section = sections[operation["operationId"]]
        effect = operation["x-effect"]
        assert section["badges"] == ([marks[effect]] if effect in marks else []), section
        assert effect != "change" or method != "GET"
        assert section["effects"] == int(effect in marks), section
    reader.assert_undisturbed()


async def test_an_anchor_is_where_the_page_opens(api: Api, reader: Reader) -> None:
    """The page opens at its anchor without animation; a click then scrolls smoothly, and the side list follows."""
    page = reader.page
    last = list(operations())[-1][2]["operationId"]
    await page.goto("about:blank")
    await page.goto(f"{api.url}/docs#{last}")
    await expect(page.locator(f"section#{last} h3")).to_be_in_viewport()
    await expect(page.locator("html.glides")).to_be_attached()
    await expect(page.locator(f"section#{last} h3")).to_be_in_viewport()
    await page.emulate_media(reduced_motion="no-preference")
    link = page.locator(f"nav a[href='#{last}']")
    await expect(link).to_have_attribute("aria-current", "true")
    await expect(link).to_be_in_viewport()
    await expect(page.locator("html")).to_have_css("scroll-behavior", "smooth")
    await page.evaluate("document.getElementById('findConversation').scrollIntoView({behavior: 'instant'})")
    await expect(page.locator("nav a[href='#findConversation']")).to_have_attribute("aria-current", "true")
    await expect(page.locator("nav a[href='#findConversation']")).to_be_in_viewport()
    await expect(page.locator("nav a[aria-current]")).to_have_count(1)
    reader.assert_undisturbed()


async def test_operations_can_be_filtered(reader: Reader) -> None:
    """The filter matches words of name, method or path from the keyboard, and Enter goes to the first match."""
    page = reader.page
    await page.keyboard.press("/")
    field = page.get_by_label("Filter operations")
    await expect(field).to_be_focused()
    await field.fill("post members")
    await expect(page.locator("nav li:visible")).to_have_count(3)
    await expect(page.locator("nav .nav-group:visible")).to_have_count(1)
    await field.fill("do-not-contact export")
    await field.press("Enter")
    await expect(page.locator("section#exportDoNotContact h3")).to_be_in_viewport()
    await field.fill("nothing like it")
    await expect(page.locator("nav")).to_contain_text("No operation has this.")
    await field.fill("")
    await expect(page.locator("nav li:visible")).to_have_count(len(list(operations())))
    reader.assert_undisturbed()
