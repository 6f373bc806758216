"""The erasures port on SQL: one step for each table that knows people."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from confrere.domain.audit import Actor, AuditAction
from confrere.domain.erasure import OWN_ACCOUNT, Erasure, ErasureResult
from confrere.domain.errors import InvalidField
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from confrere.ports import Erasures
from confrere.store.audit import append_entry
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import from_micros, to_micros
from confrere.store.script import Query, Script, only
from confrere.store.vault import Vault

_RETRY: Final = timedelta(seconds=30)


class Step(NamedTuple):
    """How a person is erased from a table.

    query:    returns a row for each that it has changed; given workspace, profile URN and stand-in.
    kinds:    what is gone with each row.
    columns:  of the query `read_all_of_<table>`, which returns everything about the person.
    """

    query: str
    table: str
    kinds: tuple[str, ...]
    columns: tuple[str, ...] = ()


STEPS: Final = (
    Step(
        "erase_from_sends",
        "sends",
        ("sends", "texts"),
        (
            "id",
            "requestId",
            "accountId",
            "groupId",
            "outcome",
            "reason",
            "messageUrn",
            "conversationUrn",
            "createdAt",
            "settledAt",
            "text",
        ),
    ),
    Step("erase_from_refused_sends", "sends", ("sends", "texts")),
    Step(
        "erase_from_campaign_people",
        "campaign_people",
        ("campaignPeople", "names"),
        ("campaignId", "name", "status", "reason", "changedAt", "text"),
    ),
    Step(
        "erase_from_replies",
        "replies",
        ("replies", "names"),
        (
            "id",
            "accountId",
            "name",
            "conversationUrn",
            "messageUrn",
            "sendId",
            "receivedAt",
            "kinds",
            "mayWantOut",
            "optedOut",
            "text",
        ),
    ),
    Step(
        "erase_from_audience_people",
        "audience_people",
        ("audiencePeople", "names"),
        ("audienceId", "publicId", "firstName", "lastName", "headline", "custom"),
    ),
    Step(
        "erase_from_group_members",
        "group_members",
        ("knownMembers", "names"),
        ("groupId", "publicId", "firstName", "lastName", "headline", "readAt"),
    ),
    Step(
        "erase_from_resolved_people",
        "resolved_people",
        ("addresses", "names"),
        ("vanityName", "publicId", "firstName", "lastName", "headline", "resolvedAt"),
    ),
    Step("erase_from_webhook_deliveries", "webhook_deliveries", ()),
    Step("erase_from_webhook_events", "webhook_events", ("webhookEvents",), ("event", "occurredAt")),
    Step("erase_from_do_not_contact", "do_not_contact", (), ("reason", "source", "addedAt")),
    Step("erase_from_lasting_changes", "lasting_changes", ()),
)
"""Every table that knows people of LinkedIn other than the workspace's own accounts."""

KINDS: Final = tuple(dict.fromkeys(kind for step in STEPS for kind in step.kinds))
"""What an erasure counts."""


