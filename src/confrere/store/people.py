"""The ports about who may send and who is not to be written to, on SQL: API keys and the do-not-contact list."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from confrere.domain.errors import NotFound
from confrere.domain.keys import ApiKey, Caller
from confrere.domain.opt_out import OptOut
from confrere.ports import DoNotContact, Keys
from confrere.store.engine import Engine
from confrere.store.rows import api_key_of, caller_of, opt_out_of, to_micros
from confrere.store.script import Query, Script, first

_NOTED_EVERY: Final = 60_000_000
"""Microseconds between two notes of a key's use: its owner wants to know the day, not the moment."""


class SqlKeys(Keys):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._noted: dict[str, int] = {}

    async def find_caller(self, key_hash: str, now: datetime) -> Caller | None:
        """Every call asks the database: a revocation counts at once, in every process."""
        moment = to_micros(now)
        row = first(await self._engine.read("find_caller", key_hash, moment))
        if row is None:
            return None
        caller = caller_of(row)
        if moment - self._noted.get(caller.key_id, 0) >= _NOTED_EVERY:
            self._noted[caller.key_id] = moment
            self._engine.note("note_key_use", caller.key_id, moment)
        return caller

    async def add_key(self, key: ApiKey, key_hash: str) -> None:
        await self._engine.transact(partial(_add_key, key, key_hash))

    async def list_keys(self, workspace_id: str) -> Sequence[ApiKey]:
        return [api_key_of(row) for row in await self._engine.read_many("list_keys", workspace_id)]

    async def revoke_key(self, workspace_id: str, key_id: str, now: datetime) -> ApiKey:
        return await self._engine.transact(partial(_revoke_key, workspace_id, key_id, to_micros(now)))


class SqlDoNotContact(DoNotContact):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        rows = [(workspace_id, one.recipient, one.reason, one.source, to_micros(one.added_at)) for one in opt_outs]
        return await self._engine.add_opt_outs(rows) if rows else 0

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        await self._engine.transact(partial(_remove_opt_out, workspace_id, recipient))

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        row = first(await self._engine.read("read_opt_out", workspace_id, recipient))
        return None if row is None else opt_out_of(row)

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        return [opt_out_of(row) for row in await self._engine.read_many("list_opt_outs", workspace_id, after, count)]


def _add_key(key: ApiKey, key_hash: str) -> Script[None]:
    yield Query(
        "add_key",
        (
            key.id,
            key.workspace_id,
            key.name,
            key.visible_part,
            key_hash,
            " ".join(sorted(key.scopes)),
            to_micros(key.created_at),
            to_micros(key.expires_at),
            to_micros(key.revoked_at),
            to_micros(key.last_used_at),
        ),
    )


def _revoke_key(workspace_id: str, key_id: str, now: int) -> Script[ApiKey]:
    row = first((yield Query("revoke_key", (workspace_id, key_id, now))))
    if row is None:
        raise NotFound("There is no such key in this workspace")
    return api_key_of(row)


def _remove_opt_out(workspace_id: str, recipient: str) -> Script[None]:
    if not (yield Query("remove_opt_out", (workspace_id, recipient))):
        raise NotFound("This recipient is not on the do-not-contact list")
