import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import Absent, Attempt, OutgoingMessage, Unreadable
from confrere.domain.errors import AccountHeld, Draining, KeyInUse, KeyReused, NoSession, QuotaUsedUp
from confrere.domain.outcome import (
    OPTED_OUT,
    Accepted,
    NotSent,
    Outcome,
    OutcomeName,
    Refused,
    SessionDead,
    Throttled,
    Unknown,
)
from confrere.domain.send import SendFilter
from confrere.sending import CallerConnection
from confrere.services import Services
from tests.fakes.upstream import BROWSER, FakeUpstream
from tests.unit.sending.conftest import NOON, HandClock
from tests.unit.sending.requests import NO, RECIPIENT, a_request, send, used

pytestmark = pytest.mark.usefixtures("account")


async def outcomes(services: Services) -> list[OutcomeName]:
    """Return the outcomes of the ledger, newest first."""
    _, sends = await services.history.list_of_account("default", None, SendFilter(), before_id=None, count=500)
    return [send.outcome for send in sends]


@pytest.mark.parametrize(
    ("outcome", "keeps_unit"),
    [
        (Accepted("m", "c"), True),
        (Unknown("Request failed with status code 503"), True),
        (NO, False),
        (Throttled(429, 60), False),
        (SessionDead("the session has ended"), False),
        (NotSent("no connection"), False),
    ],
)
async def test_quota_keeps_the_unit_unless_certainly_nothing_was_sent(
    services: Services, upstream: FakeUpstream, outcome: Outcome, keeps_unit: bool
) -> None:
    """Each outcome is returned and recorded, and keeps or gives back its unit as the table of outcomes specifies."""
    upstream.will(outcome)
    result = await send(services)
    assert result.outcome == outcome
    assert result.quota.used == await used(services) == int(keeps_unit)
    assert await outcomes(services) == [outcome.name]


async def test_quota_lets_exactly_the_limit_through(services: Services, upstream: FakeUpstream) -> None:
    """Of 200 concurrent sends, 150 are seen and 50 get the limit."""
    results = await asyncio.gather(*(send(services, text=f"{n}") for n in range(200)), return_exceptions=True)
    assert len(upstream.seen) == 150
    refusals = [result for result in results if isinstance(result, QuotaUsedUp)]
    assert len(refusals) == 50
    assert str(refusals[0]) == "Rate limit exceeded for MESSAGE: 150/150 used"


async def test_quota_begins_anew_at_midnight_utc(services: Services, account: Account, clock: HandClock) -> None:
    """The window is the UTC day, and a unit goes back to the day that it was taken from."""
    await services.accounts.update("default", account.id, daily_limit=1)
    await send(services)
    with pytest.raises(QuotaUsedUp) as refusal:
        await send(services, text="again")
    clock.now = refusal.value.resets_at - timedelta(milliseconds=1)
    with pytest.raises(QuotaUsedUp):
        await send(services, text="again")
    clock.now = refusal.value.resets_at
    assert (await send(services, text="again")).quota.used == 1


