"""The campaign people port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from confrere.domain.campaigns.campaign import (
    CampaignCounts,
    CampaignPerson,
    Candidate,
    PersonFilter,
    SkipReason,
)
from confrere.domain.errors import NotFound
from confrere.domain.message import MessageText
from confrere.domain.urns import ProfileUrn
from confrere.ports import CampaignPeople
from confrere.store.engine import Engine
from confrere.store.rows import campaign_person_of, candidate_of, to_micros
from confrere.store.script import Query, Script, first, run_query
from confrere.store.vault import Vault


class SqlCampaignPeople(CampaignPeople):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
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

    async def count_waiting(self, campaign_id: str) -> int:
        return int((await self._engine.read_many("count_waiting", campaign_id))[0][0])

    async def count_campaign_people(self, campaign_id: str, now: datetime) -> CampaignCounts:
        counts: dict[str, int] = {}
        by_reason: dict[str, int] = {}
        for status, reason, is_held, count in await self._engine.read_many(
            "count_campaign_people", campaign_id, to_micros(now)
        ):
            name = "held" if is_held else status
            counts[name] = counts.get(name, 0) + count
            if reason is not None:
                by_reason[reason] = count
        return CampaignCounts(**counts, skipped_by_reason=by_reason)

    async def list_campaign_people(
        self, workspace_id: str, campaign_id: str, which: PersonFilter, *, after_id: str | None, count: int
    ) -> Sequence[CampaignPerson]:
        rows = await self._engine.read_many(
            "list_campaign_people",
            workspace_id=workspace_id,
            campaign_id=campaign_id,
            after_id=after_id,
            status=which.status,
            reason=which.reason,
            count=count,
        )
        return [campaign_person_of(row) for row in rows]

    async def read_campaign_person(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> CampaignPerson:
        row = first(await self._engine.read("read_campaign_person", workspace_id, campaign_id, str(recipient)))
        if row is None:
            raise NotFound("This person is not in the campaign")
        return campaign_person_of(row)

    async def read_person_text(self, workspace_id: str, person_id: str) -> MessageText:
        row = first(await self._engine.read("read_person_text", workspace_id, person_id))
        if row is None:
            raise NotFound("This person is not in the campaign")
        return MessageText(self._vault.unseal(row[0]))

    async def hold_person(self, workspace_id: str, recipient: ProfileUrn, until: datetime | None, now: datetime) -> int:
        values = (workspace_id, str(recipient), to_micros(until) or 0)
        return await self._engine.transact(partial(_hold, values, to_micros(now)))

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


def _hold(values: tuple[str, str, int], now: int) -> Script[int]:
    held = len((yield Query("hold_person", values)))
    if held:
        yield Query("wake_lanes_of_person", (*values[:2], now))
    return held


def _mark_replied(values: tuple[str, str, int]) -> Script[int]:
    yield Query("lock_recipient", (values[1],))
    return len((yield Query("mark_person_replied", values)))
