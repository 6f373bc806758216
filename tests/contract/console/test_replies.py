"""Replies in the console: list, filters, the conversation, and what is done about them; on both stores."""

import asyncio
from typing import Any

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import Participant, ThreadMessage
from confrere.domain.ids import new_record_id
from confrere.domain.message import MessageText
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled, Unknown
from confrere.domain.reply import Reply
from confrere.domain.send_request import SendRequest
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role
from confrere.sending.caller import CallerConnection
from tests.contract.console.conftest import Browser, Console
from tests.fakes.upstream import BASTIEN, THREAD

READER = Rights(Role.VIEWER, inbox=True)
WRITER = Rights(Role.WRITER, inbox=True)


async def record(console: Console, number: int = 0, **changes: Any) -> Reply:
    """Send a message to a person, and record their reply."""
    recipient = ProfileUrn(f"{BASTIEN.profile_urn}{number}")
    text = MessageText(f"Hello {number}")
    request = SendRequest(f"request-{number}", "default", None, recipient, GroupId("12345678"), text)
    sent = await console.services.sender.send(request, CallerConnection())
    reply_id = new_record_id()
    values: dict[str, Any] = {
        "id": reply_id,
        "workspace_id": "default",
        "account_id": console.account.id,
        "recipient": recipient,
        "name": f"Bastien Exemple {number}",
        "conversation_urn": THREAD,
        "message_urn": f"urn:li:msg_message:{reply_id}",
        "send_id": sent.send_id,
        "text": f"Glad to hear from you {number}",
        "kinds": (),
        "received_at": console.services.clock(),
        "may_want_out": False,
        "opted_out": False,
    }
    reply = Reply(**values | changes)
    await console.services.store.record_reply(reply, console.services.clock())
    return reply


def key_in(text: str) -> str:
    """Return the form's Idempotency-Key."""
    return text.partition('name="key" value="')[2].partition('"')[0]


async def open_reply(browser: Browser, reply: Reply) -> str:
    """Return the page of the reply."""
    page = await browser.get(f"/console/replies/{reply.id}")
    assert page.status == 200, page.text
    return page.text


async def test_replies_are_filtered(console: Console) -> None:
    """By state, account and person, in pages; a filter that cannot be used is named."""
    browser = await console.user("Reader", READER)
    assert "Nobody has replied yet" in (await browser.get("/console/replies")).text
    first = await record(console, 0)
    await record(console, 1, may_want_out=True, text="Where did you get my name?")
    await console.services.replies.mark_handled("default", first.id, by="cli")
    for query, found in (
        ("", {0, 1}),
        ("?state=open", {1}),
        ("?state=handled", {0}),
        ("?state=out", {1}),
        (f"?account={console.account.id}", {0, 1}),
        (f"?person={first.recipient.profile_id}", {0}),
        (f"?person={first.recipient}&state=open", set()),
        ("?campaign=" + "0" * 32, None),
    ):
        reply = await browser.get(f"/console/replies{query}")
        assert reply.status == (404 if found is None else 200)
        if found is not None:
            assert {number for number in (0, 1) if f"Bastien Exemple {number}</bdi>" in reply.text} == found
    for query in ("state=x", "account=x", "campaign=x", "person=a:b", "before=x"):
        reply = await browser.get(f"/console/replies?{query}")
        assert reply.status == 422
        assert f"{query[: query.index('=')]} must be" in reply.text


async def test_replies_are_listed_page_by_page(console: Console) -> None:
    """The older ones are a link away, and the filters stay."""
    browser = await console.user("Reader", READER)
    reply = await record(console)
    for number in range(30):
        await console.services.store.record_reply(
            Reply(
                **{
                    **{name: getattr(reply, name) for name in Reply.__dataclass_fields__},
                    "id": f"{number:032x}",
                    "message_urn": f"urn:{number}",
                    "text": f"Number {number}.",
                }
            ),
            console.services.clock(),
        )
    first = (await browser.get("/console/replies?state=open")).text
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "state=open" in older
    assert "Number 0." not in first
    assert "Number 0." in (await browser.get(older)).text


