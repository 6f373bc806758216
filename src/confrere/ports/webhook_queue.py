"""The queue of events and deliveries of webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.webhooks import ClaimedDelivery, DeliveryStatus, DisabledReason, NewEvent, Try


class WebhookQueue(Protocol):
    """What a worker that delivers events claims, reads and writes."""

    async def list_new_events(self, *, count: int) -> Sequence[NewEvent]:
        """Return events whose bodies are not made yet, the oldest first."""
        ...

    async def add_bodies(self, bodies: Mapping[str, bytes], now: datetime) -> int:
        """Store the bodies by their events' ids, and begin the deliveries. Returns how many deliveries.

        The first body of an event is the one that stays. An event that nobody wants any more is deleted.
        """
        ...

    async def claim_deliveries(
        self, now: datetime, *, at_once: int, count: int, lease_until: datetime
    ) -> Sequence[ClaimedDelivery]:
        """Lease deliveries that are due, each to one caller only. The lease of a dead process is over.

        at_once:  how many may be under way to one endpoint, counted over all processes.
        count:    how many to claim at most.
        """
        ...

    async def end_try(
        self, delivery: ClaimedDelivery, result: Try, status: DeliveryStatus, next_at: datetime | None, now: datetime
    ) -> DisabledReason | None:
        """Write what came of a try; return why the webhook is disabled for it, where it is.

        Answered with 410, or where all tries have failed for five days, it is, and its other deliveries end. Nothing is
        written where the lease is over.
        """
        ...

    async def report_ended_holds(self, now: datetime) -> int:
        """Write the events of accounts whose holds have ended; return how many holds."""
        ...

    async def delete_old_deliveries(self, before: datetime, *, count: int) -> int:
        """Delete at most so many deliveries, and as many events, that are older; return how many."""
        ...
