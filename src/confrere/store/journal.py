"""The journal: a file beside the secret keys with the changes that a restored older backup must not undo.

One JSON array a line. Of people it holds keyed hashes, and who was put on the do-not-contact list encrypted with a key
that is in the database only: neither the file nor the file with the secret keys names anybody.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from confrere.domain.erasure import Erasure
from confrere.domain.lasting import OF_PEOPLE, LastingKind
from confrere.ports import ChangeJournal
from confrere.store.errors import CannotOpenStore
from confrere.store.rows import Row, from_micros, to_micros
from confrere.store.sql_store import SqlStore

log = structlog.get_logger()

_OVERLAP: Final = timedelta(minutes=2) // timedelta(microseconds=1)
"""How long after the time that it bears a change may be committed: clocks differ, and transactions take time."""


class Line(NamedTuple):
    """A change.

    at:       microseconds.
    subject:  an id; of a person a keyed hash, as `Fingerprints.stand_in` makes it.
    details:  of an entry on the do-not-contact list: profile URN, source and reason as JSON; encrypted in the file.
    """

    at: int
    kind: LastingKind
    workspace_id: str
    subject: str
    details: str | None = None

    @property
    def key(self) -> tuple[int, LastingKind, str, str]:
        """What tells it apart from others."""
        return self.at, self.kind, self.workspace_id, self.subject


def erasure_line(erasure: Erasure) -> Line:
    """Return an erasure as a line."""
    return Line(to_micros(erasure.erased_at), LastingKind.ERASED, erasure.workspace_id, erasure.person)


class JournalFile:
    """The file; it is made with the first change, readable for its owner only. Processes write to it one at a time.

    former:  a file of an earlier version, which held erasures only; it becomes this one.
    """

    def __init__(self, path: Path, *, former: Path | None = None) -> None:
        self.path = path
        self._former = former

    def read(self) -> Sequence[Line]:
        """Return all lines. Raises CannotOpenStore where the file cannot be read."""
        try:
            self._take_former()
            return _parse(self.path.read_bytes()) if self.path.exists() else []
        except OSError as fault:
            raise CannotOpenStore(f"The journal {self.path} cannot be read: {fault.strerror}") from fault
        except _Damaged as fault:
            raise CannotOpenStore(
                f"The journal {self.path} is damaged in line {fault.line}. Put a good copy of the file there, or take "
                "the line out: what it held is then not done again"
            ) from fault

    def find_gap(self) -> str | None:
        """Return why changes may be missing in it, as a sentence without a full stop; None where none is missing."""
        if not self.path.exists():
            return f"There is no journal {self.path}"
        if not _is_whole(self.path.read_bytes()):
            return f"The journal {self.path} ends in the middle of a line"
        return None

    def size_bytes(self) -> int:
        """Return its size; 0 where it is not there."""
        with suppress(OSError):
            return self.path.stat().st_size
        return 0

    def add(self, lines: Iterable[Line], seal: Callable[[str], str] = str) -> None:
        """Append those that are not in it yet, durably. Raises OSError, CannotOpenStore.

        seal:  encrypts details. With an erasure all that is encrypted about its person goes.
        """
        self._take_former()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked() as handle:
            there = self.read()
            known, erased = {one.key for one in there}, _erased(there)
            fresh = [one for one in lines if one.key not in known and not _is_about(one, erased)]
            if not fresh:
                return
            fresh = [one._replace(details=seal(one.details)) if one.details else one for one in fresh]
            erased = _erased(fresh)
            if any(_is_about(one, erased) for one in (*there, *fresh)):
                self._rewrite([one for one in (*there, *fresh) if not _is_about(one, erased)])
            else:
                _write(handle, fresh)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the file; what a process that was killed has half written is cut off."""
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if os.fstat(handle).st_ino != self.path.stat().st_ino:
                    continue  # it was written anew meanwhile
                content = self.path.read_bytes()
                if not _is_whole(content):
                    os.ftruncate(handle, content.rfind(b"\n") + 1)
                yield handle
                return
            finally:
                os.close(handle)

    def _rewrite(self, lines: Sequence[Line]) -> None:
        part = self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(handle, lines)
        finally:
            os.close(handle)
        part.replace(self.path)

    def _take_former(self) -> None:
        if self._former is not None and not self.path.exists():
            with suppress(FileNotFoundError):
                self._former.rename(self.path)


