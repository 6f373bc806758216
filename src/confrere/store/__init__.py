"""The database, on SQLite or PostgreSQL: what `ports.Store` promises."""

from collections.abc import Callable
from datetime import datetime

from confrere.store import sqlite
from confrere.store.backups import Restored, back_up, restore
from confrere.store.clock import read_system_clock
from confrere.store.engine import Engine
from confrere.store.errors import (
    CannotOpenStore,
    DatabaseIsNewer,
    MigrationPending,
    SecretKeyMissing,
    StoreMissing,
    WrongSecretKey,
)
from confrere.store.journal import JournalFile, JournalKeeper, erasure_line
from confrere.store.rotation import rotate_secrets
from confrere.store.sql_store import SqlStore, assemble
from confrere.store.urls import is_postgresql
from confrere.store.vault import Vault

__all__ = [
    "CannotOpenStore",
    "DatabaseIsNewer",
    "JournalFile",
    "JournalKeeper",
    "MigrationPending",
    "Restored",
    "SecretKeyMissing",
    "SqlStore",
    "StoreMissing",
    "Vault",
    "WrongSecretKey",
    "back_up",
    "erasure_line",
    "migrate_store",
    "open_store",
    "restore",
    "rotate_secrets",
]


POSTGRESQL_CONNECTIONS = 10
"""Connections of one process's pool by default. Beside them each process has one for its liveness lock."""


async def open_store(
    url: str,
    *,
    vault: Vault,
    migrate: bool = False,
    connections: int = POSTGRESQL_CONNECTIONS,
    clock: Callable[[], datetime] = read_system_clock,
) -> SqlStore:
    """Open the store at `url`: `sqlite:///<absolute path>` or `postgresql://…`.

    migrate:  apply pending migrations first (a new file or an empty database is one pending migration).
    clock:    this process's, to compare with the clocks that the store knows.
    Raises:   MigrationPending, DatabaseIsNewer, WrongSecretKey, CannotOpenStore; StoreUnavailable.
    """
    if migrate:
        await migrate_store(url)
    engine: Engine
    if is_postgresql(url):
        from confrere.store import postgresql

        engine = await postgresql.open_engine(url, connections=connections)
    else:
        engine = await sqlite.open_engine(sqlite.path_of(url))
    try:
        return await assemble(engine, vault, clock)
    except BaseException:
        await engine.close()
        raise


async def migrate_store(url: str) -> list[str]:
    """Apply pending migrations; return the names of those applied. Safe in several processes at once."""
    if is_postgresql(url):
        from confrere.store import postgresql

        return await postgresql.migrate(url)
    return await sqlite.migrate(sqlite.path_of(url))
