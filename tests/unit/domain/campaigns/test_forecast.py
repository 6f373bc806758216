"""The forecast: what the real pacing allows, on a clock that is moved forward."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.domain.campaigns.forecast import DayCount, Queue, forecast, forecast_all, send_times
from confrere.domain.campaigns.pace import Pace
from confrere.domain.limits import Action, window_start
from confrere.domain.pacing import Pacing, Sent, WarmUp, find_breach
from tests.unit.domain.strategies import WORKDAYS, hours, instants, sending_hours
from tests.unit.domain.test_pacing import situations

NOW = datetime(2026, 3, 13, 12, tzinfo=UTC)  # a Friday
MINUTE = timedelta(minutes=1)
OFFICE = Pacing(sending_hours=hours("Europe/Berlin", "09:00", "17:00", WORKDAYS))


def days(first: int, *counts: int) -> tuple[DayCount, ...]:
    """Counts of days of March from this one on, without those that have none."""
    return tuple(DayCount(date(2026, 3, first + number), count) for number, count in enumerate(counts) if count)


def test_the_days_are_filled_in_turn() -> None:
    """What today has left goes out today, and each further day takes its whole limit until nobody is left."""
    outlook = forecast(Queue(35, Pace((), spread=False)), Sent([], 5, 15), NOW)
    assert outlook.per_day == days(13, 10, 15, 10)
    assert outlook.ends_on == date(2026, 3, 15)
    assert str(outlook) == "about 3 sending days, until 15 March 2026"


@pytest.mark.parametrize("spread", [False, True])
def test_closed_days_have_no_messages(spread: bool) -> None:
    """Days without sending hours are not sending days."""
    outlook = forecast(Queue(45, Pace((OFFICE,), spread=spread)), Sent([], 0, 20), NOW)
    assert outlook.per_day == days(13, 20, 0, 0, 20, 5)
    assert outlook.sending_days == 3


def test_the_cap_of_the_campaign_counts() -> None:
    """A daily cap below the account's limit sets the number of each day, and what was sent today is taken off."""
    outlook = forecast(Queue(20, Pace((), daily_cap=8), 5), Sent([], 6, 150), NOW)
    assert outlook.per_day == days(13, 3, 8, 8, 1)


def test_other_campaigns_of_the_account_take_turns() -> None:
    """Campaigns share the day of their account in turn, and a campaign has it alone once the others are done."""
    pace = Pace((), spread=False)
    outlook = forecast(Queue(10, pace), Sent([], 0, 6), NOW, others=[Queue(people, pace) for people in (4, 1, 0)])
    assert outlook.per_day == days(13, 2, 5, 3)
    alone = forecast(Queue(10, Pace((), spread=False)), Sent([], 0, 6), NOW)
    assert alone.per_day == days(13, 6, 4)


def test_a_campaign_that_has_reached_its_cap_leaves_the_day_to_the_others() -> None:
    """Each campaign of an account has its own cap, and its own last day."""
    capped, free = Queue(5, Pace((), 2, spread=False), 1), Queue(7, Pace((), spread=False))
    first, second = forecast_all([capped, free], Sent([], 1, 6), NOW)
    assert (first.per_day, second.per_day) == (days(13, 1, 2, 2), days(13, 4, 3))


def test_the_month_counts() -> None:
    """First messages beyond the month's limit go out in the next month."""
    outlook = forecast(Queue(12, Pace((Pacing(first_contacts_per_month=10),), spread=False)), Sent([], 0, 150, 4), NOW)
    assert [(str(each.day), each.count) for each in outlook.per_day] == [("2026-03-13", 6), ("2026-04-01", 6)]


def test_the_warm_up_counts() -> None:
    """While an account warms up, each day allows more than the day before."""
    outlook = forecast(Queue(40, Pace((Pacing(warm_up=WarmUp(date(2026, 3, 14), 5, 5)),))), Sent([], 0, 150), NOW)
    assert outlook.per_day == days(13, 0, 5, 10, 15, 10)


def test_a_long_gap_counts() -> None:
    """A minimum gap of six hours allows four messages a day, whatever the limit."""
    outlook = forecast(Queue(7, Pace((Pacing(min_gap=timedelta(hours=6)),), spread=False)), Sent([NOW], 1, 150), NOW)
    assert outlook.per_day == days(13, 1, 4, 2)


