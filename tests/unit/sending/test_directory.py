import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import AccountHeld, InvalidField, NoSession, QuotaUsedUp, StoreUnavailable
from confrere.domain.group import GroupMember, MembersQuery, Page
from confrere.domain.limits import Action
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.person import ConversationWith, VanityName
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import Reading
from confrere.services import Services
from tests.fakes.upstream import BASTIEN as EXEMPLE
from tests.fakes.upstream import THREAD, FakeUpstream, group_member
from tests.unit.sending.conftest import NOON, HandClock

WANTED = MembersQuery(GroupId("12345678"))
BASTIEN = ProfileUrn("urn:li:fsd_profile:ACoAABastien")
WITH_THREAD = ConversationWith(BASTIEN, THREAD)

pytestmark = pytest.mark.usefixtures("account")


async def read(services: Services, *, start: int = 0, count: int = 50) -> Reading[Page[GroupMember]]:
    """Read members of the group with the default account."""
    return await services.directory.read_members("default", None, WANTED, start=start, count=count)


async def page(services: Services, *, start: int = 0, count: int = 50) -> Page[GroupMember]:
    """Return the page that was read."""
    result = (await read(services, start=start, count=count)).result
    assert isinstance(result, Page), result
    return result


async def used(services: Services) -> int:
    """Return the members read today."""
    return (await services.accounts.read_quota("default", None, Action.GROUP_MEMBERS)).used


async def test_a_page_is_paid_by_the_member(services: Services, upstream: FakeUpstream) -> None:
    """Units are taken for the whole page, and given back for places without a member."""
    upstream.places = [None, *upstream.places, None]
    reading = await read(services)
    assert isinstance(reading.result, Page)
    assert (len(reading.result.items), reading.result.places, reading.result.is_last) == (49, 50, False)
    assert (reading.quota.action, reading.quota.used) == (Action.GROUP_MEMBERS, 49)
    assert await used(services) == 49
    assert upstream.pages == [(0, 50)]
    assert upstream.asked_members == [WANTED]


async def test_units_are_taken_before_linkedin_is_read(services: Services, upstream: FakeUpstream) -> None:
    """During a read all of its units count, and after it those of the members that were read."""
    upstream.gate = asyncio.Event()
    upstream.places = [group_member(0), None]
    reading = asyncio.create_task(read(services))
    while not upstream.pages:
        await asyncio.sleep(0)
    assert await used(services) == 50
    upstream.gate.set()
    await reading
    assert await used(services) == 1


async def test_every_member_comes_once_to_whoever_adds_count(services: Services, upstream: FakeUpstream) -> None:
    """A reader that adds `count` to `start` gets every member once, with nulls and short pages from LinkedIn."""
    for most in (100, 20, 50):
        upstream.places = [None if number % 7 == 3 else group_member(number) for number in range(260)]
        upstream.most_places = most
        found: list[GroupMember] = []
        start, is_last = 0, False
        while not is_last:
            got = await page(services, start=start)
            assert got.places == min(50, 260 - start)
            found += got.items
            is_last = got.is_last
            start += 50
        assert found == [place for place in upstream.places if place]


async def test_without_a_total_an_empty_page_is_the_end(services: Services, upstream: FakeUpstream) -> None:
    """Without a total an empty page is the end, which is read after a short page."""
    upstream.states_total = False
    upstream.places = upstream.places[:70]
    first, second = await page(services), await page(services, start=50)
    assert (first.places, first.is_last) == (50, False)
    assert (second.places, second.is_last) == (20, True)
    beyond = await page(services, start=500)
    assert (beyond.items, beyond.places, beyond.is_last) == ((), 0, True)


@pytest.mark.parametrize("total", [0, 1, 49, 69])
async def test_a_total_that_the_page_contradicts_is_not_believed(
    services: Services, upstream: FakeUpstream, total: int
) -> None:
    """A total that a page contradicts is ignored: the list is read up to its empty page, and no total is reported."""
    upstream.places = upstream.places[:70]
    upstream.total = total
    first, second = await page(services), await page(services, start=50)
    if total < 50:
        assert (first.places, first.total, first.is_last) == (50, None, False)
    assert (second.places, second.total, second.is_last) == (20, None, True)


async def test_a_total_beyond_which_nothing_was_shown_is_believed(services: Services, upstream: FakeUpstream) -> None:
    """A total is reported if no page contradicts it, also by a page after the end."""
    beyond = await page(services, start=500)
    assert (beyond.places, beyond.total, beyond.is_last) == (0, 120, True)


async def test_a_person_is_resolved_once(services: Services, upstream: FakeUpstream) -> None:
    """A person is resolved with one query by the caller's name or id; an unknown one is None; no quota is used."""
    reading = await services.directory.resolve_person("default", None, VanityName("bastien-exemple"))
    assert (reading.result, reading.quota.used) == (EXEMPLE, 0)
    assert (await services.directory.resolve_person("default", None, VanityName("nobody"))).result is None
    assert upstream.asked_people == [VanityName("bastien-exemple"), VanityName("nobody")]


