"""API keys: minted so that people and secret scanners recognise them, kept only as a hash."""

import hashlib
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PREFIX = "confrere_"
_ALPHABET = string.digits + string.ascii_letters
_SECRET_CHARACTERS = 32
_CHECKSUM_CHARACTERS = 6


class Scope(StrEnum):
    """What a key may do; ADMIN includes the others, SEND includes READ."""

    SEND = "send"
    READ = "read"
    ADMIN = "admin"


INCLUDES = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.SEND: frozenset({Scope.READ, Scope.SEND}),
    Scope.ADMIN: frozenset(Scope),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a good key speaks for.

    calls_per_minute:  how many calls its workspace allows a key; None where that is not limited.
    """

    key_id: str
    workspace_id: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    calls_per_minute: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether one of the scopes includes this one."""
        return any(scope in INCLUDES[held] for held in self.scopes)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the key."""

    id: str
    workspace_id: str
    name: str
    visible_part: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def new_key() -> str:
    """`confrere_`, 32 random characters of base 62 (190 bits) and a checksum of 6."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
    return PREFIX + secret + checksum(secret)


def checksum(secret: str) -> str:
    """CRC-32 of the secret part in base 62: tells a mistyped or invented key from a real one without a store."""
    number, digits = zlib.crc32(secret.encode()), ""
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def looks_real(key: str) -> bool:
    """Whether prefix, length and checksum are those of a key of ours; for people's help, never for access."""
    secret = key.removeprefix(PREFIX)[:_SECRET_CHARACTERS]
    return key == PREFIX + secret + checksum(secret) and len(secret) == _SECRET_CHARACTERS


def hash_key(key: str) -> str:
    """SHA-256 in hex, of any text: what is stored, and what is looked up."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def visible_part(key: str) -> str:
    """The beginning, by which its owner tells keys apart."""
    return key[: len(PREFIX) + 4] + "…"
