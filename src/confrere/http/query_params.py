"""The query string of a request, parsed with errors that name the parameter."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from confrere.domain.errors import InvalidField

MAX_MILLISECOND_DIGITS = 15
EPOCH_FORM = "must be a time in milliseconds since 1970, such as 1773478844000"


class QueryParams:
    """Parameters by name; of a repeated one the last counts, an empty one is absent."""

    def __init__(self, query_string: bytes) -> None:
        self._values: Mapping[str, str] = dict(parse_qsl(query_string.decode("latin-1"), errors="replace"))

    def text(self, name: str) -> str | None:
        """Return the parameter as it is; None where it is absent."""
        return self._values.get(name)

    def integer(self, name: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`. Raises InvalidField."""
        text = self._values.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        raise InvalidField(name, f"must be a whole number from {least} to {most}")

    def time(self, name: str) -> datetime | None:
        """Return the time in UTC; it must have a zone. Raises InvalidField."""
        text = self._values.get(name)
        return None if text is None else parse_time(text.replace(" ", "+"), name)  # a plus that was not escaped

    def epoch_milliseconds(self, name: str) -> int | None:
        """Return a time in milliseconds since 1970; None where it is absent. Raises InvalidField."""
        text = self._values.get(name)
        if text is None:
            return None
        if text.isascii() and text.isdigit() and len(text) <= MAX_MILLISECOND_DIGITS:
            return int(text)
        raise InvalidField(name, EPOCH_FORM)

    def flag(self, name: str) -> bool:
        """Return a boolean; False where it is absent. Raises InvalidField."""
        text = self._values.get(name, "false").lower()
        if text in ("true", "false"):
            return text == "true"
        raise InvalidField(name, "must be true or false")


def parse_time(text: str, name: str) -> datetime:
    """Parse an ISO 8601 time with its zone, into UTC. Raises InvalidField."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise InvalidField(name, "must be an ISO 8601 time such as 2026-01-31T09:00:00Z") from fault
    raise InvalidField(name, "must have a time zone, such as 2026-01-31T09:00:00Z")
