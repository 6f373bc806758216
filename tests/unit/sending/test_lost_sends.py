"""After a restore: which message of a conversation answers a request, and what happens where it cannot be read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.account import LostSends
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import Participant, ThreadMessage
from confrere.domain.limits import Action, no_account_quota
from confrere.domain.outcome import Accepted, NotSent, Throttled
from confrere.domain.reservation import Claim, Reserved
from confrere.domain.urns import ProfileUrn
from confrere.sending.lost_sends import LostSendSearch
from tests.contract.store.scene import LEASE, NOON, REQUEST
from tests.fakes.upstream import BROWSER, ODILE, THREAD, FakeUpstream

LOST = LostSends(NOON - timedelta(hours=2), NOON - timedelta(hours=1))
SENDER = Reserved("account", ODILE.profile_urn, 1, no_account_quota(Action.MESSAGE, NOON), LOST)


class EmptyLedger:
    """A ledger without messages to anybody."""

    async def list_sends_to(self, _account_id: str, _recipient: str) -> Sequence[Any]:
        """Return nothing."""
        return []


def message(number: int, minutes: float, text: str = str(REQUEST.text)) -> ThreadMessage:
    """A message of the account's, so many minutes after the backup."""
    delivered_ms = int((LOST.since + timedelta(minutes=minutes)).timestamp() * 1_000)
    return ThreadMessage(f"urn:message:{number}", Participant(ProfileUrn(ODILE.profile_urn)), text, (), delivered_ms)


def search_in(*messages: ThreadMessage) -> tuple[LostSendSearch, FakeUpstream]:
    """A search in one conversation with these messages."""
    upstream = FakeUpstream()
    upstream.conversation, upstream.threads = THREAD, {THREAD: list(messages)}
    ledger: Any = EmptyLedger()
    return LostSendSearch(ledger=ledger, upstream=upstream), upstream


async def look(search: LostSendSearch, key: str | None = None) -> Any:
    """Look for the request's message."""
    claim = Claim(replace(REQUEST, idempotency_key=key), "send", "token", NOON, NOON + LEASE)
    return await search.find(claim, SENDER, LOST, BROWSER)


async def test_each_key_gets_a_message_of_its_own() -> None:
    """Two messages with one text answer two keys, the older first; a third key is a new message."""
    search, _ = search_in(message(2, 20), message(1, 10))
    found = [await look(search, key) for key in ("one", "two", "three")]
    assert found == [Accepted("urn:message:1", THREAD), Accepted("urn:message:2", THREAD), None]


async def test_without_a_key_every_repeat_gets_the_answer() -> None:
    """Nobody can tell the first repeat from the second."""
    search, _ = search_in(message(1, 10))
    assert [await look(search) for _ in range(3)] == [Accepted("urn:message:1", THREAD)] * 3


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
    found = await look(search)
    assert isinstance(found, NotSent)
    assert "a backup was restored" in str(found)
    assert await look(search) == Throttled(429, 60)
    assert upstream.asked_threads == []
