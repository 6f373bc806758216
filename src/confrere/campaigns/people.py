"""The people of campaigns: reading them, adding some, and putting somebody off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from confrere.campaigns.audiences import AudienceDirectory
from confrere.campaigns.control import CampaignControl, PeopleAdded
from confrere.campaigns.why_not_yet import WhyNotYet
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PersonFilter,
    PersonStatus,
    SkipReason,
    WaitReason,
)
from confrere.domain.errors import InvalidField
from confrere.domain.limits import as_utc
from confrere.domain.opt_out import OptOut
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.ports import Clock, Store

MOST_SENDS = 200
"""Sends of one person that are read at most, the latest."""

REASON_FORM = f"must be one of {', '.join([*WaitReason, *SkipReason])}; of status refused also LinkedIn's words"
OTHER_GROUP = "must be an audience of the campaign's own group"


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """A person of a campaign with all that happened. sends: the latest, newest first."""

    campaign: Campaign
    person: CampaignPerson
    why_not: WhyNot | None
    sends: Sequence[Send]


@dataclass(frozen=True, slots=True)
class PersonOverview:
    """A person over all campaigns of a workspace.

    campaigns:   each with why they have no message of it yet.
    sends:       what LinkedIn has or may have, and all attempts of campaigns; the latest, newest first.
    held_until:  None where they are not held.
    """

    recipient: ProfileUrn
    campaigns: Sequence[tuple[Campaign, CampaignPerson, WhyNot | None]]
    sends: Sequence[Send]
    opt_out: OptOut | None
    held_until: datetime | None


class PeopleOfCampaigns:
    """Who is in the campaigns of a workspace, and why they have no message yet."""

    def __init__(
        self,
        *,
        store: Store,
        audiences: AudienceDirectory,
        campaigns: CampaignControl,
        why_not_yet: WhyNotYet,
        clock: Clock,
    ) -> None:
        self._store = store
        self._audiences = audiences
        self._campaigns = campaigns
        self._why_not_yet = why_not_yet
        self._clock = clock

    async def list_page(
        self,
        workspace_id: str,
        campaign_id: str,
        *,
        status: PersonStatus | None = None,
        reason: str | None = None,
        after_id: str | None = None,
        count: int = 200,
    ) -> Sequence[tuple[CampaignPerson, WhyNot | None]]:
        """Return a page of people, each who waits with the reason, beginning after the person `after_id`.

        reason:  of waiting, of a skip, or with the status refused LinkedIn's words.
        Raises:  NotFound, InvalidField.
        """
        waits_for = None if status is PersonStatus.REFUSED else _wait_reason(reason)
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        if campaign.status is CampaignStatus.DRAFT:  # nobody sees whom a start stages
            return []
        wait = await self._why_not_yet.wait_of(campaign)
        which = PersonFilter(status, reason)
        if waits_for is not None:
            which = PersonFilter(status, wait=wait.people_for(waits_for))
        people = await self._store.list_campaign_people(
            workspace_id, campaign_id, which, after_id=after_id, count=count
        )
        return [(person, wait.of_person(person)) for person in people]

    async def read(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> PersonHistory:
        """Return one person with all that happened. Raises NotFound."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        person = await self._store.read_campaign_person(workspace_id, campaign_id, recipient)
        wait = await self._why_not_yet.wait_of(campaign)
        sends = await self._store.list_sends_of_person(workspace_id, recipient, person_id=person.id, count=MOST_SENDS)
        return PersonHistory(campaign, person, wait.of_person(person), sends)

    async def read_everywhere(self, workspace_id: str, recipient: ProfileUrn) -> PersonOverview:
        """Return what the workspace has of the person; one of whom it has nothing is in no campaign."""
        campaigns, now = await self._why_not_yet.of_person(workspace_id, recipient), self._clock()
        due = [one.due_at for _, one, _ in campaigns if one.status is PersonStatus.WAITING and one.is_held]
        return PersonOverview(
            recipient,
            campaigns,
            await self._store.list_sends_of_person(workspace_id, recipient, person_id=None, count=MOST_SENDS),
            await self._store.read_opt_out(workspace_id, str(recipient)),
            max([at for at in due if at is not None and at > now], default=None),
        )

    async def add(self, workspace_id: str, campaign_id: str, people: Sequence[AudiencePerson]) -> PeopleAdded:
        """Add those who are not in the campaign yet. Raises NotFound, WrongStatus."""
        return await self._campaigns.add_people(workspace_id, campaign_id, people)

    async def add_audience(self, workspace_id: str, campaign_id: str, audience_id: str) -> PeopleAdded:
        """Add the people of an audience, page by page. Raises NotFound, WrongStatus, InvalidField, AudienceNotReady.

        Where it fails or is killed in between, some are added; whoever repeats it adds the others.
        """
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        audience = await self._audiences.read(workspace_id, audience_id)
        if audience.group_id != campaign.group_id:
            raise InvalidField("audienceId", OTHER_GROUP)
        added, already_in = 0, list[ProfileUrn]()
        async for page in self._audiences.read_pages(audience):
            found = await self.add(workspace_id, campaign_id, page)
            added, already_in = added + found.added, [*already_in, *found.already_in]
        return PeopleAdded(added, already_in)

    async def hold(
        self, workspace_id: str, recipient: ProfileUrn, until: datetime, *, campaign_id: str | None = None
    ) -> int:
        """Put a person off in all campaigns in which they wait; return in how many.

        campaign_id:  one that the person must be in.
        Raises:       NotFound, InvalidField.
        """
        if as_utc(until) <= self._clock():
            raise InvalidField("until", "must be in the future")
        return await self._hold(workspace_id, recipient, as_utc(until), campaign_id)

    async def release(self, workspace_id: str, recipient: ProfileUrn, *, campaign_id: str | None = None) -> int:
        """End the hold in all campaigns; return in how many the person waits. Raises NotFound."""
        return await self._hold(workspace_id, recipient, None, campaign_id)

    async def _hold(
        self, workspace_id: str, recipient: ProfileUrn, until: datetime | None, campaign_id: str | None
    ) -> int:
        if campaign_id is not None:
            await self._store.read_campaign_person(workspace_id, campaign_id, recipient)
        return await self._store.hold_person(workspace_id, recipient, until, self._clock())


def _wait_reason(reason: str | None) -> WaitReason | None:
    """Return a reason of waiting; None for one of a skip, and for none. Raises InvalidField."""
    if reason is None or reason in set(SkipReason):
        return None
    if reason not in set(WaitReason):
        raise InvalidField("reason", REASON_FORM)
    return WaitReason(reason)
