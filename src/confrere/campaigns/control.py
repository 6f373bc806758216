"""What people do with campaigns: create, start, pause, resume, stop, archive, and read them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from confrere.campaigns.audiences import AudienceDirectory, parse_name
from confrere.campaigns.why_not_yet import WhyNotYet
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignCounts,
    CampaignStatus,
    ContentChanged,
    PauseCause,
    PersonText,
    SkipReason,
    WrongStatus,
)
from confrere.domain.campaigns.content_hash import ContentHash
from confrere.domain.errors import InvalidField
from confrere.domain.ids import new_record_id
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, as_utc
from confrere.domain.message import MessageText
from confrere.domain.urns import ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class CampaignState:
    """A campaign with how far it is. why_not: why it sends nothing now; None where it may, or is over."""

    campaign: Campaign
    counts: CampaignCounts
    why_not: WhyNot | None


@dataclass(frozen=True, slots=True)
class PeopleAdded:
    """How many were added to a campaign, and who was in it already."""

    added: int
    already_in: Sequence[ProfileUrn]


@dataclass(frozen=True, slots=True)
class CampaignPreview:
    """What a start would do now, without asking LinkedIn.

    text:          what everybody would get; None where nobody would be written to.
    content_hash:  a start with it fails where people, text or settings have changed since.
    """

    would_send: int
    skipped: Mapping[SkipReason, int]
    text: MessageText | None
    content_hash: str


class CampaignControl:
    """The campaigns of a workspace. What changes one returns its state afterwards."""

    def __init__(self, *, store: Store, audiences: AudienceDirectory, why_not_yet: WhyNotYet, clock: Clock) -> None:
        self._store = store
        self._audiences = audiences
        self._why_not_yet = why_not_yet
        self._clock = clock

    async def create(
        self,
        workspace_id: str,
        *,
        name: str,
        audience_id: str,
        text: MessageText,
        account_id: str | None = None,
        starts_at: datetime | None = None,
        daily_cap: int | None = None,
        spread: bool = True,
        skip_existing_conversations: bool = True,
        created_by: str | None = None,
    ) -> CampaignState:
        """Write a draft. `account_id` None is the default account. Raises InvalidField, NotFound."""
        if daily_cap is not None and not 1 <= daily_cap <= MESSAGES_PER_DAY_CEILING:
            raise InvalidField("dailyCap", f"must be 1 to {MESSAGES_PER_DAY_CEILING}")
        audience = await self._audiences.read(workspace_id, audience_id)
        account = await self._store.read_account(workspace_id, account_id)
        campaign = Campaign(
            id=new_record_id(),
            workspace_id=workspace_id,
            name=parse_name(name),
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
        )
        await self._store.add_campaign(campaign, text)
        return await self.read(workspace_id, campaign.id)

    async def read(self, workspace_id: str, campaign_id: str) -> CampaignState:
        """Raises NotFound."""
        return await self._state(await self._store.read_campaign(workspace_id, campaign_id))

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
        counts = await self._store.count_people_of_campaigns([one.id for one in campaigns], self._clock())
        waits = await self._why_not_yet.of_campaigns(campaigns)
        return [CampaignState(one, counts[one.id], wait) for one, wait in zip(campaigns, waits, strict=True)]

    async def check(self, workspace_id: str, campaign_id: str) -> CampaignPreview:
        """Check a draft; nothing is sent or written. Raises NotFound, WrongStatus."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        if campaign.status is not CampaignStatus.DRAFT:
            raise WrongStatus("checked", campaign.status)
        text, people = await self._read_content(campaign)
        skipped = await self._store.foresee_skips(workspace_id, campaign.audience_id)
        would_send = len(people) - sum(skipped.values())
        content_hash = await asyncio.to_thread(_hash, campaign, text, people)
        return CampaignPreview(would_send, skipped, text if would_send > 0 else None, content_hash)

    async def content_hash(self, workspace_id: str, campaign_id: str) -> str:
        """Return a hash over the people, texts and settings of a campaign as a start would freeze them."""
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        text, people = await self._read_content(campaign)
        return await asyncio.to_thread(_hash, campaign, text, people)

    async def start(
        self,
        workspace_id: str,
        campaign_id: str,
        *,
        content_hash: str | None = None,
        first: int | None = None,
        started_by: str | None = None,
    ) -> CampaignState:
        """Freeze the audience and let the campaign run, or wait for its `starts_at`.

        content_hash:  of what was checked; None checks nothing.
        first:         how many messages are sent before it pauses with `first_sent`.
        Raises:        NotFound, WrongStatus, ContentChanged, InvalidField.
        """
        if first is not None and first < 1:
            raise InvalidField("first", "must be at least 1")
        campaign = await self._store.read_campaign(workspace_id, campaign_id)
        text, people = await self._read_content(campaign)
        if content_hash is not None and content_hash != await asyncio.to_thread(_hash, campaign, text, people):
            raise ContentChanged
        await self._store.start_campaign(
            workspace_id, campaign_id, people, started_by=started_by, first=first, now=self._clock()
        )
        return await self.read(workspace_id, campaign_id)

    async def add_people(self, workspace_id: str, campaign_id: str, people: Sequence[AudiencePerson]) -> PeopleAdded:
        """Add to a campaign that was started those who are not in it yet.

        A finished campaign runs again. Raises NotFound, WrongStatus.
        """
        texts = [PersonText(person) for person in people]
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

    async def _state(self, campaign: Campaign) -> CampaignState:
        counts = await self._store.count_campaign_people(campaign.id, self._clock())
        return CampaignState(campaign, counts, await self._why_not_yet.of_campaign(campaign))

    async def _read_content(self, campaign: Campaign) -> tuple[MessageText, list[PersonText]]:
        text = await self._store.read_campaign_text(campaign.workspace_id, campaign.id)
        everybody = await self._audiences.read_everybody(campaign.workspace_id, campaign.audience_id)
        return text, [PersonText(person) for person in everybody]


def _hash(campaign: Campaign, text: MessageText, people: Sequence[PersonText]) -> str:
    content = ContentHash(
        {
            "accountId": campaign.account_id,
            "groupId": campaign.group_id,
            "startsAt": None if campaign.starts_at is None else campaign.starts_at.isoformat(),
            "dailyCap": campaign.daily_cap,
            "spread": campaign.spread,
            "skipExistingConversations": campaign.skip_existing_conversations,
        }
    )
    for one in people:
        content.add(one.person.recipient, None if one.skip else one.text or text)
    return content.hexdigest()
