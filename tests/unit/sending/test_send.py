import asyncio
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
from tests.unit.sending.requests import NO, RECIPIENT, send, used, wish

pytestmark = pytest.mark.usefixtures("account")


async def outcomes(services: Services) -> list[OutcomeName]:
    """The ledger, newest first."""
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
    """Each outcome is told, written, and gives its unit back or not, as the table of outcomes says."""
    upstream.will(outcome)
    result = await send(services)
    assert result.outcome == outcome
    assert result.quota.used == await used(services) == int(keeps_unit)
    assert await outcomes(services) == [outcome.name]


async def test_quota_lets_exactly_the_limit_through(services: Services, upstream: FakeUpstream) -> None:
    """Of 200 sends at once, 150 are seen and 50 are told the limit."""
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


async def test_throttled_account_rests_until_its_hold_ends(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """After a 429 LinkedIn is not called before the time it named, and then it is."""
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
    """A refusal that can be the first sign of trouble asks LinkedIn once whose session this is."""
    upstream.member = SessionDead("the session has ended")
    probes = upstream.probes
    upstream.will(Refused(422, "Unprocessable Entity", None, None), needs_probe=True)
    await send(services)
    await services.background.wait_until_idle()
    assert upstream.probes == probes + 1
    assert (await services.accounts.read("default", None)).status is AccountStatus.ERROR


async def test_a_probe_that_is_not_understood_is_counted(services: Services, upstream: FakeUpstream) -> None:
    """The account goes on; the operator is told that LinkedIn's protocol has moved."""
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
    """LinkedIn is not called, no unit is taken, and the ledger tells why nothing went out."""
    await services.do_not_contact.add("default", [RECIPIENT], reason="asked", source="test")
    result = await send(services)
    assert result.outcome == OPTED_OUT
    assert upstream.seen == []
    assert await used(services) == 0
    assert await outcomes(services) == [OutcomeName.REFUSED]


async def test_once_a_key_replays_what_settled_the_matter(services: Services, upstream: FakeUpstream) -> None:
    """The same key gives 200 and 403 again without a second message, even after an answered one."""
    first = await send(services, key="k1")
    again = await send(services, key="k1")
    assert (again.outcome, again.replayed, again.send_id) == (first.outcome, True, first.send_id)
    upstream.will(NO)
    await send(services, key="k2")
    assert (await send(services, key="k2")).outcome == NO
    assert len(upstream.seen) == 1


async def test_once_a_key_with_another_body_is_refused(services: Services, upstream: FakeUpstream) -> None:
    """A key belongs to one body."""
    await send(services, key="k1")
    with pytest.raises(KeyReused):
        await send(services, key="k1", text="Something else")
    assert len(upstream.seen) == 1


async def test_once_a_key_in_use_is_told_so(services: Services, upstream: FakeUpstream) -> None:
    """While the first request runs, the second with its key is refused."""
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
    """After certainly nothing was sent, the same key sends."""
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
    """LinkedIn had it: the repeat is told 200 and nothing is sent again."""
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
    """One look proves nothing; after the second the unit is given back and the repeat is a new send."""
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
    """No answer of LinkedIn's about the thread is no reason to send."""
    upstream.will(Unknown("no answer"))
    await send(services)
    upstream.next_looks = [Unreadable("Request failed with status code 503")]
    assert (await send(services)).outcome.name is OutcomeName.UNKNOWN
    assert upstream.seen == []


async def test_once_a_repeat_after_a_hang_up_joins(services: Services, upstream: FakeUpstream) -> None:
    """A caller that hung up repeats the same request: it is told the first one's outcome, once; then it is new."""
    first = await send(services, answered=False)
    again = await send(services)
    assert (again.send_id, again.outcome) == (first.send_id, first.outcome)
    third = await send(services)
    assert third.send_id != first.send_id
    assert len(upstream.seen) == 2


async def test_once_a_repeat_while_the_first_is_in_flight_waits_for_it(
    services: Services, upstream: FakeUpstream
) -> None:
    """The first caller hung up while LinkedIn was asked; the repeat gets that attempt's outcome."""
    upstream.gate = asyncio.Event()
    line = CallerConnection()
    first = asyncio.create_task(services.sender.send(wish(), line))
    while not upstream.seen:
        await asyncio.sleep(0.001)
    services.sender.record_disconnect(line)
    repeat = asyncio.create_task(send(services))
    await asyncio.sleep(0.1)
    assert not repeat.done()
    upstream.gate.set()
    assert (await repeat).send_id == (await first).send_id
    assert len(upstream.seen) == 1


async def test_once_nothing_is_sent_for_a_caller_who_hung_up_before(services: Services, upstream: FakeUpstream) -> None:
    """The process was held up and the caller has long repeated elsewhere: nothing is asked of LinkedIn."""
    line = CallerConnection()
    services.sender.record_disconnect(line)
    first = await services.sender.send(wish(), line)
    assert first.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []
    assert await used(services) == 0
    assert (await send(services)).outcome.name is OutcomeName.ACCEPTED
    assert len(upstream.seen) == 1


async def test_an_identical_request_is_new_when_the_first_was_answered(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """The same text twice is two messages where nothing was lost; and a lost answer is forgotten after 10 minutes."""
    await send(services)
    await send(services)
    assert len(upstream.seen) == 2
    await send(services, answered=False)
    clock.pass_time(minutes=10, seconds=1)
    await send(services)
    assert len(upstream.seen) == 4


async def test_identical_requests_beside_one_another_are_two(services: Services, upstream: FakeUpstream) -> None:
    """Both callers wait: both are sends."""
    await asyncio.gather(send(services), send(services))
    assert len(upstream.seen) == 2


async def test_once_the_line_is_looked_at_before_linkedin_is_asked(services: Services, upstream: FakeUpstream) -> None:
    """The operating system may know of a hang-up of which the door has not heard."""

    def hang_up() -> None:
        services.sender.record_disconnect(line)

    line = CallerConnection(hang_up)
    result = await services.sender.send(wish(), line)
    assert result.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []


async def test_a_send_outlives_its_callers_task(services: Services, upstream: FakeUpstream) -> None:
    """Cancelling the request does not cancel the send: it settles."""
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
    """A graceful stop waits for the attempts that were begun."""
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
    """Nobody can say how far it got, so the row says so and the unit stays taken."""
    upstream.next_attempts = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError):
        await send(services)
    assert await outcomes(services) == [OutcomeName.UNKNOWN]
    assert await used(services) == 1


async def test_truth_a_process_that_slept_past_its_lease_does_not_send(
    services: Services, upstream: FakeUpstream, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may have looked for the message meanwhile and found nothing: sending now would make them liars."""
    monkeypatch.setattr(services.sender, "_clock", lambda: NOON + timedelta(seconds=61))  # reserved at NOON
    result = await send(services)
    assert result.outcome.name is OutcomeName.NOT_SENT
    assert upstream.seen == []


async def test_the_worker_reconciles_what_is_due(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """Unknown sends are looked for in the background: found ones become accepted, absent ones give back their unit."""
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
    """While LinkedIn throttles the account, or its session is dead, it is not even read."""
    upstream.next_looks = [Absent()]
    upstream.next_attempts = [Attempt(Unknown("no answer"), {}), Attempt(Throttled(429, 86_400), {})]
    await send(services, text="one")
    await send(services, text="two")
    clock.pass_time(hours=1)
    await services.reconciler.reconcile_due()
    assert upstream.searches == 0


async def _token(services: Services) -> str:
    _, sends = await services.history.list_of_account("default", None, SendFilter(), before_id=None, count=1)
    return sends[0].origin_token


def _message(token: str) -> OutgoingMessage:
    return OutgoingMessage("", RECIPIENT, "", "", token)
