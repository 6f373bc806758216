"""Checks and starts of many people, which take longer than an answer may: 100,000 take 13 to 23 s.

They run in this process, and whoever asks again finds them there. Behind several processes a check may run in each of
them, which does no harm; a start happens once wherever it runs, because the campaign is a draft only once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from confrere.campaigns.checks import OnProgress
from confrere.campaigns.control import CampaignControl, CampaignState, PeopleAdded
from confrere.campaigns.people import PeopleOfCampaigns
from confrere.domain.campaigns.campaign import Campaign
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.errors import NotFound
from confrere.ports import Clock, Store
from confrere.sending.background import BackgroundTasks

KEPT: Final = timedelta(minutes=5)
"""How long a result waits for its reader."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that goes on: how many people of how many are done."""

    done: int
    total: int


@dataclass(slots=True)
class _Run:
    total: int
    begun_at: datetime
    done: int = 0
    task: "asyncio.Task[Any]" = field(init=False)

    def report(self, done: int) -> None:
        self.done = done

    async def result(self, seconds: float) -> Any:
        """Return what came of it, or Progress where it goes on after so many seconds. Raises what it raised."""
        await asyncio.wait({self.task}, timeout=seconds)
        return self.task.result() if self.task.done() else Progress(self.done, self.total)


_Key = tuple[object, ...]


class LongTasks:
    """The checks and starts that run in this process."""

    def __init__(
        self,
        *,
        store: Store,
        campaigns: CampaignControl,
        people: PeopleOfCampaigns,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._campaigns = campaigns
        self._background = background
        self._clock = clock
        self._runs: dict[_Key, _Run] = {}

    async def check(self, campaign: Campaign, *, wait_seconds: float) -> CampaignCheck | Progress:
        """Check a draft, or go on waiting for the check of it as it is now. Raises as `CampaignControl.check`."""
        found: CampaignCheck | Progress = await self._await(
            ("check", campaign.id, campaign.revision, campaign.template_version),
            campaign,
            lambda report: self._campaigns.check(campaign.workspace_id, campaign.id, on_progress=report),
            wait_seconds,
        )
        return found

    async def start(
        self,
        campaign: Campaign,
        *,
        content_hash: str,
        first: int | None,
        started_by: str,
        wait_seconds: float,
    ) -> CampaignState | Progress:
        """Start a campaign, or go on waiting for its start. Raises as `CampaignControl.start`."""

        def start(report: OnProgress) -> Awaitable[CampaignState]:
            starting = self._campaigns.start(
                campaign.workspace_id,
                campaign.id,
                content_hash=content_hash,
                first=first,
                started_by=started_by,
                on_progress=report,
            )
            return self._background.finish(starting)  # also where the server stops meanwhile

        found: CampaignState | Progress = await self._await(("change", campaign.id), campaign, start, wait_seconds)
        return found

    async def add_audience(
        self, campaign: Campaign, audience_id: str, *, wait_seconds: float
    ) -> PeopleAdded | Progress:
        """Add the people of an audience, or go on waiting for that. Raises as `PeopleOfCampaigns.add_audience`."""

        def add(_report: OnProgress) -> Awaitable[PeopleAdded]:
            adding = self._people.add_audience(campaign.workspace_id, campaign.id, audience_id)
            return self._background.finish(adding)

        found: PeopleAdded | Progress = await self._await(("change", campaign.id), campaign, add, wait_seconds)
        return found

    async def find_change(self, campaign_id: str) -> Progress | CampaignState | PeopleAdded | None:
        """Return how far a start is, or the adding of people, or once what came of it; None where none goes on.

        Raises why it failed, once.
        """
        key = ("change", campaign_id)
        run = self._runs.get(key)
        if run is None:
            return None
        found: Progress | CampaignState | PeopleAdded = await self._take(key, run, 0)
        return found

    async def _await(
        self, key: _Key, campaign: Campaign, work: Callable[[OnProgress], Awaitable[Any]], wait_seconds: float
    ) -> Any:
        self._forget_old()
        run = self._runs.get(key)
        if run is None:  # nothing is awaited before it is there for the next one to join
            run = self._runs[key] = _Run(0, self._clock())
            run.task = asyncio.ensure_future(self._run(run, campaign, work))
            run.task.add_done_callback(_retrieve)
        return await self._take(key, run, wait_seconds)

    async def _run(self, run: _Run, campaign: Campaign, work: Callable[[OnProgress], Awaitable[Any]]) -> Any:
        run.total = await self._count_audience(campaign)
        return await work(run.report)

    async def _count_audience(self, campaign: Campaign) -> int:
        try:
            return (await self._store.read_audience(campaign.workspace_id, campaign.audience_id)).count
        except NotFound:  # deleted after the start
            return 0

    async def _take(self, key: _Key, run: _Run, wait_seconds: float) -> Any:
        """Return what came of it and forget it, or Progress."""
        try:
            found = await run.result(wait_seconds)
        except BaseException:
            if run.task.done():
                self._runs.pop(key, None)
            raise
        if not isinstance(found, Progress):
            self._runs.pop(key, None)
        return found

    def _forget_old(self) -> None:
        """Whoever waited for these has gone."""
        oldest = self._clock() - KEPT
        for key in [key for key, run in self._runs.items() if run.task.done() and run.begun_at < oldest]:
            del self._runs[key]


def _retrieve(task: "asyncio.Task[Any]") -> None:
    """Keep asyncio from logging an exception for which nobody came."""
    if not task.cancelled():
        task.exception()
