"""Liveness, clocks and damage."""

from collections.abc import Sequence
from typing import Protocol


class Vitals(Protocol):
    """Whether the store and the processes around it are well."""

    async def ping(self) -> None:
        """Raises StoreUnavailable where the store cannot be read, or this process's last transaction failed."""
        ...

    async def beat(self, *, is_worker: bool) -> None:
        """Report that this process lives, and what its clock says, for the others to compare with theirs."""
        ...

    async def has_worker(self) -> bool:
        """Whether a worker lives: it has beaten within three beats. A beat of the future is none."""
        ...

    async def check_clock(self, *, with_accounts: bool = False) -> None:
        """Raises ClockWrong where this process's clock contradicts another one, or the windows that accounts used."""
        ...

    async def accept_clock(self) -> int:
        """Count units of days that have not come as used today, for how many accounts. Raises ClockWrong.

        For a person who knows that the clock is right now: no automatic rule can.
        """
        ...

    async def find_damage(self) -> Sequence[str]:
        """What is wrong with the database's files; reads all of them."""
        ...