async def test_a_name_is_asked_about_once_in_thirty_days(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """LinkedIn is asked about a name once in 30 days, in whatever case it is written; about nobody each time."""

    async def resolve(name: str) -> object:
        return (await services.directory.resolve_person("default", None, VanityName(name))).result

    assert await resolve("bastien-exemple") == await resolve("Bastien-Exemple") == EXEMPLE
    assert len(upstream.asked_people) == 1
    clock.pass_time(days=30, seconds=1)
    assert await resolve("bastien-exemple") == EXEMPLE
    assert await resolve("nobody") is await resolve("nobody") is None
    assert len(upstream.asked_people) == 4


async def test_a_conversation_by_vanity_name_needs_one_read_more(services: Services, upstream: FakeUpstream) -> None:
    """A conversation by vanity name needs one more read, whose failure is the answer without reading the mailbox."""
    upstream.conversation = THREAD
    name = VanityName("bastien-exemple")
    found = await services.directory.find_conversation("default", None, name)
    assert found.result == ConversationWith(EXEMPLE.profile_urn, THREAD)
    assert (await services.directory.find_conversation("default", None, VanityName("nobody"))).result is None
    for failure in (Refused(403, "", None, "no"), Throttled(429, 60)):
        upstream.next_reads = [failure, AssertionError("the mailbox was asked")]
        assert (await services.directory.find_conversation("default", None, VanityName("nobody"))).result == failure
    assert [type(who) for who in upstream.asked_people] == [VanityName] * 4


async def test_linkedin_is_not_asked_without_end(services: Services, upstream: FakeUpstream) -> None:
    """A page takes at most four reads of LinkedIn, and then it is short and reports that."""
    upstream.most_places = 5
    got = await page(services)
    assert (len(upstream.pages), got.places, got.is_last) == (4, 20, False)


async def test_a_page_beyond_what_is_left_is_what_is_left(services: Services, upstream: FakeUpstream) -> None:
    """A page is cut to what is left of the day, with nulls made up for, and then nothing is read."""
    upstream.places = [None if number % 10 == 9 else group_member(number) for number in range(2_000)]
    start = 0
    while await used(services) < 960:
        start += (await page(services, start=start)).places
    left = 1_000 - await used(services)
    assert 0 < left < 50
    upstream.pages.clear()
    got = await page(services, start=start)
    assert (len(got.items), got.is_last) == (left, False)
    assert upstream.pages[0] == (start, left)
    upstream.pages.clear()
    with pytest.raises(QuotaUsedUp, match="GROUP_MEMBERS: 1000/1000 used"):
        await read(services, start=start + got.places)
    assert upstream.pages == []


async def test_the_day_begins_anew(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """The quota of reads begins anew at midnight UTC."""
    upstream.places = [group_member(number) for number in range(2_000)]
    for start in range(0, 1_000, 100):
        await page(services, start=start, count=100)
    with pytest.raises(QuotaUsedUp) as refusal:
        await read(services)
    assert refusal.value.resets_at == datetime(2026, 3, 15, tzinfo=UTC)
    clock.pass_time(hours=12)
    assert len((await page(services)).items) == 50


@pytest.mark.parametrize(
    "failure",
    [
        Unreadable("LinkedIn did not answer in time"),
        Refused(403, "Forbidden", None, "You don't have access to this"),
        Throttled(429, 3_600),
        SessionDead("LinkedIn asks to log in"),
    ],
)
async def test_what_brought_nothing_costs_nothing(
    services: Services, upstream: FakeUpstream, failure: Refused | AccountProblem | Unreadable
) -> None:
    """A read that fails, even midway through a page, uses no quota."""
    upstream.next_reads = [failure]
    assert (await read(services)).result == failure
    await services.background.wait_until_idle()
    assert await used(services) == 0


async def test_a_bug_in_reading_leaves_no_unit_taken(services: Services, upstream: FakeUpstream) -> None:
    """A bug in a read is raised after the units were given back."""
    upstream.next_reads = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await read(services)
    assert await used(services) == 0


async def test_a_dead_session_stops_the_account(services: Services, upstream: FakeUpstream) -> None:
    """A dead session sets the account to ERROR, and LinkedIn is not called again."""
    upstream.next_reads = [SessionDead("LinkedIn asks to log in")]
    await read(services)
    account = await services.accounts.read("default", None)
    assert (account.status, account.status_reason) == (AccountStatus.ERROR, "LinkedIn asks to log in")
    with pytest.raises(NoSession) as refusal:
        await read(services)
    assert refusal.value.quota is not None
    assert refusal.value.quota.action is Action.GROUP_MEMBERS
    assert len(upstream.pages) == 1


async def test_a_throttled_account_is_on_hold(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """A throttle during a read holds the account for reads and sends, for as long as LinkedIn asks."""
    upstream.next_reads = [Throttled(429, 600)]
    reading = await read(services)
    assert reading.hold_until == NOON + timedelta(minutes=10)
    for call in (
        read(services),
        services.directory.read_groups("default", None, start=0, count=10),
        services.directory.find_conversation("default", None, BASTIEN),
        services.directory.resolve_person("default", None, BASTIEN),
    ):
        with pytest.raises(AccountHeld) as refusal:
            await call
        assert refusal.value.resets_at == NOON + timedelta(minutes=10)
    clock.pass_time(minutes=10)
    await page(services)


async def test_a_refusal_without_a_reason_has_the_session_probed(services: Services, upstream: FakeUpstream) -> None:
    """A refusal without a reason has the session probed, and one with a reason does not."""
    probes = upstream.probes
    upstream.next_reads = [Refused(403, "Forbidden", None, "You don't have access to this")]
    await read(services)
    await services.background.wait_until_idle()
    assert upstream.probes == probes
    upstream.member = SessionDead("LinkedIn asks to log in")
    upstream.next_reads = [Refused(403, "Forbidden", None, None)]
    await read(services)
    await services.background.wait_until_idle()
    assert upstream.probes == probes + 1
    assert (await services.accounts.read("default", None)).status is AccountStatus.ERROR


async def test_linkedin_s_silence_is_bounded(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that LinkedIn does not answer ends in time, and uses no quota."""
    monkeypatch.setattr("confrere.sending.account_reads.READ_SECONDS", 0.05)
    upstream.gate = asyncio.Event()
    assert (await read(services)).result == Unreadable("LinkedIn did not answer in time")
    assert await used(services) == 0


async def test_a_read_whose_caller_disconnects_is_counted(services: Services, upstream: FakeUpstream) -> None:
    """A read continues when its caller disconnects, and its members are counted."""
    upstream.gate = asyncio.Event()
    reading = asyncio.create_task(read(services))
    while not upstream.pages:
        await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    upstream.gate.set()
    await services.background.wait_until_idle()
    assert await used(services) == 50


async def test_units_that_cannot_be_given_back_stay_taken(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If units cannot be given back, the page is returned all the same, and the units stay taken."""

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("SQLite: BusyError")

    monkeypatch.setattr(services.store, "settle_units", away)
    upstream.places = [group_member(0)]
    reading = await read(services)
    assert isinstance(reading.result, Page)
    assert reading.quota.used == 50 == await used(services)


async def test_the_account_must_be_one_that_can_read(services: Services, account: Account) -> None:
    """A read needs a known, enabled account with a session."""

    async def reading(account_id: str | None, workspace_id: str = "default") -> object:
        return await services.directory.read_members(workspace_id, account_id, WANTED, start=0, count=1)

    with pytest.raises(InvalidField, match="accountId must be an account of this workspace"):
        await reading("0" * 24)
    with pytest.raises(InvalidField, match="accountId must be an account of this workspace"):
        await reading(account.id, "another")
    with pytest.raises(NoSession) as nobody:
        await reading(None, "another")
    assert nobody.value.account_id is None
    await services.accounts.update("default", account.id, enabled=False)
    with pytest.raises(InvalidField, match="must be an account that is enabled"):
        await reading(account.id)
    await services.accounts.update("default", account.id, enabled=True)
    await services.accounts.disconnect("default", account.id)
    with pytest.raises(NoSession):
        await reading(account.id)


async def test_groups_and_conversations_spend_nothing(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """Reads of groups and conversations use no quota, and report that of messages."""
    groups = await services.directory.read_groups("default", account.id, start=0, count=10)
    assert groups.result == Page(tuple(upstream.groups), 1, 1, is_last=True)
    assert (groups.account_id, groups.quota.action, groups.quota.used) == (account.id, Action.MESSAGE, 0)
    assert (await services.directory.find_conversation("default", None, BASTIEN)).result == ConversationWith(
        BASTIEN, None
    )
    upstream.conversation = THREAD
    assert (await services.directory.find_conversation("default", None, BASTIEN)).result == ConversationWith(
        BASTIEN, THREAD
    )
    upstream.next_reads = [Unreadable("LinkedIn answered the query with an error")]
    found = await services.directory.find_conversation("default", None, BASTIEN)
    assert found.result == Unreadable("LinkedIn answered the query with an error")
    assert await used(services) == 0


async def test_names_of_groups_are_kept_where_they_are_read(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest name is kept for templates; where that fails, the read is answered all the same."""
    await services.directory.read_groups("default", None, start=0, count=10)
    assert (await services.store.read_group("default", "12345678")).name == "Logistics"
    upstream.groups = [replace(upstream.groups[0], name="Transport")]

    async def fail(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(services.store, "keep_groups", fail)
        assert isinstance((await services.directory.read_groups("default", None, start=0, count=10)).result, Page)
    assert (await services.store.read_group("default", "12345678")).name == "Logistics"
    await services.directory.read_groups("default", None, start=0, count=10)
    assert (await services.store.read_group("default", "12345678")).name == "Transport"
