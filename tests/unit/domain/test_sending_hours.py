"""Sending hours in local time, through every change of its offset."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confrere.domain.sending_hours import SendingHours, find_common_opening
from tests.unit.domain.strategies import WORKDAYS, hours, instants, sending_hours

MINUTE = timedelta(minutes=1)


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    """Return the local time, in UTC."""
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


@given(sending_hours(), instants)
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 3, 28, 12, tzinfo=UTC))  # a time that is left out
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 10, 25, 0, 50, tzinfo=UTC))  # one that comes twice
@example(hours("America/Santiago", "00:15", "00:45"), datetime(2026, 9, 5, 12, tzinfo=UTC))
@example(hours("Australia/Lord_Howe", "01:45", "02:15"), datetime(2026, 4, 4, 12, tzinfo=UTC))
def test_opening_is_open_and_not_before_the_instant(wanted: SendingHours, instant: datetime) -> None:
    """An opening is within the hours and not before the given time."""
    opening = wanted.opens_at(instant)
    assert opening >= instant
    assert wanted.is_open(opening)
    assert (opening == instant) == wanted.is_open(instant)


@given(sending_hours(), instants)
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 3, 28, 12, tzinfo=UTC))
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 10, 25, 0, 50, tzinfo=UTC))
@example(hours("Europe/Berlin", "02:00", "03:00"), datetime(2026, 10, 24, 23, 59, tzinfo=UTC))
@example(hours("America/Santiago", "23:00", "00:30", frozenset({5})), datetime(2026, 9, 5, 12, tzinfo=UTC))
def test_nothing_before_the_opening_is_open(wanted: SendingHours, instant: datetime) -> None:
    """No minute before the opening is within the hours; offsets change at whole minutes."""
    opening = wanted.opens_at(instant)
    at = instant.replace(second=0, microsecond=0) + MINUTE
    passed = 0
    while at < opening and passed < 3_000:
        assert not wanted.is_open(at)
        at, passed = at + MINUTE, passed + 1
    last = opening - timedelta(microseconds=1)
    assert last < instant or not wanted.is_open(last)


@pytest.mark.parametrize(
    ("wanted", "instant", "opening"),
    [
        pytest.param(
            hours("Europe/Berlin", "09:00", "18:00", WORKDAYS),
            local("Europe/Berlin", 2026, 3, 27, 18, 0),  # Friday; the clock changes on Sunday
            local("Europe/Berlin", 2026, 3, 30, 9, 0),
            id="a weekend with a change of the clock",
        ),
        pytest.param(
            hours("Europe/Berlin", "02:30", "04:00"),
            local("Europe/Berlin", 2026, 3, 29, 1, 0),
            local("Europe/Berlin", 2026, 3, 29, 3, 0),
            id="the beginning is left out by the clock",
        ),
        pytest.param(
            hours("Europe/Berlin", "02:00", "02:30"),
            local("Europe/Berlin", 2026, 10, 25, 2, 30),
            local("Europe/Berlin", 2026, 10, 25, 2, 0, fold=1),
            id="the hour that comes twice is open twice",
        ),
        pytest.param(
            hours("Europe/Berlin", "22:00", "06:00", frozenset({4})),
            local("Europe/Berlin", 2026, 3, 14, 5, 59),  # Saturday, in Friday's night
            local("Europe/Berlin", 2026, 3, 14, 5, 59),
            id="past midnight it is still the day's on which it began",
        ),
        pytest.param(
            hours("Europe/Berlin", "22:00", "06:00", frozenset({4})),
            local("Europe/Berlin", 2026, 3, 14, 6, 0),
            local("Europe/Berlin", 2026, 3, 20, 22, 0),
            id="the end is not within",
        ),
        pytest.param(
            hours("America/New_York", "00:00", "24:00", frozenset({0})),
            local("America/New_York", 2026, 12, 29, 0, 0),
            local("America/New_York", 2027, 1, 4, 0, 0),
            id="a whole day a week, over the end of the year",
        ),
    ],
)
def test_opening_of(wanted: SendingHours, instant: datetime, opening: datetime) -> None:
    """An opening is that of the calendar and the local clock."""
    assert wanted.opens_at(instant) == opening


@given(st.lists(sending_hours(), max_size=3), instants)
def test_common_opening_is_open_for_all(wanted: list[SendingHours], instant: datetime) -> None:
    """A common opening is within the hours of all, or there is none."""
    opening = find_common_opening(wanted, instant)
    if opening is not None:
        assert opening >= instant
        assert all(each.is_open(opening) for each in wanted)


def test_hours_apart_have_no_common_opening() -> None:
    """Mornings and afternoons, or the same hours of other days, have no common opening."""
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    mornings = hours("Europe/Berlin", "08:00", "12:00")
    assert find_common_opening([mornings, hours("Europe/Berlin", "12:00", "18:00")], noon) is None
    assert find_common_opening([hours("UTC", "08:00", "12:00", frozenset({0})), mornings], noon) is not None
    assert find_common_opening([hours("UTC", "00:00", "24:00", frozenset({d})) for d in (0, 1)], noon) is None
