"""Hours by the clock on a wall, through every change of that clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confrere.domain.sending_hours import SendingHours, find_common_opening
from tests.unit.domain.strategies import hours, moments, sending_hours

WORKDAYS = frozenset(range(5))
MINUTE = timedelta(minutes=1)


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    """What the clock on the wall shows, in UTC."""
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


@given(sending_hours(), moments)
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 3, 28, 12, tzinfo=UTC))  # a time that is left out
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 10, 25, 0, 50, tzinfo=UTC))  # one that comes twice
@example(hours("America/Santiago", "00:15", "00:45"), datetime(2026, 9, 5, 12, tzinfo=UTC))
@example(hours("Australia/Lord_Howe", "01:45", "02:15"), datetime(2026, 4, 4, 12, tzinfo=UTC))
def test_opening_is_open_and_not_before_the_moment(wanted: SendingHours, moment: datetime) -> None:
    """Whoever comes at the opening comes at a time within the hours."""
    opening = wanted.opens_at(moment)
    assert opening >= moment
    assert wanted.is_open(opening)
    assert (opening == moment) == wanted.is_open(moment)


@given(sending_hours(), moments)
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 3, 28, 12, tzinfo=UTC))
@example(hours("Europe/Berlin", "02:30", "02:45"), datetime(2026, 10, 25, 0, 50, tzinfo=UTC))
@example(hours("Europe/Berlin", "02:00", "03:00"), datetime(2026, 10, 24, 23, 59, tzinfo=UTC))
@example(hours("America/Santiago", "23:00", "00:30", frozenset({5})), datetime(2026, 9, 5, 12, tzinfo=UTC))
def test_nothing_before_the_opening_is_open(wanted: SendingHours, moment: datetime) -> None:
    """Looked at minute by minute: all clocks change at whole minutes."""
    opening = wanted.opens_at(moment)
    at = moment.replace(second=0, microsecond=0) + MINUTE
    passed = 0
    while at < opening and passed < 3_000:
        assert not wanted.is_open(at)
        at, passed = at + MINUTE, passed + 1
    last = opening - timedelta(microseconds=1)
    assert last < moment or not wanted.is_open(last)


@pytest.mark.parametrize(
    ("wanted", "moment", "opening"),
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
def test_opening_of(wanted: SendingHours, moment: datetime, opening: datetime) -> None:
    """As a person would read it from a calendar and a clock."""
    assert wanted.opens_at(moment) == opening


@given(st.lists(sending_hours(), max_size=3), moments)
def test_common_opening_is_open_for_all(wanted: list[SendingHours], moment: datetime) -> None:
    """Or there is none."""
    opening = find_common_opening(wanted, moment)
    if opening is not None:
        assert opening >= moment
        assert all(each.is_open(opening) for each in wanted)


def test_hours_apart_have_no_common_opening() -> None:
    """Mornings and afternoons; and the same mornings on other days."""
    noon = datetime(2026, 3, 14, 12, tzinfo=UTC)
    mornings = hours("Europe/Berlin", "08:00", "12:00")
    assert find_common_opening([mornings, hours("Europe/Berlin", "12:00", "18:00")], noon) is None
    assert find_common_opening([hours("UTC", "08:00", "12:00", frozenset({0})), mornings], noon) is not None
    assert find_common_opening([hours("UTC", "00:00", "24:00", frozenset({d})) for d in (0, 1)], noon) is None
