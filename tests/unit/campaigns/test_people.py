"""Why people wait, on a real store and a clock that the test moves, and what can be done with them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from confrere.campaigns import CampaignState
from confrere.domain import remedies
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import CampaignStatus, PersonStatus, SkipReason, WaitReason, WrongStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.limits import Action, window_end
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled
from confrere.domain.reply import Reply
from confrere.domain.urns import GroupId
from confrere.domain.why_not import WhyNot
from confrere.services import Services
from confrere.store.sqlite.engine import SqliteEngine
from tests.fakes.upstream import FakeUpstream
from tests.unit.campaigns.running import start, urn, work
from tests.unit.sending.conftest import NOON, HandClock

MIDNIGHT = window_end(Action.MESSAGE, NOON)
HOUR = timedelta(hours=1)
NEXT_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
MORNING = datetime(2026, 3, 15, 9, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("account")


class Cause:
    """Brings a campaign into a state in which its people wait."""

    def __init__(self, services: Services, upstream: FakeUpstream, account: Account) -> None:
        self.services = services
        self.upstream = upstream
        self.account = account

    async def nothing(self) -> CampaignState:
        """Before the worker's turn."""
        return await start(self.services)

    async def fault(self) -> CampaignState:
        """A message could not be sent, and the worker waits a minute."""
        self.upstream.will(NotSent("no connection"))
        return await self.worked()

    async def worked(self, **settings: Any) -> CampaignState:
        """After a turn of the worker."""
        state = await start(self.services, **settings)
        await work(self.services)
        return state

    async def spread(self) -> CampaignState:
        """Twelve messages are spread over twelve hours."""
        await self.services.accounts.update("default", self.account.id, daily_limit=12)
        return await self.worked(spread=True)

    async def gap(self) -> CampaignState:
        """Pacing has a gap of an hour, which is longer than the spread."""
        await self.services.pacing.change("default", None, {"minGapSeconds": 3600})
        return await self.worked(spread=True)

    async def hours(self) -> CampaignState:
        """Outside the sending hours."""
        hours = {"timeZone": "UTC", "weekdays": ["sun"], "from": "09:00", "to": "12:00"}
        await self.services.pacing.change("default", None, {"sendingHours": hours})
        return await self.worked()

    async def day(self) -> CampaignState:
        """The day is used up."""
        await self.services.accounts.update("default", self.account.id, daily_limit=1)
        return await self.worked(spread=True)

    async def zero(self) -> CampaignState:
        """The account may send nothing."""
        await self.services.accounts.update("default", self.account.id, daily_limit=0)
        return await self.worked()

    async def month(self) -> CampaignState:
        """The month's first contacts are used up."""
        await self.services.pacing.change("default", None, {"firstContactsPerMonth": 1})
        return await self.worked()

    async def cap(self) -> CampaignState:
        """The campaign has its own limit."""
        return await self.worked(daily_cap=1)

    async def throttled(self) -> CampaignState:
        """LinkedIn throttles the account."""
        self.upstream.will(Throttled(429, 600))
        return await self.worked()

    async def disabled(self) -> CampaignState:
        """The account was disabled before the worker's turn."""
        state = await start(self.services)
        await self.services.accounts.update("default", self.account.id, enabled=False)
        return state

    async def disconnected(self) -> CampaignState:
        """The account was disconnected before the worker's turn."""
        state = await start(self.services)
        await self.services.accounts.disconnect("default", self.account.id)
        return state

    async def dead(self) -> CampaignState:
        """LinkedIn has ended the session, and the worker has paused the campaign."""
        self.upstream.will(SessionDead("LinkedIn asked to log in"))
        return await self.worked()

    async def paused(self) -> CampaignState:
        """Somebody has paused it."""
        state = await start(self.services)
        return await self.services.campaigns.pause("default", state.campaign.id)

    async def first_sent(self) -> CampaignState:
        """The first message was sent alone."""
        return await self.worked(first=1)

    async def refusals(self) -> CampaignState:
        """LinkedIn has refused five in a row."""
        for _ in range(5):
            self.upstream.will(Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "No"))
        return await self.worked(people=8)

    async def scheduled(self) -> CampaignState:
        """It starts later."""
        return await start(self.services, starts_at=NOON + 2 * HOUR)

    async def held(self) -> CampaignState:
        """Everybody is held by somebody, longer than the campaign waits."""
        state = await start(self.services)
        for number in range(3):
            await self.services.campaign_people.hold("default", urn(number), NOON + 5 * HOUR)
        return state


@pytest.fixture
def cause(services: Services, upstream: FakeUpstream, account: Account) -> Cause:
    """Return the causes."""
    return Cause(services, upstream, account)