async def test_throttled_account_is_not_used_until_its_hold_ends(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """After a 429 LinkedIn is called again only when the time that it named is over."""
    upstream.will(Throttled(429, 90))
    result = await send(services)
    assert result.hold_until == NOON + timedelta(seconds=90)
    with pytest.raises(AccountHeld) as held:
        await send(services, text="later")
    assert held.value.resets_at == result.hold_until
    clock.pass_time(seconds=90)
    assert isinstance((await send(services, text="later")).outcome, Accepted)
    assert len(upstream.seen) == 1


async def test_dead_session_stops_the_account_until_it_is_connected_again(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """A dead session makes the account ERROR; LinkedIn is not called again until a person has acted."""
    upstream.will(SessionDead("the session has ended"))
    await send(services)
    assert (await services.accounts.read("default", None)).status is AccountStatus.ERROR
    with pytest.raises(NoSession):
        await send(services, text="later")
    assert (await services.accounts.connect("default", BROWSER)).id == account.id
    assert isinstance((await send(services, text="later")).outcome, Accepted)


async def test_doubtful_refusal_probes_the_account(services: Services, upstream: FakeUpstream) -> None:
    """A refusal that can be the first sign of an account problem is followed by one probe of the session."""
    upstream.member = SessionDead("the session has ended")
    probes = upstream.probes
    upstream.will(Refused(422, "Unprocessable Entity", None, None), needs_probe=True)
    await send(services)
    await services.background.wait_until_idle()
    assert upstream.probes == probes + 1
    assert (await services.accounts.read("default", None)).status is AccountStatus.ERROR


async def test_a_probe_that_is_not_understood_is_counted(services: Services, upstream: FakeUpstream) -> None:
    """After an unreadable probe the account continues, and a metric counts that the protocol has moved."""
    upstream.member = Unreadable("Request failed with status code 400", protocol_moved=True)
    upstream.will(Refused(400, "Bad Request", None, None), needs_probe=True)
    with capture_logs() as events:
        await send(services)
        await services.background.wait_until_idle()
    assert [event["reason"] for event in events if event["event"] == "linkedin_protocol_moved"] == [
        "Request failed with status code 400"
    ]
    assert (await services.accounts.read("default", None)).status is AccountStatus.AVAILABLE
    assert await used(services) == 0


async def test_opted_out_people_are_never_written_to(services: Services, upstream: FakeUpstream) -> None:
    """A person on the list gets no message: LinkedIn is not called, no unit is taken, and the reason is recorded."""
    await services.do_not_contact.add("default", [RECIPIENT], reason="asked", source="test")
    result = await send(services)
    assert result.outcome == OPTED_OUT
    assert upstream.seen == []
    assert await used(services) == 0
    assert await outcomes(services) == [OutcomeName.REFUSED]


async def test_once_a_key_replays_what_settled_the_matter(services: Services, upstream: FakeUpstream) -> None:
    """The same key returns a 200 or 403 again without a second message, even after an answered one."""
    first = await send(services, key="k1")
    again = await send(services, key="k1")
    assert (again.outcome, again.replayed, again.send_id) == (first.outcome, True, first.send_id)
    upstream.will(NO)
    await send(services, key="k2")
    assert (await send(services, key="k2")).outcome == NO
    assert len(upstream.seen) == 1


async def test_once_a_key_with_another_body_is_refused(services: Services, upstream: FakeUpstream) -> None:
    """A key of another body is rejected."""
    await send(services, key="k1")
    with pytest.raises(KeyReused):
        await send(services, key="k1", text="Something else")
    assert len(upstream.seen) == 1


async def test_once_a_key_in_use_is_rejected(services: Services, upstream: FakeUpstream) -> None:
    """While the first request is in flight, a second one with its key is rejected."""
    upstream.gate = asyncio.Event()
    first = asyncio.create_task(send(services, key="k1"))
    while not upstream.seen:
        await asyncio.sleep(0.001)
    with pytest.raises(KeyInUse):
        await send(services, key="k1")
    upstream.gate.set()
    await first
    assert len(upstream.seen) == 1


@pytest.mark.parametrize("outcome", [NotSent("no connection"), SessionDead("ended"), Throttled(429, 5)])
async def test_once_a_key_is_free_after_what_touched_nothing(
    services: Services, upstream: FakeUpstream, clock: HandClock, outcome: Outcome
) -> None:
    """After a send that certainly failed, the same key sends."""
    upstream.will(outcome)
    await send(services, key="k1")
    clock.pass_time(seconds=10)
    await services.accounts.connect("default", BROWSER)
    again = await send(services, key="k1")
    assert (again.outcome.name, again.replayed) == (OutcomeName.ACCEPTED, False)


@pytest.mark.parametrize("key", [None, "k1"])
async def test_once_a_repeat_of_unknown_finds_the_message(
    services: Services, upstream: FakeUpstream, key: str | None
) -> None:
    """If LinkedIn has the unknown message, the repeat is accepted and sends nothing."""
    upstream.will(Unknown("no answer"))
    first = await send(services, key=key)
    upstream.seen.append(_message(await _token(services)))
    again = await send(services, key=key)
    assert (again.outcome.name, again.send_id) == (OutcomeName.ACCEPTED, first.send_id)
    assert len(upstream.seen) == 1
    assert await used(services) == 1


@pytest.mark.parametrize("key", [None, "k1"])
async def test_once_a_repeat_of_unknown_sends_only_when_two_reads_minutes_apart_are_empty(
    services: Services, upstream: FakeUpstream, clock: HandClock, key: str | None
) -> None:
    """One empty search proves nothing; after a second, minutes later, the unit is given back and the repeat sends."""
    upstream.will(Unknown("no answer"))
    first = await send(services, key=key)
    assert (await send(services, key=key)).outcome.name is OutcomeName.UNKNOWN
    clock.pass_time(seconds=119)
    assert (await send(services, key=key)).outcome.name is OutcomeName.UNKNOWN
    assert upstream.seen == []
    clock.pass_time(seconds=1)
    again = await send(services, key=key)
    assert again.outcome.name is OutcomeName.ACCEPTED
    assert again.send_id != first.send_id
    assert len(upstream.seen) == 1
    assert await used(services) == 1
    assert await outcomes(services) == [OutcomeName.ACCEPTED, OutcomeName.NOT_SENT]


async def test_once_what_cannot_be_read_stays_unknown(services: Services, upstream: FakeUpstream) -> None:
    """While LinkedIn's thread cannot be read, a repeat of an unknown send sends nothing."""
    upstream.will(Unknown("no answer"))
    await send(services)
    upstream.next_searches = [Unreadable("Request failed with status code 503")]
    assert (await send(services)).outcome.name is OutcomeName.UNKNOWN
    assert upstream.seen == []


async def test_once_a_repeat_after_a_disconnect_joins(services: Services, upstream: FakeUpstream) -> None:
    """The repeat of a caller that disconnected returns the first outcome, once; the next request is new."""
    first = await send(services, answered=False)
    again = await send(services)
    assert (again.send_id, again.outcome) == (first.send_id, first.outcome)
    third = await send(services)
    assert third.send_id != first.send_id
    assert len(upstream.seen) == 2


async def test_once_a_repeat_while_the_first_is_in_flight_waits_for_it(
    services: Services, upstream: FakeUpstream
) -> None:
    """A repeat of a send in flight whose caller disconnected waits for the outcome of that attempt."""
    upstream.gate = asyncio.Event()
    caller = CallerConnection()
    first = asyncio.create_task(services.sender.send(a_request(), caller))
    while not upstream.seen:
        await asyncio.sleep(0.001)
    services.sender.record_disconnect(caller)
    repeat = asyncio.create_task(send(services))
    await asyncio.sleep(0.1)
    assert not repeat.done()
    upstream.gate.set()
    assert (await repeat).send_id == (await first).send_id
    assert len(upstream.seen) == 1


async def test_once_nothing_is_sent_for_a_caller_who_disconnected_before(
    services: Services, upstream: FakeUpstream
) -> None:
    """A caller that disconnects before LinkedIn is asked causes no message."""
    caller = CallerConnection()
    services.sender.record_disconnect(caller)
    first = await services.sender.send(a_request(), caller)
    assert first.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []
    assert await used(services) == 0
    assert (await send(services)).outcome.name is OutcomeName.ACCEPTED
    assert len(upstream.seen) == 1


async def test_an_identical_request_is_new_when_the_first_was_answered(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """After a delivered answer the same text is a new message, and a lost answer expires after 10 minutes."""
    await send(services)
    await send(services)
    assert len(upstream.seen) == 2
    await send(services, answered=False)
    clock.pass_time(minutes=10, seconds=1)
    await send(services)
    assert len(upstream.seen) == 4


async def test_identical_requests_beside_one_another_are_two(services: Services, upstream: FakeUpstream) -> None:
    """Identical requests whose callers both wait are two sends."""
    await asyncio.gather(send(services), send(services))
    assert len(upstream.seen) == 2


async def test_once_the_connection_is_polled_before_linkedin_is_asked(
    services: Services, upstream: FakeUpstream
) -> None:
    """The connection is polled directly before LinkedIn is asked, since the operating system may know more."""

    def hang_up() -> None:
        services.sender.record_disconnect(caller)

    caller = CallerConnection(hang_up)
    result = await services.sender.send(a_request(), caller)
    assert result.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []


async def test_a_send_outlives_its_callers_task(services: Services, upstream: FakeUpstream) -> None:
    """Cancelling the caller's task does not cancel the send, which settles."""
    upstream.gate = asyncio.Event()
    task = asyncio.create_task(send(services))
    while not upstream.seen:
        await asyncio.sleep(0.001)
    task.cancel()
    upstream.gate.set()
    await services.background.wait_until_idle()
    assert await outcomes(services) == [OutcomeName.ACCEPTED]


async def test_draining_begins_nothing_and_settles_what_is_in_flight(
    services: Services, upstream: FakeUpstream
) -> None:
    """A graceful stop rejects new sends and waits for the attempts in flight."""
    upstream.gate = asyncio.Event()
    task = asyncio.create_task(send(services))
    while not upstream.seen:
        await asyncio.sleep(0.001)
    drain = asyncio.create_task(services.sender.drain())
    await asyncio.sleep(0)
    with pytest.raises(Draining):
        await send(services)
    assert not drain.done()
    upstream.gate.set()
    await drain
    assert task.done()
    assert await outcomes(services) == [OutcomeName.ACCEPTED]


async def test_truth_of_a_bug_after_the_unit_was_taken_is_unknown(services: Services, upstream: FakeUpstream) -> None:
    """After a bug during an attempt the send is unknown, and its unit stays taken."""
    upstream.next_attempts = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError):
        await send(services)
    assert await outcomes(services) == [OutcomeName.UNKNOWN]
    assert await used(services) == 1


async def test_truth_a_process_that_slept_past_its_lease_does_not_send(
    services: Services, upstream: FakeUpstream, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was suspended beyond its lease does not send, since others may have found no message."""
    monkeypatch.setattr(services.sender, "_clock", lambda: NOON + timedelta(seconds=61))  # reserved at NOON
    result = await send(services)
    assert result.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []


async def test_the_worker_reconciles_what_is_due(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """The worker searches for unknown sends: found ones are accepted, and absent ones give their unit back."""
    upstream.next_attempts = [Attempt(Unknown("no answer"), {}), Attempt(Unknown("no answer"), {})]
    await send(services, text="one")
    upstream.seen.append(_message(await _token(services)))
    await send(services, text="two")
    for _ in range(12):
        clock.pass_time(minutes=1)
        await services.reconciler.reconcile_due()
    assert sorted(await outcomes(services)) == [OutcomeName.ACCEPTED, OutcomeName.NOT_SENT]
    assert await used(services) == 1
    assert await services.history.count_unknown() == 0


async def test_reconciling_leaves_a_stopped_account_alone(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """Reconciling does not read LinkedIn while the account is held or its session is dead."""
    upstream.next_searches = [Absent()]
    upstream.next_attempts = [Attempt(Unknown("no answer"), {}), Attempt(Throttled(429, 86_400), {})]
    await send(services, text="one")
    await send(services, text="two")
    clock.pass_time(hours=1)
    await services.reconciler.reconcile_due()
    assert upstream.searches == 0


async def test_reconciling_accepts_a_message_that_was_found_after_a_restore(
    services: Services, upstream: FakeUpstream
) -> None:
    """LinkedIn has it with the token of an earlier request, so a search for the send's own would not find it."""
    upstream.next_attempts = [Attempt(Unknown("no answer"), {})]
    await send(services)
    _, rows = await services.history.list_of_account("default", None, SendFilter(), before_id=None, count=1)
    await services.reconciler.reconcile(replace(rows[0], message_urn="m"))
    assert (await outcomes(services), await used(services)) == ([OutcomeName.ACCEPTED], 1)
    assert upstream.searches == 0


async def _token(services: Services) -> str:
    _, sends = await services.history.list_of_account("default", None, SendFilter(), before_id=None, count=1)
    return sends[0].origin_token


def _message(token: str) -> OutgoingMessage:
    return OutgoingMessage("", RECIPIENT, "", "", token)
