"""A worker sends the messages of campaigns on a real store, a scripted LinkedIn and a clock that the test moves."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.campaign import CampaignCounts, CampaignStatus, PauseCause, PersonStatus
from confrere.domain.limits import Action, window_end
from confrere.domain.outcome import NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.services import Services
from tests.fakes.upstream import FakeUpstream
from tests.unit.campaigns.running import next_turn, read, start, urn, work
from tests.unit.sending.conftest import NOON, HandClock

NO = Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource")
MIDNIGHT = window_end(Action.MESSAGE, NOON)

pytestmark = pytest.mark.usefixtures("account")


def recipients(upstream: FakeUpstream) -> list[str]:
    """Who has got a message, in order."""
    return [message.recipient_urn for message in upstream.seen]


async def test_everybody_gets_one_message_and_the_campaign_is_finished(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """In the order of the audience; then the lane has nothing to do."""
    state = await start(services, 5)
    await work(services)
    assert recipients(upstream) == [urn(number) for number in range(5)]
    after = await read(services, state)
    assert (after.campaign.status, after.counts) == (CampaignStatus.FINISHED, CampaignCounts(sent=5))
    assert await next_turn(services, account) is None
    await work(services)
    assert len(upstream.seen) == 5


async def test_campaigns_of_an_account_take_turns(services: Services, upstream: FakeUpstream) -> None:
    """Two that run share the account's day, message by message."""
    await start(services, 3)
    await start(services, 3, begin=10)
    await work(services)
    assert recipients(upstream) == [urn(number) for number in (0, 10, 1, 11, 2, 12)]


async def test_messages_are_spread_over_what_is_left_of_the_day(
    services: Services, upstream: FakeUpstream, account: Account, clock: HandClock
) -> None:
    """Evenly, without randomness, in the sending hours only: twelve in twelve hours, the first at once."""
    await services.accounts.update("default", account.id, daily_limit=12)
    await start(services, 20, spread=True)
    await work(services)
    sent = []
    for _ in range(4 * 12):
        await work(services)
        sent.append(len(upstream.seen))
        clock.pass_time(minutes=15)
    assert sent == [1 + hour for hour in range(12) for _ in range(4)]
    assert await next_turn(services, account) == MIDNIGHT
    await services.pacing.change(
        "default", None, {"sendingHours": {"timeZone": "UTC", "weekdays": ["sun"], "from": "06:00", "to": "12:00"}}
    )
    clock.now = MIDNIGHT + timedelta(hours=6)
    await work(services)
    assert await next_turn(services, account) == clock.now + timedelta(minutes=30)


async def test_the_day_that_is_used_up_ends_at_midnight(
    services: Services, upstream: FakeUpstream, account: Account, clock: HandClock
) -> None:
    """What was not used yesterday is not caught up."""
    await services.accounts.update("default", account.id, daily_limit=2)
    state = await start(services, 7)
    await work(services)
    assert len(upstream.seen) == 2
    why = (await read(services, state)).why_not
    assert why is not None
    assert (why.reason, why.until) == ("day_used_up", MIDNIGHT)
    clock.now = MIDNIGHT + timedelta(days=2)
    await work(services)
    assert len(upstream.seen) == 4


