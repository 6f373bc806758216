"""The audit port on SQL, and the script by which other transactions append to the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from confrere.domain.audit import (
    EVERY_ENTRY,
    SERVER,
    Actor,
    ActorKind,
    AuditAction,
    AuditCheck,
    AuditEntry,
    AuditFilter,
    current_actor,
)
from confrere.domain.urns import ProfileUrn
from confrere.ports import Audit
from confrere.store.damage import damage_is_reported
from confrere.store.engine import Engine
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import Row, from_micros, to_micros
from confrere.store.script import Query, Script, first, only

_PAGE: Final = 1_000
_NO_SEAL: Final = ""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Appends what one actor does at one time. It may be used on any thread."""

    fingerprints: Fingerprints
    actor: Actor
    now: datetime

    def append(
        self,
        workspace_id: str,
        action: AuditAction,
        subject: str | None = None,
        *,
        person: str | None = None,
        detail: str | None = None,
    ) -> Script[None]:
        """Append an entry in the running transaction, as the last thing that it locks.

        person:  the URN of the person whom it concerns, of which only a hash is stored.
        """
        if person is not None:
            subject = self.fingerprints.of_person(workspace_id, person)
        yield from append_entry(
            self.fingerprints, workspace_id, self.actor, action, self.now, subject=subject, detail=detail
        )


class Trail:
    """Makes the recorders of a store's changes."""

    def __init__(self, fingerprints: Fingerprints, clock: Callable[[], datetime]) -> None:
        self._fingerprints = fingerprints
        self._clock = clock

    def recorder(self) -> Recorder:
        """Return one of who acts in this task, now. To be called before the transaction, which may run elsewhere."""
        return Recorder(self._fingerprints, current_actor(), self._clock())

    def recorder_of_server(self, at: datetime | None = None) -> Recorder:
        """Return one of the server itself, whoever has asked for what it found out. at: now, where it is None."""
        return Recorder(self._fingerprints, SERVER, at or self._clock())


class SqlAudit(Audit):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints, trail: Trail) -> None:
        self._engine = engine
        self._fingerprints = fingerprints
        self._trail = trail

    async def list_audit(
        self, workspace_id: str, which: AuditFilter = EVERY_ENTRY, *, before: int | None, count: int
    ) -> Sequence[AuditEntry]:
        rows = await self._engine.read_many(
            "list_audit",
            workspace_id=workspace_id,
            before=before,
            actor=which.actor,
            action=which.action,
            subject=self._subject(workspace_id, which.subject),
            since=to_micros(which.since),
            count=count,
        )
        return [_entry_of(workspace_id, row) for row in rows]

    async def record(
        self, workspace_id: str, action: AuditAction, subject: str | None = None, detail: str | None = None
    ) -> None:
        recorder = self._trail.recorder()
        await self._engine.transact(lambda: recorder.append(workspace_id, action, subject, detail=detail))

    def _subject(self, workspace_id: str, subject: str | None) -> str | None:
        """Return the subject as entries have it."""
        if isinstance(subject, ProfileUrn):
            return self._fingerprints.of_person(workspace_id, subject)
        return subject

    async def check_audit(self, workspace_id: str) -> AuditCheck:
        head = first(await self._engine.read("read_audit_head", workspace_id))
        count, seal = (0, _NO_SEAL) if head is None else (head[0], head[1])
        number, hashed = 0, _NO_SEAL
        while number < count:
            rows = await self._engine.read_many("read_audit_after", workspace_id, number, min(_PAGE, count - number))
            for row in rows:
                expected = _hash(self._fingerprints, hashed, workspace_id, row[:9])
                if row[0] != number + 1 or row[9] != expected:
                    return AuditCheck(count, number + 1, seal)
                number, hashed = row[0], expected
            if not rows:
                return AuditCheck(count, number + 1, seal)
        return AuditCheck(count, None if hashed == seal else count, seal)


def append_entry(
    fingerprints: Fingerprints,
    workspace_id: str,
    actor: Actor,
    action: AuditAction,
    now: datetime,
    *,
    subject: str | None = None,
    detail: str | None = None,
) -> Script[None]:
    """Append an entry in the running transaction; others that append to this log wait for its end."""
    number, previous = only((yield Query("take_audit_number", (workspace_id,))))
    row = (
        number,
        to_micros(now),
        str(actor.kind),
        actor.id,
        actor.address,
        actor.request_id,
        str(action),
        subject,
        detail,
    )
    hashed = _hash(fingerprints, previous, workspace_id, row)
    names = ("number", "at", "actor_kind", "actor_id", "address", "request_id", "action", "subject", "detail")
    yield Query("add_audit_entry", {"workspace_id": workspace_id, "hash": hashed, **dict(zip(names, row, strict=True))})
    yield Query("set_audit_seal", (workspace_id, hashed))


def _hash(fingerprints: Fingerprints, previous: str, workspace_id: str, row: Row) -> str:
    """Return the keyed hash of an entry and of the one before. None and "" differ."""
    parts = ["0" if value is None else f"1{value}" for value in row]
    return fingerprints.of_message("audit", previous, workspace_id, *parts)


@damage_is_reported
def _entry_of(workspace_id: str, row: Row) -> AuditEntry:
    actor = Actor(ActorKind(row[2]), row[3], row[4], row[5])
    return AuditEntry(workspace_id, row[0], from_micros(row[1]), actor, AuditAction(row[6]), row[7], row[8])
