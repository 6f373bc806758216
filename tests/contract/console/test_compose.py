"""Writing to one person: preview, preflight, and a form that sends once however often it is sent."""

import asyncio
import re

import pytest

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import NotSent
from confrere.domain.send import SendFilter
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Browser, Console
from tests.contract.console.people import GROUP, compose_path, know_members, urn

FIELD = re.compile(r'<input type="hidden" name="(key|account|group|at|people)" value="([^"]*)"')


async def open_form(console: Console, browser: Browser, *numbers: int) -> dict[str, str]:
    """Open the form and return its hidden fields."""
    reply = await browser.get(compose_path(console, *numbers))
    assert reply.status == 200, reply.text
    return dict(FIELD.findall(reply.text))


async def sends_of(console: Console) -> int:
    """Count the rows of the ledger."""
    found = await console.services.history.search("default", None, SendFilter(), before_id=None, count=100)
    return len(found)


async def test_the_text_is_made_for_this_person(console: Console) -> None:
    """The preview shows what one person gets; the next person gets theirs, with the text that was typed."""
    await know_members(console)
    browser = await console.user()
    form = await open_form(console, browser, 1, 0)
    reply = await browser.post("/console/compose/preview", {**form, "text": "Dear {{ firstName }} of {{ groupName }}"})
    assert "Dear Émile of Logistics in Lyon" in reply.text
    assert "It may go now" in reply.text
    reply = await browser.post("/console/compose", {**form, "text": "Dear {{ firstName }}", "act": "next"})
    assert "Dear Anna" in reply.text
    assert "Dear {{ firstName }}" in reply.text
    assert "2 of 2" in reply.text
    assert dict(FIELD.findall(reply.text))["key"] != form["key"]
    assert console.upstream.seen == []


async def test_a_form_that_is_sent_twice_sends_once(console: Console) -> None:
    """Two equal forms at the same time, a reload and a Back later lead to one message and to its page."""
    await know_members(console)
    browser = await console.user()
    form = {**await open_form(console, browser, 0), "text": "Dear {{ firstName }}", "act": "send"}
    console.upstream.gate = asyncio.Event()
    posts = [asyncio.create_task(browser.post("/console/compose", form)) for _ in range(4)]
    await asyncio.sleep(0.4)
    assert not any(post.done() for post in posts)
    console.upstream.gate.set()
    replies = [await post for post in posts] + [await browser.post("/console/compose", form)]
    assert {reply.status for reply in replies} == {303}
    [location] = {reply.headers["Location"] for reply in replies}
    assert [str(message.text) for message in console.upstream.seen] == ["Dear Anna"]
    assert await sends_of(console) == 1
    page = await browser.get(location)
    assert "Dear Anna" in page.text
    assert "Accepted" in page.text
    assert "Anna Berg" in page.text


async def test_what_was_certainly_not_sent_can_be_sent_again(console: Console) -> None:
    """After an attempt that did not reach LinkedIn the same form sends, once."""
    await know_members(console)
    browser = await console.user()
    form = {**await open_form(console, browser, 0), "text": "Hello", "act": "send"}
    console.upstream.next_attempts = [Attempt(NotSent("no connection"), {})]
    first = await browser.post("/console/compose", form)
    assert "Not sent" in (await browser.get(first.headers["Location"])).text
    second = await browser.post("/console/compose", form)
    assert second.headers["Location"] != first.headers["Location"]
    assert "Accepted" in (await browser.get(second.headers["Location"])).text
    assert len(console.upstream.seen) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "can be seen"),
        ("Dear {{ first_name }}", "did you mean firstName?"),
        ("Dear {{ custom.city }}", "known variables only"),
        ("{% if %}", "must be a Liquid template"),
        ("x" * 8_001, "at most 8,000"),
    ],
)
async def test_a_text_that_cannot_be_sent_is_explained(console: Console, text: str, words: str) -> None:
    """A fault of the text is named, what was typed stays, the form keeps its key, and nothing is sent."""
    await know_members(console)
    browser = await console.user()
    form = await open_form(console, browser, 0)
    reply = await browser.post("/console/compose", {**form, "text": text, "act": "send"})
    assert reply.status == 422
    assert words in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert text in reply.text
    assert dict(FIELD.findall(reply.text))["key"] == form["key"]
    assert console.upstream.seen == []


async def test_a_blank_variable_stops_the_message(console: Console) -> None:
    """A variable of which nothing is known for the person is named, and the message is not sent."""
    await know_members(console)
    browser = await console.user()
    stranger = compose_path(console, 0).replace(urn(0).profile_id, "ACoAAstranger")
    form = dict(FIELD.findall((await browser.get(stranger)).text))
    reply = await browser.post("/console/compose", {**form, "text": "Dear {{ firstName }}", "act": "send"})
    assert reply.status == 422
    assert "The text shows firstName" in reply.text
    sent = await browser.post("/console/compose", {**form, "text": "Dear colleague", "act": "send"})
    assert sent.status == 303


