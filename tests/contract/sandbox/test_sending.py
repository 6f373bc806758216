import uuid
from collections.abc import Callable
from typing import Any

import pytest

from confrere.sandbox.messaging import is_tracking_id
from tests.contract.sandbox.browser import NORMALIZED, SEND, Browser, encoded
from tests.sandbox_process import SandboxProcess

Json = dict[str, Any]

UNAUTHORIZED = b'{"code":"UNAUTHORIZED_VIEWER","message":"The viewer is not authorized to access this resource"}'
NOT_ACCESSIBLE = (
    b'{"exceptionClass":"com.linkedin.voyager.common.VoyagerUserVisibleException",'
    b'"message":"This profile can\'t be accessed","status":403}'
)


def stranger(sandbox: SandboxProcess) -> str:
    """A member outside the demo group, not connected to the first account."""
    sandbox_world = sandbox.world(group="13007919", count=1, start=700)
    urn: str = sandbox_world["recipients"][0]["profileUrn"]
    sandbox.act({"action": "disconnect", "member": urn, "account": sandbox.accounts[0].profile_urn})
    return urn


def test_a_group_message_is_answered_with_the_nine_keys(browser: Browser) -> None:
    """A first message through a group is accepted, echoed, and its URNs are of the sender's mailbox."""
    body = browser.group_message("Bonjour 👋\nline two")
    seen = browser.post(SEND, body)
    value = seen.json()["value"]
    assert seen.status == 200
    assert list(value) == [
        "renderContentUnions",
        "entityUrn",
        "backendUrn",
        "conversationUrn",
        "backendConversationUrn",
        "senderUrn",
        "originToken",
        "body",
        "deliveredAt",
    ]
    assert value["originToken"] == body["message"]["originToken"]
    assert value["body"] == {"attributes": [], "text": "Bonjour 👋\nline two"}
    assert value["entityUrn"].startswith(f"urn:li:msg_message:({browser.urn},2-")
    assert value["conversationUrn"].startswith(f"urn:li:msg_conversation:({browser.urn},2-")
    assert value["senderUrn"] == f"urn:li:msg_messagingParticipant:{browser.urn}"


def test_the_control_lists_what_was_seen(browser: Browser, sandbox: SandboxProcess) -> None:
    """The control lists each accepted message with its group and token, by recipient and by account."""
    sent = browser.send("one")
    [reported] = sandbox.messages(recipient=sandbox.recipient)
    assert (reported["text"], reported["sender"], reported["recipient"]) == ("one", browser.urn, sandbox.recipient)
    assert reported["groupUrn"] == "urn:li:fsd_group:12345678"
    assert reported["originToken"] == sent["originToken"]
    assert reported["messageUrn"] == sent["entityUrn"]
    assert sandbox.messages(account=browser.urn) == [reported]
    assert sandbox.messages(account=browser.urn, recipient=sandbox.recipient.rpartition(":")[2]) == [reported]
    assert sandbox.messages(account=sandbox.accounts[1].profile_urn) == []
    assert sandbox.count_messages(recipient=sandbox.recipient) == 1


def test_an_existing_thread_takes_a_follow_up(browser: Browser, sandbox: SandboxProcess) -> None:
    """A message by conversationUrn goes to the thread's other member, without a group."""
    thread = browser.send("one")["conversationUrn"]
    seen = browser.post(SEND, browser.thread_message("two", thread))
    assert seen.status == 200
    assert seen.json()["value"]["conversationUrn"] == thread
    assert [(reported["text"], reported["groupUrn"]) for reported in sandbox.messages()] == [
        ("one", "urn:li:fsd_group:12345678"),
        ("two", None),
    ]


def test_a_repeat_makes_a_second_message(browser: Browser, sandbox: SandboxProcess) -> None:
    """The same originToken again is a second message in the same thread: LinkedIn is not known to drop it."""
    body = browser.group_message("again")
    first, second = browser.post(SEND, body).json()["value"], browser.post(SEND, body).json()["value"]
    assert first["entityUrn"] != second["entityUrn"]
    assert first["conversationUrn"] == second["conversationUrn"]
    assert sandbox.count_messages() == 2