CAUSES: list[tuple[Callable[[Cause], Awaitable[CampaignState]], WaitReason, datetime | None, str]] = [
    (Cause.nothing, WaitReason.NEXT_IN_LINE, NOON, remedies.WAIT),
    (Cause.fault, WaitReason.NEXT_IN_LINE, NOON + timedelta(minutes=1), remedies.WAIT),
    (Cause.spread, WaitReason.SPREAD, NOON + HOUR, remedies.WAIT_FOR_SPREAD),
    (Cause.gap, WaitReason.MINIMUM_GAP, NOON + HOUR, remedies.WAIT_OR_CHANGE_PACING),
    (Cause.hours, WaitReason.OUTSIDE_HOURS, MORNING, remedies.WAIT_OR_CHANGE_PACING),
    (Cause.day, WaitReason.DAY_USED_UP, MIDNIGHT, remedies.WAIT_OR_CHANGE_PACING),
    (Cause.zero, WaitReason.DAY_USED_UP, None, remedies.RAISE_LIMIT),
    (Cause.month, WaitReason.MONTH_USED_UP, NEXT_MONTH, remedies.WAIT_OR_CHANGE_PACING),
    (Cause.cap, WaitReason.CAMPAIGN_CAP, MIDNIGHT, remedies.WAIT_OR_RAISE_CAP),
    (Cause.throttled, WaitReason.ACCOUNT_HELD, NOON + timedelta(minutes=10), remedies.LET_REST),
    (Cause.disabled, WaitReason.ACCOUNT_ERROR, None, remedies.ENABLE_ACCOUNT),
    (Cause.disconnected, WaitReason.ACCOUNT_ERROR, None, remedies.CONNECT_AGAIN),
    (Cause.dead, WaitReason.CAMPAIGN_PAUSED, None, remedies.CONNECT_THEN_RESUME),
    (Cause.paused, WaitReason.CAMPAIGN_PAUSED, None, remedies.RESUME_CAMPAIGN),
    (Cause.first_sent, WaitReason.CAMPAIGN_PAUSED, None, remedies.READ_FIRST),
    (Cause.refusals, WaitReason.CAMPAIGN_PAUSED, None, remedies.READ_REFUSALS),
    (Cause.scheduled, WaitReason.SCHEDULED, NOON + 2 * HOUR, remedies.WAIT),
    (Cause.held, WaitReason.HELD, NOON + 5 * HOUR, remedies.RELEASE_PERSON),
]


@pytest.mark.parametrize(("make", "reason", "until", "remedy"), CAUSES, ids=[one[0].__name__ for one in CAUSES])
async def test_each_cause_has_its_reason_time_and_remedy(
    services: Services,
    cause: Cause,
    make: Callable[[Cause], Awaitable[CampaignState]],
    reason: WaitReason,
    until: datetime | None,
    remedy: str,
) -> None:
    """Everybody who waits has the answer, in the list, under its filter and no other, and from the one function."""
    campaign_id = (await make(cause)).campaign.id
    people = services.campaign_people
    waiting = await people.list_page("default", campaign_id, status=PersonStatus.WAITING)
    assert len(waiting) >= 2
    for person, why in waiting:
        longest = max(until, person.due_at) if until is not None and person.due_at is not None else until
        assert why == WhyNot(reason, longest, remedy)
        assert why == await services.why_not_yet.of("default", campaign_id=campaign_id, recipient=person.recipient)
        assert why == await services.why_not_yet.of("default", recipient=person.recipient)
    for other in WaitReason:
        found = await people.list_page("default", campaign_id, reason=other)
        assert list(found) == (list(waiting) if other is reason else [])
    everybody = await people.list_page("default", campaign_id)
    assert [why for person, why in everybody if person.status is not PersonStatus.WAITING] == [None] * (
        len(everybody) - len(waiting)
    )
    of_campaign = await services.why_not_yet.of("default", campaign_id=campaign_id)
    assert of_campaign == (await services.campaigns.read("default", campaign_id)).why_not
    if make not in (Cause.nothing, Cause.held):
        assert of_campaign == waiting[-1][1]


async def test_a_reason_passes_when_it_says(services: Services, cause: Cause, clock: HandClock) -> None:
    """At the time of the spread the next message is sent, and not before."""
    state = await cause.spread()
    for seconds, sent in ((3599, 1), (1, 2)):
        clock.pass_time(seconds=seconds)
        await work(services)
        assert (await services.campaigns.read("default", state.campaign.id)).counts.sent == sent


async def test_the_spread_ends_within_the_sending_hours(
    services: Services, upstream: FakeUpstream, account: Account, clock: HandClock
) -> None:
    """Where the next message would fall on closed hours, `until` is when they open; what is spread goes out whole."""
    await services.accounts.update("default", account.id, daily_limit=4)
    hours = {"timeZone": "UTC", "weekdays": ["sat", "sun"], "from": "11:00", "to": "14:00"}
    await services.pacing.change("default", None, {"sendingHours": hours})
    state = await start(services, 10, spread=True)
    for minutes in (0, 30, 30, 30):
        clock.pass_time(minutes=minutes)
        await work(services)
    assert len(upstream.seen) == 4
    why = await services.why_not_yet.of("default", campaign_id=state.campaign.id)
    assert why is not None
    assert (why.reason, why.until) == (WaitReason.DAY_USED_UP, datetime(2026, 3, 15, 11, tzinfo=UTC))


