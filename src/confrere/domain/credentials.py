"""The API key in a request's headers, and the text of a 401 for a malformed one.

What it says follows from the header alone. A whole key that is unknown, expired or revoked gets the plain challenge.
Source: RFC 6750, section 3.
"""

import re
from collections.abc import Mapping

from confrere.domain.ids import is_placeholder
from confrere.domain.keys import PREFIX, looks_real

Headers = Mapping[bytes, bytes]

PLAIN = b"Bearer"
LEAST_KEY_CHARACTERS = 16
"""The shortest text that is compared with the forms of a key."""

_QUOTED = re.compile(r"[\"'`<\[(].*[\"'`>\])]")


def api_key(headers: Headers) -> str:
    """Return the key from `Authorization: Bearer` or, where that is absent, `X-API-Key`; "" where there is none."""
    authorization = headers.get(b"authorization")
    if authorization is None:
        return headers.get(b"x-api-key", b"").decode("latin-1").strip()
    scheme, _, key = authorization.decode("latin-1").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def challenge(headers: Headers) -> bytes:
    """Return `WWW-Authenticate` of a 401."""
    mistake = _mistake(headers)
    if mistake is None:
        return PLAIN
    return f'Bearer error="invalid_request", error_description="{mistake}"'.encode("ascii")


def _mistake(headers: Headers) -> str | None:
    authorization = headers.get(b"authorization")
    if authorization is None:
        key = headers.get(b"x-api-key", b"").decode("latin-1").strip()
        if key.lower().startswith("bearer "):
            return "X-API-Key takes the key alone, without the word Bearer"
        return _mistake_in_key(key)
    scheme, _, key = authorization.decode("latin-1").strip().partition(" ")
    if scheme.lower() != "bearer":
        return _mistake_in_scheme(scheme, key)
    if not key.strip():
        return "no key follows the word Bearer"
    return _mistake_in_key(key.strip())


def _mistake_in_scheme(scheme: str, key: str) -> str | None:
    if not scheme:
        return "the Authorization header is empty"
    if scheme.lower().startswith("bearer"):
        return "a blank, and nothing else, must stand between the word Bearer and the key"
    if not key:
        return "the Authorization header lacks the word Bearer before the key"
    return "the scheme of the Authorization header must be Bearer"


def _mistake_in_key(key: str) -> str | None:
    if not key:
        return None
    if key.lower().startswith("bearer "):
        return "the word Bearer stands there twice"
    if is_placeholder(key):
        return "this is a placeholder, not a key: its variable was not filled in"
    if _QUOTED.fullmatch(key):
        return "the key must stand without quotes or brackets around it"
    if re.search(r"[\s,;]", key):
        return "there must be one key, without blanks or commas in it"
    if not key.startswith(PREFIX):
        long_enough = len(key) >= LEAST_KEY_CHARACTERS
        return f"this is no key of this server: they begin with {PREFIX}" if long_enough else None
    if not looks_real(key):
        return (
            "this is not a whole key: its checksum says so. Lists show only the beginning of a key; the whole one was "
            "shown once, when it was created"
        )
    return None
