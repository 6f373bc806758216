"""API keys: in a form that people and secret scanners recognise, stored only as a hash."""

import hashlib
import secrets
import string
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from confrere.domain.errors import InvalidField

MAX_KEY_NAME = 100
PREFIX = "confrere_"
_ALPHABET = string.digits + string.ascii_letters
_SECRET_CHARACTERS = 32
_CHECKSUM_CHARACTERS = 6


class Scope(StrEnum):
    """What a key may do; ADMIN includes all of a workspace, SEND includes READ. INBOX reads private conversations.

    APPROVE starts and stops campaigns, and includes SEND. OPERATOR creates workspaces, and the first keys of each; it
    belongs to whoever runs the server, so that ADMIN, which is of one workspace, does not include it.
    """

    SEND = "send"
    READ = "read"
    APPROVE = "approve"
    INBOX = "inbox"
    ADMIN = "admin"
    OPERATOR = "operator"


INCLUDES = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.SEND: frozenset({Scope.READ, Scope.SEND}),
    Scope.APPROVE: frozenset({Scope.READ, Scope.SEND, Scope.APPROVE}),
    Scope.INBOX: frozenset({Scope.INBOX}),
    Scope.ADMIN: frozenset(Scope) - {Scope.OPERATOR},
    Scope.OPERATOR: frozenset({Scope.OPERATOR}),
}
"""The one table that decides what keys may do, and users by the scopes of their role."""


def includes(held: Collection[Scope], scope: Scope) -> bool:
    """Whether one of the scopes that are held includes this one."""
    return any(scope in INCLUDES[one] for one in held)


@dataclass(frozen=True, slots=True)
class Caller:
    """The workspace and scopes of a valid key.

    calls_per_minute:  how many calls its workspace allows a key; None where that is not limited.
    """

    key_id: str
    workspace_id: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    calls_per_minute: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether one of the scopes includes this one."""
        return includes(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The stored record of a key, without the key itself."""

    id: str
    workspace_id: str
    name: str
    visible_part: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def parse_key_name(value: object, *, field: str = "name") -> str:
    """Return the name of a key. Raises InvalidField."""
    if isinstance(value, str) and value.strip() and len(value) <= MAX_KEY_NAME and value.isprintable():
        return value
    raise InvalidField(field, f"must be a string of 1 to {MAX_KEY_NAME} printable characters")


def new_key() -> str:
    """Generate a key: `confrere_`, 32 random characters of base 62 (190 bits) and a checksum of 6."""
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_CHARACTERS))
    return PREFIX + secret + checksum(secret)


def checksum(secret: str) -> str:
    """Return CRC-32 of the secret part in base 62, which detects a mistyped or invented key without the store."""
    number, digits = zlib.crc32(secret.encode()), ""
    for _ in range(_CHECKSUM_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def looks_real(key: str) -> bool:
    """Whether prefix, length and checksum are those of a key; for error texts only, never for access."""
    secret = key.removeprefix(PREFIX)[:_SECRET_CHARACTERS]
    return key == PREFIX + secret + checksum(secret) and len(secret) == _SECRET_CHARACTERS


def hash_key(key: str) -> str:
    """Return the SHA-256 in hex, by which a key is stored and found."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def visible_part(key: str) -> str:
    """Return the beginning of the key, by which its owner recognises it."""
    return key[: len(PREFIX) + 4] + "…"
