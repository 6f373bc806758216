"""API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.keys import ApiKey, Caller


class Keys(Protocol):
    """API keys by their hash."""

    async def find_caller(self, key_hash: str, now: datetime) -> Caller | None:
        """Return whom the key authenticates; None if unknown, expired or revoked. Its last use is recorded later."""
        ...

    async def add_key(self, key: ApiKey, key_hash: str) -> None:
        """Store the key under its hash."""
        ...

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        """Return all, revoked ones too, newest first."""
        ...

    async def revoke_key(self, workspace_id: str, key_id: str, now: datetime) -> ApiKey:
        """Revoke it; effective at once in every process. Raises NotFound."""
        ...
