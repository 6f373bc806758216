"""One connection to the database file, which runs queries by their names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import apsw

from confrere.domain.errors import StoreDamaged, StoreUnavailable
from confrere.store.queries import Values, load_queries
from confrere.store.rows import Row
from confrere.store.script import Query, Script, T

WRITE_TIMEOUT_MS: Final = 5_000
"""How long a writer waits for another process's transaction."""

READ_TIMEOUT_MS: Final = 250
"""Readers wait only while the log is being recovered or removed."""

_CACHED_STATEMENTS = 200

DAMAGED: Final = (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError)
"""A damaged page, or text that is not UTF-8."""

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
"""Faults of a file or a machine. Anything else that SQLite raises is a bug of ours."""


class Connection:
    """A connection, used by one thread at a time."""

    def __init__(self, path: Path, *, timeout_ms: int, read_only: bool = False) -> None:
        """Open an existing file."""
        self._queries = load_queries("sqlite")
        self.raw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=_CACHED_STATEMENTS)
        self._timeout_ms = timeout_ms
        self.raw.set_busy_timeout(timeout_ms)
        self.raw.execute("PRAGMA synchronous = FULL")  # a commit that was answered survives the loss of power
        self.raw.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        if read_only:
            self.raw.execute("PRAGMA query_only = 1")
        self._cursor = self.raw.cursor()  # one for all, since to make one costs as much as a short statement

    def ask(self, query: str, values: Values = ()) -> Sequence[Row]:
        """Run the query of this name; return all rows."""
        statement = self._queries[query]
        return self._cursor.execute(statement.sql, statement.bind(values)).fetchall()

    def first(self, query: str, values: Values = ()) -> Row | None:
        """Run the query of this name; return the first row, if any."""
        rows = self.ask(query, values)
        return rows[0] if rows else None

    def change(self, query: str, values: Values = ()) -> int:
        """Run the query of this name; return how many rows it has changed."""
        self.ask(query, values)
        return self.raw.changes()

    def run_at_once(self, statement: str) -> None:
        """Run SQL; raise BusyError without waiting where another process holds the lock."""
        self.raw.set_busy_timeout(0)
        try:
            self.raw.execute(statement)
        finally:
            self.raw.set_busy_timeout(self._timeout_ms)

    def run(self, script: Script[T], is_alive: Callable[[str], bool]) -> T:
        """Drive a script to its end."""
        try:
            step = next(script)
            while True:
                rows: Sequence[Row]
                if isinstance(step, Query):
                    rows = self.ask(step.name, step.values)
                else:
                    rows = [(name,) for name in step.instances if is_alive(name)]
                step = script.send(rows)
        except StopIteration as end:
            value: T = end.value
            return value

    def close(self) -> None:
        """Close the connection."""
        self.raw.close()


def unavailable(fault: BaseException) -> StoreUnavailable:
    """Translate SQLite's exception; its fixed texts hold no value of a row."""
    if isinstance(fault, UnicodeDecodeError):
        return StoreDamaged("SQLite: the file is damaged: text that is no UTF-8")
    if isinstance(fault, DAMAGED):
        return StoreDamaged(f"SQLite: the file is damaged: {fault}")
    return StoreUnavailable(f"SQLite: {type(fault).__name__}: {fault}")
