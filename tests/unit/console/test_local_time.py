"""Times that are typed without a zone: what is read is what is shown, also where the clock is set."""

from datetime import UTC, datetime, timedelta

import pytest

from confrere.console.local_time import format_local, parse_local
from confrere.domain.errors import InvalidField

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-01-31T09:00", PARIS, "2026-01-31T08:00"),
        ("2026-07-31T09:00", PARIS, "2026-07-31T07:00"),
        (" 2026-07-31T09:00 ", "UTC", "2026-07-31T09:00"),
        ("2026-10-25T01:59", PARIS, "2026-10-24T23:59"),
        ("2026-10-25T02:30", PARIS, "2026-10-25T01:30"),  # comes twice: the second
        ("2026-03-29T03:00", PARIS, "2026-03-29T01:00"),
    ],
)
def test_a_time_is_read_as_it_is_shown(text: str, zone: str, expected: str) -> None:
    """In summer and winter, and in the hour that comes twice, of which the later one is meant."""
    instant = parse_local(text, zone, "Begin")
    assert instant == datetime.fromisoformat(f"{expected}Z")
    assert format_local(instant, zone) == text.strip()


@pytest.mark.parametrize("text", ["2026-03-29T02:00", "2026-03-29T02:59"])
def test_a_time_that_there_is_not_is_refused(text: str) -> None:
    """Where the clock is set forward, the error names the zone and the time that comes next."""
    with pytest.raises(
        InvalidField, match=f"Begin .* the clock in Europe/Paris is set forward then, so 03:{text[-2:]}"
    ):
        parse_local(text, PARIS, "Begin")


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-01-31", "2026-01-31T09:00Z", "2026-02-30T09:00", "0001-01-01T00:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """The error names the field and the form."""
    with pytest.raises(InvalidField, match="Begin must be a day and a time, such as 2026-01-31T09:00"):
        parse_local(text, PARIS, "Begin")


def test_a_field_that_nobody_has_changed_keeps_its_time() -> None:
    """Seconds, and the first of two hours, are not lost by a form that does not show them."""
    first = datetime(2026, 10, 25, 0, 30, 17, tzinfo=UTC)
    assert format_local(first, PARIS) == "2026-10-25T02:30"
    assert parse_local("2026-10-25T02:30", PARIS, "Begin", was=first) == first
    assert parse_local("2026-10-25T02:31", PARIS, "Begin", was=first) == first.replace(second=0) + timedelta(minutes=61)
    assert format_local(None, PARIS) == ""
