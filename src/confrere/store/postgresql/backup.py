"""Copies between the server's database and a SQLite file of the same schema."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import apsw
import asyncpg

from confrere.store.errors import CannotOpenStore
from confrere.store.migrations import check_migrations
from confrere.store.postgresql.connections import Connection
from confrere.store.postgresql.faults import FAULTS, cannot_open
from confrere.store.postgresql.opening import migrate, migration_number
from confrere.store.sqlite.opening import migrate as migrate_file

Progress = Callable[[int, int], None]

_ROWS: Final = 2_000
_PATIENCE_SECONDS: Final = 3_600.0
"""A statement copies a whole table."""

_NOT_DATA: Final = frozenset({"migrations"})
_MADE_BY_MIGRATIONS: Final = frozenset({"workspaces", "meta", "processes"})
"""Tables in which an empty store may have rows."""


async def copy_out(url: str, file: Path, progress: Progress) -> None:
    """Copy all rows, as they are in one snapshot, into a file that is empty."""
    await migrate_file(file)
    try:
        connection = await asyncpg.connect(url, command_timeout=_PATIENCE_SECONDS)
        try:
            check_migrations(await migration_number(connection), "postgresql")
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await _copy_out(connection, file, progress)
        finally:
            await connection.close()
    except (*FAULTS, ValueError) as fault:
        raise cannot_open(fault, url) from None


async def _copy_out(connection: Connection, file: Path, progress: Progress) -> None:
    target = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        target.execute("PRAGMA journal_mode = DELETE")
        tables = _tables(target)
        counts = [await connection.fetchval(f"SELECT COUNT(*) FROM {table}") for table in tables]  # noqa: S608  # of our schema
        done, total = 0, sum(counts)
        target.execute("BEGIN IMMEDIATE")
        for table, columns in tables.items():
            target.execute(f"DELETE FROM {table}")  # noqa: S608  # the migrations' own rows
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            cursor = await connection.cursor(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608
            while rows := await cursor.fetch(_ROWS):
                await asyncio.to_thread(target.executemany, insert, [tuple(row) for row in rows])
                done += len(rows)
                progress(done, total)
        target.execute("COMMIT")
    finally:
        target.close()


async def refuse_if_used(url: str, *, replace: bool) -> None:
    """Raise CannotOpenStore where a process has the store open, or it has rows that are not to be replaced."""
    try:
        connection = await asyncpg.connect(url, command_timeout=_PATIENCE_SECONDS)
        try:
            others = await connection.fetchval(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name IN ('confrere', 'confrere instance')"
            )
            if others:
                raise CannotOpenStore("The store is in use: stop every server, worker and agent that has it open")
            if not replace and await migration_number(connection) and await _has_rows(connection):
                raise CannotOpenStore("The database is not empty: --replace puts the backup in the place of its rows")
        finally:
            await connection.close()
    except (*FAULTS, ValueError) as fault:
        raise cannot_open(fault, url) from None


async def _has_rows(connection: Connection) -> bool:
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    for (table,) in names:
        if table not in _NOT_DATA | _MADE_BY_MIGRATIONS and await connection.fetchval(
            f"SELECT EXISTS (SELECT 1 FROM {table})"  # noqa: S608  # a table's name from the catalog
        ):
            return True
    return False


async def copy_in(url: str, file: Path, progress: Progress) -> None:
    """Put the file's rows in the place of all rows, in one transaction."""
    await migrate(url)
    source = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        connection = await asyncpg.connect(url, command_timeout=_PATIENCE_SECONDS)
        try:
            async with connection.transaction():
                await _copy_in(connection, source, progress)
        finally:
            await connection.close()
    except (*FAULTS, ValueError) as fault:
        raise cannot_open(fault, url) from None
    finally:
        source.close()


async def _copy_in(connection: Connection, source: apsw.Connection, progress: Progress) -> None:
    tables = _tables(source)
    total = sum(next(source.execute(f"SELECT COUNT(*) FROM {table}"))[0] for table in tables)  # noqa: S608
    done = 0
    await connection.execute(f"TRUNCATE {', '.join(tables)}")
    for table, columns in tables.items():
        for rows in _batches(source.execute(f"SELECT {', '.join(columns)} FROM {table}")):  # noqa: S608
            await connection.copy_records_to_table(table, records=rows, columns=columns)
            done += len(rows)
            progress(done, total)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _tables(file: apsw.Connection) -> dict[str, list[str]]:
    """Return the tables of the schema but that of the migrations, with their columns."""
    names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        name: [row[1] for row in file.execute(f"PRAGMA table_info({name})")]
        for name in names
        if name not in _NOT_DATA and not name.startswith("sqlite_")
    }