async def test_a_refusal_keeps_the_text(console: Console) -> None:
    """Where the account may send none today, the page says why and until when, and the text stays."""
    await know_members(console)
    await console.services.accounts.update("default", console.account.id, daily_limit=1)
    browser = await console.user()
    text = {"text": "My long text", "act": "send"}
    first = await browser.post("/console/compose", {**await open_form(console, browser, 0), **text})
    assert first.status == 303
    reply = await browser.post("/console/compose", {**await open_form(console, browser, 1), **text})
    assert reply.status == 409
    assert "Nothing was sent. Rate limit exceeded for MESSAGE" in reply.text
    assert "It cannot go now" in reply.text
    assert "My long text" in reply.text


async def test_another_text_in_the_same_form_is_no_repeat(console: Console) -> None:
    """Whoever goes back and changes a text that was sent is told so, and sends the other one by pressing again."""
    await know_members(console)
    browser = await console.user()
    form = await open_form(console, browser, 0)
    assert (await browser.post("/console/compose", {**form, "text": "One", "act": "send"})).status == 303
    reply = await browser.post("/console/compose", {**form, "text": "Two", "act": "send"})
    assert reply.status == 409
    assert "has sent a message already" in reply.text
    again = dict(FIELD.findall(reply.text))
    assert (await browser.post("/console/compose", {**again, "text": "Two", "act": "send"})).status == 303
    assert [str(one.text) for one in console.upstream.seen] == ["One", "Two"]


async def test_the_preflight_says_who_was_written_to_and_opted_out(console: Console) -> None:
    """The page shows an earlier message with its time, and that somebody is on the do-not-contact list."""
    await know_members(console)
    browser = await console.user()
    form = await open_form(console, browser, 0)
    await browser.post("/console/compose", {**form, "text": "One", "act": "send"})
    await console.services.do_not_contact.add("default", [urn(0)], reason=None, source="test")
    page = (await browser.get(compose_path(console, 0))).text
    assert "Already written to" in page
    assert "It cannot go now" in page
    assert "The recipient is on the do-not-contact list since" in page


async def test_a_template_is_inserted_and_a_campaign_begun(console: Console) -> None:
    """A saved template comes into the text; a campaign gets the chosen people, and the text is kept as a template."""
    await know_members(console)
    services = console.services
    saved = await services.templates.create("default", name="Short", text="Hi {{ firstName }}!")
    browser = await console.user()
    form = await open_form(console, browser, 0, 1, 2)
    reply = await browser.post("/console/compose", {**form, "text": "", "template": saved.id, "act": "insert"})
    assert "Hi Anna!" in reply.text
    assert (await browser.post("/console/compose", {**form, "act": "insert"})).status == 422
    led = await browser.post("/console/compose", {**form, "text": "Hi {{ lastName }}", "act": "campaign"})
    path, _, audience_id = led.headers["Location"].partition("?audience=")
    assert path == "/console/campaigns/new"
    people = await services.audiences.read_everybody("default", audience_id)
    assert [one.name for one in people] == ["Anna Berg", "Émile Zola", "Zoé Real"]
    assert "Hi {{ lastName }}" in {one.text for one in await services.templates.list_page("default")}


async def test_only_those_who_may_send_write(console: Console) -> None:
    """A viewer gets no form, nor does a writer for an account that is not theirs; nothing is sent."""
    await know_members(console)
    owner = await console.user()
    form = {**await open_form(console, owner, 0), "text": "Hello", "act": "send"}
    viewer = await console.user("Vivi", Rights(Role.VIEWER))
    stranger = await console.user("Stan", Rights(Role.WRITER, accounts=frozenset({"f" * 24})))
    for browser, status in ((viewer, 403), (stranger, 404)):
        await browser.get("/console")
        assert (await browser.get(compose_path(console, 0))).status == status
        assert (await browser.post("/console/compose", form)).status == status
    assert console.upstream.seen == []


async def test_what_is_wrong_in_the_address_is_named(console: Console) -> None:
    """An address without people, group or account that exist, and a form that was tampered with, are explained."""
    await know_members(console)
    browser = await console.user()
    for path in ("/console/compose", f"/console/compose?group={GROUP}", compose_path(console, 0) + "&group=x"):
        assert (await browser.get(path)).status == 404
    form = {**await open_form(console, browser, 0), "text": "Hello", "act": "send"}
    for name, value in (("at", "7"), ("at", "x"), ("key", ""), ("key", "${KEY}")):
        reply = await browser.post("/console/compose", {**form, name: value})
        assert reply.status == 422
    assert (await browser.post("/console/compose", {**form, "people": ""})).status == 404
    assert console.upstream.seen == []
