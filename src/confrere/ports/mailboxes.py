"""The mailboxes that are polled for replies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.reply import PolledMailbox


class Mailboxes(Protocol):
    """What a worker that polls mailboxes claims and writes."""

    async def add_mailboxes(self, sent_since: datetime, now: datetime) -> int:
        """Let the mailboxes be polled, from now on, of accounts that have sent since; return how many are new."""
        ...

    async def claim_mailboxes(
        self, now: datetime, *, sent_since: datetime, count: int, lease_until: datetime
    ) -> Sequence[PolledMailbox]:
        """Lease mailboxes that are due, each to one caller only. The lease of a dead process is over."""
        ...

    async def release_mailbox(self, mailbox: PolledMailbox, next_at: datetime | None) -> None:
        """Store what the poll has changed, and end the lease.

        next_at:  when it is due again; None: when `add_mailboxes` finds that the account has sent again.
        """
        ...

    async def count_failing_mailboxes(self, since: datetime) -> int:
        """Count the mailboxes that no poll could read since then."""
        ...
