"""What people do with campaigns: create, start, pause, resume, stop, archive, and read them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from confrere.campaigns.audiences import parse_name
from confrere.campaigns.checks import CampaignChecks, OnProgress, no_progress, parse_campaign_text
from confrere.campaigns.forecasts import Forecasts
from confrere.campaigns.why_not_yet import WhyNotYet
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignCounts,
    CampaignStatus,
    ContentChanged,
    PauseCause,
    PersonText,
    WrongStatus,
)
from confrere.domain.campaigns.check import CampaignCheck
from confrere.domain.campaigns.forecast import Forecast
from confrere.domain.campaigns.templates import Template
from confrere.domain.errors import ConfrereError, InvalidField, NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, as_utc, iso_z, optional_iso_z
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.ports import Clock, Store

EDITED: Final = "Somebody else has changed the campaign since you read it; read it again, then repeat your change"
_SHOWN: Final = (
    "name",
    "status",
    "cause",
    "account_id",
    "audience_id",
    "template_id",
    "daily_cap",
    "spread",
    "skip_existing_conversations",
)

TEMPLATE_FORM: Final = "must be the id of a template of this workspace; GET /v1/templates lists them"


@dataclass(frozen=True, slots=True)
class CampaignState:
    """A campaign with how far it is.

    why_not:   why it sends nothing now; None where it may, or is over.
    forecast:  of one that runs or is scheduled; None of any other.
    """

    campaign: Campaign
    counts: CampaignCounts
    why_not: WhyNot | None
    forecast: Forecast | None = None

    @property
    def shown(self) -> dict[str, Any]:
        """What is shown of the campaign itself wherever it is shown, by name; ids and times as text."""
        one = self.campaign
        return {name: getattr(one, name) for name in _SHOWN} | {
            "group_id": str(one.group_id),
            "created_at": iso_z(one.created_at),
            **{name: optional_iso_z(getattr(one, name)) for name in ("starts_at", "started_at", "ended_at")},
        }


@dataclass(frozen=True, slots=True)
class PeopleAdded:
    """How many were added to a campaign, and who was in it already."""

    added: int
    already_in: Sequence[ProfileUrn]


@dataclass(frozen=True, slots=True)
class CampaignChanges:
    """What of a draft is changed; None: it stays as it is.

    revision:  of the draft that was read before; None changes any.
    at_once:   it begins when it is started; `starts_at` is no more.
    uncapped:  it has no `daily_cap` any more.
    """

    name: str | None = None
    audience_id: str | None = None
    account_id: str | None = None
    template_id: str | None = None
    text: str | None = None
    starts_at: datetime | None = None
    at_once: bool = False
    daily_cap: int | None = None
    uncapped: bool = False
    spread: bool | None = None
    skip_existing_conversations: bool | None = None
    revision: int | None = None


class CampaignControl:
    """The campaigns of a workspace. What changes one returns its state afterwards."""

    def __init__(self, *, store: Store, why_not_yet: WhyNotYet, clock: Clock) -> None:
        self._store = store
        self._why_not_yet = why_not_yet
        self._clock = clock
        self._forecasts = Forecasts(store=store, clock=clock)
        self._checks = CampaignChecks(store=store, forecasts=self._forecasts)

    async def create(
        self,
        workspace_id: str,
        *,
        name: str,
        audience_id: str,
        text: str | None = None,
        template_id: str | None = None,
        account_id: str | None = None,
        starts_at: datetime | None = None,
        daily_cap: int | None = None,
        spread: bool = True,
        skip_existing_conversations: bool = True,
        created_by: str | None = None,
    ) -> CampaignState:
        """Write a draft with a template of its own (`text`), or with one that is saved.

        account_id:  None is the default account.
        Raises:      InvalidField, UnknownVariables, NotFound.
        """
        if text is None and template_id is None:
            raise InvalidField("text", "must be given, or templateId")
        _check_cap(daily_cap)
        name = parse_name(name)
        text, template = await self._read_text(workspace_id, text, template_id)
        audience = await self._store.read_audience(workspace_id, audience_id)
        template.check_columns(audience.columns)
        account = await self._store.read_account(workspace_id, account_id)
        campaign = Campaign(
            id=new_record_id(),
            workspace_id=workspace_id,
            name=name,
            account_id=account.id,
            group_id=audience.group_id,
            audience_id=audience.id,
            status=CampaignStatus.DRAFT,
            cause=None,
            starts_at=None if starts_at is None else as_utc(starts_at),
            daily_cap=daily_cap,
            spread=spread,
            skip_existing_conversations=skip_existing_conversations,
            first_left=None,
            created_by=created_by,
            started_by=None,
            created_at=self._clock(),
            started_at=None,
            ended_at=None,
            template_id=template_id,
        )
        await self._store.add_campaign(campaign, text)
        return await self.read(workspace_id, campaign.id)

    async def change(self, workspace_id: str, campaign_id: str, changes: CampaignChanges) -> CampaignState:
        """Change a draft. Raises InvalidField, UnknownVariables, NotFound, WrongStatus; ContentChanged.

        The last where the draft has another revision than the given one: two people edit it at once.
        """
        _check_cap(changes.daily_cap)
        values: dict[str, Any] = {
            "name": None if changes.name is None else parse_name(changes.name),
            "starts_at": None if changes.starts_at is None else as_utc(changes.starts_at),
            "daily_cap": changes.daily_cap,
            "spread": changes.spread,
            "skip_existing_conversations": changes.skip_existing_conversations,
        }
        audience = None
        if changes.audience_id is not None:
            audience = await self._store.read_audience(workspace_id, changes.audience_id)
            values |= {"audience_id": audience.id, "group_id": audience.group_id}
        if changes.account_id is not None:
            values["account_id"] = (await self._store.read_account(workspace_id, changes.account_id)).id
        text = template = None
        if changes.text is not None or changes.template_id is not None:
            text, template = await self._read_text(workspace_id, changes.text, changes.template_id)
        before = await self._store.read_campaign(workspace_id, campaign_id)
        if template is None and audience is not None:
            now = await self._store.read_campaign_text(workspace_id, campaign_id)
            template = await asyncio.to_thread(parse_campaign_text, now, before.template_id)
        if template is not None:
            audience = audience or await self._store.read_audience(workspace_id, before.audience_id)
            template.check_columns(audience.columns)
        values = {name: value for name, value in values.items() if value is not None}
        if text is not None:
            values["template_id"] = changes.template_id
        values |= {"starts_at": None} if changes.at_once else {}
        values |= {"daily_cap": None} if changes.uncapped else {}
        campaign = await self._store.change_campaign(
            workspace_id, campaign_id, partial(_edit, values, changes.revision), text=text
        )
        return await self._state(campaign)

    async def read(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """Raises NotFound."""
        return await self._state(await self._store.read_campaign(workspace_id, campaign_id))

    async def read_text(self, workspace_id: str, campaign_id: str) -> str:
        """Return the template from which its texts are made; of a draft, the newest of a saved one. Raises NotFound."""
        return await self._store.read_campaign_text(workspace_id, campaign_id)

    async def list_page(
        self,
        workspace_id: str,
        *,
        status: CampaignStatus | None = None,
        account_id: str | None = None,
        before_id: str | None = None,
        count: int = 50,
    ) -> Sequence[CampaignState]:
        """Return a page, the newest first; archived campaigns only where `status` says so."""
        campaigns = await self._store.list_campaigns(
            workspace_id, status=status, account_id=account_id, before_id=before_id, count=count
        )
        return await self._states(campaigns)

    async def list_names(self, workspace_id: str, *, count: int = 100) -> Mapping[str, str]:
        """Return the names of the newest campaigns by their ids."""
        campaigns = await self._store.list_campaigns(
            workspace_id, status=None, account_id=None, before_id=None, count=count
        )
        return {campaign.id: campaign.name for campaign in campaigns}

    async def check(
        self, workspace_id: str, campaign_id: str, *, on_progress: OnProgress = no_progress
    ) -> CampaignCheck:
        """Check a draft; nothing is sent or written. Raises NotFound, WrongStatus, UnknownVariables, InvalidField.

        on_progress:  called with the number of people that were checked.
        """
        return await self._checks.check(await self._read_draft(workspace_id, campaign_id, "checked"), on_progress)

    async def list_texts(
        self, workspace_id: str, campaign_id: str, *, after_place: int = 0, count: int = 200
    ) -> Sequence[tuple[int, PersonText]]:
        """Return a page of a draft's people with their places, and what each would get now. Raises as `check`.

        Who would be skipped has the reason in place of a text.
        """
        campaign = await self._read_draft(workspace_id, campaign_id, "checked")
        return await self._checks.list_texts(campaign, after_place=after_place, count=count)

    async def preview(
        self,
        workspace_id: str,
        *,
        audience_id: str,
        account_id: str | None,
        text: str | None = None,
        template_id: str | None = None,
        after_place: int = 0,
    ) -> tuple[int, PersonText] | None:
        """Return what the next person of the audience would get of a text that is not saved yet, with their place.

        None where nobody is after that place. Raises InvalidField, UnknownVariables, NotFound.
        """
        _, template = await self._read_text(workspace_id, text, template_id)
        audience = await self._store.read_audience(workspace_id, audience_id)
        return await self._checks.preview(template, audience, account_id, after_place)

    async def read_text_of(self, workspace_id: str, campaign_id: str, recipient: ProfileUrn) -> PersonText:
        """Return what one person of a draft would get now. Raises as `check`."""
        return await self._checks.read_text_of(await self._read_draft(workspace_id, campaign_id, "checked"), recipient)

    async def start(
        self,
        workspace_id: str,
        campaign_id: str,
        *,
        content_hash: str | None = None,
        first: int | None = None,
        started_by: str | None = None,
        on_progress: OnProgress = no_progress,
    ) -> CampaignState:
        """Freeze the audience and let the campaign run, or wait for its `starts_at`.

        content_hash:  of what was checked; None checks nothing.
        first:         how many messages are sent before it pauses with `first_sent`.
        on_progress:   called with the number of people whose texts were made.
        Raises:        NotFound, WrongStatus, ContentChanged, InvalidField.
        """
        if first is not None and first < 1:
            raise InvalidField("first", "must be at least 1")
        campaign, now = await self._read_draft(workspace_id, campaign_id, "started"), self._clock()
        await self._drop_staged(campaign)  # of a start that a crash has ended
        try:
            people, present_hash, staged, done = list[PersonText](), "", 0, 0
            async for page, hash_so_far in self._checks.freeze(campaign):
                if people:  # the last page is written by the transaction that starts the campaign
                    staged = await self._store.stage_people(campaign, people, staged=staged, now=now)
                people, present_hash, done = page, hash_so_far, done + len(page)
                on_progress(done)
            if content_hash not in (None, present_hash):
                raise ContentChanged
            await self._store.start_campaign(
                workspace_id,
                campaign_id,
                people,
                started_by=started_by,
                first=first,
                now=now,
                staged=staged,
                expected=campaign,
            )
        except ConfrereError:
            await self._drop_staged(campaign, now)
            raise
        return await self.read(workspace_id, campaign_id)

    async def _drop_staged(self, draft: Campaign, by: datetime | None = None) -> None:
        while await self._store.drop_staged_people(draft, by=by):
            pass

    async def add_people(self, workspace_id: str, campaign_id: str, people: Sequence[AudiencePerson]) -> PeopleAdded:
        """Add to a campaign that was started those who are not in it yet.

        A finished campaign runs again. Raises NotFound, WrongStatus.
        """
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        texts = await self._checks.make_texts(campaign, people)
        added = set(await self._store.add_campaign_people(workspace_id, campaign_id, texts, self._clock()))
        given = dict.fromkeys(person.recipient for person in people)
        return PeopleAdded(len(added), [recipient for recipient in given if recipient not in added])

    async def pause(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """Pause; no message of the campaign begins after this returns. Raises NotFound, WrongStatus.

        `counts.in_flight` of the answer are the messages that had begun.
        """
        return await self._change(workspace_id, campaign_id, CampaignStatus.PAUSED, PauseCause.PERSON)

    async def resume(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """Let a paused campaign run; refusals are counted anew. Raises NotFound, WrongStatus."""
        return await self._change(workspace_id, campaign_id, CampaignStatus.RUNNING)

    async def stop(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """End the campaign for ever; who waited is skipped. Raises NotFound, WrongStatus."""
        return await self._change(workspace_id, campaign_id, CampaignStatus.STOPPED)

    async def archive(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """Put a campaign that is over, or a draft, out of sight. Raises NotFound, WrongStatus."""
        return await self._change(workspace_id, campaign_id, CampaignStatus.ARCHIVED)

    async def _change(
        self, workspace_id: str, campaign_id: str, status: CampaignStatus, cause: PauseCause | None = None
    ) -> CampaignState:
        campaign = await self._store.change_campaign_status(
            workspace_id, campaign_id, status, cause=cause, now=self._clock()
        )
        return await self._state(campaign)

    async def _read_draft(self, workspace_id: str, campaign_id: str, action: str) -> Campaign:
        """Return the draft. Raises NotFound; WrongStatus where it is none any more."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        if campaign.status is not CampaignStatus.DRAFT:
            raise WrongStatus(action, campaign.status)
        return campaign

    async def _read_text(self, workspace_id: str, text: str | None, template_id: str | None) -> tuple[str, Template]:
        """Return the given text, or the saved template's, and what it parses to."""
        if template_id is not None:
            if text is not None:
                raise InvalidField("templateId", "cannot be given together with text")
            try:
                text = (await self._store.read_template(workspace_id, template_id)).text
            except NotFound as fault:
                raise InvalidField("templateId", TEMPLATE_FORM) from fault
        assert text is not None
        return text, await asyncio.to_thread(parse_campaign_text, text, template_id)

    async def _state(self, campaign: Campaign) -> CampaignState:
        [state] = await self._states([campaign])
        return state

    async def _states(self, campaigns: Sequence[Campaign]) -> Sequence[CampaignState]:
        started = [one.id for one in campaigns if one.status is not CampaignStatus.DRAFT]
        counts = dict(await self._store.count_people_of_campaigns(started, self._clock()))
        for one in campaigns:
            counts.setdefault(one.id, CampaignCounts())  # of a draft: nobody sees whom a start stages
        forecasts = await self._forecasts.of_campaigns(
            (one, counts[one.id].waiting + counts[one.id].held) for one in campaigns
        )
        waits = await self._why_not_yet.of_campaigns(campaigns)
        return [
            CampaignState(one, counts[one.id], why_not, forecasts.get(one.id))
            for one, why_not in zip(campaigns, waits, strict=True)
        ]


def _edit(values: Mapping[str, Any], revision: int | None, draft: Campaign) -> Campaign:
    """Return the edited draft. Raises ContentChanged."""
    if revision not in (None, draft.revision):
        raise ContentChanged(EDITED)
    return replace(draft, **values)


def _check_cap(daily_cap: int | None) -> None:
    if daily_cap is not None and not 1 <= daily_cap <= MESSAGES_PER_DAY_CEILING:
        raise InvalidField("dailyCap", f"must be 1 to {MESSAGES_PER_DAY_CEILING}")
