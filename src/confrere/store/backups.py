"""Backups of a store, and restoring them: one kind of file for both engines, a SQLite database of our schema.

A backup holds everything but the secret keys. A restored store has no record of what was sent after the backup, so
every account is held until a person releases it.
"""

import asyncio
import dataclasses
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.audit import COMMAND_LINE, AuditAction
from confrere.domain.erasure import Erasure, is_stand_in
from confrere.domain.lasting import LastingKind
from confrere.domain.limits import iso_z
from confrere.store import sqlite
from confrere.store.audit import append_entry
from confrere.store.engine import Engine
from confrere.store.erasures import erase_person
from confrere.store.errors import CannotOpenStore
from confrere.store.fingerprint import Fingerprints
from confrere.store.journal import Line, erasures_of, lacking_in
from confrere.store.lasting import apply_again
from confrere.store.rows import from_micros, to_micros
from confrere.store.script import Query, Script, only
from confrere.store.sql_store import SqlStore, assemble
from confrere.store.urls import is_postgresql
from confrere.store.vault import Vault

Progress = Callable[[int, int], None]
"""Called with how many bytes or rows are done, of how many."""

_BACKUP_AT: Final = "backup_at"
_COPY_BYTES: Final = 1 << 20

OLDEST_DELIVERY: Final = timedelta(days=2)
"""Events of webhooks that are older when a backup is restored are not delivered: all tries of one take 28 hours."""

_TOO_OLD: Final = "it was waiting for more than 2 days when the backup of"

_FORGOTTEN: Final = (
    "forget_processes",
    "forget_user_sessions",
    "forget_pending_logins",
    "forget_invites",
    "forget_sync_tokens",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    backup_at:   what was sent later is in no row.
    accounts:    how many are held now.
    again:       how many changes of each kind were made again, because the journal has them and the backup has not.
    campaigns:   how many are running, and go on as soon as their account is released.
    lacking:     how many changes of the backup the journal lacks: more than none, and it is of another store, or old.
    replaced:    where the store's former file is now; None where there was none.
    """

    backup_at: datetime
    accounts: int
    again: Mapping[LastingKind, int]
    campaigns: int
    lacking: int = 0
    replaced: Path | None = None


async def back_up(url: str, file: Path, *, progress: Progress) -> int:
    """Write a consistent copy of the store to a new file, while it is in use; return its size in bytes.

    Raises CannotOpenStore, also where the file exists; StoreUnavailable.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    backup_at = time.time_ns() // 1_000  # before it begins: what is written meanwhile may not be in it
    try:
        _refuse_if_there(file)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if is_postgresql(url):
            from confrere.store import postgresql

            await postgresql.copy_out(url, part, progress)
        else:
            await sqlite.copy_out(sqlite.path_of(url), part, progress)
        await asyncio.to_thread(_finish, part, backup_at)
        size = part.stat().st_size
        os.link(part, file)
    except FileExistsError as fault:
        raise CannotOpenStore(f"There is a file {file} already; a backup never replaces one") from fault
    except OSError as fault:
        raise CannotOpenStore(f"The backup {file} cannot be written: {fault.strerror}") from fault
    finally:
        part.unlink(missing_ok=True)
    return size


def _refuse_if_there(file: Path) -> None:
    if file.exists():
        raise FileExistsError


def _finish(part: Path, backup_at: int) -> None:
    """Add when it was made; leave out which processes ran."""
    connection = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM processes")
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_BACKUP_AT, str(backup_at)))
    finally:
        connection.close()


async def restore(
    url: str,
    file: Path,
    *,
    vault: Vault,
    journal: Sequence[Line],
    replace: bool,
    now: datetime,
    progress: Progress,
) -> Restored:
    """Put the backup in the place of the store at `url`, brought up to date, with every account held.

    Raises CannotOpenStore where the file is no backup or damaged, where the store is in use, or is not empty and not to
    be replaced; WrongSecretKey, DatabaseIsNewer; StoreUnavailable.
    """
    if is_postgresql(url):
        from confrere.store import postgresql

        await postgresql.refuse_if_used(url, replace=replace)
        folder = file.parent
    else:
        sqlite.refuse_if_used(sqlite.path_of(url), replace=replace)
        folder = sqlite.path_of(url).parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f".restoring.{secrets.token_hex(4)}"
    try:
        await asyncio.to_thread(_copy, file, part, progress)
        await asyncio.to_thread(sqlite.refuse_if_damaged, part)
        await sqlite.migrate(part)
        restored = await _prepare(part, vault, journal, now)
        if is_postgresql(url):
            from confrere.store import postgresql

            await postgresql.copy_in(url, part, progress)
            return restored
        replaced = await asyncio.to_thread(sqlite.put_in_place, part, sqlite.path_of(url), now)
        return dataclasses.replace(restored, replaced=replaced)
    except OSError as fault:
        raise CannotOpenStore(f"The backup {file} cannot be restored: {fault.strerror}") from fault
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            part.with_name(part.name + suffix).unlink(missing_ok=True)
        with suppress(OSError):
            part.with_name(f"{part.name}.instances").rmdir()


