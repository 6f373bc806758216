"""Parsing and formatting of times on the command line, always in UTC."""

import re
from datetime import UTC, datetime, timedelta

from confrere.domain.errors import InvalidField
from confrere.domain.limits import as_utc

_DURATION = re.compile(r"([1-9][0-9]{0,3})([mhdw])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EXAMPLES = "such as 2026-01-31 or 2026-01-31T09:00:00Z"


def parse_duration(text: str, option: str) -> timedelta:
    """Parse `90m`, `12h`, `30d`, `8w`. Raises InvalidField."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise InvalidField(option, "must be a number and a unit, m, h, d or w: such as 12h or 30d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def parse_time(text: str, option: str) -> datetime:
    """Parse an ISO 8601 time with its zone, or a day, which is its midnight UTC. Raises InvalidField."""
    try:
        instant = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            return instant.replace(tzinfo=UTC)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidField(option, f"must be a day or an ISO 8601 time {_EXAMPLES}") from None
    raise InvalidField(option, f"must say its time zone, {_EXAMPLES}")


def parse_bound(text: str | None, option: str, now: datetime) -> datetime | None:
    """Parse a time, or how long ago it was: `2d`. Raises InvalidField."""
    if text is None:
        return None
    if _DURATION.fullmatch(text):
        return now - parse_duration(text, option)
    try:
        return parse_time(text, option)
    except InvalidField as fault:
        raise InvalidField(option, f"must be how long ago, such as 2d, or a time {_EXAMPLES}") from fault


def format_time(instant: datetime | None) -> str:
    """Format as `2026-01-31 09:00 UTC`; None as a dash."""
    return "-" if instant is None else as_utc(instant).strftime("%Y-%m-%d %H:%M UTC")


def show_span(span: timedelta) -> str:
    """Format as `3 days`, `5 h` or `20 min`: rounded down, at least a minute."""
    minutes = max(1, int(span.total_seconds()) // 60)
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
