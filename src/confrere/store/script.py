"""Transactions written once for both engines: generators that yield queries and are sent their rows.

A script never touches a driver. SQLite's writer runs it synchronously, PostgreSQL's pool asynchronously; either way it
is one transaction.
"""

from collections.abc import Generator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from confrere.domain.errors import StoreDamaged
from confrere.domain.lasting import LastingKind
from confrere.store.queries import Values
from confrere.store.rows import Row, to_micros

T = TypeVar("T")


class Query(NamedTuple):
    """Run the query of this name. values: by name where it names its parameters, otherwise in their order."""

    name: str
    values: Values = ()


class LivenessQuery(NamedTuple):
    """Ask which of these store instances live; the answer has one row for each, holding its id."""

    instances: frozenset[str]


Script = Generator[Query | LivenessQuery, Sequence[Row], T]


def lasting(at: datetime | int, kind: LastingKind, workspace_id: str, subject: str) -> Query:
    """Return the query that records a change which a restored older backup must not undo."""
    micros = at if isinstance(at, int) else to_micros(at)
    return Query("add_lasting_change", (micros, kind.value, workspace_id, subject))


def only(rows: Sequence[Row]) -> Row:
    """Return the one row, which this transaction has written or read before. Raises StoreDamaged."""
    if not rows:
        raise StoreDamaged("A row that this transaction has read before is gone")
    return rows[0]


def first(rows: Sequence[Row]) -> Row | None:
    """Return the first row, if any."""
    return rows[0] if rows else None


def run_query(name: str, values: Values) -> Script[int]:
    """The transaction of one query. Returns how many rows it returned or wrote."""
    return len((yield Query(name, values)))
