"""Liveness, clocks and damage."""

from collections.abc import Sequence
from typing import Protocol

from confrere.domain.installation import ProcessBeat


class Vitals(Protocol):
    """Whether the store can be read, which processes live, and whether their clocks agree."""

    async def ping(self) -> None:
        """Raise StoreUnavailable where the store cannot be read, or this process's last transaction failed."""
        ...

    async def beat(self, *, is_worker: bool) -> None:
        """Record that this process lives, and its clock, which the other processes compare with theirs."""
        ...

    async def has_worker(self) -> bool:
        """Whether a worker has reported within the last three intervals. Reports from the future do not count."""
        ...

    async def list_processes(self) -> Sequence[ProcessBeat]:
        """Return the processes that have reported lately, those that look for unknown sends first."""
        ...

    async def check_clock(self, *, with_accounts: bool = False) -> None:
        """Raise ClockWrong where this process's clock contradicts another one, or the windows that accounts used."""
        ...

    async def accept_clock(self) -> int:
        """Count units of days to come as used today. Returns for how many accounts. Raises ClockWrong.

        For a person who knows that the clock is right now: no automatic rule can.
        """
        ...

    async def find_damage(self) -> Sequence[str]:
        """Read all of the database's files, and return what is wrong with them."""
        ...
