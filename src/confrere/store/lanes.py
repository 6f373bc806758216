"""The lanes port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.campaign import (
    OVERDUE_AFTER,
    Campaign,
    CampaignPerson,
    Lane,
    PauseCause,
    Turn,
    WaitReason,
)
from confrere.domain.ids import first_send_id_at
from confrere.domain.limits import Action, window_start
from confrere.ports import Lanes
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import campaign_of, campaign_person_of, from_micros, to_micros
from confrere.store.script import LivenessQuery, Query, Script, first


class SqlLanes(Lanes):
    """The port on SQL."""

    def __init__(self, engine: Engine, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail

    async def start_scheduled(self, now: datetime) -> Sequence[str]:
        overdue, audit = to_micros(now - OVERDUE_AFTER), self._trail.recorder()
        return await self._engine.transact(partial(_start_scheduled, to_micros(now), overdue, audit))

    async def claim_lanes(self, now: datetime, *, count: int, lease_until: datetime) -> Sequence[Lane]:
        """Most of the time nothing is due, which is seen without a transaction."""
        await free_leases_of_the_dead(self._engine, "list_leased_lanes", "free_lane", to_micros(now))
        if not await self._engine.read("is_lane_due", to_micros(now)):
            return []
        rows = await self._engine.transact(
            partial(_claim, to_micros(now), count, self._engine.instance, to_micros(lease_until))
        )
        return [Lane(account_id, workspace_id, lease_until, last) for account_id, workspace_id, last in rows]

    async def release_lane(self, lane: Lane, turn: Turn | None, *, last_campaign_id: str | None) -> None:
        values = {
            "account_id": lane.account_id,
            "owner": self._engine.instance,
            "lease_until": to_micros(lane.lease_until),
            "next_at": None if turn is None else to_micros(turn.at),
            "reason": None if turn is None else turn.reason,
            "last_campaign_id": last_campaign_id,
        }
        await self._engine.write("release_lane", values)

    async def read_turn(self, account_id: str) -> Turn | None:
        row = first(await self._engine.read("read_turn", account_id))
        return None if row is None else Turn(from_micros(row[0]), None if row[1] is None else WaitReason(row[1]))

    async def list_running_campaigns(self, account_id: str) -> Sequence[Campaign]:
        return [campaign_of(row) for row in await self._engine.read("list_running_campaigns", account_id)]

    async def pick_person(self, campaign_id: str, now: datetime) -> CampaignPerson | None:
        row = first(await self._engine.read("pick_person", campaign_id, to_micros(now)))
        return None if row is None else campaign_person_of(row)

    async def next_due_at(self, campaign_id: str) -> datetime | None:
        row = first(await self._engine.read("next_due_at", campaign_id))
        return None if row is None else from_micros(row[0])

    async def count_sent_today(self, campaign: Campaign, now: datetime) -> int:
        day = window_start(Action.MESSAGE, now)
        values = (campaign.account_id, first_send_id_at(day), to_micros(day), campaign.id)
        return int((await self._engine.read("count_sent_of_campaign", *values))[0][0])

    async def finish_campaign(self, campaign_id: str, now: datetime) -> bool:
        return await self._engine.transact(partial(_finish, campaign_id, to_micros(now), self._trail.recorder()))

    async def pause_account(self, account_id: str, cause: PauseCause) -> int:
        return await self._engine.transact(partial(_pause_account, account_id, cause, self._trail.recorder()))


def _start_scheduled(now: int, overdue: int, audit: Recorder) -> Script[list[str]]:
    late = yield Query("start_overdue", (overdue,))
    started = yield Query("start_scheduled", (now,))
    for _, account_id, workspace_id in started:
        yield Query("wake_lane", (account_id, workspace_id, now))
    for row in (*late, *started):
        yield Query("record_campaign_event", (row[0], now, ""))
    entries = [(row[2], row[0], AuditAction.CAMPAIGN_STARTED, "at its time") for row in started]
    entries += [(row[1], row[0], AuditAction.CAMPAIGN_PAUSED, PauseCause.OVERDUE.value) for row in late]
    for workspace_id, campaign_id, action, detail in sorted(entries):  # in one order: two servers cannot deadlock
        yield from audit.append(workspace_id, action, campaign_id, detail=detail)
    return [row[0] for row in started]


def _finish(campaign_id: str, now: int, audit: Recorder) -> Script[bool]:
    row = first((yield Query("finish_campaign", (campaign_id, now))))
    if row is not None:
        yield Query("record_campaign_event", (campaign_id, now, ""))
        yield from audit.append(row[0], AuditAction.CAMPAIGN_FINISHED, campaign_id)
    return row is not None


def _pause_account(account_id: str, cause: PauseCause, audit: Recorder) -> Script[int]:
    rows = yield Query("pause_account", (account_id, cause.value))
    paused: list[tuple[str, str]] = sorted((row[0], row[1]) for row in rows)
    for campaign_id, _ in paused:
        yield Query("record_campaign_event", (campaign_id, to_micros(audit.now), ""))
    for campaign_id, workspace_id in paused:
        yield from audit.append(workspace_id, AuditAction.CAMPAIGN_PAUSED, campaign_id, detail=cause.value)
    return len(paused)


def _claim(now: int, count: int, instance: str, lease_until: int) -> Script[list[tuple[str, str, str | None]]]:
    rows = yield Query("lease_due_lanes", (now, count, instance, lease_until))
    return [(row[0], row[1], row[2]) for row in rows]


async def free_leases_of_the_dead(engine: Engine, leased: str, free: str, now: int) -> None:
    """End the leases of processes that do not live any more.

    leased, free:  the queries that list what is leased, and that end one lease.
    """
    rows = await engine.read(leased)
    if any(owner != engine.instance for _, owner, _ in rows):
        await engine.transact(partial(_free, engine.instance, leased, free, now))


def _free(instance: str, leased: str, free: str, now: int) -> Script[None]:
    rows = yield Query(leased)
    others = frozenset(owner for _, owner, _ in rows if owner != instance)
    alive = frozenset(row[0] for row in (yield LivenessQuery(others))) | {instance}
    for account_id, owner, lease_until in rows:
        if owner not in alive:
            yield Query(free, (account_id, owner, lease_until, now))
