"""What a member answers, by the control, and what the account then reads."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sandbox.browser import NORMALIZED, SEND, Browser, encoded
from tests.contract.sandbox.test_reading import newest, read, with_recipient
from tests.sandbox_process import ControlRefused, SandboxProcess, running_sandbox

Json = dict[str, Any]
READ = "/voyager/api/voyagerMessagingDashMessengerConversations"


def changes(browser: Browser, token: str | None = None) -> Json:
    """The mailbox, or what has changed in it since the token."""
    since = "" if token is None else f",syncToken:{encoded(token)}"
    variables = f"(mailboxUrn:{encoded(browser.urn)}{since})"
    return read(browser, "messengerConversations", variables, "messengerConversationsBySyncToken")


def answer_request(browser: Browser, state: str) -> Json:
    """Make the action by which the example recipient answers the account's message request."""
    urns = {"member": browser.sandbox.recipient, "account": browser.urn}
    return {"action": "answer_request", **urns, "state": state}


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", "vectorImage"), ("voice", "audio"), ("file", "file"), ("share", "hostUrnData")],
)
def test_a_member_can_answer_without_a_text(browser: Browser, sandbox: SandboxProcess, kind: str, content: str) -> None:
    """The message's text is empty, and one member of its one content item is not null."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.reply(sandbox.recipient, browser.urn, kind=kind)
    message = newest(browser, thread)["elements"][0]
    assert (message["body"]["text"], message["messageBodyRenderFormat"]) == ("", "DEFAULT")
    [item] = message["renderContent"]
    assert [name for name, value in item.items() if value is not None] == [content]
    sandbox.reply(sandbox.recipient, browser.urn, "with a text", kind=kind)
    message = newest(browser, thread)["elements"][0]
    assert (message["body"]["text"], len(message["renderContent"])) == ("with a text", 1)
    variables = f"(conversationUrn:{encoded(thread)})"
    assert browser.query("messengerMessages", variables, accept=NORMALIZED).status == 200


def test_a_text_has_no_content_item(browser: Browser, sandbox: SandboxProcess) -> None:
    """A text message has an empty renderContent; an empty text is refused by its field."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.reply(sandbox.recipient, browser.urn, "answer")
    assert [message["renderContent"] for message in newest(browser, thread)["elements"]] == [[], []]
    with pytest.raises(ControlRefused) as refused:
        sandbox.reply(sandbox.recipient, browser.urn)
    assert refused.value.answer["field"] == "text"


def test_linkedin_itself_can_write_in_a_thread(browser: Browser, sandbox: SandboxProcess) -> None:
    """A system message has its own render format, and accepts no request."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.reply(sandbox.recipient, browser.urn, "This person has changed jobs", kind="system")
    assert newest(browser, thread)["elements"][0]["messageBodyRenderFormat"] == "SYSTEM"
    assert with_recipient(browser, sandbox.recipient)[0]["state"] == "PENDING"


@pytest.mark.parametrize("state", ["ACCEPTED", "DECLINED"])
def test_a_member_answers_a_request_without_a_word(browser: Browser, sandbox: SandboxProcess, state: str) -> None:
    """The thread's state changes, which is a change since a token; there is nothing to answer twice."""
    action = answer_request(browser, state)
    with pytest.raises(ControlRefused) as refused:
        sandbox.act(action)
    assert (refused.value.status, refused.value.answer["field"]) == (400, "member")
    thread = browser.send("question")["conversationUrn"]
    token = changes(browser)["metadata"]["newSyncToken"]
    sandbox.act(action)
    [changed] = changes(browser, token)["elements"]
    assert (changed["entityUrn"], changed["state"]) == (thread, state)
    with pytest.raises(ControlRefused):
        sandbox.act(action)


def test_a_declined_request_is_accepted_by_a_reply(browser: Browser, sandbox: SandboxProcess) -> None:
    """While the switch is set nothing more can be sent into a declined thread, until the member writes."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.act(
        {"action": "set", "pending_thread": "422"},
        answer_request(browser, "DECLINED"),
    )
    assert browser.post(SEND, browser.thread_message("again", thread)).status == 422
    sandbox.reply(sandbox.recipient, browser.urn, "on second thoughts")
    assert with_recipient(browser, sandbox.recipient)[0]["state"] == "ACCEPTED"
    assert browser.post(SEND, browser.thread_message("again", thread)).status == 200


def test_an_accepted_request_can_be_followed_up(browser: Browser, sandbox: SandboxProcess) -> None:
    """While the switch is set a second message is refused before acceptance, and taken after it."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.act({"action": "set", "pending_thread": "422"})
    assert browser.post(SEND, browser.thread_message("again", thread)).status == 422
    sandbox.act(answer_request(browser, "ACCEPTED"))
    assert browser.post(SEND, browser.thread_message("again", thread)).status == 200
    assert [message["text"] for message in sandbox.messages()] == ["question", "again"]