def test_a_repeat_that_asks_for_it_is_dropped(browser: Browser, sandbox: SandboxProcess) -> None:
    """With dedupeByClientGeneratedToken true the first message is answered again."""
    body = {**browser.group_message("again"), "dedupeByClientGeneratedToken": True}
    assert browser.post(SEND, body).json() == browser.post(SEND, body).json()
    assert sandbox.count_messages() == 1


def without(*path: str) -> Callable[[Json], None]:
    """Return a change that removes a field."""

    def change(body: Json) -> None:
        for key in path[:-1]:
            body = body[key]
        del body[path[-1]]

    return change


def having(value: Any, *path: str) -> Callable[[Json], None]:
    """Return a change that sets a field."""

    def change(body: Json) -> None:
        for key in path[:-1]:
            body = body[key]
        body[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        without("trackingId"),
        having(str(uuid.uuid4()), "trackingId"),
        having("QUFBQUFBQUFBQUFBQUFBQQ==", "trackingId"),
        having("123456789012345", "trackingId"),
        having("12345678901234€6", "trackingId"),
        without("dedupeByClientGeneratedToken"),
        having("false", "dedupeByClientGeneratedToken"),
        without("mailboxUrn"),
        having("urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o", "mailboxUrn"),
        without("message", "originToken"),
        having("not-a-uuid", "message", "originToken"),
        without("message", "body", "attributes"),
        having("plain text", "message", "body"),
        having("", "message", "body", "text"),
        having("x" * 8001, "message", "body", "text"),
        having(None, "message", "renderContentUnions"),
        having([], "hostRecipientUrns"),
        having(["bastien-exemple-0002"], "hostRecipientUrns"),
        having(["urn:li:member:900000001"], "hostRecipientUrns"),
        without("hostRecipientUrns"),
        having("urn:li:msg_conversation:(urn:li:fsd_profile:x,2-eA==)", "message", "conversationUrn"),
        having(
            {"urn:li:fsd_profile:x": {"contextEntityUrn": "urn:li:fsd_group:1"}}, "messageRequestContextByRecipient"
        ),
        having([{"contextEntityUrn": "urn:li:fsd_group:12345678"}], "messageRequestContextByRecipient"),
        having([], "recipients"),
        having("extra", "message", "extra"),
    ],
)
def test_a_sloppy_body_is_400(browser: Browser, sandbox: SandboxProcess, change: Callable[[Json], None]) -> None:
    """A body that drifts from the browser's own is answered 400 and sends nothing."""
    body = browser.group_message("sloppy")
    change(body)
    seen = browser.post(SEND, body)
    assert (seen.status, seen.body) == (400, b'{"status":400}')
    assert browser.post(SEND, body, accept=NORMALIZED).json() == {"data": {"status": 400}, "included": []}
    assert sandbox.messages() == []


def test_tracking_ids_are_sixteen_latin_1_characters() -> None:
    """16 random bytes as a Latin-1 string pass, and so do 16 letters."""
    assert is_tracking_id("".join(map(chr, range(240, 256))))
    assert is_tracking_id("\x00" * 16)
    assert not is_tracking_id("")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"message":"\xff"}'])
def test_a_body_that_is_not_the_json_is_400(browser: Browser, body: bytes) -> None:
    """Bytes that are not the JSON of a message are answered 400."""
    assert browser.post(SEND, body).status == 400


def test_own_action_and_content_types(browser: Browser) -> None:
    """Only createMessage is an action; plain text and JSON are taken as content types, a form is not."""
    assert browser.post(SEND.replace("createMessage", "create"), browser.group_message("x")).status == 400
    assert browser.post(SEND, browser.group_message("x"), content_type="application/json").status == 200
    assert (
        browser.post(SEND, browser.group_message("x"), content_type="application/x-www-form-urlencoded").status == 415
    )


