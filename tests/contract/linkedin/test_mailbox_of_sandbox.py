"""Reading a mailbox and its threads, answering in one, marking it as seen: with the sandbox."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from confrere.domain.attempt import Attempt, Found, OutgoingMessage, OutgoingReply, Unreadable
from confrere.domain.conversation import ContentKind, Conversation, MailboxChanges, MailboxPage, Participant, ThreadPage
from confrere.domain.ids import new_origin_token
from confrere.domain.outcome import Accepted, Refused, SessionDead, Throttled, Unknown
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.linkedin import LinkedInClient, read_paste
from tests.contract.linkedin.one_message import (
    connected_client,
)
from tests.sandbox_process import SandboxProcess, running_sandbox


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
    search = session, reply.sender_urn, sandbox.recipient, reply.origin_token, datetime.now(UTC)
    assert await client.find_message(*search) == Found(seen["messageUrn"], thread)


async def test_a_conversation_shows_its_two_sides(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session, thread: str
) -> None:
    """Read by its URN, it has the account and the recipient; one that the mailbox lacks is None."""
    own = sandbox.accounts[0].profile_urn
    found = await client.read_conversation(session, thread)
    assert isinstance(found, Conversation)
    assert (found.urn, found.is_group_chat) == (thread, False)
    assert [each.profile_urn for each in found.others(own)] == [sandbox.recipient]
    missing = f"urn:li:msg_conversation:({own},2-NWExZTAwMDAtMTExMS00MjIyXzEwMA==)"
    assert await client.read_conversation(session, missing) is None


async def test_a_first_message_without_a_group_needs_a_connection(
    sandbox: SandboxProcess, client: LinkedInClient, session: Session
) -> None:
    """A stranger is refused with 422; a connection has the message, and a conversation with it."""
    own = sandbox.accounts[0].profile_urn
    message = OutgoingMessage(own, sandbox.recipient, None, "Hello", new_origin_token())
    outcome = (await client.send_group_message(session, message)).outcome
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.code, sandbox.count_messages()) == (422, None, 0)
    sandbox.act({"action": "connect", "member": sandbox.recipient, "account": own})
    accepted = (await client.send_group_message(session, message)).outcome
    assert isinstance(accepted, Accepted)
    assert await client.find_conversation(session, own, sandbox.recipient) == accepted.conversation_urn


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
