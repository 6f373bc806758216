"""What the store needs of a database engine."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from confrere.domain.errors import StoreUnavailable
from confrere.store.reservation_decision import ClaimRow, Decision
from confrere.store.rows import Row
from confrere.store.script import Script, T
from confrere.store.settling import SettlementRow

NOTES_DELAY_SECONDS = 0.1
"""DeferredWrites for which nobody waits are written together, this much later at the latest."""


class Engine(Protocol):
    """One open database. Where it does not answer, everything raises StoreUnavailable and has changed nothing.

    instance:  the random name of this open store; others can tell whether it lives.
    """

    instance: str

    @property
    def write_fault(self) -> StoreUnavailable | None:
        """Why this process's last transaction failed; None where it was committed."""
        ...

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """The rows of one query that touches few, from what is committed."""
        ...

    async def read_many(self, query: str, *values: Any) -> Sequence[Row]:
        """The rows of one query that may touch many, without keeping others waiting."""
        ...

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """Run the script as one durable transaction; a new generator is asked for where it has to run again."""
        ...

    async def rule(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """Decide a claim and write what follows, in one durable transaction.

        Where the caller is cancelled meanwhile, the send is settled with `if_abandoned` as soon as it is decided.
        """
        ...

    async def settle(self, settlement: SettlementRow) -> Row | None:
        """Write a settlement, durably; None where there is no such send. Cancelling the caller stops nothing."""
        ...

    async def add_opt_outs(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """Add those who are not there yet; how many that were."""
        ...

    def note(self, query: str, *values: Any, at_once: bool = False) -> None:
        """Run this query soon, before this process judges whether a claim is a repeat; nobody waits for it.

        at_once:  other processes may be waiting to know.
        """
        ...

    async def find_damage(self) -> Sequence[str]:
        """What is wrong with the database's files, in the engine's words; nothing where no check finds anything."""
        ...

    async def close(self) -> None:
        """Write the notes, then let go."""
        ...
