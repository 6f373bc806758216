import time
from typing import Any

import pytest

from confrere.sandbox.views import normalize
from tests.contract.sandbox.browser import NORMALIZED, SEND, Browser, encoded
from tests.sandbox_process import SandboxProcess

Json = dict[str, Any]


def read(browser: Browser, name: str, variables: str, field: str, **headers: str) -> Json:
    """What a query finds."""
    seen = browser.query(name, variables, **headers)
    assert seen.status == 200, seen
    found: Json = seen.json()["data"][field]
    return found


def with_recipient(browser: Browser, urn: str) -> list[Json]:
    """The threads with a recipient."""
    variables = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(urn)}))"
    found: list[Json] = read(browser, "messengerConversations", variables, "messengerConversationsByRecipients")[
        "elements"
    ]
    return found


def newest(browser: Browser, thread: str) -> Json:
    """A thread as it is opened."""
    return read(browser, "messengerMessages", f"(conversationUrn:{encoded(thread)})", "messengerMessagesBySyncToken")


def test_a_read_after_a_send_finds_it(browser: Browser, sandbox: SandboxProcess) -> None:
    """The thread with the recipient is found after the send, not before, with the message and its token in it."""
    assert with_recipient(browser, sandbox.recipient) == []
    sent = browser.send("there")
    [thread] = with_recipient(browser, sandbox.recipient)
    assert thread["entityUrn"] == sent["conversationUrn"]
    assert (thread["state"], thread["categories"]) == ("PENDING", ["INBOX", "PRIMARY_INBOX"])
    [message] = newest(browser, thread["entityUrn"])["elements"]
    assert message == thread["messages"]["elements"][0]
    assert message["entityUrn"] == sent["entityUrn"]
    assert message["originToken"] == sent["originToken"]
    assert message["sender"]["hostIdentityUrn"] == browser.urn
    assert message["sender"]["participantType"]["member"]["distance"] == "SELF"


def test_others_messages_carry_no_token(browser: Browser, sandbox: SandboxProcess) -> None:
    """A reply is the other's message, without originToken, accepts the request and is first in the thread."""
    sent = browser.send("question")
    reported = sandbox.reply(sandbox.recipient, browser.urn, "answer")
    elements = newest(browser, sent["conversationUrn"])["elements"]
    assert [(each["body"]["text"], each["originToken"]) for each in elements] == [
        ("answer", None),
        ("question", sent["originToken"]),
    ]
    assert elements[0]["entityUrn"] == reported["messageUrn"]
    assert elements[0]["sender"]["hostIdentityUrn"] == sandbox.recipient
    [thread] = with_recipient(browser, sandbox.recipient)
    assert (thread["state"], thread["read"], thread["unreadCount"]) == ("ACCEPTED", False, 1)


def test_an_account_reads_what_another_wrote_to_it(browser: Browser, sandbox: SandboxProcess) -> None:
    """A message between two accounts is in both mailboxes, each under its owner's URNs; a request in its own folder."""
    other = Browser(sandbox, sandbox.accounts[1])
    sent = browser.send("hello, neighbour", other.urn)
    [thread] = with_recipient(other, browser.urn)
    assert thread["categories"] == ["MESSAGE_REQUEST_PENDING"]
    [message] = newest(other, thread["entityUrn"])["elements"]
    assert message["originToken"] is None
    assert message["entityUrn"] == sent["entityUrn"].replace(browser.urn, other.urn)
    assert message["backendUrn"] == sent["backendUrn"]


def test_the_normalized_form_nests_twice(browser: Browser, sandbox: SandboxProcess) -> None:
    """With the normalized accept references are starred and found in included."""
    sent = browser.send("x")
    variables = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(sandbox.recipient)}))"
    seen = browser.query("messengerConversations", variables, accept=NORMALIZED).json()
    [urn] = seen["data"]["data"]["messengerConversationsByRecipients"]["*elements"]
    by_urn = {entity["entityUrn"]: entity for entity in seen["included"]}
    assert urn == sent["conversationUrn"]
    assert by_urn[urn]["$type"] == "com.linkedin.messenger.Conversation"
    [message_urn] = by_urn[urn]["messages"]["*elements"]
    assert by_urn[message_urn]["*sender"] in by_urn
    assert by_urn[message_urn]["*conversation"] == urn