class JournalKeeper(ChangeJournal):
    """Copies the changes from a store into its journal: those of other processes, and of processes that were killed."""

    def __init__(self, store: SqlStore, file: JournalFile, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._file = file
        self._clock = clock
        self._opened_at = to_micros(clock())
        self._since = 0
        self._copied: set[tuple[object, ...]] = set()
        self._size_bytes = 0
        self.fault: str | None = None

    async def add_erasure(self, erasure: Erasure) -> None:
        try:
            await asyncio.to_thread(self._file.add, [erasure_line(erasure)])
        except CannotOpenStore as fault:
            raise OSError(str(fault)) from fault

    async def copy_own(self) -> None:
        self._since = max(self._since, self._opened_at - _OVERLAP)
        await self.copy()

    async def copy(self) -> None:
        began = to_micros(self._clock())
        if self._file.size_bytes() < self._size_bytes:  # the file was deleted, or has lost lines
            self._since, self._copied = 0, set()
        rows = await self._store.engine.read_many("list_lasting_changes", self._since)
        fresh = [row for row in rows if tuple(row[:4]) not in self._copied]
        erasures = await self._store.list_erasures() if self._since == 0 else ()
        if fresh or erasures:
            try:
                await asyncio.to_thread(self._add, fresh, erasures)
            except (OSError, CannotOpenStore) as fault:
                before, self.fault = self.fault, f"{self._file.path} cannot be written: {type(fault).__name__}"
                if before is None:
                    log.error("journal_not_written", reason=self.fault)  # noqa: TRY400  # the operating system's
                return
        self.fault = None
        self._since = max(self._since, began - _OVERLAP)
        self._copied = {tuple(row[:4]) for row in rows if row[0] >= self._since}
        self._size_bytes = self._file.size_bytes()

    def _add(self, rows: Sequence[Row], erasures: Iterable[Erasure]) -> None:
        fingerprints = self._store.fingerprints
        lines = changes_of(rows, fingerprints.stand_in)
        self._file.add((*map(erasure_line, erasures), *lines), fingerprints.seal)


def changes_of(rows: Iterable[Row], stand_in: Callable[[str, str], str]) -> Iterator[Line]:
    """Return rows of `list_lasting_changes` as lines, details not yet encrypted."""
    for at, kind, workspace_id, subject, source, reason in rows:
        line = Line(at, LastingKind(kind), workspace_id, subject)
        if line.kind in OF_PEOPLE:
            details = json.dumps([subject, source, reason]) if source is not None else None
            line = line._replace(subject=stand_in(line.workspace_id, line.subject), details=details)
        yield line


def lacking_in(journal: Sequence[Line], rows: Iterable[Row], stand_in: Callable[[str, str], str]) -> int:
    """Return how many rows of `list_lasting_changes` the journal lacks, but for those of people whom it has erased."""
    known, erased = {one.key for one in journal}, _erased(journal)
    return sum(one.key not in known and not _is_about(one, erased) for one in changes_of(rows, stand_in))


def erasures_of(lines: Iterable[Line]) -> Sequence[Erasure]:
    """Return the erasures among the lines, each person's first."""
    found = [one for one in lines if one.kind is LastingKind.ERASED]
    first = {(one.workspace_id, one.subject): one for one in sorted(found, reverse=True)}
    return [Erasure(one.workspace_id, one.subject, from_micros(one.at)) for one in first.values()]


def _erased(lines: Iterable[Line]) -> set[tuple[str, str]]:
    return {(one.workspace_id, one.subject) for one in lines if one.kind is LastingKind.ERASED}


def _is_about(line: Line, people: set[tuple[str, str]]) -> bool:
    return line.kind in OF_PEOPLE and (line.workspace_id, line.subject) in people


def _write(handle: int, lines: Iterable[Line]) -> None:
    text = "".join(
        json.dumps([one.kind, one.workspace_id, one.subject, one.at, *([one.details] if one.details else [])]) + "\n"
        for one in lines
    )
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(text.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())


class _Damaged(Exception):
    """A line is no change."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _is_whole(content: bytes) -> bool:
    return not content or content.endswith(b"\n")


def _parse(content: bytes) -> list[Line]:
    """Return the whole lines; of kinds that this version knows. Raises _Damaged."""
    found = []
    for number, text in enumerate(content[: content.rfind(b"\n") + 1].split(b"\n"), 1):
        try:
            row = json.loads(text) if text.strip() else None
            if row is not None and (len(row) == _FORMER_LENGTH or row[0] in set(LastingKind)):
                found.append(_line_of(row))
        except (ValueError, LookupError, TypeError, RecursionError) as fault:
            raise _Damaged(number) from fault
    return found


_FORMER_LENGTH: Final = 3


def _line_of(row: list[object]) -> Line:
    """Return a row as a line. One of an earlier version is an erasure: workspace, person and time."""
    if len(row) == _FORMER_LENGTH:
        return erasure_line(Erasure(str(row[0]), str(row[1]), datetime.fromisoformat(str(row[2]))))
    kind, workspace_id, subject, at, *details = row
    sealed = str(details[0]) if details else None
    return Line(int(str(at)), LastingKind(str(kind)), str(workspace_id), str(subject), sealed)