async def test_a_cap_that_is_reached_leaves_the_day_to_other_campaigns(
    services: Services, upstream: FakeUpstream, account: Account, clock: HandClock
) -> None:
    """After the last message that a campaign may send, the account's next one follows in its own spread."""
    await services.accounts.update("default", account.id, daily_limit=12)
    await start(services, 2, spread=True, daily_cap=1)
    await start(services, 2, begin=10, spread=True)
    await work(services)
    clock.pass_time(hours=1)
    await work(services)
    assert [message.recipient_urn for message in upstream.seen] == [urn(0), urn(10)]


async def test_why_an_account_waits(services: Services, cause: Cause, account: Account) -> None:
    """The default one where none is named; an unknown one is not found, and none stands beside a campaign."""
    assert await services.why_not_yet.of("default") is None
    state = await cause.spread()
    for account_id in (None, account.id):
        why = await services.why_not_yet.of("default", account_id=account_id)
        assert why is not None
        assert (why.reason, why.until) == (WaitReason.SPREAD, NOON + HOUR)
    with pytest.raises(NotFound):
        await services.why_not_yet.of("default", account_id="0" * 24)
    with pytest.raises(InvalidField, match="accountId"):
        await services.why_not_yet.of("default", account_id=account.id, campaign_id=state.campaign.id)


async def test_of_several_campaigns_the_one_that_ends_first_is_named(services: Services) -> None:
    """A person in a paused, a scheduled and a running campaign waits for what passes first."""
    paused = await start(services, 1)
    await services.campaigns.pause("default", paused.campaign.id)
    why = await services.why_not_yet.of("default", recipient=urn(0))
    assert why is not None
    assert why.reason is WaitReason.CAMPAIGN_PAUSED
    await start(services, 1, starts_at=NOON + HOUR)
    why = await services.why_not_yet.of("default", recipient=urn(0))
    assert why is not None
    assert why.reason is WaitReason.SCHEDULED
    assert await services.why_not_yet.of("default", recipient=urn(9)) is None
    with pytest.raises(NotFound):
        await services.why_not_yet.of("default", campaign_id=paused.campaign.id, recipient=urn(9))


async def test_a_list_of_campaigns_reads_what_they_share_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five campaigns of an account take as many queries as one, and each has its own counts."""
    queries: list[str] = []
    for method in ("read", "read_many", "transact"):
        original = getattr(SqliteEngine, method)

        def count(engine: SqliteEngine, *args: Any, method: Any = original, **named: Any) -> Any:
            queries.append(str(args[0]))
            return method(engine, *args, **named)

        monkeypatch.setattr(SqliteEngine, method, count)
    taken: list[int] = []
    states: Sequence[CampaignState] = ()
    for number in range(5):
        await start(services, number + 1, begin=10 * number)
        queries.clear()
        states = await services.campaigns.list_page("default")
        taken.append(len(queries))
    assert taken == taken[:1] * 5
    assert [state.counts.waiting for state in states] == [5, 4, 3, 2, 1]


async def test_people_are_filtered_by_what_is_stored(services: Services, upstream: FakeUpstream) -> None:
    """A skip has its reason, a refusal LinkedIn's words; a reason that there is not is an error, not an empty list."""
    upstream.will(Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "No"))
    await services.do_not_contact.add("default", [urn(1)], reason=None, source="test")
    state = await start(services, 3)
    await work(services)
    campaign_id, people = state.campaign.id, services.campaign_people
    for status, reason, number in (
        (None, "do_not_contact", 1),
        (PersonStatus.SKIPPED, SkipReason.DO_NOT_CONTACT, 1),
        (PersonStatus.REFUSED, "No", 0),
    ):
        found = await people.list_page("default", campaign_id, status=status, reason=reason)
        assert [person.recipient for person, _ in found] == [urn(number)]
    assert await people.list_page("default", campaign_id, status=PersonStatus.SENT, reason="do_not_contact") == []
    with pytest.raises(InvalidField, match=r"reason must be one of next_in_line, .* do_not_contact"):
        await people.list_page("default", campaign_id, reason="No")


