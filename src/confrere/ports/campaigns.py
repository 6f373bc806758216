"""Campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, PauseCause, PersonText
from confrere.domain.message import MessageText
from confrere.domain.urns import ProfileUrn


class Campaigns(Protocol):
    """Campaigns as rows. `Ledger.reserve` and `Ledger.settle` move their people; see there, and `PersonDeclined`."""

    async def add_campaign(self, campaign: Campaign, text: MessageText) -> None:
        """Write a draft. Its text is encrypted."""
        ...

    async def read_campaign(self, workspace_id: str, campaign_id: str) -> Campaign:
        """Raises NotFound."""
        ...

    async def read_campaign_text(self, workspace_id: str, campaign_id: str) -> MessageText:
        """Return the text that everybody gets who has none of their own. Raises NotFound."""
        ...

    async def list_campaigns(
        self,
        workspace_id: str,
        *,
        status: CampaignStatus | None,
        account_id: str | None,
        before_id: str | None,
        count: int,
    ) -> Sequence[Campaign]:
        """Return a page, the newest first; archived campaigns only where `status` says so."""
        ...

    async def start_campaign(
        self,
        workspace_id: str,
        campaign_id: str,
        people: Sequence[PersonText],
        *,
        started_by: str | None,
        first: int | None,
        now: datetime,
    ) -> Campaign:
        """Freeze these people into rows and let the campaign run, or wait for its `starts_at`, in one transaction.

        Raises NotFound, WrongStatus.
        """
        ...

    async def add_campaign_people(
        self, workspace_id: str, campaign_id: str, people: Sequence[PersonText], now: datetime
    ) -> Sequence[ProfileUrn]:
        """Add those who are not in it yet to a campaign that was started; return them. A finished one runs again.

        Raises NotFound, WrongStatus.
        """
        ...

    async def change_campaign_status(
        self,
        workspace_id: str,
        campaign_id: str,
        status: CampaignStatus,
        *,
        cause: PauseCause | None = None,
        now: datetime,
    ) -> Campaign:
        """Pause, resume, stop or archive, durably. Raises NotFound, WrongStatus.

        From when this returns, no message of a campaign that does not run is reserved. To stop it skips who waits.
        """
        ...