async def test_a_campaign_keeps_to_its_own_cap(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """The rest of the account's day is for its other campaigns."""
    capped = await start(services, 5, daily_cap=2)
    await start(services, 3, begin=10)
    await work(services)
    assert sorted(recipients(upstream)) == sorted([urn(0), urn(1), urn(10), urn(11), urn(12)])
    why = (await read(services, capped)).why_not
    assert why is not None
    assert (why.reason, why.until) == ("campaign_cap", MIDNIGHT)
    clock.now = MIDNIGHT
    await work(services)
    assert len(upstream.seen) == 7


async def test_a_gap_of_pacing_is_kept(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """The lane is due again when the rule allows it."""
    await services.pacing.change("default", None, {"minGapSeconds": 600})
    await start(services, 3)
    for expected in (1, 1, 2, 2, 3):
        await work(services)
        assert len(upstream.seen) == expected
        clock.pass_time(minutes=5)


@pytest.mark.parametrize(
    ("outcome", "status", "wait"),
    [
        (NO, PersonStatus.REFUSED, timedelta()),
        (Unknown("silence"), PersonStatus.UNKNOWN, timedelta()),
        (NotSent("no connection"), PersonStatus.WAITING, timedelta(minutes=1)),
        (Throttled(429, 600), PersonStatus.WAITING, timedelta(minutes=10)),
    ],
    ids=lambda one: getattr(one, "name", None),
)
async def test_one_failure_is_one_row(
    services: Services,
    upstream: FakeUpstream,
    clock: HandClock,
    outcome: Outcome,
    status: PersonStatus,
    wait: timedelta,
) -> None:
    """The campaign goes on with others: at once, or when the account may send again."""
    state = await start(services, 2)
    upstream.will(outcome)
    await work(services)
    history = await services.campaign_people.read("default", state.campaign.id, urn(0))
    assert history.person.status is status
    assert len(upstream.seen) == (0 if wait else 1)
    clock.pass_time(seconds=wait.total_seconds())
    await work(services)
    assert recipients(upstream)[0] == (urn(0) if isinstance(outcome, Throttled) else urn(1))
    assert (await read(services, state)).campaign.cause is None


async def test_a_dead_session_pauses_all_campaigns_loudly(services: Services, upstream: FakeUpstream) -> None:
    """Nothing more is tried with the account; the state names the remedy."""
    first, second = await start(services), await start(services, begin=10)
    upstream.will(SessionDead("LinkedIn asked to log in"))
    with capture_logs() as logs:
        await work(services)
    assert upstream.seen == []
    assert [entry["log_level"] for entry in logs if entry["event"] == "campaigns_paused"] == ["error"]
    for state in (first, second):
        after = await read(services, state)
        assert (after.campaign.status, after.campaign.cause) == (CampaignStatus.PAUSED, PauseCause.ACCOUNT_ERROR)
        assert after.counts.waiting == 3
        assert after.why_not is not None
        assert "Connect" in after.why_not.remedy


async def test_a_disabled_account_pauses_its_campaigns(services: Services, account: Account) -> None:
    """A person has to act, as with a dead session."""
    state = await start(services)
    await services.accounts.update("default", account.id, enabled=False)
    await work(services)
    assert (await read(services, state)).campaign.cause is PauseCause.ACCOUNT_ERROR


async def test_five_refusals_in_a_row_pause(services: Services, upstream: FakeUpstream) -> None:
    """The sixth is not sent."""
    state = await start(services, 8)
    for _ in range(8):
        upstream.will(NO)
    await work(services)
    after = await read(services, state)
    assert (after.campaign.cause, after.counts) == (PauseCause.REFUSALS, CampaignCounts(waiting=3, refused=5))


async def test_the_first_message_is_sent_alone(services: Services, upstream: FakeUpstream) -> None:
    """Until a person has seen it and resumes."""
    state = await start(services, 3, first=1)
    await work(services)
    assert len(upstream.seen) == 1
    assert (await read(services, state)).campaign.cause is PauseCause.FIRST_SENT
    await services.campaigns.resume("default", state.campaign.id)
    await work(services)
    assert len(upstream.seen) == 3


async def test_a_scheduled_campaign_begins_at_its_time(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """And not before it."""
    state = await start(services, 1, starts_at=NOON + timedelta(hours=2))
    await work(services)
    assert (await read(services, state)).campaign.status is CampaignStatus.SCHEDULED
    assert upstream.seen == []
    clock.pass_time(hours=2)
    await work(services)
    assert len(upstream.seen) == 1


async def test_somebody_with_a_conversation_is_skipped(services: Services, upstream: FakeUpstream) -> None:
    """What the account's owner wrote by hand counts, unless the campaign does not ask."""
    upstream.conversation = "urn:li:msg_conversation:1"
    asking, careless = await start(services, 1), await start(services, 1, begin=10, skip_existing_conversations=False)
    await work(services)
    assert (await read(services, asking)).counts.skipped_by_reason == {"conversation_exists": 1}
    assert (await read(services, careless)).counts.sent == 1


async def test_a_conversation_that_a_message_of_ours_began_is_said_to_be_that(
    services: Services, upstream: FakeUpstream
) -> None:
    """Who was written to before the start is skipped for that, with the message, though LinkedIn has a conversation."""
    state = await start(services, 1, begin=10, skip_existing_conversations=False)
    await work(services)
    upstream.conversation = "urn:li:msg_conversation:1"
    later = await start(services, 1, begin=10)
    await work(services)
    assert (await read(services, later)).counts.skipped_by_reason == {"already_written_to": 1}
    [(first, _)] = await services.campaign_people.list_page("default", state.campaign.id)
    [(second, _)] = await services.campaign_people.list_page("default", later.campaign.id)
    assert second.send_id == first.send_id


async def test_somebody_about_whom_linkedin_is_not_readable_waits(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """Nothing is sent without knowing; others come first."""
    await start(services, 2)
    upstream.next_reads.append(Unreadable("an answer that nobody understands"))
    await work(services)
    assert upstream.seen == []
    clock.pass_time(minutes=1)
    await work(services)
    assert recipients(upstream) == [urn(1)]
    clock.pass_time(minutes=5)
    await work(services)
    assert recipients(upstream) == [urn(1), urn(0)]


async def test_what_was_unknown_is_sent_once_it_is_known_to_be_absent(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A campaign is not finished while one message is unknown; reconciling moves its person."""
    state = await start(services, 1)
    upstream.will(Unknown("silence"))
    await work(services)
    after = await read(services, state)
    assert (after.campaign.status, after.counts) == (CampaignStatus.RUNNING, CampaignCounts(unknown=1))
    for _ in range(4):
        clock.pass_time(minutes=5)
        await services.reconciler.reconcile_due()
        await work(services)
    clock.pass_time(minutes=5)
    await work(services)
    after = await read(services, state)
    assert recipients(upstream) == [urn(0)]
    assert (after.campaign.status, after.counts) == (CampaignStatus.FINISHED, CampaignCounts(sent=1))


async def test_a_server_that_stops_begins_no_message(services: Services, upstream: FakeUpstream) -> None:
    """Nobody is lost: the lane is due at once for another worker."""
    state = await start(services)
    await services.sender.drain()
    await work(services)
    assert upstream.seen == []
    assert (await read(services, state)).counts.waiting == 3


async def test_no_message_is_sent_after_a_pause(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """A pause while a message is under way lets that one end."""
    state = await start(services, 5)
    upstream.gate = asyncio.Event()
    working = asyncio.create_task(work(services))
    while not upstream.seen:
        await asyncio.sleep(0.01)
    paused = await services.campaigns.pause("default", state.campaign.id)
    assert paused.counts.in_flight == 1
    upstream.gate.set()
    await working
    assert (await read(services, state)).counts == CampaignCounts(waiting=4, sent=1)
    await services.campaigns.resume("default", state.campaign.id)
    clock.pass_time(minutes=10)
    await work(services)
    assert (await read(services, state)).counts == CampaignCounts(sent=5)
