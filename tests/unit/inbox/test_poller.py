"""Mailboxes are polled on a real store, with a scripted LinkedIn and a clock that the test moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.conversation import Conversation, MailboxChanges, Participant, ThreadMessage
from confrere.domain.errors import StoreUnavailable
from confrere.domain.message import MessageText
from confrere.domain.outcome import Accepted, SessionDead, Throttled
from confrere.domain.reply import Reply
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.inbox.mailbox_poll import MOST_PAGES
from confrere.sending.caller import CallerConnection
from confrere.services import Services
from tests.fakes.upstream import BROWSER, ODILE, FakeUpstream
from tests.unit.sending.conftest import HandClock

EVERY = timedelta(minutes=5)
DAYS = timedelta(days=30)
ANSWER = "Glad to hear from you"
OWNER = ProfileUrn(ODILE.profile_urn)

pytestmark = pytest.mark.usefixtures("account")


def urn(number: int) -> ProfileUrn:
    """Somebody who is written to."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAperson{number}")


def thread_of(number: int) -> str:
    """The conversation with that person."""
    return f"urn:li:msg_conversation:({OWNER},2-{number})"


class Mailbox:
    """The scripted LinkedIn's mailbox, and the worker that polls it."""

    def __init__(self, services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
        self.services = services
        self.upstream = upstream
        self.clock = clock
        self._written = 0

    async def write_to(self, number: int = 0, text: str = "Hello") -> str:
        """Send a message, which is in the mailbox from then on; return its id in the ledger."""
        request = SendRequest(f"request-{number}", "default", None, urn(number), GroupId("42"), MessageText(text))
        message_urn = f"urn:sent:{number}:{text}"
        self.upstream.will(Accepted(message_urn, thread_of(number)))
        result = await self.services.sender.send(request, CallerConnection())
        self.receive(number, text, sender=OWNER, message_urn=message_urn)
        assert result.send_id is not None
        return result.send_id

    def receive(
        self,
        number: int = 0,
        text: str | None = ANSWER,
        *,
        sender: ProfileUrn | None = None,
        message_urn: str | None = None,
        **more: Any,
    ) -> ThreadMessage:
        """Put a message of that person, or of `sender`, into their conversation."""
        self._written += 1
        self.clock.pass_time(seconds=1)
        message = ThreadMessage(
            message_urn or f"urn:received:{self._written}",
            Participant(sender or urn(number)),
            text,
            more.pop("kinds", ()),
            int(self.clock.now.timestamp() * 1_000),
            **more,
        )
        self.upstream.threads.setdefault(thread_of(number), []).append(message)
        self.change(number, last_message=message)
        return message

    def change(self, number: int = 0, **more: Any) -> None:
        """Let something of that conversation change."""
        participants = (Participant(OWNER), Participant(urn(number), "Bastien", "Exemple"))
        more = {"last_activity_at_ms": int(self.clock.now.timestamp() * 1_000), **more}
        self.upstream.mailbox.append(Conversation(thread_of(number), participants, **more))

    async def poll(self, *, every: timedelta = EVERY, **later: float) -> Sequence[Reply]:
        """Move the clock, be the worker once, and return all replies, oldest first."""
        self.clock.pass_time(**later)
        await self.services.mailbox_poller.add_senders(DAYS)
        await self.services.mailbox_poller.poll_due(every, DAYS)
        await self.services.background.wait_until_idle()
        return list(reversed(await self.services.replies.list_page("default")))

    async def polls_at(self, minutes: Sequence[float], every: timedelta = EVERY) -> list[bool]:
        """Return whether the mailbox is read, so many minutes after each time before."""
        read = []
        for pause in minutes:
            before = len(self.upstream.asked_tokens)
            await self.poll(minutes=pause, every=every)
            read.append(len(self.upstream.asked_tokens) > before)
        return read


@pytest.fixture
def mailbox(services: Services, upstream: FakeUpstream, clock: HandClock) -> Mailbox:
    """Return the account's mailbox."""
    return Mailbox(services, upstream, clock)


async def test_a_reply_is_recorded_with_its_send(mailbox: Mailbox, account: Account) -> None:
    """Once, however often the conversation changes; who answers again has two replies."""
    send_id = await mailbox.write_to()
    assert await mailbox.poll() == []
    answer = mailbox.receive()
    [reply] = await mailbox.poll(minutes=5)
    assert reply == Reply(
        id=reply.id,
        workspace_id="default",
        account_id=account.id,
        recipient=urn(0),
        name="Bastien Exemple",
        conversation_urn=thread_of(0),
        message_urn=answer.message_urn,
        send_id=send_id,
        text=ANSWER,
        kinds=(),
        received_at=reply.received_at,
        may_want_out=False,
        opted_out=False,
    )
    assert reply.received_at.timestamp() * 1_000 == answer.delivered_at_ms
    mailbox.change(last_message=answer)
    assert await mailbox.poll(minutes=5) == [reply]
    mailbox.receive(text="One more thing")
    assert [one.text for one in await mailbox.poll(minutes=5)] == [ANSWER, "One more thing"]


async def test_threads_are_read_only_where_a_reply_may_be(mailbox: Mailbox) -> None:
    """Not for our own echo, not for people whom nobody wrote to, and not for what is known already."""
    for number in range(5):
        await mailbox.write_to(number)
    mailbox.receive(number=9, text="Somebody else")
    mailbox.change(number=1, last_message=mailbox.upstream.threads[thread_of(1)][0])
    assert await mailbox.poll() == []
    assert mailbox.upstream.asked_threads == []
    known = mailbox.receive(number=2)
    await mailbox.poll(minutes=5)
    mailbox.change(number=2, last_message=known)
    await mailbox.poll(minutes=5)
    assert mailbox.upstream.asked_threads == [thread_of(2)]


async def test_a_reply_before_a_message_of_the_owner_is_found(mailbox: Mailbox) -> None:
    """The account's owner may have answered by hand before the poll; a listing without messages hides nothing."""
    await mailbox.write_to()
    mailbox.receive()
    mailbox.receive(text="Thank you", sender=OWNER)
    assert [reply.text for reply in await mailbox.poll()] == [ANSWER]
    mailbox.receive(text="You are welcome")
    mailbox.upstream.mailbox[-1] = replace(mailbox.upstream.mailbox[-1], last_message=None)
    assert [reply.text for reply in await mailbox.poll(minutes=5)] == [ANSWER, "You are welcome"]


async def test_a_long_answer_is_read_to_its_beginning(mailbox: Mailbox) -> None:
    """Fifty messages between two polls are fifty replies, over several reads of the thread."""
    await mailbox.write_to()
    for number in range(50):
        mailbox.receive(text=f"{number}")
    found = await mailbox.poll()
    assert [reply.text for reply in found] == [f"{number}" for number in range(50)]
    assert len(mailbox.upstream.asked_threads) == 3


async def test_a_thread_that_lags_behind_the_mailbox_loses_nothing(mailbox: Mailbox) -> None:
    """The mailbox shows the answer before the thread does: it is recorded all the same."""
    await mailbox.write_to()
    mailbox.receive()
    mailbox.upstream.threads[thread_of(0)].pop()
    assert [reply.text for reply in await mailbox.poll()] == [ANSWER]


@pytest.mark.parametrize("change", [{"is_group_chat": True}, {"state": "DECLINED"}, {"unread_count": 3}])
async def test_what_is_no_message_is_no_reply(mailbox: Mailbox, change: dict[str, Any]) -> None:
    """A request that is declined, or read, is no answer, and a group chat is not the conversation of a message."""
    await mailbox.write_to()
    if "is_group_chat" in change:
        mailbox.receive()
        mailbox.upstream.mailbox.pop()
    mailbox.change(last_message=mailbox.upstream.threads[thread_of(0)][0], **change)
    assert await mailbox.poll() == []


async def test_a_reply_during_the_send_is_found(mailbox: Mailbox, services: Services, upstream: FakeUpstream) -> None:
    """The recipient answers before LinkedIn's answer to the send has arrived; the reply belongs to that send."""
    upstream.gate = asyncio.Event()
    request = SendRequest("request-0", "default", None, urn(0), GroupId("42"), MessageText("Hello"))
    sending = asyncio.create_task(services.sender.send(request, CallerConnection()))
    async with asyncio.timeout(20):
        while not upstream.seen:
            await asyncio.sleep(0.01)
        mailbox.receive()
        await services.mailbox_poller.add_senders(DAYS)
        await services.mailbox_poller.poll_due(EVERY, DAYS)
        while not (found := await services.replies.list_page("default")):
            await asyncio.sleep(0.01)
        upstream.gate.set()
        assert [reply.send_id for reply in found] == [(await sending).send_id]


async def test_a_mailbox_is_polled_less_while_nothing_happens(mailbox: Mailbox) -> None:
    """After 5, 10, 20, 40 and 60 minutes; then again after five as soon as something happens."""
    await mailbox.write_to()
    await mailbox.poll()
    assert await mailbox.polls_at([4, 1]) == [False, True]
    assert await mailbox.polls_at([9, 1, 19, 1, 39, 1, 59, 1, 59, 1]) == [False, True] * 5
    mailbox.receive()
    assert await mailbox.polls_at([59, 1, 4, 1]) == [False, True] * 2


async def test_a_mailbox_that_is_polled_often_never_waits_long(mailbox: Mailbox) -> None:
    """Every ten seconds, then after two minutes at most, however long nothing has happened."""
    often = timedelta(seconds=10)
    await mailbox.write_to()
    await mailbox.polls_at([0, 2, 2, 2, 2, 2], often)
    assert await mailbox.polls_at([1.9, 0.1, 1.9, 0.1], often) == [False, True] * 2


async def test_a_mailbox_is_polled_while_its_account_sends(mailbox: Mailbox, services: Services) -> None:
    """For thirty days after its last message, and again after the next one."""
    assert await mailbox.polls_at([5]) == [False]
    await mailbox.write_to()
    await mailbox.poll()
    mailbox.clock.pass_time(days=29)
    assert await mailbox.polls_at([0]) == [True]
    mailbox.clock.pass_time(days=3)
    assert await mailbox.polls_at([0, 60, 60]) == [False] * 3
    await mailbox.write_to(1)
    mailbox.receive()
    assert len(await mailbox.poll()) == 1
    assert await services.mailbox_poller.add_senders(DAYS) == 0


async def test_the_first_poll_reads_back_thirty_days(mailbox: Mailbox) -> None:
    """What was answered before mailboxes were polled is found; a mailbox without end is not read to its end."""
    await mailbox.write_to()
    mailbox.receive()
    for number in range(1_000, 1_400):
        mailbox.change(number)
    newest_first = list(reversed(mailbox.upstream.mailbox))
    mailbox.upstream.mailbox = newest_first
    changes = MailboxChanges(tuple(newest_first[:20]), "a token")
    await_changes(mailbox.upstream, changes)
    assert await mailbox.poll() == []
    assert len(mailbox.upstream.asked_pages) == MOST_PAGES
    # A token that LinkedIn does not know any more: the answer is as without one, and is read back to the last poll.
    mailbox.upstream.mailbox = newest_first[-60:]
    mailbox.upstream.asked_pages.clear()
    await_changes(mailbox.upstream, replace(changes, sync_token="another", is_full=True))
    mailbox.clock.pass_time(minutes=-1)
    assert [reply.text for reply in await mailbox.poll(minutes=6)] == [ANSWER]
    assert mailbox.upstream.asked_pages == [None, "20", "40"]


def await_changes(upstream: FakeUpstream, changes: MailboxChanges) -> None:
    """Let LinkedIn give these changes from now on."""

    async def read(session: Session, owner_urn: str, sync_token: str | None) -> MailboxChanges:
        upstream.asked_tokens.append(sync_token)
        return changes

    upstream.read_mailbox_changes = read  # type: ignore[method-assign]


async def test_the_token_stays_until_everything_is_recorded(mailbox: Mailbox) -> None:
    """One conversation that cannot be read does not hide the others, and is read again."""
    for number in (0, 1):
        await mailbox.write_to(number)
    await mailbox.poll()
    token = mailbox.upstream.asked_tokens[-1]
    mailbox.receive(0)
    mailbox.receive(1, text="Me too")
    known = str(len(mailbox.upstream.mailbox) - 2)
    mailbox.upstream.next_reads = [None, Unreadable("no thread")]  # type: ignore[list-item]
    assert [reply.text for reply in await mailbox.poll(minutes=5)] == ["Me too"]
    assert [reply.text for reply in await mailbox.poll(minutes=10)] == ["Me too", ANSWER]
    await mailbox.poll(minutes=5)
    assert mailbox.upstream.asked_tokens == [token, known, known, str(len(mailbox.upstream.mailbox))]


async def test_a_mailbox_that_cannot_be_read_is_read_anew(mailbox: Mailbox) -> None:
    """Without the token, which LinkedIn may not take any more, and without losing a reply."""
    await mailbox.write_to()
    await mailbox.poll()
    mailbox.receive()
    mailbox.upstream.next_reads = [Unreadable("LinkedIn answered 400")]
    assert await mailbox.poll(minutes=5) == []
    assert len(await mailbox.poll(minutes=10)) == 1
    assert mailbox.upstream.asked_tokens == [None, "1", None]


@pytest.mark.parametrize("reads_before", [0, 1], ids=["at the mailbox", "at a thread"])
@pytest.mark.parametrize("problem", [SessionDead("LinkedIn asked to log in"), Throttled(429, 7_200)])
async def test_what_stops_a_send_stops_the_account_here_too(
    mailbox: Mailbox, services: Services, account: Account, problem: AccountProblem, reads_before: int
) -> None:
    """A challenge, a 429, a 999: the account is in error or held, and is not asked until that has ended."""
    await mailbox.write_to()
    await mailbox.poll()
    mailbox.receive()
    mailbox.upstream.next_reads = [*[None] * reads_before, problem]  # type: ignore[list-item]
    assert await mailbox.poll(minutes=5) == []
    after = await services.store.read_account("default", account.id)
    if isinstance(problem, SessionDead):
        assert after.status is AccountStatus.ERROR
        assert await mailbox.polls_at([10, 60]) == [False] * 2
        await services.accounts.connect("default", BROWSER)
        assert await mailbox.polls_at([5]) == [True]
    else:
        assert after.hold_until == mailbox.clock.now + timedelta(hours=2)
        assert await mailbox.polls_at([10, 109, 1]) == [False, False, True]
    assert len(await mailbox.poll()) == 1


async def test_an_account_that_may_not_be_used_is_not_asked(
    mailbox: Mailbox, services: Services, account: Account
) -> None:
    """While it is disabled, held or disconnected; afterwards within minutes."""
    await mailbox.write_to()
    await mailbox.poll()
    store = services.store
    await store.update_account("default", account.id, enabled=False)
    assert await mailbox.polls_at([5, 5]) == [False] * 2
    await store.update_account("default", account.id, enabled=True)
    await store.hold_account(account.id, mailbox.clock.now + timedelta(minutes=30))
    assert await mailbox.polls_at([29, 6]) == [False, True]
    await store.disconnect_account("default", account.id)
    assert await mailbox.polls_at([60, 60]) == [False] * 2
    await services.accounts.connect("default", BROWSER)
    assert await mailbox.polls_at([5]) == [True]


@pytest.mark.parametrize(
    ("text", "opted_out", "may_want_out"),
    [
        ("STOP", True, False),
        ("Nein danke!", True, False),
        ("Merci, désabonnez-moi svp", True, False),
        ("no gracias", True, False),
        ("Please stop writing to my assistant, write to me", False, True),
        ("Merci, mais je connais le RGPD", False, True),
        (ANSWER, False, False),
        (None, False, False),
    ],
)
async def test_stop_words_end_the_contact(
    mailbox: Mailbox, services: Services, text: str | None, opted_out: bool, may_want_out: bool
) -> None:
    """A whole message that is one puts its sender on the do-not-contact list; one among others is for a person."""
    await mailbox.write_to()
    mailbox.receive(text=text)
    [reply] = await mailbox.poll()
    assert (reply.opted_out, reply.may_want_out) == (opted_out, may_want_out)
    entry = await services.store.read_opt_out("default", urn(0))
    assert (entry is not None) is opted_out
    assert entry is None or reply.id in (entry.reason or "")


async def test_a_poll_ends_with_its_process(mailbox: Mailbox, services: Services) -> None:
    """While the server is about to end nothing more is read; the next one goes on from the same token."""
    await mailbox.write_to()
    await mailbox.poll()
    mailbox.receive()
    reads = len(mailbox.upstream.asked_tokens)
    await services.mailbox_poller.poll_due(EVERY, DAYS)
    services.sender.is_draining = True
    assert await mailbox.poll(minutes=5) == []
    assert len(mailbox.upstream.asked_tokens) == reads
    services.sender.is_draining = False
    assert len(await mailbox.poll()) == 1


async def test_a_poll_that_a_fault_of_the_store_ends_is_made_again(
    mailbox: Mailbox, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the token leads to is not lost."""
    await mailbox.write_to()
    await mailbox.poll()
    mailbox.receive()

    async def fail(*_: object) -> bool:
        raise StoreUnavailable("sqlite: disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(services.store, "record_reply", fail)
        assert await mailbox.poll(minutes=5) == []
    assert len(await mailbox.poll(minutes=5)) == 1


async def test_no_text_is_logged(mailbox: Mailbox) -> None:
    """A reply's id and account are."""
    await mailbox.write_to()
    mailbox.receive()
    with capture_logs() as logs:
        [reply] = await mailbox.poll()
    [event] = [entry for entry in logs if entry["event"] == "reply_recorded"]
    assert event["reply_id"] == reply.id
    assert ANSWER not in str(logs)


async def test_a_mailbox_that_cannot_be_read_for_hours_is_reported(
    mailbox: Mailbox, services: Services, upstream: FakeUpstream
) -> None:
    """By the health check, until it is read again; the server stays ready, and a passing fault is no report."""
    await mailbox.write_to()
    await services.health.beat(is_worker=True)
    states = []
    for minutes in (0, 30, 60, 120):
        upstream.next_reads = [Unreadable("LinkedIn answered 500")]
        await mailbox.poll(minutes=minutes)
        health = await services.health.check()
        states.append(health.checks["replies"])
    assert states[:3] == ["ok"] * 3
    assert states[3].startswith("1 mailboxes cannot be read for replies")
    await mailbox.poll(minutes=60)
    assert (await services.health.check()).checks["replies"] == "ok"