async def test_a_double_click_answers_once(console: Console) -> None:
    """The same form sent twice, at once or later, is one message; another text in it is refused and kept."""
    browser, reply = await console.user("Writer", WRITER), await record(console)
    key, path = key_in(await open_reply(browser, reply)), f"/console/replies/{reply.id}/answer"
    answers = await asyncio.gather(*(browser.post(path, {"text": "Gladly,\r\nAnna", "key": key}) for _ in range(3)))
    answers.append(await browser.post(path, {"text": "Gladly,\r\nAnna", "key": key}))
    assert {one.headers["Location"] for one in answers} == {f"/console/replies/{reply.id}?done=answered"}
    [sent] = console.upstream.replies
    assert (str(sent.text), sent.conversation_urn) == ("Gladly,\nAnna", THREAD)
    again = await browser.post(path, {"text": "Something else", "key": key})
    assert again.status == 422
    assert "has sent another text already" in again.text
    assert "Something else</textarea>" in again.text
    assert key_in(again.text) not in ("", key)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Refused(403, "Forbidden", "CANT_RESEND", "Not to this member"), "Not to this member"),
        (Throttled(429, 60), "throttles this account"),
        (SessionDead("logged out"), "logged out"),
        (NotSent("no connection"), "no connection"),
    ],
)
async def test_an_answer_that_is_not_sent_is_kept(console: Console, outcome: Any, words: str) -> None:
    """The page gives the reason, keeps the text, and has a key of its own for the next attempt."""
    browser, reply = await console.user("Writer", WRITER), await record(console)
    key = key_in(await open_reply(browser, reply))
    console.upstream.will(outcome)
    refused = await browser.post(f"/console/replies/{reply.id}/answer", {"text": "<b>Gladly", "key": key})
    assert refused.status == 422
    assert words in refused.text
    assert "&lt;b&gt;Gladly</textarea>" in refused.text
    assert key_in(refused.text) not in ("", key)


async def test_an_answer_that_cannot_be_sent_is_explained(console: Console) -> None:
    """An empty text, one that is too long, a used-up day: the field or the remedy is named, the text stays."""
    browser, reply = await console.user("Writer", WRITER), await record(console)
    path = f"/console/replies/{reply.id}/answer"
    await browser.get("/console/replies")
    for text, words in ((" ", "is blank"), ("x" * 8_001, "at most 8,000 characters")):
        refused = await browser.post(path, {"text": text, "key": "0" * 32})
        assert (refused.status, words in refused.text) == (422, True)
    assert (await browser.post(path, {"text": "Gladly", "key": "a b"})).status == 422
    await console.services.accounts.update("default", console.account.id, daily_limit=1)
    refused = await browser.post(path, {"text": "Gladly", "key": "1" * 32})
    assert refused.status == 422
    assert "it may go on at" in refused.text
    assert "Gladly</textarea>" in refused.text
    await console.services.accounts.update("default", console.account.id, daily_limit=150)
    console.upstream.will(Unknown("no answer"))
    unsure = await browser.post(path, {"text": "Gladly", "key": "2" * 32})
    assert unsure.headers["Location"].endswith("done=unknown")


async def test_the_conversation_is_read_on_demand(console: Console) -> None:
    """Opening and polling ask LinkedIn nothing; the conversation is read when asked for, and never marked as read."""
    browser, reply = await console.user("Reader", READER), await record(console)
    him = Participant(reply.recipient, "Bastien", "Exemple")
    console.upstream.threads[THREAD] = [
        ThreadMessage("urn:1", Participant(ProfileUrn(console.account.profile_urn)), "Hello 0", (), 1_000),
        ThreadMessage("urn:2", him, "And <more>", (), 2_000),
    ]
    page = await open_reply(browser, reply)
    assert "Hello 0" in page
    assert "Glad to hear from you 0" in page
    poll = await browser.get(f"/console/replies/{reply.id}", {"HX-Trigger": "live"})
    assert "Hello 0" not in poll.text
    assert console.upstream.asked_threads == []
    whole = (await browser.get(f"/console/replies/{reply.id}/conversation")).text
    assert "And &lt;more&gt;" in whole
    assert (await browser.get(f"/console/replies/{reply.id}/conversation?before=2000")).status == 200
    assert (await browser.get(f"/console/replies/{reply.id}/conversation?before=x")).status == 422
    for problem, words in (
        (Unreadable("no connection"), "no connection"),
        (SessionDead("logged out"), "no longer takes the session"),
    ):
        console.upstream.next_reads.append(problem)
        unread = (await browser.get(f"/console/replies/{reply.id}/conversation")).text
        assert words in unread
        assert "Glad to hear from you 0" in unread
    unread = (await browser.get(f"/console/replies/{reply.id}/conversation")).text
    assert "no usable LinkedIn session; connect it again" in unread
    assert console.upstream.marked_seen == []


