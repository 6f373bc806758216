"""LinkedIn's JSON for errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from confrere.linkedin.wire.decoding import MAX_TEXT_CHARACTERS, UNREADABLE_JSON, CamelStruct, clean_text

PER_RECIPIENT_CODES = frozenset({"UNAUTHORIZED_VIEWER", "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"})
"""Refusals that concern the recipient, not the account. Source: the reference page; public code, one source."""

_USER_VISIBLE = "VoyagerUserVisibleException"
CSRF_REFUSED = b"CSRF check failed."
"""The plain text of a 403 where header and cookie disagree. Source: LinkedIn's web client, attested."""


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """LinkedIn's code and text for an error. `about_recipient`: known to concern the recipient, not the account."""

    code: str | None
    text: str | None
    about_recipient: bool


class _ErrorBody(CamelStruct):
    code: Any = None
    message: Any = None
    exception_class: Any = None
    data: Any = None


def decode_error(body: bytes) -> ErrorDetail:
    """Decode an error, flat or under `data`; code and text are None where it cannot be read."""
    try:
        error = msgspec.json.decode(body, type=_ErrorBody)
        if isinstance(error.data, Mapping):
            error = msgspec.convert(error.data, _ErrorBody)
    except UNREADABLE_JSON:
        return ErrorDetail(None, None, about_recipient=False)
    code, text = _short_text(error.code), _short_text(error.message)
    visible = (_short_text(error.exception_class) or "").endswith(_USER_VISIBLE)
    return ErrorDetail(code, text, about_recipient=visible or code in PER_RECIPIENT_CODES)


def has_errors(body: bytes) -> bool:
    """Whether a 2xx answer lists errors: a change of several entities succeeds or fails for each of them.

    Source: public code of a client, one source.
    """
    try:
        answer = msgspec.json.decode(body)
    except UNREADABLE_JSON:
        return False
    return isinstance(answer, Mapping) and bool(answer.get("errors"))


def _short_text(value: object) -> str | None:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    return clean_text(str(value)[:MAX_TEXT_CHARACTERS])
