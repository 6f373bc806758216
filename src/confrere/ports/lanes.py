"""Lanes: the accounts' turns to send messages of campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.campaign import Campaign, CampaignPerson, Lane, PauseCause, Turn


class Lanes(Protocol):
    """What a worker that sends messages of campaigns claims, reads and writes."""

    async def start_scheduled(self, now: datetime) -> Sequence[str]:
        """Let scheduled campaigns run whose time has come; pause with `overdue` those that are far too late.

        Returns the ids of those that run now.
        """
        ...

    async def claim_lanes(self, now: datetime, *, count: int, lease_until: datetime) -> Sequence[Lane]:
        """Lease lanes that are due, each to one caller only. The lease of a dead process is over."""
        ...

    async def release_lane(self, lane: Lane, turn: Turn | None, *, last_campaign_id: str | None) -> None:
        """End the lease; the lane is due again at `turn` (None: when it is woken), or at once if it was woken."""
        ...

    async def read_turn(self, account_id: str) -> Turn | None:
        """Return when the account's lane is due; None where it has nothing to do, or is at work."""
        ...

    async def list_running_campaigns(self, account_id: str) -> Sequence[Campaign]:
        """Return the account's running campaigns in the order in which they take turns."""
        ...

    async def pick_person(self, campaign_id: str, now: datetime) -> CampaignPerson | None:
        """Return the first person who waits and may be written to now. Takes O(log n) of all who wait."""
        ...

    async def next_due_at(self, campaign_id: str) -> datetime | None:
        """Return when the first who waits may be written to; None where nobody waits."""
        ...

    async def count_sent_today(self, campaign: Campaign, now: datetime) -> int:
        """Count the campaign's messages of the UTC day that hold a unit."""
        ...

    async def finish_campaign(self, campaign_id: str, now: datetime) -> bool:
        """Finish a running campaign in which nobody is waiting, in flight or unknown; return whether it was so."""
        ...

    async def pause_account(self, account_id: str, cause: PauseCause) -> int:
        """Pause all running campaigns of the account; return how many."""
        ...
