"""Opening the server's database: migrated under an advisory lock, so that two processes can start at once."""

import time
from collections.abc import Mapping
from typing import Any, Final

import asyncpg

from confrere.store.migrations import check_functions, check_migrations, load_functions, load_migrations, missing_after
from confrere.store.postgresql.connections import Connection
from confrere.store.postgresql.engine import PostgresqlEngine
from confrere.store.postgresql.faults import FAULTS, cannot_open
from confrere.store.postgresql.liveness import InstanceLock
from confrere.store.queries import Statement, load_queries

_MIGRATION_LOCK: Final = int.from_bytes(b"confrere")
_MIGRATION_TIMEOUT_SECONDS: Final = 60.0
_STATEMENT_TIMEOUT_SECONDS: Final = 5.0
_CACHED_STATEMENTS: Final = 200

_SESSION: Final = {"application_name": "confrere", "enable_seqscan": "off", "jit": "off"}
"""Every query of a send has its index. A plan made while a table was new and empty reads all of it instead, and is kept
until PostgreSQL has counted the rows, which takes a minute: until then a send took three times the server's time.
"""


async def open_engine(url: str, *, connections: int) -> PostgresqlEngine:
    """Open a migrated database. Raises MigrationPending, DatabaseIsNewer, CannotOpenStore, StoreUnavailable."""
    queries = load_queries("postgresql")
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections,
            command_timeout=_STATEMENT_TIMEOUT_SECONDS,
            timeout=_STATEMENT_TIMEOUT_SECONDS,
            statement_cache_size=_CACHED_STATEMENTS,
            server_settings=_SESSION,
            reset=_leave_as_it_is,
        )
    except (*FAULTS, ValueError) as fault:
        raise cannot_open(fault, url) from None
    instance = InstanceLock(url, queries["hold_instance"].sql)
    try:
        async with pool.acquire() as connection:
            check_migrations(await migration_number(connection), "postgresql")
            check_functions(await connection.fetchval(queries["find_functions"].sql))
        await instance.take()
    except FAULTS as fault:
        pool.terminate()
        raise cannot_open(fault, url) from None
    except BaseException:
        pool.terminate()
        raise
    return PostgresqlEngine(pool, instance, queries)


async def migrate(url: str) -> list[str]:
    """Apply pending migrations; return the names of those applied."""
    queries = load_queries("postgresql")
    try:
        connection = await asyncpg.connect(url, command_timeout=_MIGRATION_TIMEOUT_SECONDS)
        try:
            async with connection.transaction():
                return await _migrate(connection, queries)
        finally:
            await connection.close()
    except (*FAULTS, ValueError) as fault:
        raise cannot_open(fault, url) from None


async def _migrate(connection: Connection, queries: Mapping[str, Statement]) -> list[str]:
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations "
        "(number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
    )
    pending = missing_after(await migration_number(connection), load_migrations("postgresql"))
    for migration in pending:
        await connection.execute(migration.sql)
        values = (migration.number, migration.name, time.time_ns() // 1_000)
        await connection.execute(queries["record_migration"].sql, *values)
    if await connection.fetchval(queries["find_functions"].sql) != load_functions().version:
        await connection.execute(load_functions().sql)
    return [migration.name for migration in pending]


async def migration_number(connection: Connection) -> int:
    """Return the number of the newest migration that the database has had."""
    if await connection.fetchval("SELECT to_regclass('migrations') IS NULL"):
        return 0
    return int(await connection.fetchval(load_queries("postgresql")["find_migration_number"].sql))


async def _leave_as_it_is(_connection: Any) -> None:
    """Skip the round trip that resets a session: ours keep no state, and asyncpg ends open transactions anyway."""