@pytest.mark.parametrize(("people", "limit"), [(100_000, 150), (1, 0)])
def test_a_campaign_that_takes_years_is_said_to(people: int, limit: int) -> None:
    """Where the last message is more than a year away, there is no last day, and the days of a year are counted."""
    outlook = forecast(Queue(people, Pace((), spread=False)), Sent([], 0, limit), NOW)
    assert outlook.ends_on is None
    assert str(outlook) == "not within a year"
    assert all(each.count == limit for each in outlook.per_day)


def test_nobody_is_nothing_to_send() -> None:
    """A campaign without anybody to write to has no sending day."""
    assert str(forecast(Queue(0, Pace(())), Sent([], 0, 150), NOW)) == "nothing to send"


def test_a_change_of_clocks_moves_the_hours() -> None:
    """The first message goes out at nine by the clock on the wall, before the clocks change and after."""
    start = datetime(2026, 3, 27, tzinfo=UTC)
    times = send_times([Queue(2, Pace((OFFICE,), daily_cap=1))], Sent([], 0, 150), start)
    assert [at.hour for _, at in times] == [8, 7]


@settings(max_examples=40, deadline=None)
@given(
    situations(),
    st.booleans(),
    st.none() | st.integers(1, 5),
)
def test_every_forecast_send_obeys_every_rule(situation: tuple, spread: bool, cap: int | None) -> None:  # type: ignore[type-arg]
    """No send of a forecast breaks a rule, the cap or the order of time, by the code that judges real sends."""
    rules, sent, now = situation
    recent, previous = list(sent.recent), now
    per_day: dict[datetime, int] = {window_start(Action.MESSAGE, now): 0}
    used = {window_start(Action.MESSAGE, now): sent.today}
    contacts = {window_start(Action.GROUP_FIRST_CONTACT, now): sent.first_contacts}
    for _, at in send_times([Queue(12, Pace(rules, cap, spread))], sent, now):
        day, month = window_start(Action.MESSAGE, at), window_start(Action.GROUP_FIRST_CONTACT, at)
        first = None if sent.first_contacts is None else contacts.get(month) or 0
        assert at >= previous
        assert find_breach(rules, Sent(recent, used.get(day, 0), sent.daily_limit, first), at) is None
        per_day[day] = per_day.get(day, 0) + 1
        assert cap is None or per_day[day] <= cap
        used[day], contacts[month] = used.get(day, 0) + 1, None if first is None else first + 1
        recent, previous = [at, *recent], at


@settings(max_examples=20, deadline=None)
@given(
    instants,
    st.none() | sending_hours(),
    st.integers(1, 4),
    st.none() | st.integers(1, 600),
    st.none() | st.integers(1, 2),
)
def test_nothing_goes_out_later_than_it_could(
    instant: datetime, wanted: object, limit: int, gap: int | None, rate: int | None
) -> None:
    """Without a spread each send is at the first minute that a clock, asked minute by minute, finds free."""
    now = instant.replace(second=0, microsecond=0)
    rule = Pacing(
        min_gap=None if gap is None else gap * MINUTE,
        sending_hours=wanted,  # type: ignore[arg-type]
        writes_per_minute=rate,
    )
    forecast_times = [at for _, at in send_times([Queue(8, Pace((rule,), spread=False))], Sent([], 0, limit), now)]
    found: list[datetime] = []
    for minute in range(1_440):
        at = now + minute * MINUTE
        while len(found) < 8:
            today = sum(window_start(Action.MESSAGE, each) == window_start(Action.MESSAGE, at) for each in found)
            if find_breach((rule,), Sent(found[::-1], today, limit), at) is not None:
                break
            found.append(at)
    assert [at for at in forecast_times if at < now + 1440 * MINUTE] == found


@settings(max_examples=60, deadline=None)
@given(situations(), st.none() | st.integers(1, 5), st.integers(1, 60))
def test_the_spread_changes_no_days_count(situation: tuple, cap: int | None, people: int) -> None:  # type: ignore[type-arg]
    """With and without the spread over the day as many messages go out on each day."""
    rules, sent, now = situation
    spread, at_once = (forecast(Queue(people, Pace(rules, cap, spread)), sent, now) for spread in (True, False))
    assert spread == at_once
