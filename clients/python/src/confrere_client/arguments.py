"""Validation of a call's arguments, before anything is sent. No error holds a value."""

import re
from collections.abc import Sequence
from typing import Any

from confrere_client.errors import InvalidRequest

_PLACEHOLDER = re.compile(
    r"[^a-z0-9]*(?:null|undefined|none|nan|nil|true|false)[^a-z0-9]*|\$\{.*\}|\{\{.*\}\}|[\"'`]+", re.I
)
"""What languages and templates print for a variable that was not set."""


def check_text(name: str, value: Any) -> None:
    """Raise InvalidRequest unless it is a string."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string, not {_kind(value)}")


def check_optional_text(name: str, value: Any) -> None:
    """Raise InvalidRequest unless it is a string or None."""
    if value is not None:
        check_text(name, value)


def check_group(name: str, value: Any) -> None:
    """Raise InvalidRequest unless it is a string or an integer."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidRequest(f"{name} must be a string or an int, not {_kind(value)}")


def check_whole_number(name: str, value: Any) -> None:
    """Raise InvalidRequest unless it is an integer or None."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidRequest(f"{name} must be an int, not {_kind(value)}")


def read_texts(name: str, value: Sequence[str] | None) -> list[str] | None:
    """Return strings as a list. Raises InvalidRequest, also for a single string, which is a sequence by accident."""
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidRequest(f"{name} must be a list of strings, not {_kind(value)}")
    for text in value:
        check_text(f"each of {name}", text)
    return list(value)


def check_idempotency_key(key: Any) -> None:
    """Raise InvalidRequest for a malformed key, or for the placeholder of a variable that was not set."""
    check_text("idempotency_key", key)
    if not (1 <= len(key) <= 255 and all("!" <= character <= "~" for character in key)):
        raise InvalidRequest("idempotency_key must be 1 to 255 visible ASCII characters")
    if _PLACEHOLDER.fullmatch(key):
        raise InvalidRequest("idempotency_key must name this one send, but its variable was not filled in")


def _kind(value: Any) -> str:
    return "None" if value is None else type(value).__name__
