"""Hypothesis strategies of sending hours and pacing rules."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import assume
from hypothesis import strategies as st

from confrere.domain.pacing import Pacing, WarmUp
from confrere.domain.sending_hours import SendingHours

EVERY_DAY = frozenset(range(7))


zones = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",  # half an hour off
        "Australia/Lord_Howe",  # changes by half an hour
        "Africa/Casablanca",  # changes around Ramadan
        "America/Santiago",  # changes at midnight
        "Pacific/Kiritimati",
        "Asia/Kathmandu",
    ]
)
minutes = st.integers(0, 1439)
WORKDAYS = frozenset(range(5))

instants = st.timedeltas(timedelta(), timedelta(days=6 * 365)).map(lambda past: datetime(2025, 1, 1, tzinfo=UTC) + past)


@st.composite
def sending_hours(draw: st.DrawFn) -> SendingHours:
    """Any valid hours."""
    begins, ends = draw(minutes), draw(st.integers(1, 1440))
    assume(begins != ends)
    return SendingHours(draw(zones), draw(st.frozensets(st.integers(0, 6), min_size=1)), begins, ends)


def hours(zone: str, begins: str, ends: str, weekdays: frozenset[int] = EVERY_DAY) -> SendingHours:
    """The hours as people write them."""
    return SendingHours(zone, weekdays, *(int(at[:2]) * 60 + int(at[3:]) for at in (begins, ends)))


gaps = st.timedeltas(timedelta(milliseconds=1), timedelta(days=1))
warm_ups = st.builds(
    WarmUp, st.dates(date(2024, 12, 1), date(2031, 2, 1)), first_day=st.integers(1, 150), growth=st.integers(0, 20)
)
pacings = st.builds(
    Pacing,
    writes_per_minute=st.none() | st.integers(1, 5),
    min_gap=st.none() | gaps,
    sending_hours=st.none() | sending_hours(),
    first_contacts_per_month=st.none() | st.integers(1, 20),
    warm_up=st.none() | warm_ups,
    repeat_window=st.none() | st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    group_monthly_share=st.none() | st.integers(1, 100),
)
