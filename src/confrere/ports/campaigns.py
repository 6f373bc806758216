"""Campaigns."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, PauseCause, PersonText
from confrere.domain.urns import ProfileUrn


class Campaigns(Protocol):
    """Campaigns as rows. `Ledger.reserve` and `Ledger.settle` move their people; see there, and `PersonDeclined`."""

    async def add_campaign(self, campaign: Campaign, text: str) -> None:
        """Write a draft. Its text is encrypted; a draft with a template has the template's newest text instead.

        Raises NotFound where there is no such template.
        """
        ...

    async def change_campaign(
        self, workspace_id: str, campaign_id: str, change: Callable[[Campaign], Campaign], *, text: str | None = None
    ) -> Campaign:
        """Replace a draft by what `change` makes of it, and its text by `text` (None: as it is), in one transaction.

        Raises NotFound, also where there is no such template; WrongStatus.
        """
        ...

    async def read_campaign(self, workspace_id: str, campaign_id: str) -> Campaign:
        """Raises NotFound."""
        ...

    async def read_campaign_text(self, workspace_id: str, campaign_id: str) -> str:
        """Return the template from which the texts are made. Raises NotFound.

        Who has no text of their own gets it as it is. A draft that uses a saved template has its newest text.
        """
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
        staged: int = 0,
        expected: Campaign | None = None,
    ) -> Campaign:
        """Freeze people and template and let the campaign run, or wait for its `starts_at`, in one transaction.

        people:    after those who are staged; all of them where these are few.
        now:       the one with which people were staged.
        staged:    how many are.
        expected:  the draft for which the people's texts were made; None: as it is now.
        Raises:    NotFound, WrongStatus; ContentChanged where the draft, or its template, was changed since, or where
                   another start has staged people.
        """
        ...

    async def stage_people(self, draft: Campaign, people: Sequence[PersonText], *, staged: int, now: datetime) -> int:
        """Write some of the people of a draft that is being started; return how many there are then.

        Nobody sees them before `start_campaign`. staged: how many there were. Raises as it does.
        """
        ...

    async def drop_staged_people(self, draft: Campaign, *, by: datetime | None) -> bool:
        """Delete some of the people whom a start has staged and not started; False where there are none (any more).

        by:  the `now` of that start; None: of any.
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
