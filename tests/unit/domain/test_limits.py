from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.limits import Action, Quota, iso_z, no_account_quota, window_end, window_start

INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11, minutes=-30))]),
)


@given(st.sampled_from(Action), INSTANTS)
def test_windows_cover_all_time_without_overlap(action: Action, instant: datetime) -> None:
    """Windows cover all time without gap or overlap, in any zone, over month ends and leap days."""
    start, end = window_start(action, instant), window_end(action, instant)
    assert start <= instant < end
    assert window_start(action, end) == end
    assert window_end(action, end - timedelta(microseconds=1)) == end
    assert (end.hour, end.minute, end.second, end.tzinfo) == (0, 0, 0, UTC)


def test_naive_times_are_refused() -> None:
    """A time without a zone is rejected."""
    with pytest.raises(ValueError, match="naive"):
        window_start(Action.MESSAGE, datetime(2026, 1, 1))  # noqa: DTZ001


def test_times_are_written_with_z() -> None:
    """A time is written as ISO 8601 in UTC, with milliseconds only if there are any."""
    east = timezone(timedelta(hours=2))
    assert iso_z(datetime(2026, 1, 1, 1, 30, tzinfo=east)) == "2025-12-31T23:30:00Z"
    assert iso_z(datetime(2026, 1, 1, 1, 30, 5, 123456, tzinfo=UTC)) == "2026-01-01T01:30:05.123Z"


def test_remaining_is_never_negative() -> None:
    """A limit below the used units leaves zero and not less."""
    midnight = datetime(2026, 1, 2, tzinfo=UTC)
    assert Quota(Action.MESSAGE, 10, 12, midnight).remaining == 0
    assert Quota(Action.GROUP_FIRST_CONTACT, None, 12, midnight).remaining is None
    assert no_account_quota(Action.MESSAGE, datetime(2026, 1, 1, 5, tzinfo=UTC)) == Quota(
        Action.MESSAGE, 0, 0, midnight
    )
