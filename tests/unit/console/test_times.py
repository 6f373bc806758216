"""Times on pages: in the page's zone, with the zone's name."""

from datetime import UTC, datetime

import pytest

from confrere.console.templates import Templates, format_exact_time, format_time

WINTER, SUMMER = datetime(2026, 1, 31, 8, 0, 5, tzinfo=UTC), datetime(2026, 7, 31, 8, 0, tzinfo=UTC)


def spaced(text: str) -> str:
    """Return the text with spaces at which lines may break."""
    return text.replace("\u00a0", " ")


def test_times_are_utc_by_default() -> None:
    """Outside a page, and on pages without a zone; what has not happened is a dash."""
    assert format_time(WINTER) == "31\u00a0Jan\u00a02026, 08:00\u00a0UTC"  # a line breaks after the date only
    assert spaced(format_exact_time(WINTER)) == "31 Jan 2026, 08:00:05 UTC"
    assert format_time(None) == "-"


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("Europe/Paris", "31 Jan 2026, 09:00 CET", "31 Jul 2026, 10:00 CEST"),
        ("America/New_York", "31 Jan 2026, 03:00 EST", "31 Jul 2026, 04:00 EDT"),
        ("Asia/Dubai", "31 Jan 2026, 12:00 UTC+04", "31 Jul 2026, 12:00 UTC+04"),
        ("Pacific/Kiritimati", "31 Jan 2026, 22:00 UTC+14", "31 Jul 2026, 22:00 UTC+14"),
    ],
)
def test_a_page_has_its_zone(zone: str, winter: str, summer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times follow the zone across its summer time, and the next page has its own zone again."""
    templates = Templates(None)
    page = templates._environment.from_string("{{ one|time }} and {{ two|time }}")
    monkeypatch.setattr(templates._environment, "get_template", lambda _name: page)
    values = {"one": WINTER, "two": SUMMER}
    assert spaced(templates.render("x", values, zone)) == f"{winter} and {summer}"
    assert spaced(templates.render("x", values)) == "31 Jan 2026, 08:00 UTC and 31 Jul 2026, 08:00 UTC"
