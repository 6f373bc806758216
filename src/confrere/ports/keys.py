"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.keys import ApiKey, Caller


class Keys(Protocol):
    """API keys by their hash."""

    async def find_caller(self, key_hash: str, now: datetime) -> Caller | None:
        """Whom the key speaks for; None if unknown, expired or revoked. Its last use is noted soon."""
        ...

    async def add_key(self, key: ApiKey, key_hash: str) -> None:
        """Keep it."""
        ...

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        """All, revoked ones too, newest first."""
        ...

    async def revoke_key(self, workspace_id: str, key_id: str, now: datetime) -> ApiKey:
        """From now on it is worth nothing. Raises NotFound."""
        ...