def test_normalizing_leaves_plain_values_alone() -> None:
    """What is no entity stays where it is; an entity that refers to itself ends."""
    entity = {"_type": "T", "entityUrn": "u", "self": {"_type": "T", "entityUrn": "u"}}
    assert normalize({"a": [1, {"b": 2}], "c": entity, "d": None}) == {
        "data": {"a": [1, {"b": 2}], "*c": "u", "d": None},
        "included": [{"$type": "T", "entityUrn": "u", "*self": "u"}],
    }


def test_the_inbox_returns_what_is_new_since_a_token(browser: Browser, sandbox: SandboxProcess) -> None:
    """The first load shows the threads from before; a token then only what changed after it."""
    name, field = "messengerConversations", "messengerConversationsBySyncToken"
    first = read(browser, name, f"(mailboxUrn:{encoded(browser.urn)})", field)
    assert len(first["elements"]) == 3

    def since(token: str) -> Json:
        return read(browser, name, f"(mailboxUrn:{encoded(browser.urn)},syncToken:{encoded(token)})", field)

    second = since(first["metadata"]["newSyncToken"])
    assert second["elements"] == []
    sent = browser.send("news")
    third = since(second["metadata"]["newSyncToken"])
    assert [each["entityUrn"] for each in third["elements"]] == [sent["conversationUrn"]]
    assert since(third["metadata"]["newSyncToken"])["elements"] == []
    messages = newest(browser, sent["conversationUrn"])
    sandbox.reply(sandbox.recipient, browser.urn, "answer")
    token = encoded(messages["metadata"]["newSyncToken"])
    variables = f"(conversationUrn:{encoded(sent['conversationUrn'])},syncToken:{token})"
    new = read(browser, "messengerMessages", variables, "messengerMessagesBySyncToken")["elements"]
    assert [each["body"]["text"] for each in new] == ["answer"]


def test_the_inbox_is_paged_by_category(browser: Browser, sandbox: SandboxProcess) -> None:
    """Each thread of a folder is on one page, the latest first."""
    people = [reported["profileUrn"] for reported in sandbox.world(count=12)["recipients"]]
    sent = [browser.send("x", urn)["conversationUrn"] for urn in people[:5]]
    query = "query:(predicateUnions:List((conversationCategoryPredicate:(category:PRIMARY_INBOX))))"
    found: list[str] = []
    position = f"lastUpdatedBefore:{time.time_ns() // 1_000_000 + 60_000}"
    for _ in range(10):
        variables = f"({query},count:3,mailboxUrn:{encoded(browser.urn)},{position})"
        page = read(browser, "messengerConversations", variables, "messengerConversationsByCategoryQuery")
        found += [each["entityUrn"] for each in page["elements"]]
        if (cursor := page["metadata"]["nextCursor"]) is None:
            break
        position = f"nextCursor:{encoded(cursor)}"
    assert found[:5] == sent[::-1]
    assert len(found) == len(set(found)) == 8


def test_a_thread_is_paged_by_time_and_by_cursor(browser: Browser) -> None:
    """Before an anchor, and on from its cursor, each message is found once, newest first."""
    sent = [browser.send(f"message {turn}") for turn in range(12)]
    thread = encoded(sent[0]["conversationUrn"])
    variables = f"(deliveredAt:{sent[9]['deliveredAt']},conversationUrn:{thread},countBefore:4,countAfter:1)"
    page = read(browser, "messengerMessages", variables, "messengerMessagesByAnchorTimestamp")
    texts = [each["body"]["text"] for each in page["elements"]]
    assert texts == [f"message {turn}" for turn in (10, 9, 8, 7, 6)]
    assert page["metadata"]["nextCursor"] is not None
    cursor = page["metadata"]["prevCursor"]
    while cursor is not None:
        variables = f"(conversationUrn:{thread},count:4,prevCursor:{encoded(cursor)})"
        page = read(browser, "messengerMessages", variables, "messengerMessagesByConversation")
        texts += [each["body"]["text"] for each in page["elements"]]
        cursor = page["metadata"]["prevCursor"]
    assert texts == [f"message {turn}" for turn in range(10, -1, -1)]


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("messengerConversations", "(mailboxUrn:{me},recipients:{you})"),
        ("messengerConversations", "(mailboxUrn:{me},recipients:List(bastien-exemple-0002))"),
        ("messengerConversations", "(mailboxUrn:{me},recipients:List())"),
        ("messengerConversations", "(recipients:List({you}))"),
        ("messengerConversations", "(mailboxUrn:{me},surprise:1)"),
        ("messengerConversations", "(mailboxUrn:{me},query:(predicateUnions:List()))"),
        ("messengerConversations", "(conversationIds:List(x),count:1)"),
        ("messengerConversations", "mailboxUrn:{me}"),
        ("messengerConversations", ""),
        ("messengerMessages", "(conversationUrn:urn:li:msg_conversation:(a,b))"),
        ("messengerMessages", "(conversationUrn:x)"),
        ("messengerMessages", "(conversationUrn:x,deliveredAt:soon)"),
        ("messengerSomething", "(mailboxUrn:{me})"),
    ],
)
def test_a_sloppy_query_is_400(browser: Browser, name: str, variables: str) -> None:
    """Wrong syntax, wrong variables and unknown queries are answered 400."""
    filled = variables.replace("{me}", encoded(browser.urn)).replace("{you}", encoded(browser.sandbox.recipient))
    assert browser.query(name, filled).status == 400


