"""The people of campaigns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.campaign import (
    CampaignCounts,
    CampaignPerson,
    Candidate,
    PersonFilter,
    SkipReason,
)
from confrere.domain.message import MessageText
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn


class CampaignPeople(Protocol):
    """Who is in which campaign, and what became of them. `Ledger.reserve` and `Ledger.settle` move them, too."""

    async def list_candidates(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, Candidate]]:
        """Return people of an audience with their places, in their order.

        Each has the reason for which a reserving transaction would decline to write to them now, if any.
        """
        ...

    async def read_candidate(self, workspace_id: str, audience_id: str, recipient: ProfileUrn) -> Candidate:
        """Return one person of an audience. Raises NotFound."""
        ...

    async def count_campaign_people(self, campaign_id: str, now: datetime) -> CampaignCounts:
        """Count the people of the campaign by status."""
        ...

    async def count_people_of_campaigns(
        self, campaign_ids: Sequence[str], now: datetime
    ) -> Mapping[str, CampaignCounts]:
        """Count the people of each campaign by status, in one query."""
        ...

    async def list_campaign_people(
        self, workspace_id: str, campaign_id: str, which: PersonFilter, *, after_id: str | None, count: int
    ) -> Sequence[CampaignPerson]:
        """Return a page in the order in which the people were added, beginning after the person `after_id`."""
        ...

    async def read_campaign_person(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> CampaignPerson:
        """Raises NotFound."""
        ...

    async def list_campaigns_of_person(self, workspace_id: str, recipient: ProfileUrn) -> Sequence[CampaignPerson]:
        """Return one person in all campaigns of the workspace, in the order of the campaigns' ids."""
        ...

    async def list_sends_of_person(
        self, workspace_id: str, recipient: ProfileUrn, *, person_id: str | None, count: int
    ) -> Sequence[Send]:
        """Return the latest sends to the person, newest first.

        person_id:  of a person of a campaign: all attempts of that campaign, and an earlier message for which they
                    were skipped. None: what LinkedIn has or may have, and the attempts of all campaigns.
        """
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
