"""The query string of a request, read with errors that name the parameter."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from confrere.domain.errors import InvalidField


class Query:
    """Parameters by name; of a repeated one the last counts, an empty one is absent."""

    def __init__(self, query_string: bytes) -> None:
        self._values: Mapping[str, str] = dict(parse_qsl(query_string.decode("latin-1"), errors="replace"))

    def text(self, name: str) -> str | None:
        """The parameter as it is."""
        return self._values.get(name)

    def integer(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number in the given range. Raises InvalidField."""
        text = self._values.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        raise InvalidField(name, f"must be a whole number from {least} to {most}")

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 time with its zone. Raises InvalidField."""
        text = self._values.get(name)
        return None if text is None else parse_time(text.replace(" ", "+"), name)

    def flag(self, name: str) -> bool:
        """Whether it is said to be true. Raises InvalidField."""
        text = self._values.get(name, "false").lower()
        if text in ("true", "false"):
            return text == "true"
        raise InvalidField(name, "must be true or false")


def parse_time(text: str, name: str) -> datetime:
    """An ISO 8601 time with its zone. Raises InvalidField."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise InvalidField(name, "must be an ISO 8601 time such as 2026-01-31T09:00:00Z") from fault
    raise InvalidField(name, "must say its time zone, such as 2026-01-31T09:00:00Z")
