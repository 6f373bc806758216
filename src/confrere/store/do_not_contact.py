"""The do-not-contact port on SQL: the people to whom a workspace sends no messages."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from confrere.domain.audit import AuditAction, count_of_people
from confrere.domain.erasure import SOURCE
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.lasting import LastingKind
from confrere.domain.opt_out import OptOut
from confrere.domain.person import search_form
from confrere.ports import DoNotContact
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.known_members import contains
from confrere.store.rows import from_micros, opt_out_of, to_micros
from confrere.store.script import Query, Script, first, lasting

_BATCH = 5_000


class SqlDoNotContact(DoNotContact):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints, trail: Trail) -> None:
        self._engine = engine
        self._fingerprints = fingerprints
        self._trail = trail

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        """Who was erased is on the list by their stand-in, and stays so."""
        rows = [[str(one.recipient), one.reason, one.source, to_micros(one.added_at)] for one in opt_outs]
        script = partial(_add_opt_outs, self._fingerprints, workspace_id, rows, self._trail.recorder())
        return await self._engine.transact(script) if rows else 0

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        person = self._fingerprints.stand_in(workspace_id, recipient)
        await self._engine.transact(partial(_remove_opt_out, workspace_id, recipient, person, self._trail.recorder()))

    async def was_removed_since(self, workspace_id: str, recipient: str, at: datetime) -> bool:
        return bool(await self._engine.read("was_unlisted", workspace_id, recipient, to_micros(at)))

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        person = self._fingerprints.stand_in(workspace_id, recipient)
        row = first(await self._engine.read("read_opt_out", workspace_id, recipient, person))
        return None if row is None else opt_out_of(row)

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        return [opt_out_of(row) for row in await self._engine.read_many("list_opt_outs", workspace_id, after, count)]

    async def search_opt_outs(self, workspace_id: str, text: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        patterns = contains(text.lower()), contains(search_form(text))
        rows = await self._engine.read_many("search_opt_outs", workspace_id, after, count, *patterns)
        return [opt_out_of(row) for row in rows]

    async def find_opted_out(self, workspace_id: str, recipients: Collection[str]) -> Collection[str]:
        wanted = sorted({str(one) for one in recipients})
        found: set[str] = set()
        for start in range(0, len(wanted), _BATCH):
            batch = json.dumps(wanted[start : start + _BATCH])
            found |= {row[0] for row in await self._engine.read_many("find_opted_out", workspace_id, batch)}
        return found


def _add_opt_outs(fingerprints: Fingerprints, workspace_id: str, rows: list[list[Any]], audit: Recorder) -> Script[int]:
    erased = yield from find_erased(fingerprints, workspace_id, [row[0] for row in rows])
    rows = [row for row in rows if row[0] not in erased]
    if not rows:
        return 0
    recipients = [row[0] for row in (yield Query("add_opt_outs", (workspace_id, json.dumps(rows))))]
    for query in ("record_opt_out_events", "record_listed"):
        yield Query(query, (workspace_id, json.dumps(recipients)))
    added = len(recipients)
    if added and len(rows) == 1:
        yield from audit.append(workspace_id, AuditAction.DO_NOT_CONTACT_ADDED, person=rows[0][0])
    elif added:
        detail = count_of_people(added)
        yield from audit.append(workspace_id, AuditAction.DO_NOT_CONTACT_IMPORTED, detail=detail)
    return added


def _remove_opt_out(workspace_id: str, recipient: str, person: str, audit: Recorder) -> Script[None]:
    row = first((yield Query("read_opt_out", (workspace_id, recipient, person))))
    if row is not None and row[2] == SOURCE:
        when = f"{from_micros(row[3]):%Y-%m-%d}"
        raise InvalidField("recipientProfileUrn", f"was erased on {when}, and will not be written to")
    if not (yield Query("remove_opt_out", (workspace_id, recipient))):
        raise NotFound("This recipient is not on the do-not-contact list")
    yield lasting(audit.now, LastingKind.UNLISTED, workspace_id, recipient)
    yield from audit.append(workspace_id, AuditAction.DO_NOT_CONTACT_REMOVED, person=recipient)
