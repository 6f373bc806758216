"""The people of campaigns: reading them, and putting somebody off."""

from collections.abc import Sequence
from datetime import datetime

from confrere.campaigns.why_not_yet import WhyNotYet
from confrere.domain.campaigns.campaign import CampaignPerson, PersonFilter
from confrere.domain.errors import InvalidField
from confrere.domain.limits import as_utc
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.ports import Clock, Store


class PeopleOfCampaigns:
    """Who is in the campaigns of a workspace, and why they have no message yet."""

    def __init__(self, *, store: Store, why_not_yet: WhyNotYet, clock: Clock) -> None:
        self._store = store
        self._why_not_yet = why_not_yet
        self._clock = clock

    async def list_page(
        self,
        workspace_id: str,
        campaign_id: str,
        which: PersonFilter = PersonFilter(),  # noqa: B008  # frozen
        *,
        after_id: str | None = None,
        count: int = 200,
    ) -> Sequence[tuple[CampaignPerson, WhyNot | None]]:
        """Return a page of people, each who waits with the reason, beginning after the person `after_id`."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        people = await self._store.list_campaign_people(
            workspace_id, campaign_id, which, after_id=after_id, count=count
        )
        return await self._why_not_yet.of_people(campaign, people)

    async def read(
        self, workspace_id: str, campaign_id: str, recipient: ProfileUrn
    ) -> tuple[CampaignPerson, WhyNot | None]:
        """Return one person, and why they have no message yet. Raises NotFound."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        person = await self._store.read_campaign_person(workspace_id, campaign_id, recipient)
        [found] = await self._why_not_yet.of_people(campaign, [person])
        return found

    async def hold(self, workspace_id: str, recipient: ProfileUrn, until: datetime) -> int:
        """Put the person off in all campaigns in which they wait; return in how many. Raises InvalidField."""
        now = self._clock()
        if as_utc(until) <= now:
            raise InvalidField("until", "must be in the future")
        return await self._store.hold_person(workspace_id, recipient, as_utc(until), now)

    async def release(self, workspace_id: str, recipient: ProfileUrn) -> int:
        """End the hold in all campaigns; return in how many the person waits."""
        return await self._store.hold_person(workspace_id, recipient, None, self._clock())
