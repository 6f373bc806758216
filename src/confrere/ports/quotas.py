"""Units of quotas that are spent by reading."""

from datetime import datetime
from typing import Protocol

from confrere.domain.limits import Action
from confrere.domain.reservation import TakenUnits


class Quotas(Protocol):
    """Units of quotas that reads spend. They have no rows in the ledger, so that a crash leaves them taken."""

    async def take_units(self, account_id: str, action: Action, *, limit: int, count: int, now: datetime) -> TakenUnits:
        """Take up to `count` units of the window that holds `now`, durably and never past `limit`.

        Raises QuotaUsedUp where none is left.
        """
        ...

    async def settle_units(self, taken: TakenUnits, *, spent: int, now: datetime) -> TakenUnits:
        """Give back what was not spent, into the window it was taken from; call it once.

        Returns the units that stay taken, with the state of the window that holds `now`.
        """
        ...
