"""After a restore: which message of a conversation answers a request, and what happens where it cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from confrere.domain.account import LostSends
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import Participant, ThreadMessage
from confrere.domain.limits import Action, no_account_quota
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Accepted, NotSent, Throttled
from confrere.domain.reservation import Claim, Reserved
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.sending.lost_sends import FoundSend, LostSendSearch
from tests.contract.store.scene import LEASE, NOON, REQUEST
from tests.fakes.upstream import BROWSER, ODILE, THREAD, FakeUpstream

LOST = LostSends(NOON - timedelta(hours=2), NOON - timedelta(hours=1))
SENDER = Reserved("account", ODILE.profile_urn, 1, no_account_quota(Action.MESSAGE, NOON), LOST)


class EmptyStore:
    """A ledger with sends in flight only, and an empty do-not-contact list."""

    def __init__(self, *, was_removed: bool = False) -> None:
        self.in_flight: list[str] = []
        self.listed: list[OptOut] = []
        self._was_removed = was_removed

    async def list_sends_to(self, _account_id: str, _recipient: str) -> Sequence[Any]:
        """Return the rows of the sends in flight."""
        return [SimpleNamespace(id=send_id, message_urn=None, created_at=NOON) for send_id in self.in_flight]

    async def read_session(self, _account_id: str, _version: int) -> Session:
        """Return the account's session."""
        return BROWSER

    async def was_removed_since(self, _workspace_id: str, _recipient: str, _at: datetime) -> bool:
        """Answer as set."""
        return self._was_removed

    async def add_opt_outs(self, _workspace_id: str, opt_outs: Sequence[OptOut]) -> int:
        """Keep them."""
        self.listed += opt_outs
        return len(opt_outs)


def message(
    number: int, minutes: float, text: str = str(REQUEST.text), sender: str = ODILE.profile_urn
) -> ThreadMessage:
    """A message of the account's, so many minutes after the backup."""
    delivered_ms = int((LOST.since + timedelta(minutes=minutes)).timestamp() * 1_000)
    return ThreadMessage(f"urn:message:{number}", Participant(ProfileUrn(sender)), text, (), delivered_ms)


def found(number: int, minutes: float) -> FoundSend:
    """The message of this number, found."""
    return FoundSend(Accepted(f"urn:message:{number}", THREAD), LOST.since + timedelta(minutes=minutes))


def search_in(*messages: ThreadMessage, store: EmptyStore | None = None) -> tuple[LostSendSearch, FakeUpstream]:
    """A search in one conversation with these messages."""
    upstream, store = FakeUpstream(), store or EmptyStore()
    upstream.conversation, upstream.threads = THREAD, {THREAD: list(messages)}
    fake: Any = store
    return LostSendSearch(ledger=fake, accounts=fake, opt_outs=fake, upstream=upstream, clock=lambda: NOON), upstream


async def look(search: LostSendSearch, key: str | None = None) -> Any:
    """Look for the request's message. The send's id is the key."""
    claim = Claim(replace(REQUEST, idempotency_key=key), key or "send", "token", NOON, NOON + LEASE)
    return await search.find(claim, SENDER, LOST)


async def test_each_key_gets_a_message_of_its_own() -> None:
    """Two messages with one text answer two keys, the older first; a third key is a new message."""
    store = EmptyStore()
    search, _ = search_in(message(2, 20), message(1, 10), store=store)
    store.in_flight = ["one", "two", "three"]
    assert [await look(search, key) for key in ("one", "two", "three")] == [found(1, 10), found(2, 20), None]


async def test_once_a_repeat_finds_what_its_send_could_not_settle() -> None:
    """A send that found its message and gave its unit back leaves the message to the next one with its key."""
    store = EmptyStore()
    search, _ = search_in(message(1, 10), store=store)
    store.in_flight = ["first", "other"]
    assert await look(search, "first") == found(1, 10)
    assert await look(search, "other") is None
    store.in_flight = ["again"]
    assert await look(search, "again") == found(1, 10)


async def test_without_a_key_every_repeat_gets_the_answer() -> None:
    """Nobody can tell the first repeat from the second."""
    search, _ = search_in(message(1, 10))
    assert [await look(search) for _ in range(3)] == [found(1, 10)] * 3


@pytest.mark.parametrize(
    "other", [message(1, 10, "Another text"), message(1, -10), message(1, 70), replace(message(1, 10), sender=None)]
)
async def test_other_messages_are_none(other: ThreadMessage) -> None:
    """Another text, one from before the backup or after its restoring, and one of somebody else answer nothing."""
    search, _ = search_in(other)
    assert await look(search) is None


async def test_what_cannot_be_read_is_not_sent() -> None:
    """What LinkedIn keeps from us does not show that nothing was sent; a throttled account is held."""
    search, upstream = search_in(message(1, 10))
    upstream.next_reads = [Unreadable("no answer"), Throttled(429, 60)]
    unread = await look(search)
    assert isinstance(unread, NotSent)
    assert "a backup was restored" in str(unread)
    assert await look(search) == Throttled(429, 60)
    assert upstream.asked_threads == []


async def test_who_has_asked_for_no_more_messages_meanwhile_gets_none() -> None:
    """The reply is in no row; a message that was sent before it is still found, and a removal from the list holds."""
    stop = message(3, 30, "Unsubscribe", str(REQUEST.recipient))
    store = EmptyStore()
    store.in_flight = ["one", "two"]
    search, _ = search_in(stop, message(1, 10), store=store)
    assert [await look(search, key) for key in ("one", "two")] == [
        found(1, 10),
        NotSent("the recipient has asked for no more messages, and is on the do-not-contact list now"),
    ]
    assert {(one.recipient, one.source) for one in store.listed} == {(REQUEST.recipient, "reply")}
    search, _ = search_in(stop, store=EmptyStore(was_removed=True))
    assert await look(search) is None
    search, _ = search_in(message(3, -30, "Unsubscribe", str(REQUEST.recipient)))
    assert await look(search) is None