def test_refusals_speak_linkedins_words(browser: Browser, sandbox: SandboxProcess) -> None:
    """Unknown, blocking, not shared, closed and unreachable recipients are refused in the documented words."""
    nobody = "urn:li:fsd_profile:ACoAADWk6QIB2xjTFB3PTfYceNpmH0Y-5Ppwn0E"
    outside = stranger(sandbox)
    people = [reported["profileUrn"] for reported in sandbox.world(count=40)["recipients"]]
    blocking, closed, left = people[10:13]
    sandbox.act(
        {"action": "block", "member": blocking, "account": browser.urn},
        {"action": "close_group_messages", "member": closed, "group": sandbox.group_id},
        {"action": "leave_group", "member": left, "group": f"urn:li:fsd_group:{sandbox.group_id}"},
        *({"action": "disconnect", "member": member, "account": browser.urn} for member in (closed, left)),
    )
    no_context = {**browser.group_message("x", outside), "messageRequestContextByRecipient": []}
    refusals = [
        (browser.group_message("x", nobody), 403, NOT_ACCESSIBLE),
        (browser.group_message("x", blocking), 403, NOT_ACCESSIBLE),
        (browser.group_message("x", closed), 403, UNAUTHORIZED),
        (browser.group_message("x", left), 403, UNAUTHORIZED),
        (browser.group_message("x", outside), 403, UNAUTHORIZED),
        (browser.group_message("x", group_id="13015838"), 403, UNAUTHORIZED),
        (browser.group_message("x", group_id="999"), 403, UNAUTHORIZED),
        (no_context, 422, b'{"status":422}'),
    ]
    for body, status, words in refusals:
        seen = browser.post(SEND, body)
        assert (seen.status, seen.body) == (status, words)
    assert sandbox.messages() == []


def test_a_refusal_is_undone_by_its_opposite(browser: Browser, sandbox: SandboxProcess) -> None:
    """A member who joins again, unblocks, or opens group messages can be written to again."""
    member = {"member": sandbox.recipient}
    sandbox.act({"action": "leave_group", **member, "group": sandbox.group_id})
    sandbox.act({"action": "block", **member}, {"action": "close_group_messages", **member})
    assert browser.post(SEND, browser.group_message("x")).status == 403
    sandbox.act({"action": "join_group", **member, "group": sandbox.group_id})
    sandbox.act({"action": "unblock", **member}, {"action": "open_group_messages", **member})
    assert browser.post(SEND, browser.group_message("x")).status == 200


def test_a_connection_needs_no_group(browser: Browser, sandbox: SandboxProcess) -> None:
    """A connected member is written to without any group."""
    outside = stranger(sandbox)
    sandbox.act({"action": "connect", "member": outside, "account": browser.urn})
    body = browser.group_message("hello", outside)
    del body["messageRequestContextByRecipient"]
    assert browser.post(SEND, body).status == 200
    assert sandbox.messages()[0]["groupUrn"] is None


def test_an_account_cannot_write_to_itself_or_in_others_threads(browser: Browser, sandbox: SandboxProcess) -> None:
    """The own profile, another's mailbox and a thread that is not there are refused."""
    other = Browser(sandbox, sandbox.accounts[1])
    thread = other.send("mine")["conversationUrn"]
    moved = thread.replace(other.urn, browser.urn)
    assert browser.post(SEND, browser.group_message("x", browser.urn)).status == 400
    assert browser.post(SEND, browser.thread_message("x", thread)).status == 400
    assert browser.post(SEND, browser.thread_message("x", moved)).status == 404


def test_the_monthly_allowance_counts_first_messages(browser: Browser, sandbox: SandboxProcess) -> None:
    """With an allowance set, first group messages past it get the configured error; follow-ups do not count."""
    body = {"code": "FUSED", "status": 429}
    sandbox.act({"action": "set", "allowance": 1, "allowance_status": 429, "allowance_body": body})
    people = [reported["profileUrn"] for reported in sandbox.world(count=30)["recipients"]]
    sandbox.act(*({"action": "disconnect", "member": urn, "account": browser.urn} for urn in people[:2]))
    browser.send("first", people[0])
    browser.send("still the first", people[0])
    seen = browser.post(SEND, browser.group_message("second", people[1]))
    assert (seen.status, seen.json()) == (429, body)
    sandbox.act({"action": "set", "allowance": None, "allowance_status": 422, "allowance_body": None})
    assert browser.post(SEND, browser.group_message("second", people[1])).status == 200
    other = Browser(sandbox, sandbox.accounts[1])
    sandbox.act({"action": "spend_allowance", "account": other.urn})
    seen = other.post(SEND, other.group_message("none left"))
    assert (seen.status, seen.body) == (422, b'{"status":422}')


