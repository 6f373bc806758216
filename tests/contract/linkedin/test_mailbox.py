"""Reading a mailbox and its threads, answering in one, marking it as seen: what is written on the wire."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from confrere.domain.attempt import AccountProblem, Attempt, Found, OutgoingReply, Unreadable
from confrere.domain.conversation import Conversation, MailboxChanges, MailboxPage, Participant, ThreadPage
from confrere.domain.outcome import NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.urns import ProfileUrn
from confrere.linkedin import load_protocol
from tests.contract.linkedin.one_message import (
    ACCEPTED,
    GOOD,
    OWN,
    SESSION,
    TOKEN,
    lines,
    upstream,
)
from tests.contract.linkedin.raw_server import answer

QUERIES = load_protocol().queries
THREAD = f"urn:li:msg_conversation:({OWN},2-NWExZQ==)"
QUERY = "GET /voyager/api/voyagerMessagingGraphQL/graphql?queryId="
REPLY = OutgoingReply(OWN, THREAD, 'Grüße, "Kollege" 👋\nzweite Zeile', TOKEN)
GONE = "LinkedIn no longer takes the session; connect the account again"


def coded(text: str) -> str:
    """Encode a value as Rest.li does."""
    return quote(text, safe="")


def listed(field: str, *elements: Any, **metadata: Any) -> bytes:
    """Answer a query with these elements."""
    body = {"data": {field: {"elements": elements, "metadata": metadata}}}
    return answer(200, json.dumps(body).encode())


def message(at_ms: int) -> dict[str, Any]:
    """Make a message of a thread."""
    return {"entityUrn": f"urn:m{at_ms}", "deliveredAt": at_ms, "body": {"text": "x"}}


async def test_a_mailbox_is_asked_for_as_the_web_client_asks() -> None:
    """A page and its cursor, the start and a token: each with the query and the variables of the web client."""
    page, sync = QUERIES.mailbox_page, QUERIES.mailbox_start.field
    answers = [
        listed(page.field, {"entityUrn": THREAD}, nextCursor="c(2)"),
        listed(page.field),
        listed(sync, {"entityUrn": THREAD}, newSyncToken="t:2"),
        listed(sync, newSyncToken="t:3", shouldClearCache=True),
    ]
    before_ms = time.time_ns() // 1_000_000
    async with upstream(*answers) as (client, server):
        assert await client.read_mailbox(SESSION, OWN, count=5) == MailboxPage((Conversation(THREAD),), "c(2)")
        assert await client.read_mailbox(SESSION, OWN, cursor="c(2)") == MailboxPage((), None)
        assert await client.read_mailbox_changes(SESSION, OWN, None) == MailboxChanges((Conversation(THREAD),), "t:2")
        assert await client.read_mailbox_changes(SESSION, OWN, "t:2") == MailboxChanges((), "t:3", is_full=True)
    first, *others = lines(server)
    folder = "query:(predicateUnions:List((conversationCategoryPredicate:(category:PRIMARY_INBOX))))"
    start = f"{QUERY}{page.id}&variables=({folder},count:5,mailboxUrn:{coded(OWN)},lastUpdatedBefore:"
    assert first.startswith(start)
    found = re.fullmatch(r"([0-9]{13})\) HTTP/1.1", first.removeprefix(start))
    assert found
    assert before_ms + 60_000 <= int(found[1]) <= time.time_ns() // 1_000_000 + 60_000
    assert others == [
        f"{QUERY}{page.id}&variables=({folder},count:20,mailboxUrn:{coded(OWN)},nextCursor:c%282%29) HTTP/1.1",
        f"{QUERY}{QUERIES.mailbox_start.id}&variables=(mailboxUrn:{coded(OWN)}) HTTP/1.1",
        f"{QUERY}{QUERIES.mailbox_changes.id}&variables=(mailboxUrn:{coded(OWN)},syncToken:t%3A2) HTTP/1.1",
    ]
    assert all(b"\r\naccept: application/graphql\r\n" in request for request in server.requests)


async def test_a_thread_is_read_back_to_its_beginning() -> None:
    """A page is asked for by the oldest time of the one before, and what is not older is left out."""
    newest, older = QUERIES.newest_messages, QUERIES.older_messages
    answers = [
        listed(newest.field, message(9), message(8)),
        listed(older.field, message(7), message(8)),
        listed(older.field, message(7)),
    ]
    pages: list[ThreadPage] = []
    async with upstream(*answers) as (client, server):
        before_ms = None
        while not pages or before_ms is not None:
            page = await client.read_thread(SESSION, THREAD, before_ms=before_ms, count=2)
            assert isinstance(page, ThreadPage)
            pages.append(page)
            before_ms = page.older_before_ms
    assert [[each.delivered_at_ms for each in page.messages] for page in pages] == [[9, 8], [7], []]
    thread = coded(THREAD)
    anchor = (
        f"{QUERY}{older.id}&variables=(deliveredAt:{{}},conversationUrn:{thread},countBefore:2,countAfter:0) HTTP/1.1"
    )
    assert lines(server) == [
        f"{QUERY}{newest.id}&variables=(conversationUrn:{thread}) HTTP/1.1",
        anchor.format(8),
        anchor.format(7),
    ]


def bare(field: str, *elements: Any) -> bytes:
    """Answer a query with a bare list of these elements."""
    return answer(200, json.dumps({"data": {field: elements}}).encode())


async def test_one_conversation_is_asked_for_by_its_urn() -> None:
    """It is returned with its participants, and None where LinkedIn's list does not have it."""
    query = QUERIES.conversation
    other = {"entityUrn": "urn:li:msg_messagingParticipant:urn:li:fsd_profile:ACoAAother"}
    element = {"entityUrn": THREAD, "groupChat": True, "conversationParticipants": [other]}
    found = Conversation(THREAD, (Participant(ProfileUrn("urn:li:fsd_profile:ACoAAother")),), is_group_chat=True)
    answers = [bare(query.field, element), bare(query.field, {"entityUrn": f"{THREAD}2"}), bare(query.field)]
    async with upstream(*answers) as (client, server):
        assert await client.read_conversation(SESSION, THREAD) == found
        assert await client.read_conversation(SESSION, THREAD) is None
        assert await client.read_conversation(SESSION, THREAD) is None
    assert set(lines(server)) == {
        f"{QUERY}{query.id}&variables=(conversationIds:List({coded(THREAD)}),count:1) HTTP/1.1"
    }


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (answer(200, b"{}"), Unreadable("LinkedIn's answer could not be understood")),
        (answer(200, b'{"errors": [{"message": "no"}]}'), Unreadable("LinkedIn answered the query with an error")),
        (answer(401), SessionDead(GONE)),
        (answer(429, b"", "Retry-After: 90"), Throttled(429, 90)),
    ],
)
async def test_a_conversation_that_cannot_be_read_is_not_absent(text: bytes, result: object) -> None:
    """What is wrong is reported as what it is."""
    async with upstream(text) as (client, _):
        assert await client.read_conversation(SESSION, THREAD) == result