def test_each_answer_has_a_token_of_its_own(browser: Browser, sandbox: SandboxProcess) -> None:
    """Marking a thread read changes it, too; reading it does not."""
    thread = browser.send("question")["conversationUrn"]
    sandbox.reply(sandbox.recipient, browser.urn, "answer")
    tokens = [changes(browser)["metadata"]["newSyncToken"] for _ in range(3)]
    assert len(set(tokens)) == 3
    newest(browser, thread)
    assert changes(browser, tokens[0])["elements"] == []
    patch = {"entities": {thread: {"patch": {"$set": {"read": True}}}}}
    assert browser.post(f"{READ}?ids=List({encoded(thread)})", patch).status == 200
    [changed] = changes(browser, tokens[0])["elements"]
    assert (changed["entityUrn"], changed["read"]) == (thread, True)


@pytest.mark.parametrize("token", ["rubbish", "c2FuZGJveDox", "c2FuZGJveDo5OTk5OTk5OTk5OTk5OQ=="])
def test_an_unknown_token_is_answered_in_full(browser: Browser, sandbox: SandboxProcess, token: str) -> None:
    """A token of another form, from before a reset or from the future is answered as none is, the cache void."""
    thread = browser.send("question")["conversationUrn"]
    known, unknown = changes(browser), changes(browser, token)
    assert unknown["elements"] == known["elements"]
    assert [each["metadata"]["shouldClearCache"] for each in (known, unknown)] == [False, True]
    variables = f"(conversationUrn:{encoded(thread)},syncToken:{encoded(token)})"
    again = read(browser, "messengerMessages", variables, "messengerMessagesBySyncToken")
    assert (len(again["elements"]), again["metadata"]["shouldClearCache"]) == (1, True)


def test_what_members_answered_survives_a_restart(tmp_path: Path) -> None:
    """With --state kinds and states are there again, and a token from before is still known."""
    state = tmp_path / "state.jsonl"
    with running_sandbox(state=state) as sandbox:
        browser = Browser(sandbox, sandbox.accounts[0])
        thread = browser.send("question")["conversationUrn"]
        sandbox.act(answer_request(browser, "DECLINED"))
        sandbox.reply(sandbox.recipient, browser.urn, kind="system")
        sandbox.reply(sandbox.recipient, browser.urn, kind="voice")
        before = newest(browser, thread)["elements"]
        token = changes(browser)["metadata"]["newSyncToken"]
    with running_sandbox(state=state) as sandbox:
        browser = Browser(sandbox, sandbox.accounts[0])
        assert newest(browser, thread)["elements"] == before
        assert not changes(browser, token)["metadata"]["shouldClearCache"]


def test_members_answer_by_themselves_where_the_switch_says_so(browser: Browser, sandbox: SandboxProcess) -> None:
    """Of three messages the first is answered after the given seconds, and the member's inbox has both."""
    sandbox.act({"action": "set", "answer_after_seconds": 0.05})
    browser.send("question")
    deadline = time.monotonic() + 10
    while True:
        inbox = sandbox.control("GET", "inbox", member=sandbox.recipient)
        messages = inbox["threads"][0]["messages"]
        if len(messages) == 2:
            break
        assert time.monotonic() < deadline, inbox
        time.sleep(0.02)
    assert (messages[0]["text"], messages[0]["isOwn"]) == ("question", False)
    assert messages[1]["isOwn"]
    assert inbox["member"]["profileUrn"] == sandbox.recipient
    assert inbox["threads"][0]["account"]["profileUrn"] == browser.urn
    assert not inbox["threads"][0]["isRequest"]  # an answer accepts it
    browser.send("another")
    time.sleep(0.2)
    assert len(sandbox.control("GET", "inbox", member=sandbox.recipient)["threads"][0]["messages"]) == 3


def test_an_inbox_of_nobody_is_refused(sandbox: SandboxProcess) -> None:
    """A member who does not exist is named as the field."""
    with pytest.raises(ControlRefused) as refused:
        sandbox.control("GET", "inbox", member="urn:li:fsd_profile:nobody")
    assert refused.value.answer["field"] == "member"
    with pytest.raises(ControlRefused) as refused:
        sandbox.act({"action": "set", "answer_after_seconds": -1})
    assert refused.value.answer["field"] == "answer_after_seconds"
