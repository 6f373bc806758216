"""The campaign people port on SQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from confrere.domain.audit import AuditAction, until_words
from confrere.domain.campaigns.campaign import (
    CampaignCounts,
    CampaignPerson,
    Candidate,
    PersonFilter,
    SkipReason,
)
from confrere.domain.errors import NotFound
from confrere.domain.message import MessageText
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn
from confrere.ports import CampaignPeople
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import campaign_person_of, candidate_of, send_of, to_micros
from confrere.store.script import Query, Script, first, run_query
from confrere.store.vault import Vault


class SqlCampaignPeople(CampaignPeople):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail
        self._vault = vault

    async def list_candidates(
        self, workspace_id: str, audience_id: str, *, after_place: int, count: int
    ) -> Sequence[tuple[int, Candidate]]:
        rows = await self._engine.read_many("list_candidates", workspace_id, audience_id, after_place, count)
        return [(row[0], candidate_of(row[1:])) for row in rows]

    async def read_candidate(self, workspace_id: str, audience_id: str, recipient: ProfileUrn) -> Candidate:
        row = first(await self._engine.read("read_candidate", workspace_id, audience_id, str(recipient)))
        if row is None:
            raise NotFound("This person is not in the audience")
        return candidate_of(row)

    async def count_campaign_people(self, campaign_id: str, now: datetime) -> CampaignCounts:
        return (await self.count_people_of_campaigns([campaign_id], now))[campaign_id]

    async def count_people_of_campaigns(
        self, campaign_ids: Sequence[str], now: datetime
    ) -> Mapping[str, CampaignCounts]:
        counts: dict[str, dict[str, int]] = {one: {} for one in campaign_ids}
        by_reason: dict[str, dict[str, int]] = {one: {} for one in campaign_ids}
        for campaign_id, status, reason, count in await self._engine.read_many(
            "count_people_of_campaigns", json.dumps(campaign_ids), to_micros(now)
        ):
            counts[campaign_id][status] = counts[campaign_id].get(status, 0) + count
            if status == "held":
                counts[campaign_id]["waiting"] -= count
            if reason is not None:
                by_reason[campaign_id][reason] = count
        return {one: CampaignCounts(**counts[one], skipped_by_reason=by_reason[one]) for one in campaign_ids}

    async def list_campaign_people(
        self, workspace_id: str, campaign_id: str, which: PersonFilter, *, after_id: str | None, count: int
    ) -> Sequence[CampaignPerson]:
        wait = which.wait
        rows = await self._engine.read_many(
            "list_campaign_people",
            workspace_id=workspace_id,
            campaign_id=campaign_id,
            after_id=after_id,
            status=which.status,
            reason=which.reason,
            wait_reason=None if wait is None else wait.reason,
            shared_reason=None if wait is None else wait.shared,
            own_from=None if wait is None else to_micros(wait.own_from),
            count=count,
        )
        return [campaign_person_of(row) for row in rows]

    async def read_campaign_person(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> CampaignPerson:
        row = first(await self._engine.read("read_campaign_person", workspace_id, campaign_id, str(recipient)))
        if row is None:
            raise NotFound("This person is not in the campaign")
        return campaign_person_of(row)

    async def list_campaigns_of_person(self, workspace_id: str, recipient: ProfileUrn) -> Sequence[CampaignPerson]:
        rows = await self._engine.read("list_campaigns_of_person", workspace_id, str(recipient))
        return [campaign_person_of(row) for row in rows]

    async def list_sends_of_person(
        self, workspace_id: str, recipient: ProfileUrn, *, person_id: str | None, count: int
    ) -> Sequence[Send]:
        if person_id is not None:
            rows = await self._engine.read("list_sends_of_campaign_person", workspace_id, person_id, count)
        else:
            rows = await self._engine.read("list_sends_of_person", workspace_id, str(recipient), count)
        return [send_of(row) for row in rows]

    async def read_person_text(self, workspace_id: str, person_id: str) -> MessageText:
        row = first(await self._engine.read("read_person_text", workspace_id, person_id))
        if row is None:
            raise NotFound("This person is not in the campaign")
        return MessageText(self._vault.unseal(row[0]))

    async def hold_person(self, workspace_id: str, recipient: ProfileUrn, until: datetime | None, now: datetime) -> int:
        script = partial(_hold, workspace_id, str(recipient), until, to_micros(now), self._trail.recorder())
        return await self._engine.transact(script)

    async def mark_person_replied(self, workspace_id: str, recipient: ProfileUrn, now: datetime) -> int:
        values = (workspace_id, str(recipient), to_micros(now))
        return await self._engine.transact(partial(_mark_replied, values))

    async def skip_person(self, person: CampaignPerson, reason: SkipReason, now: datetime) -> bool:
        return (
            await self._engine.transact(partial(run_query, "skip_person", (person.id, reason.value, to_micros(now))))
            > 0
        )

    async def put_person_off(self, person: CampaignPerson, until: datetime) -> None:
        await self._engine.transact(partial(run_query, "put_person_off", (person.id, to_micros(until))))


def _hold(workspace_id: str, recipient: str, until: datetime | None, now: int, audit: Recorder) -> Script[int]:
    was_held = bool((yield Query("is_person_held", (workspace_id, recipient))))
    held = len((yield Query("hold_person", (workspace_id, recipient, to_micros(until) or 0))))
    if held:
        yield Query("wake_lanes_of_person", (workspace_id, recipient, now))
    if held and until is not None:
        yield from audit.append(workspace_id, AuditAction.PERSON_HELD, person=recipient, detail=until_words(until))
    elif held and was_held:
        yield from audit.append(workspace_id, AuditAction.PERSON_RELEASED, person=recipient)
    return held


def _mark_replied(values: tuple[str, str, int]) -> Script[int]:
    yield Query("lock_recipient", (values[1],))
    return len((yield Query("mark_person_replied", values)))