async def test_a_message_is_searched_for_in_the_conversation_that_it_went_into() -> None:
    """Only that one is read. Where the mailbox has it no longer, that is not taken for an old query id."""
    newest = QUERIES.newest_messages
    sent = {"entityUrn": "urn:m9", "deliveredAt": 9, "originToken": TOKEN}
    since = datetime(2026, 3, 14, tzinfo=UTC)
    async with upstream(listed(newest.field, sent), answer(404)) as (client, server):
        found = await client.find_message(SESSION, OWN, "urn:li:fsd_profile:ACoAAother", TOKEN, since, THREAD)
        assert found == Found("urn:m9", THREAD)
        gone = await client.find_message(SESSION, OWN, "urn:li:fsd_profile:ACoAAother", TOKEN, since, THREAD)
    assert isinstance(gone, Unreadable)
    assert not gone.protocol_moved
    assert set(lines(server)) == {f"{QUERY}{newest.id}&variables=(conversationUrn:{coded(THREAD)}) HTTP/1.1"}


async def test_a_reply_is_written_as_the_web_client_writes_it() -> None:
    """The whole body: the conversation in the message, no recipient and no context beside it."""
    async with upstream(GOOD) as (client, server):
        assert await client.send_reply(SESSION, REPLY) == Attempt(ACCEPTED, {})
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    line = b"POST /voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage HTTP/1.1\r\n"
    assert head.startswith(line)
    assert b"\r\ncontent-type: text/plain;charset=UTF-8\r\n" in head
    sent = json.loads(body)
    assert re.fullmatch("[A-Za-z0-9]{16}", sent.pop("trackingId"))
    assert sent == {
        "message": {
            "body": {"attributes": [], "text": REPLY.text},
            "renderContentUnions": [],
            "originToken": TOKEN,
            "conversationUrn": THREAD,
        },
        "mailboxUrn": OWN,
        "dedupeByClientGeneratedToken": False,
    }
    assert "Grüße" not in repr(REPLY)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (answer(200, b"{}"), Unknown("LinkedIn's answer could not be understood")),
        (answer(403, b'{"code": "X", "message": "no"}', reason="Forbidden"), Refused(403, "Forbidden", "X", "no")),
        (answer(404, reason="Not Found"), Refused(404, "Not Found", None, None)),
        (answer(401), SessionDead(GONE)),
        (answer(410), NotSent("Request failed with status code 410", protocol_moved=True)),
        (answer(429, b"", "Retry-After: 90"), Throttled(429, 90)),
        (answer(502), Unknown("Request failed with status code 502")),
    ],
)
async def test_a_reply_has_the_outcomes_of_a_group_message(text: bytes, outcome: Outcome) -> None:
    """One attempt is made, whatever the answer is."""
    async with upstream(text, GOOD) as (client, server):
        assert (await client.send_reply(SESSION, REPLY)).outcome == outcome
        assert len(server.requests) == 1


