"""One connection to the database file, asked by the names of queries."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import apsw

from confrere.domain.errors import StoreDamaged, StoreUnavailable
from confrere.store.queries import load_queries
from confrere.store.rows import Row
from confrere.store.script import Query, Script, T

WRITE_PATIENCE_MS: Final = 5_000
"""How long a writer waits for another process's transaction."""

READ_PATIENCE_MS: Final = 250
"""Readers wait only while the log is being recovered or taken away."""

_CACHED_STATEMENTS = 200

DAMAGED: Final = (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError)
"""A page that is not what SQLite wrote, or text that nobody wrote."""

UNAVAILABLE: Final = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.ConnectionClosedError,
    apsw.FullError,
    apsw.InterruptError,
    apsw.IOError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.PermissionsError,
    apsw.ProtocolError,
    apsw.ReadOnlyError,
    *DAMAGED,
)
"""What can be the matter with a file or a machine. Anything else that SQLite raises is a bug of ours."""


@cache
def queries() -> dict[str, str]:
    """All queries in SQLite's spelling."""
    return load_queries("shared", "pacing", "sqlite", for_sqlite=True)


class Connection:
    """Used by one thread at a time."""

    def __init__(self, path: Path, *, patience_ms: int, read_only: bool = False) -> None:
        """Open an existing file."""
        self._queries = queries()
        self.raw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=_CACHED_STATEMENTS)
        self._patience_ms = patience_ms
        self.raw.set_busy_timeout(patience_ms)
        self.raw.execute("PRAGMA synchronous = FULL")  # a commit that was answered survives the loss of power
        if read_only:
            self.raw.execute("PRAGMA query_only = 1")
        self._cursor = self.raw.cursor()  # one for all, since to make one costs as much as a short statement

    def ask(self, query: str, *values: Any) -> Sequence[Row]:
        """All rows of the named query."""
        return self._cursor.execute(self._queries[query], values).fetchall()

    def first(self, query: str, *values: Any) -> Row | None:
        """The first row of the named query, if any."""
        rows = self._cursor.execute(self._queries[query], values).fetchall()
        return rows[0] if rows else None

    def change(self, query: str, *values: Any) -> int:
        """How many rows the named query has changed."""
        self._cursor.execute(self._queries[query], values)
        return self.raw.changes()

    def without_patience(self, statement: str) -> None:
        """Run it; where another process is in the way, raise BusyError at once."""
        self.raw.set_busy_timeout(0)
        try:
            self.raw.execute(statement)
        finally:
            self.raw.set_busy_timeout(self._patience_ms)

    def run(self, script: Script[T], is_alive: Callable[[str], bool]) -> T:
        """Drive a script to its end."""
        try:
            wish = next(script)
            while True:
                rows: Sequence[Row]
                if isinstance(wish, Query):
                    rows = self.ask(wish.query, *wish.values)
                else:
                    rows = [(name,) for name in wish.instances if is_alive(name)]
                wish = script.send(rows)
        except StopIteration as end:
            value: T = end.value
            return value

    def close(self) -> None:
        """Let go."""
        self.raw.close()


def unavailable(fault: BaseException) -> StoreUnavailable:
    """The fault in SQLite's fixed words, which hold no value."""
    if isinstance(fault, UnicodeDecodeError):
        return StoreDamaged("SQLite: the file is damaged: text that is no UTF-8")
    if isinstance(fault, DAMAGED):
        return StoreDamaged(f"SQLite: the file is damaged: {fault}")
    return StoreUnavailable(f"SQLite: {type(fault).__name__}: {fault}")
