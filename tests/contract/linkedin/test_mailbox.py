"""Reading a mailbox and its threads, answering in one, marking it as seen: on the wire, and with the sandbox."""

import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from confrere.domain.attempt import AccountProblem, Attempt, OutgoingMessage, OutgoingReply, Unreadable
from confrere.domain.conversation import ContentKind, Conversation, MailboxChanges, MailboxPage, Participant, ThreadPage
from confrere.domain.ids import new_origin_token
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.linkedin import LinkedInClient, load_protocol, read_paste
from tests.contract.linkedin.one_message import (
    ACCEPTED,
    GOOD,
    OWN,
    SESSION,
    TOKEN,
    connected_client,
    lines,
    upstream,
)
from tests.contract.linkedin.raw_server import answer
from tests.sandbox_process import SandboxProcess, running_sandbox

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


# ---- on the wire ----------------------------------------------------------------------------------------------------


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


# ---- with the sandbox -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    """One sandbox for all tests."""
    with running_sandbox(members=300) as running:
        yield running


@pytest.fixture
def sandbox(process: SandboxProcess) -> SandboxProcess:
    """The sandbox, as new."""
    process.clear_faults()
    process.reset()
    return process


@pytest.fixture
async def client(sandbox: SandboxProcess) -> AsyncIterator[LinkedInClient]:
    """A client of the sandbox."""
    async with connected_client(sandbox.url) as client:
        yield client


@pytest.fixture
def session(sandbox: SandboxProcess) -> Session:
    """The first account's session."""
    return read_paste(sandbox.accounts[0].cookie, user_agent=sandbox.accounts[0].user_agent)


@pytest.fixture
async def thread(sandbox: SandboxProcess, client: LinkedInClient, session: Session) -> str:
    """A thread that a group message has begun."""
    first = OutgoingMessage(
        sandbox.accounts[0].profile_urn,
        sandbox.recipient,
        f"urn:li:fsd_group:{sandbox.group_id}",
        "question",
        new_origin_token(),
    )
    outcome = (await client.send_group_message(session, first)).outcome
    assert isinstance(outcome, Accepted)
    assert outcome.conversation_urn
    return outcome.conversation_urn


def reply_in(sandbox: SandboxProcess, thread: str, text: str) -> OutgoingReply:
    """Make a message into the thread."""
    return OutgoingReply(sandbox.accounts[0].profile_urn, thread, text, new_origin_token())


async def changes_since(client: LinkedInClient, session: Session, owner: str, token: str | None) -> MailboxChanges:
    """Read the changes, which can be read."""
    changes = await client.read_mailbox_changes(session, owner, token)
    assert isinstance(changes, MailboxChanges)
    return changes


