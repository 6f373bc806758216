"""The fields of a JSON body, parsed with errors that name the field and its valid values."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice
from typing import Any, Final, TypeVar

from confrere.domain import message
from confrere.domain.errors import InvalidField

Choice = TypeVar("Choice", bound=StrEnum)

_MOST_COMPARED: Final = 50
"""Fields of a body that are compared with a name; a body may have many thousands."""


def is_misspelt(name: str, fields: Collection[str]) -> bool:
    """Whether the field is absent, but one of a similar name is present."""
    similar = (field[:100].lower() for field in islice(fields, _MOST_COMPARED))
    return name not in fields and bool(get_close_matches(name.lower(), similar, n=1, cutoff=0.85))


KEY_IN_BODY = "must not be in the body: send it as the header Idempotency-Key"


def is_blank(value: object) -> bool:
    """Whether the field is absent, null, or a text without a visible character."""
    return value is None or (isinstance(value, str) and message.is_blank(value))


def reject_key_in_body(fields: Mapping[str, Any]) -> None:
    """Raise InvalidField for a key in the body: it is not read there, so a repeat would be sent twice."""
    for name, value in fields.items():
        if name.replace("-", "").replace("_", "").lower() == "idempotencykey" and not is_blank(value):
            raise InvalidField(name, KEY_IN_BODY)


def whole_number(fields: Mapping[str, Any], name: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number from `least` to `most`; null is absent. Raises InvalidField."""
    value = fields.get(name)
    if value is None:
        return default
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise InvalidField(name, f"must be a whole number from {least} to {most}")


def short_text(fields: Mapping[str, Any], name: str, *, most: int) -> str:
    """Return a text, "" where it is absent or null. Raises InvalidField."""
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= most and "\0" not in value:
        return value
    raise InvalidField(name, f"must be a string of at most {most} characters without NUL")


def choices(fields: Mapping[str, Any], name: str, *, default: Sequence[Choice]) -> tuple[Choice, ...]:
    """Return a list of names from a fixed set, each once; `default` where there are none. Raises InvalidField."""
    value = fields.get(name)
    if value is None or value == []:
        return tuple(default)
    names = type(default[0])
    if isinstance(value, list) and all(isinstance(one, str) and one in set(names) for one in value):
        return tuple(dict.fromkeys(names(one) for one in value))
    raise InvalidField(name, f"must be a list of {', '.join(names)}")
