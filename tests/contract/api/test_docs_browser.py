"""The reference page in a browser: complete, usable, and in contact with its own server only."""

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from confrere.domain.keys import Scope
from tests.contract.api.conftest import SEND_PATH, Api
from tests.contract.api.openapi import DOCUMENT, fill_in, operations, sources, success

pytestmark = pytest.mark.browser

CHROMIUM = ("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run")
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")

expect.set_options(timeout=30_000)  # milliseconds; the default of 5,000 is too short for a loaded machine


@dataclass
class Reader:
    """Somebody with a browser, and all that it asked for and complained of."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def open_form(self, operation_id: str) -> Locator:
        """The form that sends a request of the operation; the page adds it after its section was opened."""
        section = self.page.locator(f"section#{operation_id}")
        if await section.locator(".trial").get_attribute("open") is None:
            await section.locator(".trial > summary").click()
        form = section.locator("form.try")
        await expect(form).to_be_visible()
        return form

    def assert_undisturbed(self) -> None:
        """Nothing went to another origin, and the browser had nothing to complain of."""
        assert [url for url in self.requests if not url.startswith(f"{self.origin}/")] == []
        assert self.complaints == []


@pytest.fixture
async def reader(api: Api) -> AsyncIterator[Reader]:
    """A new Chromium with the page open; the page scrolls without animation unless a test turns that on."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is missing: run script/install-chromium, or on Debian 'apt install chromium'")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*CHROMIUM, *QUIET])
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        reader = Reader(page, api.url)
        page.on("request", lambda request: reader.requests.append(request.url))
        page.on("pageerror", lambda error: reader.complaints.append(str(error)))
        page.on("console", lambda message: _record(reader, message.type, message.text))
        await page.goto(f"{api.url}/docs")
        await expect(page.locator(".operation").first).to_be_visible()
        yield reader
        await browser.close()


def _record(reader: Reader, kind: str, text: str) -> None:
    """Chromium reports every answer of 4xx as an error; those are what some tests ask for."""
    if kind in ("error", "warning") and not text.startswith("Failed to load resource: the server responded with"):
        reader.complaints.append(text)


async def test_page_shows_every_operation(reader: Reader) -> None:
    """Each with its address, its words, its statuses and its code; and the honest part at the top."""
    page = reader.page
    for method, path, operation in operations():
        section = page.locator(f"section#{operation['operationId']}")
        await expect(section.locator("h3")).to_have_text(operation["summary"])
        await expect(section.locator(".endpoint .method")).to_have_text(method)
        await expect(section.locator(".endpoint code")).to_have_text(path)
        statuses = await section.locator(".response").evaluate_all("all => all.map(one => one.dataset.status)")
        assert statuses == list(operation["responses"])
        await expect(page.locator(f"nav a[href='#{operation['operationId']}']")).to_be_visible()
    await expect(page.locator(".lead")).to_contain_text("Not affiliated with LinkedIn or with any vendor")
    assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    reader.assert_undisturbed()


async def test_page_shows_every_documented_example(reader: Reader) -> None:
    """Opened, a status shows its examples word for word, its fields and its headers."""
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
    """By mouse or arrow key, for every operation, and remembered; code names the server that is being read."""
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
    """Status, body and rate limit headers of the 401, as they came."""
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
    """The key is entered once and serves every form; the message that leaves is the one in the field."""
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
    """Each runs as it is and is carried out."""
    for parameter in sources("JavaScript"):
        operation: dict[str, Any] = parameter.values[0]
        source = await fill_in(api, parameter.values[1])
        status = await reader.page.evaluate(f"async () => {{ {source}\nreturn response.status }}")
        assert str(status) == success(operation), operation["operationId"]
    reader.assert_undisturbed()


async def test_page_fits_a_phone(reader: Reader) -> None:
    """Nothing is wider than the screen, and the list of operations opens and closes."""
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
    """The reader's system decides, until the reader does."""
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
    """Tried one after the other, none has a word in its answer that is in no element, and each shows its status."""
    page = reader.page
    _, key = await api.services.keys.create("default", name="page", scopes=[Scope.READ])
    await page.locator("section#sendGroupMessage form.try").get_by_label("API key").fill(key)
    for _, _, operation in operations():
        form = await reader.open_form(operation["operationId"])
        for parameter in operation.get("parameters", []):
            if parameter.get("in") == "path" or parameter.get("required"):
                await form.get_by_label(parameter["name"]).fill(parameter.get("example", "x"))
        await form.get_by_role("button", name="Send request").click()
        await expect(form.locator(".answer .status")).to_be_visible()
        bare = await form.locator(".answer").evaluate(
            "answer => [...answer.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data)"
        )
        assert bare == [], operation["operationId"]
    assert api.upstream.seen == []
    reader.assert_undisturbed()


async def test_an_empty_key_is_asked_for(reader: Reader) -> None:
    """Nothing is sent without one; the sentence says how to make one, and the field stands ready."""
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
    """The key is found alone or within a header or a command; every form then shows and sends the key itself."""
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
    """Beside its address and beside the button: what sends, what changes, and nothing at what only reads."""
    marks = {"send": "sends a message", "change": "changes something"}
    for method, _, operation in operations():
        section = reader.page.locator(f"section#{operation['operationId']}")
        badges = await section.locator(".endpoint .badge:not(.may)").all_text_contents()
        effect = operation["x-effect"]
        assert badges == ([marks[effect]] if effect in marks else []), operation["operationId"]
        assert effect != "change" or method != "GET"
        form = await reader.open_form(operation["operationId"])
        await expect(form.locator(".go .effect")).to_have_count(int(effect in marks))
    reader.assert_undisturbed()


async def test_an_anchor_is_where_the_page_opens(api: Api, reader: Reader) -> None:
    """At once, without gliding there; a click then glides, and the list at the side follows what is read."""
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
    """By words of name, method or path, from the keyboard; Enter goes to the first that is left."""
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
