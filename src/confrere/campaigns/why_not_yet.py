"""Why not yet? One function for accounts, campaigns and people, and so the same words everywhere."""

from collections.abc import Sequence

from confrere.domain.campaigns.campaign import Campaign, CampaignPerson
from confrere.domain.why_not import WhyNot, why_account_waits, why_campaign_waits, why_person_waits
from confrere.ports import Clock, Store


class WhyNotYet:
    """Reads what keeps an account, a campaign or a person waiting; see `domain.why_not`."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_account(self, workspace_id: str, account_id: str | None) -> WhyNot | None:
        """Return why the account, or the default one, sends nothing now; None where it may. Raises NotFound."""
        return await self._of_account(workspace_id, account_id, None)

    async def _of_account(self, workspace_id: str, account_id: str | None, group_id: str | None) -> WhyNot | None:
        account, now = await self._store.read_account(workspace_id, account_id), self._clock()
        breach = await self._store.foresee_breach(account.id, "", now, group_id)
        return why_account_waits(account, breach, await self._store.read_lane(account.id), now)

    async def of_campaign(self, campaign: Campaign) -> WhyNot | None:
        """Return why the campaign sends nothing now; None where it may, or where it is over."""
        account = await self._of_account(campaign.workspace_id, campaign.account_id, str(campaign.group_id))
        now = self._clock()
        sent_today = await self._store.count_sent_today(campaign, now) if campaign.daily_cap is not None else 0
        return why_campaign_waits(campaign, sent_today, account, now)

    async def of_people(
        self, campaign: Campaign, people: Sequence[CampaignPerson]
    ) -> Sequence[tuple[CampaignPerson, WhyNot | None]]:
        """Return each of these people with why they have no message yet; None for those who do not wait."""
        of_campaign, now = await self.of_campaign(campaign), self._clock()
        turn_at = await self._store.read_lane(campaign.account_id)
        return [(person, why_person_waits(person, of_campaign, turn_at, now)) for person in people]
