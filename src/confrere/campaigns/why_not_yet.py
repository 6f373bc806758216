"""Why not yet? One function for accounts, campaigns and people, and so the same words everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from confrere.domain.campaigns.campaign import Campaign, CampaignPerson, CampaignStatus, WaitFilter, WaitReason
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import (
    WhyNot,
    people_who_wait_for,
    why_account_waits,
    why_campaign_waits,
    why_person_waits,
)
from confrere.ports import Clock, Store

_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CampaignWait:
    """Why a campaign sends nothing at the time `now`, and so why its people wait."""

    why_not: WhyNot | None
    now: datetime

    def of_person(self, person: CampaignPerson) -> WhyNot | None:
        """Return why the person has no message yet; None for one who does not wait."""
        return why_person_waits(person, self.why_not, self.now)

    def people_for(self, reason: WaitReason) -> WaitFilter:
        """Return the filter of those who wait for this reason."""
        return people_who_wait_for(reason, self.why_not, self.now)


class WhyNotYet:
    """Reads what keeps an account, a campaign or a person waiting; see `domain.why_not`."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(
        self,
        workspace_id: str,
        *,
        account_id: str | None = None,
        campaign_id: str | None = None,
        recipient: ProfileUrn | None = None,
    ) -> WhyNot | None:
        """Return why nothing is sent now by an account, by a campaign, or to a person; None where nothing waits.

        Of a person in several campaigns it is the one that lets them be written to first. The default account where
        nothing is named. Raises NotFound, InvalidField.
        """
        if account_id is not None and (campaign_id, recipient) != (None, None):
            raise InvalidField("accountId", "must stand alone: a campaign and its people have their own account")
        if campaign_id is None:
            if recipient is None:
                return await self.of_account(workspace_id, account_id)
            waits = [why for _, _, why in await self.of_person(workspace_id, recipient) if why is not None]
            return min(waits, key=lambda why: why.until or _LAST, default=None)
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        if recipient is None:
            return await self.of_campaign(campaign)
        person = await self._store.read_campaign_person(workspace_id, campaign_id, recipient)
        return (await self.wait_of(campaign)).of_person(person)

    async def of_account(self, workspace_id: str, account_id: str | None) -> WhyNot | None:
        """Return why the account, or the default one, sends nothing now; None where it may. Raises NotFound."""
        return await self._of_account(workspace_id, account_id, None)

    async def _of_account(self, workspace_id: str, account_id: str | None, group_id: str | None) -> WhyNot | None:
        account, now = await self._store.read_account(workspace_id, account_id), self._clock()
        breach = await self._store.foresee_breach(account.id, "", now, group_id)
        return why_account_waits(account, breach, await self._store.read_turn(account.id), now)

    async def of_campaign(self, campaign: Campaign) -> WhyNot | None:
        """Return why the campaign sends nothing now; None where it may, or where it is over."""
        [why_not] = await self.of_campaigns([campaign])
        return why_not

    async def of_campaigns(self, campaigns: Sequence[Campaign]) -> list[WhyNot | None]:
        """Return the same for each; what several have in common is read once."""
        running = [one for one in campaigns if one.status is CampaignStatus.RUNNING]
        accounts = {
            (account_id, group_id): await self._of_account(workspace_id, account_id, str(group_id))
            for workspace_id, account_id, group_id in {
                (one.workspace_id, one.account_id, one.group_id) for one in running
            }
        }
        now = self._clock()
        sent_today = {one.id: await self._store.count_sent_today(one, now) for one in running if one.daily_cap}
        return [
            why_campaign_waits(one, sent_today.get(one.id, 0), accounts.get((one.account_id, one.group_id)), now)
            for one in campaigns
        ]

    async def wait_of(self, campaign: Campaign) -> CampaignWait:
        """Return what the people of the campaign wait for."""
        return CampaignWait(await self.of_campaign(campaign), self._clock())

    async def of_person(
        self, workspace_id: str, recipient: ProfileUrn
    ) -> list[tuple[Campaign, CampaignPerson, WhyNot | None]]:
        """Return a person in each of their campaigns, with why they have no message of it yet."""
        found = await self._store.list_campaigns_of_person(workspace_id, recipient)
        campaigns = [await self._store.read_campaign(workspace_id, one.campaign_id) for one in found]
        campaigns = [one for one in campaigns if one.status is not CampaignStatus.DRAFT]  # one that is being started
        people = [one for one in found if one.campaign_id in {campaign.id for campaign in campaigns}]
        waits, now = await self.of_campaigns(campaigns), self._clock()
        return [
            (campaign, person, why_person_waits(person, wait, now))
            for campaign, person, wait in zip(campaigns, people, waits, strict=True)
        ]
