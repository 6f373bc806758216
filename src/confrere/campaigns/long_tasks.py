"""Work with many people, which may take longer than an answer: checks, starts, imports, new audiences.

It runs in this process, and whoever repeats the request finds it there. Behind several processes it may run in each of
them: a check and an import of the do-not-contact list may be done twice, and a start happens once wherever it runs,
because the campaign is a draft only once.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from confrere.campaigns.checks import OnProgress
from confrere.campaigns.control import CampaignControl, CampaignState, PeopleAdded
from confrere.campaigns.people import PeopleOfCampaigns
from confrere.domain.campaigns.campaign import Campaign
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.errors import ConfrereError, NotFound
from confrere.ports import Clock, Store
from confrere.sending.background import BackgroundTasks

KEPT: Final = timedelta(minutes=5)
"""How long a result waits for its reader."""

_CHANGE: Final = "change"

T = TypeVar("T")

Key = tuple[object, ...]
"""What a request is about, its content included: only the same request joins."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that goes on: how many people of how many are done."""

    done: int
    total: int


class StillRunning(ConfrereError):
    """The work takes longer than the answer may wait. It goes on, and the same request joins it."""

    def __init__(self, progress: Progress) -> None:
        how_far = f"; {progress.done:,} of {progress.total:,} are done" if progress.total else ""
        super().__init__(f"This takes longer than an answer may{how_far}")


def finished(found: T | Progress) -> T:
    """Return what came of the work. Raises StillRunning where it goes on."""
    if isinstance(found, Progress):
        raise StillRunning(found)
    return found


@dataclass(slots=True)
class _Run:
    total: int
    done: int = 0
    ended_at: datetime | None = None
    task: "asyncio.Task[Any]" = field(init=False)

    def report(self, done: int) -> None:
        self.done = done

    async def result(self, seconds: float) -> Any:
        """Return what came of it, or Progress where it goes on after so many seconds. Raises what it raised."""
        await asyncio.wait({self.task}, timeout=seconds)
        return self.task.result() if self.task.done() else Progress(self.done, self.total)


class LongTasks:
    """The long work that runs in this process."""

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
        self._runs: dict[Key, _Run] = {}

    async def check(self, campaign: Campaign, *, wait_seconds: float) -> CampaignCheck | Progress:
        """Check a draft, or go on waiting for the check of it as it is now. Raises as `CampaignControl.check`."""

        async def check(run: _Run) -> CampaignCheck:
            run.total = await self._count_audience(campaign)
            return await self._campaigns.check(campaign.workspace_id, campaign.id, on_progress=run.report)

        return await self._await(
            ("check", campaign.id, campaign.revision, campaign.template_version), check, wait_seconds
        )

    async def start(
        self,
        campaign: Campaign,
        *,
        content_hash: str,
        first: int | None,
        started_by: str | None,
        wait_seconds: float,
    ) -> CampaignState | Progress:
        """Start a campaign, or go on waiting for the same start. Raises as `CampaignControl.start`."""

        async def start(run: _Run) -> CampaignState:
            run.total = await self._count_audience(campaign)
            starting = self._campaigns.start(
                campaign.workspace_id,
                campaign.id,
                content_hash=content_hash,
                first=first,
                started_by=started_by,
                on_progress=run.report,
            )
            return await self._background.finish(starting)  # also where the server stops meanwhile

        return await self._await((_CHANGE, campaign.id, "start", content_hash, first), start, wait_seconds)

    async def add_audience(
        self, campaign: Campaign, audience_id: str, *, wait_seconds: float
    ) -> PeopleAdded | Progress:
        """Add the people of an audience, or go on waiting for that. Raises as `PeopleOfCampaigns.add_audience`."""

        async def add(run: _Run) -> PeopleAdded:
            run.total = await self._count_audience(campaign)
            adding = self._people.add_audience(campaign.workspace_id, campaign.id, audience_id)
            return await self._background.finish(adding)

        return await self._await((_CHANGE, campaign.id, audience_id), add, wait_seconds)

    async def find_change(self, campaign_id: str) -> Progress | CampaignState | PeopleAdded | None:
        """Return how far a start is, or the adding of people, or once what came of it; None where none goes on.

        Raises why it failed, once.
        """
        for key, run in self._runs.items():
            if key[:2] == (_CHANGE, campaign_id):
                found: Progress | CampaignState | PeopleAdded = await self._take(key, run, 0)
                return found
        return None

    async def write(
        self, key: Key, write: Callable[[OnProgress], Coroutine[Any, Any, T]], *, total: int = 0, wait_seconds: float
    ) -> T:
        """Do other work that writes, or go on waiting for it. Raises StillRunning, and what the work raises.

        key:    the workspace, and all that decides what is written.
        write:  called with what reports how many of `total` are done.
        """

        async def do(run: _Run) -> T:
            run.total = total
            return await self._background.finish(write(run.report))

        return finished(await self._await(("write", *key), do, wait_seconds))

    async def _await(
        self, key: Key, work: Callable[[_Run], Coroutine[Any, Any, T]], wait_seconds: float
    ) -> T | Progress:
        self._forget_old()
        run = self._runs.get(key)
        if run is None:  # nothing is awaited before it is there for the next one to join
            run = self._runs[key] = _Run(0)
            run.task = asyncio.ensure_future(work(run))
            run.task.add_done_callback(partial(self._end, run))
        found: T | Progress = await self._take(key, run, wait_seconds)
        return found

    async def _count_audience(self, campaign: Campaign) -> int:
        try:
            return (await self._store.read_audience(campaign.workspace_id, campaign.audience_id)).count
        except NotFound:  # deleted after the start
            return 0

    async def _take(self, key: Key, run: _Run, wait_seconds: float) -> Any:
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

    def _end(self, run: _Run, task: "asyncio.Task[Any]") -> None:
        run.ended_at = self._clock()
        if not task.cancelled():
            task.exception()  # keeps asyncio from logging one for which nobody came

    def _forget_old(self) -> None:
        """Whoever waited for these has gone."""
        oldest = self._clock() - KEPT
        for key in [key for key, run in self._runs.items() if run.ended_at is not None and run.ended_at < oldest]:
            del self._runs[key]