class SqlErasures(Erasures):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._vault = vault
        self._fingerprints = fingerprints

    def erasure_of(self, workspace_id: str, recipient: ProfileUrn, at: datetime) -> Erasure:
        return Erasure(workspace_id, self._fingerprints.stand_in(workspace_id, recipient), at)

    async def erase_person(self, erasure: Erasure, recipient: ProfileUrn, actor: Actor, now: datetime) -> ErasureResult:
        entry = partial(self._audit, AuditAction.PERSON_ERASED, erasure.workspace_id, recipient, actor, now)
        sealed, again = self._vault.seal(recipient), self._engine.overlap
        work = partial(erase_person, erasure, str(recipient), sealed, again, now)
        counts, pending = await self._engine.transact(partial(_erase_and_audit, work, entry))
        await self._engine.discard_deleted()
        return ErasureResult(erasure, counts, pending)

    def _audit(
        self,
        action: AuditAction,
        workspace_id: str,
        recipient: ProfileUrn,
        actor: Actor,
        now: datetime,
        detail: str | None,
    ) -> Script[None]:
        return append_entry(
            self._fingerprints,
            workspace_id,
            actor,
            action,
            now,
            subject=self._fingerprints.of_person(workspace_id, recipient),
            detail=detail,
        )

    async def finish_erasures(self, now: datetime, *, count: int) -> int:
        rows = await self._engine.read("find_pending_erasures", to_micros(now), count)
        done = 0
        for workspace_id, person, sealed in rows:
            erasure = Erasure(workspace_id, person, now)
            work = partial(erase_person, erasure, self._vault.unseal(sealed), sealed, timedelta(), now)
            _, pending = await self._engine.transact(work)
            done += not pending
        if done:
            await self._engine.discard_deleted()
        return done

    async def read_erasure(self, workspace_id: str, recipient: ProfileUrn) -> Erasure | None:
        person = self._fingerprints.stand_in(workspace_id, recipient)
        rows = await self._engine.read("find_erased", workspace_id, json.dumps([person, recipient]))
        return Erasure(workspace_id, rows[0][0], from_micros(rows[0][1])) if rows else None

    async def list_erasures(self) -> Sequence[Erasure]:
        rows = await self._engine.read_many("list_erasures")
        return [Erasure(row[0], row[1], from_micros(row[2])) for row in rows]

    async def read_everything(
        self, workspace_id: str, recipient: ProfileUrn, actor: Actor, now: datetime
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        entry = partial(self._audit, AuditAction.PERSON_EXPORTED, workspace_id, recipient, actor, now, None)
        await self._engine.transact(entry)
        erasure = await self.read_erasure(workspace_id, recipient)
        found: dict[str, list[Mapping[str, Any]]] = {}
        for step in STEPS:
            if not step.columns:
                continue
            found[step.table] = []
            for name in dict.fromkeys((str(recipient), *((erasure.person,) if erasure else ()))):
                rows = await self._engine.read_many(f"read_all_of_{step.table}", workspace_id, name)
                found[step.table] += [self._shown(dict(zip(step.columns, row, strict=True))) for row in rows]
        return found

    def _shown(self, row: dict[str, Any]) -> Mapping[str, Any]:
        for name, value in row.items():
            if value is None:
                continue
            if name == "text":
                row[name] = self._vault.unseal(value)
            elif name == "custom":
                row[name] = json.loads(value)
            elif name == "groupId" and not value:
                row[name] = None
            elif name.endswith("At"):
                row[name] = iso_z(from_micros(value))
            elif name in ("mayWantOut", "optedOut"):
                row[name] = bool(value)
        return row


def _erase_and_audit(work: Any, entry: Any) -> Script[tuple[Mapping[str, int], int]]:
    counts, pending = yield from work()
    yield from entry(", ".join(f"{name}: {count}" for name, count in counts.items() if count) or "nothing was left")
    return counts, pending


def erase_person(
    erasure: Erasure, recipient: str, sealed: str, again: timedelta, now: datetime
) -> Script[tuple[Mapping[str, int], int]]:
    """Run all steps; return what is gone by kind, and how many messages are not settled.

    sealed:  the recipient, encrypted, for what remains to be done.
    again:   after which the steps have to run once more, since other transactions may not have seen this one.
    now:     from which that is counted.
    """
    workspace_id, person = erasure.workspace_id, erasure.person
    if (yield Query("is_own_account", (workspace_id, recipient))):
        raise InvalidField("recipient", OWN_ACCOUNT)
    yield Query("lock_recipient", (recipient,))
    counts = dict.fromkeys(KINDS, 0)
    for step in STEPS:
        rows = yield Query(step.query, {"workspace_id": workspace_id, "recipient": recipient, "person": person})
        for kind in step.kinds:
            counts[kind] += len(rows)
        if step.table == "audience_people":
            for (audience_id,) in rows:
                yield Query("shrink_audience", (audience_id,))
    yield Query("add_erased", (workspace_id, person, to_micros(erasure.erased_at)))
    pending = only((yield Query("count_open_sends_to", (workspace_id, recipient))))[0]
    if pending or again:
        due_at = to_micros(now + max(again, _RETRY if pending else again))
        yield Query("add_pending_erasure", (workspace_id, person, sealed, due_at))
    else:
        yield Query("remove_pending_erasure", (workspace_id, person))
    return counts, pending


def find_erased(fingerprints: Fingerprints, workspace_id: str, recipients: Collection[str]) -> Script[frozenset[str]]:
    """Return those who are erased: they are not to be written into any table."""
    people = {fingerprints.stand_in(workspace_id, recipient): recipient for recipient in recipients}
    if not people:
        return frozenset()
    rows = yield Query("find_erased", (workspace_id, json.dumps(list(people))))
    return frozenset(people[row[0]] for row in rows)
