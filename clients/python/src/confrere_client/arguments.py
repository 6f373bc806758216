"""Checks the arguments of calls before anything is sent. No error shows a value."""

import re
from collections.abc import Sequence
from typing import Any

from confrere_client.errors import InvalidRequest

_PLACEHOLDER = re.compile(
    r"[^a-z0-9]*(?:null|undefined|none|nan|nil|true|false)[^a-z0-9]*|\$\{.*\}|\{\{.*\}\}|[\"'`]+", re.I
)
"""What languages and templates print for a variable without a value."""


def check_text(name: str, value: Any) -> None:
    """Raises InvalidRequest where it is no string."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string, not {_kind(value)}")


def check_optional_text(name: str, value: Any) -> None:
    """Raises InvalidRequest where it is neither a string nor None."""
    if value is not None:
        check_text(name, value)


def check_group(name: str, value: Any) -> None:
    """Raises InvalidRequest where it is neither a string nor a whole number."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidRequest(f"{name} must be a string or an int, not {_kind(value)}")


def check_whole_number(name: str, value: Any) -> None:
    """Raises InvalidRequest where it is neither a whole number nor None."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidRequest(f"{name} must be an int, not {_kind(value)}")


def read_texts(name: str, value: Sequence[str] | None) -> list[str] | None:
    """Return them as a list. Raises InvalidRequest, also for a single string, whose characters nobody means."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidRequest(f"{name} must be a list of strings, not {_kind(value)}")
    for text in value:
        check_text(f"each of {name}", text)
    return list(value)


def check_idempotency_key(key: Any) -> None:
    """Raises InvalidRequest where it cannot name one send: by its form, or because a variable was not filled in."""
    check_text("idempotency_key", key)
    if not (1 <= len(key) <= 255 and all("!" <= character <= "~" for character in key)):
        raise InvalidRequest("idempotency_key must be 1 to 255 visible ASCII characters")
    if _PLACEHOLDER.fullmatch(key):
        raise InvalidRequest("idempotency_key must name this one send, but its variable was not filled in")


def _kind(value: Any) -> str:
    return "None" if value is None else type(value).__name__
