"""Audiences, campaigns and their people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaign import (
    Audience,
    AudiencePerson,
    Campaign,
    CampaignCounts,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonFilter,
    PersonText,
    SkipReason,
)
from confrere.domain.message import MessageText
from confrere.domain.urns import ProfileUrn


class Campaigns(Protocol):
    """Campaigns as rows. `Ledger.reserve` and `Ledger.settle` move their people; see there, and `PersonDeclined`."""

    async def add_audience(self, audience: Audience, people: Sequence[AudiencePerson]) -> Audience:
        """Write an audience with its people, each once, in one transaction. Returns it with its count."""
        ...

    async def read_audience(self, workspace_id: str, audience_id: str) -> Audience:
        """Raises NotFound."""
        ...

    async def list_audiences(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[Audience]:
        """Return a page, the newest first."""
        ...

    async def list_audience_people(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, AudiencePerson]]:
        """Return people with their places, in the order in which they were added, from 1."""
        ...

    async def foresee_skips(self, workspace_id: str, audience_id: str) -> Mapping[SkipReason, int]:
        """Count the people of an audience to whom a reserving transaction would decline to write now, by reason."""
        ...

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
    ) -> int:
        """Add those who are not in it yet to a campaign that was started; return how many. A finished one runs again.

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

    async def count_campaign_people(self, campaign_id: str, now: datetime) -> CampaignCounts:
        """Count the people of the campaign by status."""
        ...

    async def list_campaign_people(
        self, workspace_id: str, campaign_id: str, which: PersonFilter, *, after_id: str | None, count: int
    ) -> Sequence[CampaignPerson]:
        """Return a page in the order in which the people were added, beginning after the person `after_id`."""
        ...

    async def read_campaign_person(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> CampaignPerson:
        """Raises NotFound."""
        ...

    async def read_person_text(self, workspace_id: str, person_id: str) -> MessageText:
        """Return what this person of a campaign gets, decrypted. Raises NotFound."""
        ...

    async def hold_person(self, workspace_id: str, recipient: ProfileUrn, until: datetime | None, now: datetime) -> int:
        """Put the person off in all campaigns in which they wait, or end that (None); return in how many."""
        ...

    async def mark_person_replied(self, workspace_id: str, recipient: ProfileUrn, now: datetime) -> int:
        """Make the person `replied` in all campaigns of the workspace; return in how many."""
        ...

    async def skip_person(self, person: CampaignPerson, reason: SkipReason, now: datetime) -> bool:
        """Skip a person who still waits; return whether that was so."""
        ...

    async def put_person_off(self, person: CampaignPerson, until: datetime) -> None:
        """Try others first until then, where the person still waits."""
        ...
