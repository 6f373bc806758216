"""Transactions written once for both engines: generators that ask for rows and are sent them.

A script never touches a driver. SQLite's writer thread runs it synchronously, PostgreSQL's pool asynchronously; either
way it is one transaction.
"""

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from confrere.domain.errors import StoreDamaged
from confrere.store.rows import Row

T = TypeVar("T")


class Query(NamedTuple):
    """Run the query of this name with these values."""

    query: str
    values: tuple[Any, ...] = ()


class LivenessQuery(NamedTuple):
    """Which of these store instances live? Answered with one row each, holding the id."""

    instances: frozenset[str]


Script = Generator[Query | LivenessQuery, Sequence[Row], T]


def only(rows: Sequence[Row]) -> Row:
    """The row that the transaction has written, or has read before. Raises StoreDamaged."""
    if not rows:
        raise StoreDamaged("A row that was there a moment ago cannot be found")
    return rows[0]


def first(rows: Sequence[Row]) -> Row | None:
    """The first row, if any."""
    return rows[0] if rows else None