def test_a_twice_encoded_query_is_400(browser: Browser) -> None:
    """Values that were encoded twice, and structure that was encoded at all, are answered 400."""
    once = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(browser.sandbox.recipient)}))"
    assert browser.query("messengerConversations", once).status == 200
    assert browser.query("messengerConversations", encoded(once)).status == 400
    twice = f"(mailboxUrn:{encoded(browser.urn)},recipients:List({encoded(encoded(browser.sandbox.recipient))}))"
    assert browser.query("messengerConversations", twice).status == 400
    assert browser.get(f"/voyager/api/voyagerMessagingGraphQL/graphql?queryId=x&variables={once}").status == 400


def test_another_mailbox_is_closed(browser: Browser, sandbox: SandboxProcess) -> None:
    """Another account's mailbox is 403, its threads 400, one's own missing thread 404."""
    other = Browser(sandbox, sandbox.accounts[1])
    thread = other.send("private")["conversationUrn"]
    assert browser.query("messengerConversations", f"(mailboxUrn:{encoded(other.urn)})").status == 403
    assert browser.query("messengerMessages", f"(conversationUrn:{encoded(thread)})").status == 400
    moved = thread.replace(other.urn, browser.urn)
    assert browser.query("messengerMessages", f"(conversationUrn:{encoded(moved)})").status == 404


def test_retired_endpoints_answer_as_they_do_today(browser: Browser, sandbox: SandboxProcess) -> None:
    """Legacy profile reads are 410, legacy messaging is as the switch is set, an unknown path 404."""
    assert browser.get("/voyager/api/identity/profiles/somebody/profileView").status == 410
    assert (
        browser.get("/voyager/api/groups/groups/urn%3Ali%3Agroup%3A12345678/members?q=membershipStatus").status == 410
    )
    for status in ("500", "400", "403"):
        sandbox.act({"action": "set", "legacy_messaging": status})
        assert browser.get("/voyager/api/messaging/conversations?keyVersion=LEGACY_INBOX").status == int(status)
        assert browser.post("/voyager/api/messaging/conversations?action=create", {}).status == int(status)
    assert browser.get("/voyager/api/nothing").status == 404
    assert browser.get(SEND).status == 404
    shared = browser.get(f"/voyager/api/identity/profiles/{sandbox.accounts[1].public_identifier}/highlights").json()
    assert len(shared["elements"]) >= 2


def test_every_own_message_carries_a_token(browser: Browser, sandbox: SandboxProcess) -> None:
    """The owner's messages carry an originToken however old they are, everybody else's none."""
    field = "messengerConversationsBySyncToken"
    threads = read(browser, "messengerConversations", f"(mailboxUrn:{encoded(browser.urn)})", field)["elements"]
    messages = [each for thread in threads for each in newest(browser, thread["entityUrn"])["elements"]]
    own = [each["sender"]["hostIdentityUrn"] == browser.urn for each in messages]
    assert {True, False} == set(own)
    assert [each["originToken"] is not None for each in messages] == own
    assert sandbox.messages() == []
