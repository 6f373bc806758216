"""The keys port on SQL: API keys, of which only a hash is stored."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from confrere.domain.audit import AuditAction
from confrere.domain.errors import NotFound
from confrere.domain.keys import ApiKey, Caller
from confrere.domain.lasting import LastingKind
from confrere.ports import Keys
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import api_key_of, caller_of, to_micros
from confrere.store.script import Query, Script, first, lasting, only

_RECORD_USE_EVERY: Final = 60_000_000
"""Microseconds between two records of a key's use: its owner wants to know the day, not the second."""


class SqlKeys(Keys):
    """The port on SQL."""

    def __init__(self, engine: Engine, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail
        self._recorded_at: dict[str, int] = {}

    async def find_caller(self, key_hash: str, now: datetime) -> Caller | None:
        """Query the database on every call, so that a revocation takes effect at once in every process."""
        now_micros = to_micros(now)
        row = first(await self._engine.read("find_caller", key_hash, now_micros))
        if row is None:
            return None
        caller = caller_of(row)
        if now_micros - self._recorded_at.get(caller.key_id, 0) >= _RECORD_USE_EVERY:
            self._recorded_at[caller.key_id] = now_micros
            self._engine.write_later("record_key_use", caller.key_id, now_micros)
        return caller

    async def add_key(self, key: ApiKey, key_hash: str) -> None:
        await self._engine.transact(partial(_add_key, key, key_hash, self._trail.recorder()))

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        return [api_key_of(row) for row in await self._engine.read_many("list_keys", workspace_id)]

    async def revoke_key(self, workspace_id: str, key_id: str, now: datetime) -> ApiKey:
        script = partial(_revoke_key, workspace_id, key_id, to_micros(now), self._trail.recorder())
        return await self._engine.transact(script)


def _add_key(key: ApiKey, key_hash: str, audit: Recorder) -> Script[None]:
    yield Query(
        "add_key",
        {
            "id": key.id,
            "workspace_id": key.workspace_id,
            "name": key.name,
            "visible_part": key.visible_part,
            "hash": key_hash,
            "scopes": " ".join(sorted(key.scopes)),
            "created_at": to_micros(key.created_at),
            "expires_at": to_micros(key.expires_at),
            "revoked_at": to_micros(key.revoked_at),
            "last_used_at": to_micros(key.last_used_at),
        },
    )
    scopes = " ".join(sorted(key.scopes))
    yield from audit.append(key.workspace_id, AuditAction.KEY_CREATED, key.id, detail=scopes)


def _revoke_key(workspace_id: str, key_id: str, now: int, audit: Recorder) -> Script[ApiKey]:
    row = first((yield Query("lock_key", (workspace_id, key_id))))
    if row is None:
        raise NotFound("There is no such key in this workspace")
    key = api_key_of(row)
    if key.revoked_at is not None:
        return key
    row = only((yield Query("revoke_key", (workspace_id, key_id, now))))
    yield lasting(now, LastingKind.KEY_REVOKED, workspace_id, key_id)
    yield from audit.append(workspace_id, AuditAction.KEY_REVOKED, key_id)
    return api_key_of(row)