async def test_what_a_member_answers_is_read(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """Each kind of answer comes with its sender, in its order, and the account's own message with the account's."""
    own = sandbox.accounts[0].profile_urn
    for kind in ("text", "image", "voice", "file", "share", "system"):
        sandbox.reply(sandbox.recipient, own, "" if kind == "image" else f"with {kind}", kind=kind)
    page = await client.read_thread(session, thread)
    assert isinstance(page, ThreadPage)
    assert [(each.text, each.kinds, each.is_system) for each in reversed(page.messages)] == [
        ("question", (), False),
        ("with text", (), False),
        (None, (ContentKind.IMAGE,), False),
        ("with voice", (ContentKind.VOICE,), False),
        ("with file", (ContentKind.FILE,), False),
        ("with share", (ContentKind.SHARE,), False),
        ("with system", (), True),
    ]
    first, *answers = reversed(page.messages)
    assert first.is_from(own)
    assert [each.is_from(sandbox.recipient) for each in answers] == [True] * 5 + [False]
    assert len({each.message_urn for each in page.messages}) == 7


async def test_changes_are_read_by_token(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """After the first read only what changed is listed, with its last message, state and count of unread messages."""
    own = sandbox.accounts[0].profile_urn
    first = await changes_since(client, session, own, None)
    assert thread in [each.urn for each in first.conversations]
    assert (await changes_since(client, session, own, first.sync_token)).conversations == ()
    sandbox.reply(sandbox.recipient, own, "answer")
    changed = await changes_since(client, session, own, first.sync_token)
    [conversation] = changed.conversations
    assert (conversation.urn, conversation.state, conversation.unread_count) == (thread, "ACCEPTED", 1)
    assert conversation.last_message
    assert (conversation.last_message.text, changed.is_full) == ("answer", False)
    [other] = conversation.others(own)
    assert isinstance(other, Participant)
    assert (other.profile_urn, other.full_name) == (ProfileUrn(sandbox.recipient), "Bastien Exemple")
    assert (await changes_since(client, session, own, changed.sync_token)).conversations == ()
    unknown = await changes_since(client, session, own, "rubbish")
    assert (unknown.is_full, len(unknown.conversations)) == (True, len(first.conversations))


async def test_every_conversation_is_on_one_page(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """The pages lead from the latest to the oldest, each conversation once, and end."""
    own = sandbox.accounts[0].profile_urn
    pages: list[MailboxPage] = []
    while not pages or pages[-1].next_cursor is not None:
        page = await client.read_mailbox(session, own, cursor=pages[-1].next_cursor if pages else None, count=2)
        assert isinstance(page, MailboxPage)
        pages.append(page)
    times = [each.last_activity_at_ms or 0 for page in pages for each in page.conversations]
    assert len(pages) == 2
    assert pages[0].conversations[0].urn == thread
    assert times == sorted(times, reverse=True)
    assert len(times) == len({each.urn for page in pages for each in page.conversations}) == 4


async def test_a_reply_arrives_in_its_thread_and_is_found(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """It is in the same conversation, with its token, and needs no group."""
    reply = reply_in(sandbox, thread, "follow-up")
    attempt = await client.send_reply(session, reply)
    seen = sandbox.messages()[-1]
    assert attempt == Attempt(Accepted(seen["messageUrn"], thread), {})
    assert (seen["text"], seen["conversationUrn"], seen["originToken"], seen["groupUrn"]) == (
        "follow-up",
        thread,
        reply.origin_token,
        None,
    )


async def test_a_reply_before_acceptance_is_refused_where_linkedin_wants_it(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """With the switch set a second message is refused while the request is pending, and arrives after acceptance."""
    own = sandbox.accounts[0].profile_urn
    sandbox.act({"action": "set", "pending_thread": "422"})
    attempt = await client.send_reply(session, reply_in(sandbox, thread, "again"))
    assert isinstance(attempt.outcome, Refused)
    assert (attempt.outcome.status, attempt.needs_probe, sandbox.count_messages()) == (422, False, 1)
    sandbox.act({"action": "answer_request", "member": sandbox.recipient, "account": own, "state": "ACCEPTED"})
    attempt = await client.send_reply(session, reply_in(sandbox, thread, "again"))
    assert isinstance(attempt.outcome, Accepted)


async def test_only_mark_seen_marks_anything_as_seen(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """Reading the mailbox, its changes and the thread, and answering in it, leaves the answer unread."""
    own = sandbox.accounts[0].profile_urn
    sandbox.reply(sandbox.recipient, own, "answer")
    token = (await changes_since(client, session, own, None)).sync_token
    await client.read_mailbox(session, own)
    await client.read_thread(session, thread)
    await client.read_thread(session, thread, before_ms=time.time_ns() // 1_000_000)
    await client.find_conversation(session, own, sandbox.recipient)
    await client.send_reply(session, reply_in(sandbox, thread, "more"))
    writes = [each["path"] for each in sandbox.requests() if each["method"] == "POST"]
    assert writes == ["/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"] * 2
    [conversation] = (await changes_since(client, session, own, token)).conversations
    assert conversation.unread_count == 1
    assert await client.mark_seen(session, thread) is True
    [conversation] = (await changes_since(client, session, own, token)).conversations
    assert conversation.unread_count == 0


async def test_a_thread_of_nobody_is_refused(sandbox: SandboxProcess, client: LinkedInClient, session: Session) -> None:
    """Neither read nor written to nor marked is a thread that the mailbox does not have."""
    missing = f"urn:li:msg_conversation:({sandbox.accounts[0].profile_urn},2-NWExZTAwMDAtMTExMS00MjIyXzEwMA==)"
    assert isinstance(await client.read_thread(session, missing), Unreadable)
    attempt = await client.send_reply(session, reply_in(sandbox, missing, "x"))
    assert isinstance(attempt.outcome, Refused)
    assert attempt.outcome.status == 404
    assert await client.mark_seen(session, missing) is False


FAULTS: list[tuple[dict[str, Any], type, int]] = [
    ({"effect": "status", "status": 999}, Throttled, 1),
    ({"effect": "reset_after_accept"}, Unknown, 2),
    ({"effect": "truncate"}, Unknown, 2),
    ({"effect": "challenge"}, SessionDead, 1),
]


@pytest.mark.parametrize(("fault", "outcome", "arrived"), FAULTS, ids=[fault["effect"] for fault, _, _ in FAULTS])
async def test_no_reply_is_repeated(
    sandbox: SandboxProcess,
    client: LinkedInClient,
    session: Session,
    thread: str,
    fault: dict[str, Any],
    outcome: type,
    arrived: int,
) -> None:
    """Faults have their outcome, and what the member has seen is never more than one reply."""
    sandbox.faults([{"match": {"path": "createMessage"}, **fault}])
    attempt = await client.send_reply(session, reply_in(sandbox, thread, "again"))
    assert isinstance(attempt.outcome, outcome)
    assert sandbox.count_messages() == arrived


READ_FAULTS: list[tuple[dict[str, Any], object]] = [
    ({"effect": "status", "status": 429}, Throttled(429, 3_600)),
    ({"effect": "status", "status": 999}, Throttled(999, 86_400)),
    ({"effect": "errors"}, Unreadable("LinkedIn answered the query with an error")),
    ({"effect": "html"}, Unreadable("LinkedIn answered with a web page")),
    ({"effect": "truncate"}, Unreadable("LinkedIn's answer was cut off")),
]


@pytest.mark.parametrize(("fault", "result"), READ_FAULTS, ids=[str(n) for n in range(len(READ_FAULTS))])
async def test_a_failed_read_is_no_empty_mailbox(
    sandbox: SandboxProcess,
    client: LinkedInClient,
    session: Session,
    thread: str,
    fault: dict[str, Any],
    result: object,
) -> None:
    """A throttle, an error behind a 200 and a cut answer are reported as what they are."""
    own = sandbox.accounts[0].profile_urn
    sandbox.faults([{**fault, "times": 3}])
    assert await client.read_mailbox(session, own) == result
    assert await client.read_mailbox_changes(session, own, None) == result
    assert await client.read_thread(session, thread) == result
    assert sandbox.waiting_faults() == []
