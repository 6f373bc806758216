"""A worker keeps to sending hours, days and months: across changes of clocks, in any zone, on a clock that is moved."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from confrere.domain.account import Account
from confrere.domain.send import SendFilter
from confrere.services import Services
from tests.unit.campaigns.running import next_turn, read, start, work
from tests.unit.sending.conftest import HandClock

LONGEST_STEP = timedelta(minutes=15)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Kathmandu"])
def server_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of the machine on which the worker runs."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def utc(text: str) -> datetime:
    """A time as `03-29 07:00`, of the year in which everything here happens."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def hours(zone: str, begins: str, ends: str, days: str = "mon tue wed thu fri sat sun") -> dict[str, Any]:
    """A rule of pacing."""
    return {"sendingHours": {"timeZone": zone, "weekdays": days.split(), "from": begins, "to": ends}}


async def sent_between(
    services: Services, account: Account, clock: HandClock, begin: str, end: str, **settings: Any
) -> list[str]:
    """Start a campaign of forty, be the worker from one time to another, and return when messages were sent."""
    clock.now = utc(begin)
    state = await start(services, 40, **settings)
    while clock.now < utc(end):
        await work(services)
        next_at = await next_turn(services, account)
        assert next_at is not None
        # A worker that looks in between has to find nothing to do.
        clock.now = max(min(next_at, clock.now + LONGEST_STEP), clock.now + timedelta(minutes=1))
    assert (await read(services, state)).campaign.cause is None
    sends = await services.store.search_sends("default", SendFilter(), before_id=None, count=100)
    return [f"{send.created_at:%m-%d %H:%M}" for send in reversed(sends)]


@pytest.mark.parametrize(
    ("begin", "end", "sent"),
    [
        ("03-27 12:00", "03-30 12:00", ["03-28 08:00", "03-29 07:00", "03-30 07:00"]),
        ("10-23 12:00", "10-26 12:00", ["10-24 07:00", "10-25 08:00", "10-26 08:00"]),
    ],
    ids=["to summer time", "from summer time"],
)
@pytest.mark.usefixtures("server_zone")
async def test_hours_move_with_the_clocks_of_their_zone(
    services: Services, account: Account, clock: HandClock, begin: str, end: str, sent: list[str]
) -> None:
    """Nine o'clock in Berlin is an hour earlier in UTC from the day of the change on, wherever the server is."""
    await services.accounts.update("default", account.id, daily_limit=1)
    await services.pacing.change("default", account.id, hours("Europe/Berlin", "09:00", "10:00"))
    assert await sent_between(services, account, clock, begin, end) == sent


@pytest.mark.parametrize(
    ("begin", "end", "sent"),
    [
        ("03-28 00:00", "03-30 12:00", ["03-28 01:00", "03-28 01:30", "03-30 00:00", "03-30 00:30"]),
        ("10-25 00:00", "10-25 12:00", ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30"]),
    ],
    ids=["that does not exist", "that comes twice"],
)
async def test_an_hour_that_a_change_of_clocks_makes(
    services: Services, account: Account, clock: HandClock, begin: str, end: str, sent: list[str]
) -> None:
    """From two to three in Berlin: nothing on the day without that hour, and twice as much on the day with two."""
    await services.pacing.change(
        "default", account.id, {"minGapSeconds": 1800, **hours("Europe/Berlin", "02:00", "03:00")}
    )
    assert await sent_between(services, account, clock, begin, end) == sent


@pytest.mark.usefixtures("server_zone")
async def test_weekdays_are_those_of_the_zone(services: Services, account: Account, clock: HandClock) -> None:
    """Monday begins in Auckland on Sunday in UTC, and Friday ends on Friday there, with two of UTC's days in each."""
    await services.accounts.update("default", account.id, daily_limit=1)
    await services.pacing.change(
        "default", account.id, hours("Pacific/Auckland", "09:00", "17:00", "mon tue wed thu fri")
    )
    assert await sent_between(services, account, clock, "03-15 00:00", "03-22 12:00") == [
        "03-15 20:00",
        "03-16 00:00",
        "03-17 00:00",
        "03-18 00:00",
        "03-19 00:00",
        "03-20 00:00",
    ]


async def test_hours_that_span_midnight_are_spread_by_the_units_of_each_day(
    services: Services, account: Account, clock: HandClock
) -> None:
    """Auckland's day has four hours of one of UTC's days and four of the next, each with units of its own."""
    await services.accounts.update("default", account.id, daily_limit=4)
    await services.pacing.change("default", account.id, hours("Pacific/Auckland", "09:00", "17:00", "mon"))
    sent = await sent_between(services, account, clock, "03-15 00:00", "03-21 00:00", spread=True)
    assert all("03-15 20:00" <= moment < "03-16 04:00" for moment in sent)
    for day, opening in (("03-15", "03-15 20:00"), ("03-16", "03-16 00:00")):
        of_day = [moment for moment in sent if moment.startswith(day)]
        assert of_day[0] == opening
        assert 3 <= len(of_day) <= 4


@pytest.mark.parametrize(
    ("begin", "end", "sent"),
    [
        ("04-30 22:00", "05-01 01:00", ["04-30 22:00", "04-30 22:10", "05-01 00:00", "05-01 00:10"]),
        ("02-28 22:00", "03-01 01:00", ["02-28 22:00", "02-28 22:10", "03-01 00:00", "03-01 00:10"]),
    ],
    ids=["of thirty days", "of February"],
)
async def test_first_contacts_of_a_month_end_with_it(
    services: Services, account: Account, clock: HandClock, begin: str, end: str, sent: list[str]
) -> None:
    """Two a month: two at its end, and two at the beginning of the next; what was not used is not caught up."""
    clock.now = utc("01-02 00:00")
    await services.pacing.change("default", account.id, {"minGapSeconds": 600, "firstContactsPerMonth": 2})
    assert await sent_between(services, account, clock, begin, end) == sent


async def test_a_month_that_is_used_up_is_the_reason(services: Services, account: Account, clock: HandClock) -> None:
    """Until the first of the next one, though the day has units left."""
    await services.pacing.change("default", account.id, {"firstContactsPerMonth": 2})
    clock.now = utc("05-31 23:00")
    state = await start(services, 5)
    await work(services)
    why = (await read(services, state)).why_not
    assert why is not None
    assert (why.reason, why.until) == ("month_used_up", utc("06-01 00:00"))


async def test_a_day_ends_in_utc_at_the_end_of_a_month_too(
    services: Services, account: Account, clock: HandClock
) -> None:
    """The units of a day are those of UTC's day, and unused ones are gone."""
    await services.accounts.update("default", account.id, daily_limit=2)
    sent = await sent_between(services, account, clock, "12-30 23:50", "12-31 23:59")
    assert sent == ["12-30 23:50", "12-30 23:50", "12-31 00:00", "12-31 00:00"]


async def test_the_cap_of_a_campaign_is_what_its_day_is_spread_by(
    services: Services, account: Account, clock: HandClock
) -> None:
    """Four a day are hours apart, though the account has a hundred and fifty units."""
    sent = await sent_between(services, account, clock, "03-15 00:00", "03-17 00:00", spread=True, daily_cap=4)
    times = [utc(moment) for moment in sent]
    assert all(3 <= sum(moment.day == day for moment in times) <= 4 for day in (15, 16))
    assert min(later - earlier for earlier, later in pairwise(times)) >= timedelta(hours=4)
