"""One-time codes by time (RFC 6238, as authenticator apps compute them), and recovery codes."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

ISSUER: Final = "Confrere"
DIGITS: Final = 6
STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10

_SECRET_BYTES: Final = 20
_STEPS_BESIDE: Final = 1
"""A code also counts in the step before and after its own, for clocks that differ and people who type slowly."""

_GROUPS: Final = 4
_GROUP_CHARACTERS: Final = 4
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of recovery codes: without characters that look alike. A code has 79 random bits."""


def new_secret() -> str:
    """Generate a secret in base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def setup_uri(secret: str, name: str) -> str:
    """Return what an authenticator app reads from a QR code. Source: the Key URI format of Google Authenticator."""
    query = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP_SECONDS})
    return f"otpauth://totp/{quote(f'{ISSUER}:{name}')}?{query}"


def code_at(secret: str, step: int) -> str:
    """Return the code of a time step."""
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.hotp import HOTP

    return HOTP(base64.b32decode(secret), DIGITS, SHA1()).generate(step).decode()  # noqa: S303 - RFC 6238's default


def step_at(now: datetime) -> int:
    """Return the number of the time step."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """Return the time step whose code this is, among those that count now; None where it is none of them.

    after:  the step of the last code that was used; a code of it, or of an earlier one, counts no more.
    """
    given = "".join(code.split())
    step = step_at(now)
    found = None
    for one in range(step - _STEPS_BESIDE, step + _STEPS_BESIDE + 1):
        if hmac.compare_digest(code_at(secret, one).encode(), given.encode("utf-8", "surrogatepass")) and one > after:
            found = one
    return found


def new_recovery_codes() -> Sequence[str]:
    """Generate codes such as `k3vd-xw9p-4hfa-m7zr`."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS))


def recovery_code_of(text: str) -> str | None:
    """Return the recovery code that was typed, whatever its case and dashes; None where it cannot be one."""
    characters = [character for character in text.lower() if character not in "- \t"]
    if len(characters) != _GROUPS * _GROUP_CHARACTERS or not set(characters) <= set(_ALPHABET):
        return None
    return "".join(characters)


def hash_recovery_code(user_id: str, code: str) -> str:
    """Return the hash by which a recovery code is stored: its bits are too many to be guessed."""
    return hashlib.sha256(f"{user_id} {recovery_code_of(code)}".encode()).hexdigest()
