"""When a campaign's next message may go out, and how a day's messages are spread."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.campaigns.pace import Pace, Wait, find_wait, spread_gap, spread_turn
from confrere.domain.limits import Action, window_end, window_start
from confrere.domain.pacing import Pacing, Sent, WarmUp, find_breach
from tests.unit.domain.strategies import WORKDAYS, hours, instants, sending_hours

NOW = datetime(2026, 3, 13, 12, tzinfo=UTC)  # a Friday
MIDNIGHT = datetime(2026, 3, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OFFICE = hours("Europe/Berlin", "09:00", "17:00", WORKDAYS)
PLAIN = Pace((), spread=False)


@pytest.mark.parametrize(
    ("rule", "sent", "reason", "until"),
    [
        (Pacing(), Sent([], 150, 150), WaitReason.DAY_USED_UP, MIDNIGHT),
        (Pacing(warm_up=WarmUp(date(2026, 3, 13), 5, 1)), Sent([], 5, 150), WaitReason.DAY_USED_UP, MIDNIGHT),
        (
            Pacing(first_contacts_per_month=9),
            Sent([], 1, 150, 9),
            WaitReason.MONTH_USED_UP,
            datetime(2026, 4, 1, tzinfo=UTC),
        ),
        (Pacing(min_gap=MINUTE), Sent([NOW], 1, 150), WaitReason.MINIMUM_GAP, NOW + MINUTE),
        (Pacing(writes_per_minute=1), Sent([NOW], 1, 150), WaitReason.MINIMUM_GAP, NOW + MINUTE),
        (
            Pacing(sending_hours=hours("UTC", "13:00", "14:00")),
            Sent([], 0, 150),
            WaitReason.OUTSIDE_HOURS,
            NOW + 60 * MINUTE,
        ),
    ],
)
def test_each_rule_gives_its_own_reason(rule: Pacing, sent: Sent, reason: WaitReason, until: datetime) -> None:
    """A rule that keeps a message waiting is named by its reason, with the time at which it ends."""
    assert find_wait(Pace((rule,), spread=False), sent, 0, NOW) == Wait(reason, until)


def test_the_campaign_has_a_cap_of_its_own() -> None:
    """A campaign that has used its daily cap waits for the next UTC day, or for the first hours after it."""
    sent = Sent([], 20, 150)
    assert find_wait(Pace((), daily_cap=10, spread=False), sent, 9, NOW) is None
    assert find_wait(Pace((), daily_cap=10), sent, 10, NOW) == Wait(WaitReason.CAMPAIGN_CAP, MIDNIGHT)
    capped = find_wait(Pace((Pacing(sending_hours=OFFICE),), daily_cap=10), sent, 10, NOW)
    assert capped == Wait(WaitReason.CAMPAIGN_CAP, datetime(2026, 3, 16, 8, tzinfo=UTC))


def test_the_spread_divides_what_is_left_of_the_hours() -> None:
    """Three hours of the day with five messages left give half an hour between them and before the end."""
    rules = (Pacing(sending_hours=OFFICE),)
    at = datetime(2026, 3, 13, 13, tzinfo=UTC)  # two in the afternoon
    assert spread_gap(rules, 5, at) == timedelta(minutes=30)
    wait = find_wait(Pace(rules), Sent([at], 145, 150), 1, at)
    assert wait == Wait(WaitReason.SPREAD, at + timedelta(minutes=30))
    assert find_wait(Pace(rules, spread=False), Sent([at], 145, 150), 1, at) is None


def test_the_spread_goes_on_when_the_hours_open() -> None:
    """A turn that would fall on closed hours is the next opening; without hours it is at the end of the gap."""
    at = datetime(2026, 3, 13, 15, 30, tzinfo=UTC)  # half an hour before the office closes, on a Friday
    rules = (Pacing(sending_hours=OFFICE),)
    assert spread_turn(rules, 1, at) == at + timedelta(minutes=15)
    assert spread_turn(rules, 0, at) == datetime(2026, 3, 16, 8, tzinfo=UTC)
    assert spread_turn((), 1, NOW) == NOW + timedelta(hours=6)


def test_the_spread_divides_what_the_tightest_limit_leaves() -> None:
    """The cap of the campaign and the month of the account leave fewer messages, and so longer gaps."""
    for pace, sent in (
        (Pace((), daily_cap=6), Sent([NOW], 10, 150)),
        (Pace((Pacing(first_contacts_per_month=15),)), Sent([NOW], 10, 150, 12)),
        (Pace((Pacing(warm_up=WarmUp(NOW.date(), 13, 0)),)), Sent([NOW], 10, 150)),
    ):
        wait = find_wait(pace, sent, 3, NOW)
        assert wait is not None
        assert wait.until == NOW + timedelta(hours=12) / 4


def test_yesterday_is_not_caught_up() -> None:
    """The first message of a day does not wait for a gap that was reckoned the day before."""
    assert find_wait(Pace(()), Sent([MIDNIGHT - MINUTE], 0, 150), 0, MIDNIGHT) is None


def test_closing_time_moves_with_the_clocks() -> None:
    """On a day whose clock changes, the hours that are left are those by the clock on the wall."""
    rules = (Pacing(sending_hours=hours("Europe/Berlin", "00:00", "06:00")),)
    in_spring, in_autumn = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    # 1:00 to 6:00 without the hour from 2; then 22:00 and 23:00 UTC of the next day's hours
    assert spread_gap(rules, 0, in_spring) == timedelta(hours=4 + 2)
    # 2:00 to 6:00 with the hour from 2 twice; then 23:00 UTC
    assert spread_gap(rules, 0, in_autumn) == timedelta(hours=5 + 1)


@settings(max_examples=40, deadline=None)  # a day of minutes each
@given(st.lists(sending_hours(), min_size=1, max_size=2), instants)
def test_the_open_time_is_what_a_clock_counts(both: list, instant: datetime) -> None:  # type: ignore[type-arg]
    """The time that is left of a day's hours is the number of its minutes in which all hours are open."""
    instant = instant.replace(second=0, microsecond=0)
    rules = [Pacing(sending_hours=each) for each in both]
    end = window_end(Action.MESSAGE, instant)
    each_minute = (instant + number * MINUTE for number in range((end - instant) // MINUTE))
    counted = sum(all(each.is_open(at) for each in both) for at in each_minute)
    assert spread_gap(rules, 0, instant) == counted * MINUTE


@settings(max_examples=50, deadline=None)  # up to 150 sends each
@given(st.integers(1, 150), instants, st.none() | sending_hours())
def test_a_spread_day_goes_out_whole(limit: int, instant: datetime, wanted: object) -> None:
    """However many messages a day has left, the spread lets all of them go out in it once its hours are open."""
    rules = () if wanted is None else (Pacing(sending_hours=wanted),)  # type: ignore[arg-type]
    breach = find_breach(rules, Sent([], 0, limit), instant)
    at = instant if breach is None else breach.opens_at
    if spread_gap(rules, 0, at) < timedelta(seconds=1):
        return
    day, count = window_start(Action.MESSAGE, at), 0
    recent: list[datetime] = []
    while window_start(Action.MESSAGE, at) == day and count < limit:
        wait = find_wait(Pace(rules), Sent(recent, count, limit), count, at)
        if wait is None:
            recent, count = [at], count + 1
        else:
            at = wait.until
    assert count == limit


@given(st.integers(2, 50), st.integers(0, 12))
def test_a_spread_day_is_even(count: int, hour: int) -> None:
    """Within one stretch of open hours all gaps of a day are equal."""
    at = MIDNIGHT + timedelta(hours=hour)
    gaps = []
    for number in range(1, count):
        gaps.append(spread_gap((), count - number, at))
        at += gaps[-1]
    assert max(gaps) - min(gaps) < timedelta(milliseconds=1)
