"""What the store needs of a database engine."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from confrere.domain.errors import StoreUnavailable
from confrere.store.reservation_decision import ClaimRow, Decision
from confrere.store.rows import Row
from confrere.store.script import Script, T
from confrere.store.settling import RecordStops, SettlementRow

DEFERRED_WRITE_SECONDS = 0.1
"""Writes for which no caller waits are written together, at most so much later."""


class Engine(Protocol):
    """One open database. Where it does not answer, everything raises StoreUnavailable and has changed nothing.

    instance:  the random name of this open store; others can check whether it lives.
    """

    instance: str

    @property
    def write_fault(self) -> StoreUnavailable | None:
        """Why this process's last transaction failed; None where it was committed."""
        ...

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """Return the committed rows of one query that touches few."""
        ...

    async def read_many(self, query: str, *values: Any, **named: Any) -> Sequence[Row]:
        """Return the committed rows of one query that may touch many, without delaying other callers.

        named:  the values of a query that names its parameters.
        """
        ...

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """Run the script as one durable transaction; `script` is called anew where the transaction is repeated."""
        ...

    async def write(self, query: str, values: Mapping[str, Any]) -> None:
        """Run one query durably; many callers' calls of it may be one transaction, in any order."""
        ...

    async def reserve(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """Decide a claim and write what follows, in one durable transaction.

        Where the caller is cancelled meanwhile, the send is settled with `if_abandoned` as soon as it is decided.
        """
        ...

    async def settle(self, settlement: SettlementRow, record: RecordStops) -> Row | None:
        """Write a settlement, durably, even where the caller is cancelled.

        record:  called where it has stopped something, as the last part of its transaction.
        Returns the send's columns, then daily_limit, used, last_taken_at, rules; None where there is no such send.
        """
        ...

    def write_later(self, query: str, *values: Any, flush: bool = False) -> None:
        """Run this query soon, and before this process decides whether a claim is a repeat; no caller waits for it.

        flush:  write it, and what else is deferred, now: other processes may be waiting to read it.
        """
        ...

    async def find_damage(self) -> Sequence[str]:
        """Check the database's files; return what is wrong, in the engine's words."""
        ...

    @property
    def overlap(self) -> timedelta:
        """How long after a commit another transaction may still write what it read before it; zero with one writer."""
        ...

    async def discard_deleted(self) -> None:
        """Remove from the engine's own files what was deleted or overwritten, as far as that is up to this process."""
        ...

    async def close(self) -> None:
        """Write the deferred queries, then close every connection."""
        ...
