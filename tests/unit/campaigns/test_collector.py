"""Audiences collected from a group: every member once, within the day's units, whatever a page is kept by."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.campaigns.audiences import AudienceState
from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.audience import AudienceNotReady, AudienceStatus
from confrere.domain.campaigns.collection import GroupFilters
from confrere.domain.errors import NotFound
from confrere.domain.group import MembershipStatus, Relationship
from confrere.domain.limits import Action
from confrere.domain.message import MessageText
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.urns import GroupId
from confrere.services import Services
from tests.fakes.upstream import BROWSER, FakeUpstream, group_member
from tests.unit.sending.conftest import NOON, HandClock

GROUP = GroupId("12345678")
EVERYBODY = GroupFilters()
MIDNIGHT = NOON.replace(day=15, hour=0)


async def collect(services: Services, filters: GroupFilters = EVERYBODY) -> str:
    """Create an audience of the group."""
    audience = await services.audiences.create_from_group(
        "default", name="Members", group_id=GROUP, account_id=None, filters=filters
    )
    return audience.id


async def work(services: Services) -> int:
    """Let the worker read what is due."""
    count = await services.collector.run_due()
    await services.background.wait_until_idle()
    return count


async def work_all(services: Services, clock: HandClock, audience_id: str) -> AudienceState:
    """Let time pass in steps of a minute until the audience is ready."""
    for _ in range(10_000):
        await work(services)
        state = await services.audiences.read_state("default", audience_id)
        if state.audience.status is AudienceStatus.READY:
            return state
        waits = state.why_not.until if state.why_not is not None else None
        clock.now = max(clock.now + timedelta(seconds=6), waits or clock.now)
    pytest.fail("the audience does not become ready")


async def urns(services: Services, audience_id: str) -> list[str]:
    """Everybody in it, in order."""
    return [str(one.recipient) for one in await services.audiences.read_everybody("default", audience_id)]


async def used(services: Services, account: Account, clock: HandClock) -> int:
    """Members read today."""
    quotas = await services.store.read_quotas(account.id, clock())
    return next(one.used for one in quotas if one.action is Action.GROUP_MEMBERS)


async def test_every_member_is_collected_once(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """Pages follow each other, somebody who is twice in them is once in the audience, and each place costs one unit."""
    upstream.places = [group_member(number % 240) for number in range(250)]
    audience_id = await collect(services)
    state = await services.audiences.read_state("default", audience_id)
    assert (state.audience.status, state.audience.count, state.why_not) == (AudienceStatus.COLLECTING, 0, None)
    state = await work_all(services, clock, audience_id)
    audience = state.audience
    assert audience.collection is not None
    assert (audience.count, audience.collection.places_read, audience.collection.total) == (240, 250, 250)
    assert (audience.group_name, audience.collection.next_at, state.completes_at) == ("Logistics", None, None)
    assert await urns(services, audience_id) == [group_member(number).profile_urn for number in range(240)]
    assert await used(services, account, clock) == 250
    assert await work(services) == 0
    [first, *_] = await services.audiences.read_everybody("default", audience_id)
    assert (first.name, first.person.public_id) == ("Bastien Exemple 0", "member-0")


async def test_places_without_a_member_cost_nothing_and_are_passed(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """LinkedIn's list has places that show nobody."""
    upstream.places = [group_member(number) if number % 2 else None for number in range(150)]
    state = await work_all(services, clock, await collect(services))
    assert (state.audience.count, await used(services, account, clock)) == (75, 75)