def _copy(file: Path, part: Path, progress: Progress) -> None:
    total = file.stat().st_size
    with file.open("rb") as source, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while block := source.read(_COPY_BYTES):
            copy.write(block)
            progress(copy.tell(), total)


async def _prepare(part: Path, vault: Vault, journal: Sequence[Line], now: datetime) -> Restored:
    engine: Engine = await sqlite.open_engine(part)
    try:
        store = await assemble(engine, vault, lambda: now)
        lacking = lacking_in(journal, await engine.read_many("list_lasting_changes", 0), store.fingerprints.stand_in)
        known = {(one.workspace_id, one.person) for one in await store.list_erasures()}
        missing = [one for one in erasures_of(journal) if (one.workspace_id, one.person) not in known]
        await _erase_again(store, missing, now)
        again = {**await apply_again(store, journal), LastingKind.ERASED: len(missing)}
        rows = await engine.read("read_meta", _BACKUP_AT)
        backup_at = int(rows[0][0]) if rows else (await engine.read("find_newest_send"))[0][0]
        script = partial(_hold_accounts, store.fingerprints, from_micros(backup_at), again, now)
        held, campaigns = await engine.transact(script)
        await engine.discard_deleted()
        return Restored(from_micros(backup_at), held, again, campaigns, lacking)
    finally:
        await engine.close()


async def _erase_again(store: SqlStore, erasures: Sequence[Erasure], now: datetime) -> None:
    """Erase those of whom only the stand-in is known: whoever in the store has it."""
    wanted = {(one.workspace_id, one.person): one for one in erasures}
    rows = await store.engine.read_many("list_recipients") if wanted else []
    for workspace_id, recipient in rows:
        person = store.fingerprints.stand_in(workspace_id, recipient)
        erasure = None if is_stand_in(recipient) else wanted.pop((workspace_id, person), None)
        if erasure is not None:
            sealed = store.vault.seal(recipient)
            work = partial(erase_person, erasure, recipient, sealed, store.engine.overlap, now)
            await store.engine.transact(work)
    for one in wanted.values():  # nothing of theirs is in the backup, and nothing is to come
        await store.engine.transact(partial(_list_erased, one))


def _list_erased(erasure: Erasure) -> Script[None]:
    yield Query("add_erased", (erasure.workspace_id, erasure.person, to_micros(erasure.erased_at)))


def _hold_accounts(
    fingerprints: Fingerprints, backup_at: datetime, again: Mapping[LastingKind, int], now: datetime
) -> Script[tuple[int, int]]:
    rows = yield Query("hold_restored", (to_micros(UNTIL_RELEASED), to_micros(backup_at), to_micros(now)))
    for query in _FORGOTTEN:
        yield Query(query)
    yield Query("remove_meta", (_BACKUP_AT,))
    oldest = to_micros(now - OLDEST_DELIVERY)
    yield Query("fail_old_deliveries", (oldest, f"{_TOO_OLD} {iso_z(backup_at)} was restored"))
    yield Query("delete_old_new_events", (oldest,))
    campaigns: int = only((yield Query("count_running_campaigns")))[0]
    made = "".join(f"; {kind} again: {count}" for kind, count in again.items() if count)
    detail = f"of {iso_z(backup_at)}; accounts held: {len(rows)}{made}"
    for workspace_id, *_ in (yield Query("list_workspaces")):
        yield from append_entry(
            fingerprints, workspace_id, COMMAND_LINE, AuditAction.BACKUP_RESTORED, now, detail=detail
        )
    return len(rows), campaigns
