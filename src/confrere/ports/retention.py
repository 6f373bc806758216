"""Dropping data that is too old."""

from datetime import datetime
from typing import Protocol

from confrere.domain.retention import Kept


class RetentionStore(Protocol):
    """Drops old data in small transactions, so that nobody who writes waits long."""

    async def drop_old(self, kind: Kept, before: datetime, after: str | None, *, count: int) -> str | None:
        """Drop what is older than `before` among the next rows; return where to go on, None at the end.

        after:  what the call before has returned; None begins anew.
        count:  how many rows are looked at.
        """
        ...

    async def discard_dropped(self) -> None:
        """Remove what was dropped from the engine's own files, as far as that is up to this process."""
        ...