async def test_over_several_days(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """With the day's units it stops, says until when and when it will be complete, and goes on the next day."""
    upstream.places = [group_member(number) for number in range(2_350)]
    audience_id = await collect(services)
    while (state := await services.audiences.read_state("default", audience_id)).why_not is None:
        assert await work(services) == 1
        clock.pass_time(seconds=6)
    assert state.audience.count == await used(services, account, clock) == 1_000
    assert (state.why_not.reason, state.why_not.until) == ("day_used_up", MIDNIGHT)
    assert state.completes_at == MIDNIGHT + timedelta(days=1, seconds=20)
    assert await work(services) == 1
    pages = len(upstream.pages)
    clock.pass_time(hours=11)
    assert await work(services) == 0
    assert len(upstream.pages) == pages
    state = await work_all(services, clock, audience_id)
    assert state.audience.count == 2_350
    assert clock.now.date() == MIDNIGHT.date() + timedelta(days=1)
    assert clock.now <= MIDNIGHT + timedelta(days=1, seconds=30)


async def test_filters_choose_who_of_the_read_members_is_taken(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """The membership status goes to LinkedIn; the others apply to what was read, in any case of letters."""
    upstream.places = [group_member(number) for number in range(30)]
    filters = GroupFilters(
        (MembershipStatus.OWNER,), "PROCUREMENT", "exemple 2", Relationship.NO_CONNECTION, premium=False
    )
    audience_id = await collect(services, filters)
    await work_all(services, clock, audience_id)
    assert await urns(services, audience_id) == [group_member(number).profile_urn for number in (2, *range(20, 30))]
    assert {query.statuses for query in upstream.asked_members} == {(MembershipStatus.OWNER,)}
    for other in (
        GroupFilters(headline_contains="sales"),
        GroupFilters(relationship=Relationship.CONNECTION),
        GroupFilters(premium=True),
    ):
        assert (await work_all(services, clock, await collect(services, other))).audience.count == 0


async def test_most_ends_the_reading(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """With `most` no more members are read than are wanted, also where some of a page are twice in the list."""
    upstream.places = [group_member(0), group_member(0), *(group_member(number) for number in range(1, 400))]
    audience_id = await collect(services, GroupFilters(most=150))
    await work_all(services, clock, audience_id)
    assert await urns(services, audience_id) == [group_member(number).profile_urn for number in range(150)]
    assert await used(services, account, clock) == 151
    filtered = await collect(services, GroupFilters(headline_contains="head", most=3))
    await work_all(services, clock, filtered)
    assert await urns(services, filtered) == [group_member(number).profile_urn for number in range(3)]


async def test_dead_session_stops_it_until_the_account_is_connected(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """LinkedIn is left alone meanwhile; after a reconnect it goes on where it was."""
    upstream.places = [group_member(number) for number in range(250)]
    audience_id = await collect(services)
    await work(services)
    upstream.next_reads = [SessionDead("logged out")]
    clock.pass_time(seconds=6)
    await work(services)
    state = await services.audiences.read_state("default", audience_id)
    assert state.why_not is not None
    assert (state.why_not.reason, state.why_not.until, state.completes_at) == ("account_error", None, None)
    assert "confrere accounts connect" in state.why_not.remedy
    pages = len(upstream.pages)
    for _ in range(5):
        clock.pass_time(minutes=2)
        assert await work(services) == 1
    assert len(upstream.pages) == pages
    await services.accounts.connect("default", BROWSER)
    assert (await services.audiences.read_state("default", audience_id)).why_not is None
    state = await work_all(services, clock, audience_id)
    assert (state.audience.count, len(set(await urns(services, audience_id)))) == (250, 250)
    assert await used(services, account, clock) == 250


@pytest.mark.parametrize("status", [429, 999])
async def test_throttled_account_rests(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream, status: int
) -> None:
    """While the account is held nothing is read, and the audience says until when."""
    audience_id = await collect(services)
    upstream.next_reads = [Throttled(status, 3_600)]
    await work(services)
    state = await services.audiences.read_state("default", audience_id)
    assert state.why_not is not None
    assert (state.why_not.reason, state.why_not.until) == ("account_held", NOON + timedelta(hours=1))
    assert state.completes_at is None
    clock.pass_time(minutes=59)
    await work(services)
    assert upstream.pages == []
    await work_all(services, clock, audience_id)
    assert clock.now >= NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "reason", "words", "rests"),
    [
        (
            Refused(403, "Forbidden", "NO_MEMBER", None),
            "account_error",
            "join the group",
            timedelta(hours=6),
        ),
        (Unreadable("HTML"), "next_in_line", "Nothing needs to be done", timedelta(minutes=5)),
        (Unreadable("old", protocol_moved=True), "next_in_line", "Find the new id", timedelta(minutes=5)),
    ],
)
async def test_what_linkedin_does_not_show_is_read_again_later(
    services: Services,
    account: Account,
    clock: HandClock,
    upstream: FakeUpstream,
    answer: Any,
    reason: str,
    words: str,
    rests: timedelta,
) -> None:
    """The page that failed is read again after a rest; its units are given back, and the reason is said meanwhile."""
    upstream.places = [group_member(number) for number in range(150)]
    audience_id = await collect(services)
    await work(services)
    upstream.next_reads = [answer]
    clock.pass_time(seconds=6)
    await work(services)
    state = await services.audiences.read_state("default", audience_id)
    assert state.why_not is not None
    assert (state.why_not.reason, words in state.why_not.remedy) == (reason, True)
    clock.pass_time(seconds=rests.total_seconds() - 1)
    assert await work(services) == 0
    clock.pass_time(seconds=2)
    state = await work_all(services, clock, audience_id)
    assert (state.audience.count, state.why_not, await used(services, account, clock)) == (150, None, 150)


async def test_account_reads_one_page_at_a_time(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """Two audiences of an account take turns, and each counts with the other for when it is complete."""
    upstream.places = [group_member(number) for number in range(800)]
    first, second = await collect(services), await collect(services)
    assert await work(services) == 1
    for _ in range(6):
        clock.pass_time(seconds=6)
        assert await work(services) == 1
    states = [await services.audiences.read_state("default", one) for one in (first, second)]
    reads = [state.audience.collection and state.audience.collection.places_read for state in states]
    assert sorted(map(str, reads)) == ["300", "400"]
    assert all(state.completes_at and state.completes_at > MIDNIGHT for state in states)
    for one in (first, second):
        await work_all(services, clock, one)
    assert await urns(services, first) == await urns(services, second)


async def test_campaign_waits_for_its_audience(services: Services, account: Account, clock: HandClock) -> None:
    """Nobody can check or start a campaign while nobody knows who is in its audience."""
    audience_id = await collect(services)
    draft = await services.campaigns.create(
        "default", name="Spring", audience_id=audience_id, text=MessageText("Hello")
    )
    for _ in range(2):
        with pytest.raises(AudienceNotReady, match="still being collected"):
            await services.campaigns.check("default", draft.campaign.id)
        with pytest.raises(AudienceNotReady):
            await services.campaigns.start("default", draft.campaign.id)
        await work(services)
    await work_all(services, clock, audience_id)
    assert (await services.campaigns.check("default", draft.campaign.id)).would_send == 120


async def test_deleted_audience_is_not_read_further(
    services: Services, account: Account, clock: HandClock, upstream: FakeUpstream
) -> None:
    """Its people are deleted by the worker, and no more members are read."""
    upstream.places = [group_member(number) for number in range(350)]
    audience_id = await collect(services)
    await work(services)
    await services.audiences.delete("default", audience_id)
    clock.pass_time(hours=1)
    assert await work(services) == 0
    await services.collector.purge()
    with pytest.raises(NotFound):
        await services.audiences.read("default", audience_id)
    assert await services.store.list_audience_people("default", audience_id, after_place=0, count=10) == []
