"""Opening the file: made and migrated under the write lock, so that two processes can start at once."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from confrere.store.errors import CannotOpenStore, StoreMissing
from confrere.store.migrations import check_migrations, load_migrations, missing_after
from confrere.store.script import T
from confrere.store.sqlite.connection import READ_TIMEOUT_MS, WRITE_TIMEOUT_MS, Connection, unavailable
from confrere.store.sqlite.engine import SqliteEngine
from confrere.store.sqlite.liveness import Instances

_MIGRATION_TIMEOUT_MS = 30_000


async def open_engine(path: Path) -> SqliteEngine:
    """Open a migrated file. Raises CannotOpenStore with all that is below it, StoreUnavailable."""
    loop = asyncio.get_running_loop()

    def connect() -> SqliteEngine:
        if not path.exists():
            raise StoreMissing(path)
        writer = _connect(path, WRITE_TIMEOUT_MS)
        check_migrations(_migration_number(writer), "sqlite")
        reader = Connection(path, timeout_ms=READ_TIMEOUT_MS, read_only=True)
        return SqliteEngine(path, writer, reader, Instances(path), loop)

    return await asyncio.to_thread(_translate_faults, path, connect)


async def migrate(path: Path) -> list[str]:
    """Apply pending migrations; return the names of those applied."""
    return await asyncio.to_thread(_translate_faults, path, lambda: _migrate(path))


def _translate_faults(path: Path, work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as fault:
        raise CannotOpenStore(f"The database file {path} cannot be used: {fault.strerror}") from fault
    except (apsw.CantOpenError, apsw.NotADBError, apsw.PermissionsError, apsw.ReadOnlyError) as fault:
        raise CannotOpenStore(f"The database file {path} cannot be used: {fault}") from fault
    except apsw.Error as fault:
        raise unavailable(fault) from fault


def _migrate(path: Path) -> list[str]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = _connect(path, _MIGRATION_TIMEOUT_MS)
    try:
        raw = connection.raw
        raw.execute("BEGIN IMMEDIATE")
        raw.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
        )
        pending = missing_after(_migration_number(connection), load_migrations("sqlite"))
        for migration in pending:
            raw.execute(migration.sql)
            connection.ask("record_migration", (migration.number, migration.name, time.time_ns() // 1_000))
        raw.execute("COMMIT")
        return [migration.name for migration in pending]
    finally:
        connection.close()  # undoes what was not committed


def _connect(path: Path, timeout_ms: int) -> Connection:
    connection = Connection(path, timeout_ms=timeout_ms)
    deadline = time.monotonic() + timeout_ms / 1_000
    while True:
        try:
            connection.raw.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:  # SQLite does not wait for this lock by itself
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return connection


def _migration_number(connection: Connection) -> int:
    if not connection.raw.table_exists("main", "migrations"):
        return 0
    row = connection.first("find_migration_number")
    return int(row[0]) if row else 0


def path_of(url: str) -> Path:
    """Return the file that the URL names. Raises CannotOpenStore."""
    path = url.removeprefix("sqlite://")
    if not url.startswith("sqlite:///") or path.endswith("/"):
        raise CannotOpenStore("The store's URL must be sqlite:///<absolute path> or postgresql://…")
    return Path("/" + path.lstrip("/"))
