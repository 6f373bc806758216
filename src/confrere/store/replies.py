"""The replies port on SQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from confrere.domain.audit import AuditAction
from confrere.domain.errors import NotFound
from confrere.domain.ids import first_send_id_at
from confrere.domain.reply import KnownReply, Reply, ReplyFilter
from confrere.domain.urns import ProfileUrn
from confrere.ports import Replies
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import Row, from_micros, reply_of, to_micros
from confrere.store.script import Query, Script, first
from confrere.store.vault import Vault

_TEXT: Final = 9
"""The place of the sealed text in `COLUMNS["reply"]`."""


class SqlReplies(Replies):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail
        self._vault = vault
        self._fingerprints = fingerprints

    async def record_reply(self, reply: Reply, now: datetime) -> bool:
        values = {
            "id": reply.id,
            "workspace_id": reply.workspace_id,
            "account_id": reply.account_id,
            "recipient": str(reply.recipient),
            "name": reply.name,
            "conversation_urn": reply.conversation_urn,
            "message_urn": reply.message_urn,
            "send_id": reply.send_id,
            "text": None if reply.text is None else self._vault.seal(reply.text),
            "kinds": " ".join(reply.kinds),
            "received_at": to_micros(reply.received_at),
            "may_want_out": int(reply.may_want_out),
            "opted_out": int(reply.opted_out),
        }
        return await self._engine.transact(
            partial(_record, self._fingerprints, values, to_micros(now), self._trail.recorder())
        )

    async def find_last_reply(self, account_id: str, recipient: ProfileUrn) -> KnownReply | None:
        row = first(await self._engine.read("find_last_reply", account_id, str(recipient)))
        return None if row is None else KnownReply(row[0], from_micros(row[1]))

    async def list_replies(
        self, workspace_id: str, which: ReplyFilter, *, before_id: str | None, count: int
    ) -> Sequence[Reply]:
        rows = await self._engine.read_many(
            "list_replies",
            workspace_id=workspace_id,
            before_id=before_id,
            campaign_id=which.campaign_id,
            account_id=which.account_id,
            may_want_out=None if which.may_want_out is None else int(which.may_want_out),
            handled=None if which.handled is None else int(which.handled),
            recipient=None if which.recipient is None else str(which.recipient),
            count=count,
        )
        return [self._reply_of(row) for row in rows]

    async def count_repliers(self, workspace_id: str, since: datetime) -> Mapping[str, int]:
        rows = await self._engine.read_many("count_repliers", workspace_id, first_send_id_at(since))
        return {row[0]: row[1] for row in rows}

    async def count_to_decide(self, workspace_id: str) -> Mapping[str, int]:
        return {row[0]: row[1] for row in await self._engine.read_many("count_to_decide", workspace_id)}

    async def read_reply(self, workspace_id: str, reply_id: str) -> Reply:
        return self._found(await self._engine.read("read_reply", workspace_id, reply_id))

    async def mark_handled(
        self, workspace_id: str, reply_id: str, handled_at: datetime | None, handled_by: str | None
    ) -> Reply:
        values = (workspace_id, reply_id, to_micros(handled_at), handled_by)
        return self._found(await self._engine.transact(partial(_mark_handled, values, self._trail.recorder())))

    def _found(self, rows: Sequence[Row]) -> Reply:
        row = first(rows)
        if row is None:
            raise NotFound("There is no such reply in this workspace")
        return self._reply_of(row)

    def _reply_of(self, row: Row) -> Reply:
        return reply_of(row, None if row[_TEXT] is None else self._vault.unseal(row[_TEXT]))


def _record(fingerprints: Fingerprints, values: dict[str, Any], now: int, audit: Recorder) -> Script[bool]:
    yield Query("lock_recipient", (values["recipient"],))
    if (yield from find_erased(fingerprints, values["workspace_id"], [values["recipient"]])):
        return False
    if not (yield Query("add_reply", values)):
        return False
    yield Query("record_reply_event", (values["id"],))
    yield Query("mark_person_replied", (values["workspace_id"], values["recipient"], now))
    if values["opted_out"]:
        reason = f"Asked for no more messages: reply {values['id']}"
        workspace_id, recipient = values["workspace_id"], values["recipient"]
        if (yield Query("opt_out_by_reply", (workspace_id, recipient, reason, now))):
            for query in ("record_opt_out_events", "record_listed"):
                yield Query(query, (workspace_id, json.dumps([recipient])))
            detail = "asked for it in a reply"
            yield from audit.append(workspace_id, AuditAction.DO_NOT_CONTACT_ADDED, person=recipient, detail=detail)
    return True


def _mark_handled(values: tuple[str, str, int | None, str | None], audit: Recorder) -> Script[Sequence[Row]]:
    workspace_id, reply_id, handled_at, _ = values
    before = first((yield Query("lock_reply", (workspace_id, reply_id))))
    rows = yield Query("mark_handled", values)
    if before is not None and (before[0] is None) is not (handled_at is None):
        action = AuditAction.REPLY_REOPENED if handled_at is None else AuditAction.REPLY_HANDLED
        yield from audit.append(workspace_id, action, reply_id)
    return rows
