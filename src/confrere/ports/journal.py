"""The journal of changes that outlast the restoring of an older backup."""

from typing import Protocol

from confrere.domain.erasure import Erasure


class ChangeJournal(Protocol):
    """Keeps, outside of the store, what a restored backup of it must not undo.

    fault:  why the last changes are not in it yet; None where they are.
    """

    fault: str | None

    async def add_erasure(self, erasure: Erasure) -> None:
        """Keep an erasure that is about to be made, durably. Raises OSError."""
        ...

    async def copy(self) -> None:
        """Keep all changes that the store has recorded; `fault` says whether that failed. Raises StoreUnavailable."""
        ...

    async def copy_own(self) -> None:
        """Keep those that were recorded since this process has opened the store."""
        ...
