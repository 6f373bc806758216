"""Until when campaigns send: the forecast on what the store knows of an account."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from confrere.domain.account import Account
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus
from confrere.domain.campaigns.check import Outlook
from confrere.domain.campaigns.forecast import Forecast, Queue, forecast_all
from confrere.domain.campaigns.pace import Pace
from confrere.domain.limits import Action, window_start
from confrere.domain.pacing import Pacing, Sent
from confrere.ports import Clock, Store


class Forecasts:
    """Forecasts of drafts, and of campaigns that were started.

    All are computed without the spread over the day: it does not change how many go out on a day, and with it the
    computation takes eight times as long.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def outlook(self, campaign: Campaign) -> Outlook:
        """Return what the forecast of a campaign that does not run yet starts from: its account and all that runs."""
        account, rules, sent = await self._read_account(campaign)
        now = self._clock()
        starts_at = _begin(now, campaign.starts_at, account.hold_until)
        others = await self._running(account.id, rules)
        return Outlook(
            _pace(rules, campaign.daily_cap),
            _sent_at(sent, now, starts_at),
            starts_at,
            others=[queue for campaign_id, queue in others.items() if campaign_id != campaign.id],
        )

    async def of_campaigns(self, campaigns: Iterable[tuple[Campaign, int]]) -> Mapping[str, Forecast]:
        """Return the forecasts of those that run or are scheduled, by their ids. campaigns: with how many wait."""
        found: dict[str, Forecast] = {}
        for campaign, waiting in campaigns:
            if campaign.status is CampaignStatus.RUNNING and campaign.id not in found:
                found |= await self._of_running(campaign)
            elif campaign.status is CampaignStatus.SCHEDULED:
                outlook = await self.outlook(campaign)
                found[campaign.id] = await asyncio.to_thread(outlook.forecast, waiting)
        return found

    async def _of_running(self, campaign: Campaign) -> Mapping[str, Forecast]:
        """Return the forecasts of all running campaigns of the account: they take turns, so it is one computation."""
        account, rules, sent = await self._read_account(campaign)
        queues, now = await self._running(account.id, rules), self._clock()
        starts_at = _begin(now, account.hold_until).replace(second=0, microsecond=0)
        sent = _sent_at(replace(sent, recent=tuple(sent.recent)), now, starts_at)
        forecasts = await asyncio.to_thread(_forecasts, tuple(queues.values()), sent, starts_at)
        return dict(zip(queues, forecasts, strict=True))

    async def _read_account(self, campaign: Campaign) -> tuple[Account, tuple[Pacing, ...], Sent]:
        account = await self._store.read_account(campaign.workspace_id, campaign.account_id)
        rules = [await self._store.read_pacing(account.workspace_id, one) for one in (None, account.id)]
        return account, tuple(rules), await self._store.read_sent(account.id, self._clock())

    async def _running(self, account_id: str, rules: tuple[Pacing, ...]) -> dict[str, Queue]:
        """The account's running campaigns by their ids, in the order of their turns."""
        queues: dict[str, Queue] = {}
        campaigns, now = await self._store.list_running_campaigns(account_id), self._clock()
        counts = await self._store.count_people_of_campaigns([one.id for one in campaigns], now)
        for campaign in campaigns:
            sent_today = 0 if campaign.daily_cap is None else await self._store.count_sent_today(campaign, now)
            people = counts[campaign.id].waiting + counts[campaign.id].held
            queues[campaign.id] = Queue(people, _pace(rules, campaign.daily_cap), sent_today)
        return queues


@lru_cache(maxsize=64)
def _forecasts(queues: tuple[Queue, ...], sent: Sent, now: datetime) -> Sequence[Forecast]:
    """Kept for those who watch: within a minute in which nothing was sent the answer is the same."""
    return forecast_all(queues, sent, now)


def _pace(rules: tuple[Pacing, ...], daily_cap: int | None) -> Pace:
    return Pace(rules, daily_cap, spread=False)


def _begin(now: datetime, *others: datetime | None) -> datetime:
    return max([now, *(other for other in others if other is not None)])


def _sent_at(sent: Sent, now: datetime, starts_at: datetime) -> Sent:
    """What counts at a later moment of what was sent until now."""
    same_day, same_month = (
        window_start(action, now) == window_start(action, starts_at)
        for action in (Action.MESSAGE, Action.GROUP_FIRST_CONTACT)
    )
    return replace(sent, today=sent.today if same_day else 0, first_contacts=sent.first_contacts if same_month else 0)
