"""The campaigns port on SQL."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from confrere.domain.audit import AuditAction, count_of_people
from confrere.domain.campaigns.campaign import (
    CAMPAIGN_MOVES,
    Campaign,
    CampaignStatus,
    ContentChanged,
    PauseCause,
    PersonStatus,
    PersonText,
    WrongStatus,
)
from confrere.domain.errors import NotFound
from confrere.domain.lasting import LastingKind
from confrere.domain.urns import ProfileUrn
from confrere.ports import Campaigns
from confrere.store.audiences import people_in_parts
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import Row, campaign_of, to_micros
from confrere.store.script import Query, Script, first, lasting, only
from confrere.store.templates import lock_template
from confrere.store.vault import Vault

STARTED_TWICE: Final = "Another start of the campaign has begun meanwhile; read the campaign, and check it again"

_DROPPED_AT_ONCE: Final = 2_000
_EVERYBODY: Final = 1_000_000_000

_DONE: Final = {
    CampaignStatus.RUNNING: "resumed",
    CampaignStatus.PAUSED: "paused",
    CampaignStatus.STOPPED: "stopped",
    CampaignStatus.ARCHIVED: "archived",
}
"""What is done with a campaign to bring it into each status."""


class SqlCampaigns(Campaigns):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail
        self._vault = vault
        self._fingerprints = fingerprints

    async def add_campaign(self, campaign: Campaign, text: str) -> None:
        await self._engine.transact(partial(_add, campaign, self._vault.seal(text), self._trail.recorder()))

    async def change_campaign(
        self, workspace_id: str, campaign_id: str, change: Callable[[Campaign], Campaign], *, text: str | None = None
    ) -> Campaign:
        script = partial(_change_draft, self._vault, workspace_id, campaign_id, change, text, self._trail.recorder())
        await self._engine.transact(script)
        return await self.read_campaign(workspace_id, campaign_id)

    async def read_campaign(self, workspace_id: str, campaign_id: str) -> Campaign:
        return campaign_of(_only(await self._engine.read("read_campaign", workspace_id, campaign_id)))

    async def read_campaign_text(self, workspace_id: str, campaign_id: str) -> str:
        row = _only(await self._engine.read("read_campaign_text", workspace_id, campaign_id))
        return self._vault.unseal(row[0])

    async def list_campaigns(
        self,
        workspace_id: str,
        *,
        status: CampaignStatus | None,
        account_id: str | None,
        before_id: str | None,
        count: int,
    ) -> Sequence[Campaign]:
        rows = await self._engine.read_many(
            "list_campaigns",
            workspace_id=workspace_id,
            status=status,
            account_id=account_id,
            before_id=before_id,
            count=count,
        )
        return [campaign_of(row) for row in rows]

    async def start_campaign(
        self,
        workspace_id: str,
        campaign_id: str,
        people: Sequence[PersonText],
        *,
        started_by: str | None,
        first: int | None,
        now: datetime,
        staged: int = 0,
        expected: Campaign | None = None,
    ) -> Campaign:
        """Encrypting and hashing texts is done on a thread of its own."""
        expected = expected or await self.read_campaign(workspace_id, campaign_id)
        text = await self.read_campaign_text(workspace_id, campaign_id)
        rows = await asyncio.to_thread(self._freeze, expected, text, people)
        audit = self._trail.recorder()
        sealed = self._vault.seal(text)
        start = partial(
            _start, self._fingerprints, expected, rows, staged, sealed, started_by, first, to_micros(now), audit
        )
        await self._engine.transact(start)
        return await self.read_campaign(workspace_id, campaign_id)

    async def stage_people(self, draft: Campaign, people: Sequence[PersonText], *, staged: int, now: datetime) -> int:
        text = await self.read_campaign_text(draft.workspace_id, draft.id)
        rows = await asyncio.to_thread(self._freeze, draft, text, people)
        stage = partial(_stage, self._fingerprints, draft, rows, staged, to_micros(now))
        return (await self._engine.transact(stage))[1]

    async def drop_staged_people(self, draft: Campaign, *, by: datetime | None) -> bool:
        return await self._engine.transact(partial(_drop_staged, draft, to_micros(by)))

    async def add_campaign_people(
        self, workspace_id: str, campaign_id: str, people: Sequence[PersonText], now: datetime
    ) -> Sequence[ProfileUrn]:
        campaign = await self.read_campaign(workspace_id, campaign_id)
        text = await self.read_campaign_text(workspace_id, campaign_id)
        rows = await asyncio.to_thread(self._freeze, campaign, text, people)
        script = partial(
            _add_people,
            self._fingerprints,
            workspace_id,
            campaign_id,
            rows,
            to_micros(now),
            self._trail.recorder(),
        )
        added = await self._engine.transact(script)
        return [ProfileUrn(recipient) for recipient in added]

    async def change_campaign_status(
        self,
        workspace_id: str,
        campaign_id: str,
        status: CampaignStatus,
        *,
        cause: PauseCause | None = None,
        now: datetime,
    ) -> Campaign:
        script = partial(_change, workspace_id, campaign_id, status, cause, to_micros(now), self._trail.recorder())
        await self._engine.transact(script)
        return await self.read_campaign(workspace_id, campaign_id)

    def _freeze(self, campaign: Campaign, text: str, people: Sequence[PersonText]) -> list[list[Any]]:
        """The rows of these people, but for their ids: recipient, name, text, fingerprint, status, reason.

        Who gets the campaign's text as it is has none of their own.
        """
        rows = []
        for one in people:
            recipient = str(one.person.recipient)
            fingerprint = self._fingerprints.of_message(
                campaign.workspace_id, recipient, str(campaign.group_id), one.text or text
            )
            sealed = None if one.text is None or one.text == text else self._vault.seal(one.text)
            status = PersonStatus.WAITING if one.skip is None else PersonStatus.SKIPPED
            rows.append([recipient, one.person.name, sealed, fingerprint, status.value, one.skip])
        return rows


def _only(rows: Sequence[Row]) -> Row:
    if not rows:
        raise NotFound("There is no such campaign in this workspace")
    return rows[0]


def _lock(workspace_id: str, campaign_id: str) -> Script[Campaign]:
    return campaign_of(_only((yield Query("lock_campaign", (workspace_id, campaign_id)))))


def _add(campaign: Campaign, sealed: str, audit: Recorder) -> Script[None]:
    if campaign.template_id is not None:
        yield from lock_template(campaign.workspace_id, campaign.template_id)
    created = {"created_by": campaign.created_by, "created_at": to_micros(campaign.created_at)}
    yield Query("add_campaign", {**_draft_values(campaign, sealed), **created})
    yield from audit.append(campaign.workspace_id, AuditAction.CAMPAIGN_CREATED, campaign.id)


def _change_draft(
    vault: Vault,
    workspace_id: str,
    campaign_id: str,
    change: Callable[[Campaign], Campaign],
    text: str | None,
    audit: Recorder,
) -> Script[None]:
    before = yield from _lock(workspace_id, campaign_id)
    if before.status is not CampaignStatus.DRAFT:
        raise WrongStatus("changed", before.status)
    after = change(before)
    if after.template_id is not None and after.template_id != before.template_id:
        yield from lock_template(workspace_id, after.template_id)
    [(sealed,)] = yield Query("read_campaign_text", (workspace_id, campaign_id))
    is_same = after == before and text in (None, vault.unseal(sealed))
    yield Query("change_campaign", _draft_values(after, None if text is None else vault.seal(text)))
    if not is_same:
        yield from audit.append(workspace_id, AuditAction.CAMPAIGN_CHANGED, campaign_id)


def _draft_values(campaign: Campaign, sealed: str | None) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "workspace_id": campaign.workspace_id,
        "name": campaign.name,
        "account_id": campaign.account_id,
        "group_id": str(campaign.group_id),
        "audience_id": campaign.audience_id,
        "text": sealed,
        "starts_at": to_micros(campaign.starts_at),
        "daily_cap": campaign.daily_cap,
        "spread": int(campaign.spread),
        "skip_existing_conversations": int(campaign.skip_existing_conversations),
        "template_id": campaign.template_id,
    }


def _start(
    fingerprints: Fingerprints,
    expected: Campaign,
    rows: list[list[Any]],
    staged: int,
    sealed: str,
    started_by: str | None,
    first_left: int | None,
    now: int,
    audit: Recorder,
) -> Script[None]:
    campaign, people = yield from _stage(fingerprints, expected, rows, staged, now)
    status = CampaignStatus.SCHEDULED if _is_later(campaign, now) else CampaignStatus.RUNNING
    if only((yield Query("count_staged_people", (campaign.id,))))[0] != people:
        raise ContentChanged(STARTED_TWICE)
    if campaign.template_id is not None:
        yield Query("freeze_campaign_text", (campaign.id, sealed, campaign.template_version))
    yield Query("inherit_holds", (campaign.id, campaign.workspace_id, now))
    yield from _set_status(campaign, status, None, now, started_by=started_by, first_left=first_left)
    detail = count_of_people(people) + (", scheduled" if status is CampaignStatus.SCHEDULED else "")
    detail += "" if first_left is None else f", to be paused after the first {first_left}"
    yield from audit.append(campaign.workspace_id, AuditAction.CAMPAIGN_STARTED, campaign.id, detail=detail)


def _stage(
    fingerprints: Fingerprints, expected: Campaign, rows: list[list[Any]], staged: int, now: int
) -> Script[tuple[Campaign, int]]:
    """Write people of a draft; return it, locked, and how many it has then.

    A later start takes over from an earlier one: it drops what that has staged. So the last person is of this start,
    or it is not this start's turn any more.
    """
    campaign = yield from _lock(expected.workspace_id, expected.id)
    if campaign.status is not CampaignStatus.DRAFT:
        raise WrongStatus("started", campaign.status)
    if _content(campaign) != _content(expected):
        raise ContentChanged
    last = first((yield Query("last_campaign_person", (campaign.id,))))
    is_ours = staged == 0 if last is None else (_place_of(campaign, last), last[1]) == (staged, now)
    if not is_ours:
        raise ContentChanged(STARTED_TWICE)
    return campaign, staged + len((yield from _insert_rows(fingerprints, campaign, rows, staged, now)))


def _drop_staged(draft: Campaign, by: int | None) -> Script[bool]:
    campaign = yield from _lock(draft.workspace_id, draft.id)
    last = first((yield Query("last_campaign_person", (campaign.id,))))
    if campaign.status is not CampaignStatus.DRAFT or last is None or by not in (None, last[1]):
        return False
    return bool((yield Query("drop_staged_people", (campaign.id, _DROPPED_AT_ONCE))))


def _place_of(campaign: Campaign, person: Row) -> int:
    return int(person[0][len(campaign.id) :], 16)


def _content(campaign: Campaign) -> tuple[int, int | None]:
    """What differs where the draft, or the template that it uses, was edited."""
    return campaign.revision, campaign.template_version


def _is_later(campaign: Campaign, now: int) -> bool:
    return campaign.starts_at is not None and to_micros(campaign.starts_at) > now


def _add_people(
    fingerprints: Fingerprints,
    workspace_id: str,
    campaign_id: str,
    rows: list[list[Any]],
    now: int,
    audit: Recorder,
) -> Script[list[str]]:
    campaign = yield from _lock(workspace_id, campaign_id)
    if campaign.status in (CampaignStatus.DRAFT, CampaignStatus.STOPPED, CampaignStatus.ARCHIVED):
        raise WrongStatus("given more people", campaign.status)
    added = yield from _add_rows(fingerprints, campaign, rows, now)
    if added and campaign.status is CampaignStatus.FINISHED:
        yield from _set_status(campaign, CampaignStatus.RUNNING, None, now)
    elif added:
        yield Query("wake_lane", (campaign.account_id, campaign.workspace_id, now))
    if added:
        detail = count_of_people(len(added))
        yield from audit.append(workspace_id, AuditAction.CAMPAIGN_PEOPLE_ADDED, campaign_id, detail=detail)
    return added


def _add_rows(fingerprints: Fingerprints, campaign: Campaign, rows: list[list[Any]], now: int) -> Script[list[str]]:
    """Return the recipients of those who were not in the campaign yet. Who was erased meanwhile is left out."""
    last = first((yield Query("last_campaign_person", (campaign.id,))))
    place = 0 if last is None else _place_of(campaign, last)
    added = yield from _insert_rows(fingerprints, campaign, rows, place, now)
    if added:
        yield Query("inherit_holds", (campaign.id, campaign.workspace_id, now))
    return added


def _insert_rows(
    fingerprints: Fingerprints, campaign: Campaign, rows: list[list[Any]], place: int, now: int
) -> Script[list[str]]:
    """Insert people after a place. Returns as `_add_rows`."""
    erased = yield from find_erased(fingerprints, campaign.workspace_id, [row[0] for row in rows])
    rows = [row for row in rows if row[0] not in erased]
    added: list[str] = []
    for part in people_in_parts([[f"{campaign.id}{number:08x}", *row] for number, row in enumerate(rows, place + 1)]):
        added += [
            row[0] for row in (yield Query("add_campaign_people", (campaign.id, campaign.workspace_id, now, part)))
        ]
    return added


def _change(
    workspace_id: str,
    campaign_id: str,
    status: CampaignStatus,
    cause: PauseCause | None,
    now: int,
    audit: Recorder,
) -> Script[None]:
    campaign = yield from _lock(workspace_id, campaign_id)
    if campaign.status is status:
        return
    if status not in CAMPAIGN_MOVES[campaign.status] or (
        status is CampaignStatus.RUNNING and campaign.status is not CampaignStatus.PAUSED
    ):
        raise WrongStatus(_DONE[status], campaign.status)
    action = AuditAction(f"campaign_{_DONE[status]}")
    if status is CampaignStatus.RUNNING and _is_later(campaign, now):
        status = CampaignStatus.SCHEDULED
    yield from _set_status(campaign, status, cause, now, first_left=campaign.first_left or None)
    if status is CampaignStatus.STOPPED:
        yield Query("stop_waiting", (campaign.id, now))
    if campaign.status is CampaignStatus.DRAFT:
        yield Query("drop_staged_people", (campaign.id, _EVERYBODY))
    yield from audit.append(workspace_id, action, campaign_id)


def _set_status(
    campaign: Campaign,
    status: CampaignStatus,
    cause: PauseCause | None,
    now: int,
    *,
    started_by: str | None = None,
    first_left: int | None = None,
) -> Script[None]:
    ends = status in (CampaignStatus.STOPPED, CampaignStatus.FINISHED)
    values = {
        "campaign_id": campaign.id,
        "status": status.value,
        "cause": cause,
        "first_left": first_left,
        "started_by": started_by,
        "started_at": now if status is CampaignStatus.RUNNING else None,
        "ended_at": now if ends else to_micros(campaign.ended_at) if status is CampaignStatus.ARCHIVED else None,
    }
    yield Query("change_campaign_status", values)
    yield Query("record_campaign_event", (campaign.id, now, ""))
    if status in (CampaignStatus.PAUSED, CampaignStatus.STOPPED):
        yield lasting(now, LastingKind.CAMPAIGN_PAUSED, campaign.workspace_id, campaign.id)
    elif status in (CampaignStatus.RUNNING, CampaignStatus.SCHEDULED):
        yield lasting(now, LastingKind.CAMPAIGN_RUN, campaign.workspace_id, campaign.id)
    if status is CampaignStatus.RUNNING:
        yield Query("wake_lane", (campaign.account_id, campaign.workspace_id, now))
