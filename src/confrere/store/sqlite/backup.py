"""Copies of the database file: out of one that is in use, and into its place."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import apsw

from confrere.store.errors import CannotOpenStore, StoreMissing
from confrere.store.sqlite.connection import DAMAGED, unavailable
from confrere.store.sqlite.liveness import Instances

_POLL_SECONDS: Final = 0.1
_FILES: Final = ("", "-wal", "-shm")


async def copy_out(path: Path, file: Path, progress: Callable[[int, int], None]) -> None:
    """Copy the database as it is in one read transaction, which keeps no writer waiting, into an empty file."""
    connection = await asyncio.to_thread(_open, path)
    (pages,), (page_bytes,) = (connection.execute(f"PRAGMA {name}").fetchone() or (0,) for name in _SIZES)
    copying = asyncio.ensure_future(asyncio.to_thread(_copy_out, connection, file))
    while not (await asyncio.wait({copying}, timeout=_POLL_SECONDS))[0]:
        progress(_size_of(file), pages * page_bytes)
    await copying


_SIZES: Final = ("page_count", "page_size")


def _size_of(file: Path) -> int:
    return file.stat().st_size


def _open(path: Path) -> apsw.Connection:
    if not path.exists():
        raise StoreMissing(path)
    return apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)


def _copy_out(connection: apsw.Connection, file: Path) -> None:
    try:
        connection.execute("VACUUM INTO ?", (str(file),))  # writes no page that was freed
    except apsw.Error as fault:
        raise unavailable(fault) from fault
    finally:
        connection.close()


def refuse_if_damaged(file: Path) -> None:
    """Raise CannotOpenStore, unless the file is one of our databases and its structure is whole."""
    problem = "it is no backup of Confrere"
    try:
        connection = _open(file)
        try:
            if connection.table_exists("main", "migrations") and connection.table_exists("main", "meta"):
                found = [row[0] for row in connection.execute("PRAGMA quick_check(1)")]
                problem = "" if found == ["ok"] else f"it is damaged: {found[0]}"
        finally:
            connection.close()
    except (*DAMAGED, apsw.CantOpenError) as fault:
        problem = f"it is damaged, or no backup of Confrere ({type(fault).__name__})"
    if problem:
        raise CannotOpenStore(f"The file cannot be restored: {problem}")


def refuse_if_used(path: Path, *, replace: bool) -> None:
    """Raise CannotOpenStore where a process has the store open, or there is one that is not to be replaced."""
    if path.exists() and _is_used(path):
        raise CannotOpenStore(f"The store {path} is in use: stop every server, worker and agent that has it open")
    if path.exists() and not replace:
        raise CannotOpenStore(f"There is a store at {path}: --replace puts it aside and the backup in its place")


def _is_used(path: Path) -> bool:
    instances = Instances(path)
    try:
        return instances.has_others()
    finally:
        instances.release()


def put_in_place(part: Path, path: Path, now: datetime) -> Path | None:
    """Move a closed database to the store's place, and put aside what stands there; return where that is now."""
    aside = None
    if path.exists():
        aside = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
        for suffix in _FILES:
            with suppress(FileNotFoundError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    for name in (part, part.parent):
        handle = os.open(name, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    part.rename(path)
    return aside
