"""Passwords, hashed with argon2id."""

import asyncio
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_AT_ONCE: Final = 2
"""Hashes that are computed at the same time: each takes 19 MiB, so that many logins do not use up the memory."""


class Passwords:
    """Hashes and verifies, in threads."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return the hash with its parameters and salt, in argon2's own format."""
        async with self._turns:
            return await asyncio.to_thread(lambda: _hasher().hash(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the hash is of this password. Takes the same time where there is no hash, and returns False."""
        async with self._turns:
            return await asyncio.to_thread(_verify, password, hashed)


def _verify(password: str, hashed: str | None) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        _hasher().verify(hashed or _hash_of_nobody(), password)
    except VerifyMismatchError:
        return False
    return hashed is not None


@cache
def _hasher() -> "PasswordHasher":
    """Return the hasher, imported when somebody first logs in. Its parameters are OWASP's for argon2id."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _hash_of_nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe())
