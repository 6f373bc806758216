"""A typing indicator or an acknowledgement before a send does not change the send."""

import asyncio
from dataclasses import replace

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import AccountHeld, LimitIsZero, StoreUnavailable
from confrere.domain.outcome import Accepted, Refused, SessionDead, Throttled, Unknown
from confrere.sending import CallerConnection, ChatSignal, DeliveryReceipt, SendResult, Typing
from confrere.services import Services
from tests.fakes.upstream import ODILE, THREAD, FakeUpstream
from tests.unit.sending.requests import NO, RECIPIENT, a_request, used

MESSAGE = f"urn:li:msg_message:({ODILE.profile_urn},2-MTc3MzQ3ODg0NA==)"
SIGNALS: list[ChatSignal] = [Typing(), DeliveryReceipt((MESSAGE,))]

pytestmark = pytest.mark.usefixtures("account")


async def send(
    services: Services, signal: ChatSignal, text: str = "Hello", *, key: str | None = None, answered: bool = True
) -> SendResult:
    """Send with this signal, and record the answer as delivered unless the test does not want that."""
    caller = CallerConnection()
    result = await services.sender.send(replace(a_request(text, key=key), signal=signal), caller)
    if answered:
        services.sender.record_answered(caller)
    else:
        services.sender.record_disconnect(caller)
        await services.background.wait_until_idle()
    return result


async def test_typing_is_shown_where_there_is_a_conversation(services: Services, upstream: FakeUpstream) -> None:
    """Typing is shown in an existing conversation only, and not before a first message."""
    first = await send(services, Typing())
    assert (isinstance(first.outcome, Accepted), first.signal_sent, upstream.signals) == (True, False, [])
    upstream.conversation = THREAD
    second = await send(services, Typing(), "again")
    assert (isinstance(second.outcome, Accepted), second.signal_sent) == (True, True)
    assert upstream.signals == [THREAD]


async def test_messages_of_the_own_mailbox_are_acknowledged(services: Services, upstream: FakeUpstream) -> None:
    """Messages of the own mailbox are acknowledged; with none, or with a foreign one, no signal is sent."""
    assert (await send(services, DeliveryReceipt((MESSAGE,)), "1")).signal_sent
    assert upstream.signals == [(MESSAGE,)]
    other = MESSAGE.replace(ODILE.profile_urn, str(RECIPIENT))
    assert not (await send(services, DeliveryReceipt(()), "2")).signal_sent
    assert not (await send(services, DeliveryReceipt((MESSAGE, other)), "3")).signal_sent
    assert len(upstream.signals) == 1
    assert len(upstream.seen) == 3


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize(
    "failure", [False, SessionDead("LinkedIn asks to log in"), ZeroDivisionError(), Throttled(429, 600)]
)
async def test_a_failed_signal_does_not_fail_the_send(
    services: Services, upstream: FakeUpstream, signal: ChatSignal, failure: bool | AccountProblem | Exception
) -> None:
    """A failed signal does not fail the send, which happens once; a throttle holds the account after it."""
    upstream.conversation = THREAD
    upstream.next_signals = [failure]
    result = await send(services, signal)
    assert (isinstance(result.outcome, Accepted), result.signal_sent) == (True, False)
    assert len(upstream.seen) == 1 == await used(services)
    await services.background.wait_until_idle()
    account = await services.accounts.read("default", None)
    assert account.status is AccountStatus.AVAILABLE
    assert (account.hold_until is not None) == isinstance(failure, Throttled)


@pytest.mark.parametrize("failure", [Unreadable("LinkedIn answered with a web page"), Throttled(999, 600)])
async def test_a_conversation_that_cannot_be_read_does_not_fail_the_send(
    services: Services, upstream: FakeUpstream, failure: AccountProblem | Unreadable
) -> None:
    """If the conversation cannot be read, nothing is typed and the message is sent."""
    upstream.next_reads = [failure]
    result = await send(services, Typing())
    assert (isinstance(result.outcome, Accepted), result.signal_sent, upstream.signals) == (True, False, [])


async def test_a_slow_signal_delays_the_send_by_its_timeout(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow signal delays the message up to its timeout only."""
    monkeypatch.setattr("confrere.sending.chat_signals.SIGNAL_SECONDS", 0.05)
    upstream.conversation = THREAD
    upstream.signal_gate = asyncio.Event()
    async with asyncio.timeout(20):
        result = await send(services, Typing())
    assert (isinstance(result.outcome, Accepted), result.signal_sent) == (True, False)


async def test_an_unreadable_session_sends_no_signal(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an unreadable session no signal is sent, and the send reports the reason."""
    real, asked = services.store.read_session, 0

    async def away_once(account_id: str, version: int) -> object:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StoreUnavailable("SQLite: BusyError")
        return await real(account_id, version)

    monkeypatch.setattr(services.store, "read_session", away_once)
    result = await send(services, DeliveryReceipt((MESSAGE,)))
    assert (isinstance(result.outcome, Accepted), result.signal_sent, upstream.signals) == (True, False, [])


async def test_no_signal_where_nothing_may_be_sent(services: Services, upstream: FakeUpstream) -> None:
    """No signal is sent to a listed person, on a used-up day or with a held account, without asking LinkedIn."""
    upstream.conversation = THREAD
    await services.do_not_contact.add("default", [RECIPIENT], reason=None, source="test")
    refused = await send(services, Typing())
    assert isinstance(refused.outcome, Refused)
    assert not refused.signal_sent
    await services.do_not_contact.remove("default", RECIPIENT)
    account = await services.accounts.read("default", None)
    await services.accounts.update("default", account.id, daily_limit=0)
    with pytest.raises(LimitIsZero):
        await send(services, Typing())
    await services.accounts.update("default", account.id, daily_limit=5)
    upstream.will(Throttled(429, 600))
    await send(services, Typing())
    upstream.signals.clear()
    with pytest.raises(AccountHeld):
        await send(services, Typing())
    assert upstream.signals == []


@pytest.mark.parametrize("key", [None, "key-1"])
async def test_a_repeat_that_sends_nothing_shows_nothing(
    services: Services, upstream: FakeUpstream, key: str | None
) -> None:
    """A repeat that sends nothing, by key or by a lost answer and on any path, sends no signal."""
    upstream.conversation = THREAD
    await send(services, Typing(), key=key, answered=key is not None)
    repeat = await send(services, Typing(), key=key)
    assert (isinstance(repeat.outcome, Accepted), repeat.replayed, repeat.signal_sent) == (
        True,
        key is not None,
        False,
    )
    assert (len(upstream.seen), len(upstream.signals)) == (1, 1)


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("outcome", [NO, Unknown("LinkedIn did not answer in time")])
async def test_the_outcome_is_the_send_s(
    services: Services, upstream: FakeUpstream, signal: ChatSignal, outcome: Refused | Unknown
) -> None:
    """The outcome is that of a plain send, with the same unit kept or given back."""
    upstream.will(outcome)
    result = await send(services, signal)
    assert result.outcome == outcome
    assert await used(services) == isinstance(outcome, Unknown)