def test_existing_threads_can_be_made_to_refuse(browser: Browser, sandbox: SandboxProcess) -> None:
    """The switches make a second message by recipient, or before an answer, refused."""
    thread = browser.send("one")["conversationUrn"]
    sandbox.act({"action": "set", "existing_thread": "422"})
    seen = browser.post(SEND, browser.group_message("two"))
    assert (seen.status, seen.json()["code"]) == (422, "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY")
    assert browser.post(SEND, browser.thread_message("two", thread)).status == 200
    sandbox.act({"action": "set", "pending_thread": "422"})
    assert browser.post(SEND, browser.thread_message("three", thread)).status == 422
    sandbox.reply(sandbox.recipient, browser.urn, "go on")
    assert browser.post(SEND, browser.thread_message("three", thread)).status == 200


def test_the_normalized_form_wraps_the_answer(browser: Browser) -> None:
    """With the normalized accept the message is under data.value."""
    seen = browser.post(SEND, browser.group_message("x"), accept=NORMALIZED)
    assert seen.json()["data"]["value"]["body"]["text"] == "x"
    assert seen.json()["included"] == []


def test_compose_options_show_who_can_be_written_to(browser: Browser, sandbox: SandboxProcess) -> None:
    """The preflight distinguishes a reply from a new message, and is refused by a member who blocks."""

    def ask(urn: str) -> Any:
        bare = urn.rpartition(":")[2]
        option = encoded(f"urn:li:fsd_composeOption:({bare},NON_SELF_PROFILE_VIEW,EMPTY_CONTEXT_ENTITY_URN)")
        return browser.get(f"/voyager/api/voyagerMessagingDashComposeOptions/{option}", accept=NORMALIZED)

    assert ask(sandbox.recipient).json()["data"]["composeOptionType"] == "PREMIUM_INMAIL"
    browser.send("x")
    reported = ask(sandbox.recipient).json()["data"]
    assert reported["composeOptionType"] == "REPLY"
    assert reported["composeNavigationContext"]["existingConversationUrn"].startswith("urn:li:fsd_conversation:2-")
    sandbox.act({"action": "block", "member": sandbox.recipient})
    assert ask(sandbox.recipient).status == 403
    variables = f"(recipients:List({encoded(sandbox.recipient)}),type:MESSAGE)"
    view = browser.query("voyagerMessagingDashComposeViewContexts", variables, path="graphql").json()
    assert view["data"]["messagingDashComposeViewContextsByRecipients"]["elements"][0]["showBlockedFooter"]


def test_typing_and_receipts(browser: Browser, sandbox: SandboxProcess) -> None:
    """Typing is 202 without a body, marking read is seen in the thread, receipts are taken."""
    thread = browser.send("x")["conversationUrn"]
    message = sandbox.reply(sandbox.recipient, browser.urn, "y")["messageUrn"]
    path = "/voyager/api/voyagerMessagingDashMessengerConversations"
    typing = browser.post(f"{path}?action=typing", {"conversationUrn": thread})
    assert (typing.status, typing.body) == (202, b"")
    assert browser.post(f"{path}?action=typing", {"conversationUrn": "urn:li:nothing"}).status == 400

    def read() -> Any:
        found = browser.query("messengerConversations", f"(conversationIds:List({encoded(thread)}),count:1)")
        return found.json()["data"]["messengerConversationsByIds"][0]

    assert (read()["read"], read()["unreadCount"]) == (False, 1)
    patch = {"entities": {thread: {"patch": {"$set": {"read": True}}}}}
    marked = browser.post(f"{path}?ids=List({encoded(thread)})", patch)
    assert (marked.status, marked.json()["errors"]) == (200, {})
    assert (read()["read"], read()["unreadCount"]) == (True, 0)
    assert browser.post(f"{path}?ids=List()", patch).status == 400
    receipt = "/voyager/api/voyagerMessagingDashMessengerMessageDeliveryAcknowledgements"
    taken = {"messageUrns": [message], "clientId": "voyager-web", "deliveryMechanism": "REALTIME"}
    assert browser.post(f"{receipt}?action=sendDeliveryAcknowledgement", taken).status == 200
    assert browser.post(f"{receipt}?action=sendDeliveryAcknowledgement", {"messageUrns": ["x"]}).status == 400