async def test_all_that_happened_to_a_person(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """Each attempt with its time, and then the reply; over all campaigns also opt-out and hold."""
    upstream.will(NotSent("no connection"))
    state = await start(services, 1)
    await work(services)
    clock.pass_time(minutes=5)
    await work(services)
    sent_at, campaign_id = clock.now, state.campaign.id
    clock.pass_time(minutes=5)
    [sent, _] = (await services.campaign_people.read("default", campaign_id, urn(0))).sends
    reply = Reply(
        id=new_record_id(),
        workspace_id="default",
        account_id=sent.account_id,
        recipient=urn(0),
        name=None,
        conversation_urn="urn:thread",
        message_urn="urn:message",
        send_id=sent.id,
        text="Gladly",
        kinds=(),
        received_at=clock.now,
        may_want_out=False,
        opted_out=False,
    )
    assert await services.store.record_reply(reply, clock.now)
    history = await services.campaign_people.read("default", campaign_id, urn(0))
    assert [(send.outcome, send.created_at) for send in history.sends] == [("accepted", sent_at), ("not_sent", NOON)]
    assert (history.person.status, history.why_not) == (PersonStatus.REPLIED, None)
    assert (history.person.message_at, history.person.replied_at) == (sent_at, clock.now)
    later = await start(services, 2, starts_at=clock.now + HOUR)
    await services.do_not_contact.add("default", [urn(1)], reason="asked", source="test")
    await services.campaign_people.hold("default", urn(1), clock.now + 3 * HOUR)
    everywhere = await services.campaign_people.read_everywhere("default", urn(1))
    [(campaign, _, why)] = everywhere.campaigns
    assert campaign.id == later.campaign.id
    assert why is not None
    assert why.reason is WaitReason.HELD
    assert (everywhere.held_until, everywhere.sends) == (clock.now + 3 * HOUR, [])
    assert everywhere.opt_out is not None
    assert everywhere.opt_out.reason == "asked"
    [(first, person, _), (second, _, _)] = (await services.campaign_people.read_everywhere("default", urn(0))).campaigns
    assert [first.id, second.id] == [campaign_id, later.campaign.id]
    assert person == history.person


async def test_a_person_that_the_workspace_does_not_know(services: Services) -> None:
    """Of somebody unknown everything is empty."""
    nobody = await services.campaign_people.read_everywhere("default", urn(0))
    assert (nobody.campaigns, nobody.sends, nobody.opt_out, nobody.held_until) == ([], [], None, None)


async def test_a_hold_is_over_all_campaigns(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """Others are written to meanwhile; the person is when the hold ends, or is ended."""
    first, second = await start(services, 2), await start(services, 1, starts_at=NOON + 2 * HOUR)
    people = services.campaign_people
    assert await people.hold("default", urn(0), NOON + HOUR, campaign_id=first.campaign.id) == 2
    await work(services)
    assert [message.recipient_urn for message in upstream.seen] == [urn(1)]
    assert (await people.read("default", second.campaign.id, urn(0))).person.is_held
    assert await people.release("default", urn(0), campaign_id=first.campaign.id) == 2
    await work(services)
    assert [message.recipient_urn for message in upstream.seen] == [urn(1), urn(0)]
    with pytest.raises(NotFound):
        await people.hold("default", urn(7), NOON + HOUR, campaign_id=first.campaign.id)
    with pytest.raises(InvalidField, match="until must be in the future"):
        await people.hold("default", urn(0), clock.now)
    assert await people.hold("default", urn(1), NOON + HOUR) == 0


async def test_people_are_added_to_a_finished_campaign(services: Services, upstream: FakeUpstream) -> None:
    """Who is in it already is named, and stays as they are; the others are written to."""
    state = await start(services, 2)
    await work(services)
    given = [AudiencePerson.of(urn(number)) for number in (1, 2, 2, 3)]
    added = await services.campaign_people.add("default", state.campaign.id, given)
    assert (added.added, added.already_in) == (2, [urn(1)])
    assert (await services.campaigns.read("default", state.campaign.id)).campaign.status is CampaignStatus.RUNNING
    await work(services)
    assert [message.recipient_urn for message in upstream.seen] == [urn(number) for number in range(4)]
    await services.campaigns.archive("default", state.campaign.id)
    with pytest.raises(WrongStatus):
        await services.campaign_people.add("default", state.campaign.id, given)


async def test_an_audience_is_added_to_a_campaign_of_its_group(services: Services) -> None:
    """One of another group is refused: its people are not members of the campaign's."""
    state = await start(services, 1)
    audiences = [
        await services.audiences.create(
            "default", name="More", group_id=group_id, people=[AudiencePerson.of(urn(number)) for number in (0, 5)]
        )
        for group_id in (state.campaign.group_id, GroupId("42"))
    ]
    people = services.campaign_people
    added = await people.add_audience("default", state.campaign.id, audiences[0].id)
    assert (added.added, added.already_in) == (1, [urn(0)])
    with pytest.raises(InvalidField, match="audienceId must be an audience of the campaign's own group"):
        await people.add_audience("default", state.campaign.id, audiences[1].id)