async def test_marking_as_read_is_its_own_button(console: Console) -> None:
    """It tells who presses it that the person sees it, and what came of it."""
    browser, reply = await console.user("Writer", WRITER), await record(console)
    assert "shows the person at LinkedIn that their message was read" in await open_reply(browser, reply)
    path = f"/console/replies/{reply.id}/seen"
    assert (await browser.post(path)).headers["Location"].endswith("done=seen")
    assert console.upstream.marked_seen == [THREAD]
    console.upstream.next_marks.append(False)
    assert (await browser.post(path)).headers["Location"].endswith("done=unseen")


async def test_a_stop_word_asks_for_a_decision(console: Console) -> None:
    """The reason is shown; one button lists the person, which can be undone, the other handles the reply."""
    browser = await console.user("Writer", WRITER)
    reply = await record(console, text="Who are you? Where did you get my name?", may_want_out=True)
    page = await open_reply(browser, reply)
    assert "where did you get" in page
    path = f"/console/replies/{reply.id}"
    assert (await browser.post(f"{path}/do-not-contact")).headers["Location"] == f"{path}?done=listed"
    entry = await console.services.do_not_contact.find("default", reply.recipient)
    assert entry is not None
    assert entry.source == "console, Writer"
    listed = await open_reply(browser, reply)
    assert "On the do-not-contact list" in listed
    assert "<textarea" not in listed
    assert "by <bdi>Writer</bdi>" in listed
    assert (await browser.post(f"{path}/contact-again")).headers["Location"] == f"{path}?done=unlisted"
    assert await console.services.do_not_contact.find("default", reply.recipient) is None
    assert "They may want out" in await open_reply(browser, reply)
    await browser.post(f"{path}/handled?state=out")
    assert "They may want out" not in await open_reply(browser, reply)
    assert (await browser.post(f"{path}/handled", {"handled": "no"})).headers["Location"] == f"{path}?done=open"
    assert (await console.services.replies.read("default", reply.id)).handled_at is None


async def test_what_others_have_listed_stays_listed(console: Console) -> None:
    """A writer undoes what was done from the reply; what came onto the list by another way only an owner undoes."""
    writer, owner, reply = await console.user("Writer", WRITER), await console.user("Odile"), await record(console)
    await console.services.do_not_contact.add("default", [reply.recipient], reason="By letter", source="api")
    path = f"/console/replies/{reply.id}/contact-again"
    assert "Undo" not in await open_reply(writer, reply)
    assert (await writer.post(path)).status == 403
    assert "Undo" in await open_reply(owner, reply)
    assert (await owner.post(path)).status == 303
    assert (await owner.post(path)).status == 403


async def test_replies_are_for_those_who_may_read_conversations(console: Console) -> None:
    """Without that right there is no page; without `send` no button that writes; other accounts' do not exist."""
    reply = await record(console)
    plain = await console.user("Plain", Rights(Role.APPROVER))
    assert (await plain.get("/console/replies")).status == 403
    assert "/console/replies" not in (await plain.get("/console")).text
    reader = await console.user("Reader", READER)
    page = await open_reply(reader, reply)
    assert "<textarea" not in page
    assert "Mark as read" not in page
    for act in ("answer", "do-not-contact", "contact-again", "seen"):
        assert (await reader.post(f"/console/replies/{reply.id}/{act}", {"text": "a", "key": "b"})).status == 403
    assert (await reader.post(f"/console/replies/{reply.id}/handled")).status == 303
    fenced = await console.user("Fenced", Rights(Role.WRITER, inbox=True, accounts=frozenset({"0" * 24})))
    assert "Bastien" not in (await fenced.get("/console/replies")).text
    assert (await fenced.get(f"/console/replies?account={console.account.id}")).status == 422
    assert (await fenced.get(f"/console/replies/{reply.id}")).status == 404
    assert (await fenced.post(f"/console/replies/{reply.id}/seen")).status == 404
    assert console.upstream.marked_seen == []