async def test_a_400_to_a_second_conversation_is_the_protocol_s() -> None:
    """The first is its conversation's, the second another's shows that LinkedIn does not understand the client."""
    other = OutgoingReply(OWN, f"{THREAD}2", "x", TOKEN)
    async with upstream(answer(400, reason="Bad Request"), answer(400)) as (client, _):
        first = await client.send_reply(SESSION, REPLY)
        assert first == Attempt(Refused(400, "Bad Request", None, None), {}, needs_probe=True)
        second = await client.send_reply(SESSION, other)
    assert second.outcome == NotSent("Request failed with status code 400", protocol_moved=True)


async def test_seen_is_a_write_of_its_own() -> None:
    """The whole body: the conversation and nothing but its `read`, once in the path and once in the body."""
    async with upstream(answer(200, b'{"results": {}, "errors": {}}')) as (client, server):
        assert await client.mark_seen(SESSION, THREAD) is True
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    path = f"/voyager/api/voyagerMessagingDashMessengerConversations?ids=List({coded(THREAD)})"
    assert head.startswith(f"POST {path} HTTP/1.1\r\n".encode())
    assert json.loads(body) == {"entities": {THREAD: {"patch": {"$set": {"read": True}}}}}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (answer(200), True),
        (answer(204), True),
        (answer(200, b'{"results": {}, "errors": {"urn:c": {"status": 403}}}'), False),
        (answer(400), False),
        (answer(500), False),
        (answer(401), SessionDead(GONE)),
        (answer(429), Throttled(429, 3_600)),
    ],
)
async def test_seen_is_reported_as_linkedin_took_it(text: bytes, result: bool | AccountProblem) -> None:
    """An error behind a 200 is no success, and an objection to the account is reported."""
    async with upstream(text, GOOD) as (client, server):
        assert await client.mark_seen(SESSION, THREAD) == result
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_an_old_query_id_of_the_mailbox_is_named(status: int) -> None:
    """It counts as LinkedIn's protocol having moved."""
    async with upstream(answer(status), answer(status), answer(status)) as (client, _):
        page = await client.read_mailbox(SESSION, OWN)
        start = await client.read_mailbox_changes(SESSION, OWN, None)
        changes = await client.read_mailbox_changes(SESSION, OWN, "t")
    for found, query in zip(
        (page, start, changes),
        (QUERIES.mailbox_page, QUERIES.mailbox_start, QUERIES.mailbox_changes),
        strict=True,
    ):
        assert isinstance(found, Unreadable)
        assert found.protocol_moved
        assert f"the query id {query.id} looks old" in found.why


async def test_a_404_to_a_thread_may_concern_the_thread() -> None:
    """Both causes are named; it is no sign that the protocol has moved, as a 400 is."""
    async with upstream(answer(404), answer(400)) as (client, _):
        missing = await client.read_thread(SESSION, THREAD)
        old = await client.read_thread(SESSION, THREAD)
    assert isinstance(missing, Unreadable)
    assert isinstance(old, Unreadable)
    assert (missing.protocol_moved, old.protocol_moved) == (False, True)
    assert "this mailbox has no such conversation, or the query id" in missing.why
