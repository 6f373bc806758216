"""What a campaign would send, made from its audience page by page: for a check, for a page of texts, for a start."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from confrere.campaigns.forecasts import Forecasts
from confrere.campaigns.templates import shared_values
from confrere.domain.campaigns.audience import Audience, AudienceNotReady, AudiencePerson, AudienceStatus
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus, Candidate, PersonText
from confrere.domain.campaigns.check import CampaignCheck, Checking, Plan, make_texts
from confrere.domain.campaigns.templates import Template, parse_template
from confrere.domain.urns import ProfileUrn
from confrere.ports import Store

PAGE = 2_000
"""People whose texts are made at a time: about 50 ms of a thread."""

OnProgress = Callable[[int], None]
"""Called with the number of people that are done."""


def no_progress(_done: int) -> None:
    """Nobody wants to know."""


class CampaignChecks:
    """Makes the texts of campaigns. It reads the store and never asks LinkedIn."""

    def __init__(self, *, store: Store, forecasts: Forecasts) -> None:
        self._store = store
        self._forecasts = forecasts

    async def check(self, campaign: Campaign, on_progress: OnProgress) -> CampaignCheck:
        """Return what a start would do now. Raises NotFound, AudienceNotReady, UnknownVariables, InvalidField."""
        checking, done = Checking(await self._plan(campaign)), 0
        async for page in self._candidates(campaign):
            await asyncio.to_thread(checking.add, page)
            done += len(page)
            on_progress(done)
        return await asyncio.to_thread(checking.finish, await self._forecasts.outlook(campaign))

    async def freeze(self, campaign: Campaign) -> AsyncIterator[tuple[list[PersonText], str]]:
        """Yield what each person is to get, page by page, and the content hash so far. Raises as `check`.

        The hash of the last page is that of a check; a campaign without people has one page, too. Whom the store knows
        something against is frozen all the same: it is decided when their turn comes, and the earlier message to them
        is kept with the reason then.
        """
        checking, is_empty = Checking(await self._plan(campaign)), True
        async for page in self._candidates(campaign):
            known_only_now = (replace(candidate, skip=None) for candidate in page)
            people = await asyncio.to_thread(lambda: list(checking.take(known_only_now)))  # noqa: B023  # used at once
            is_empty = False
            yield people, checking.content_hash
        if is_empty:
            yield [], checking.content_hash

    async def list_texts(self, campaign: Campaign, *, after_place: int, count: int) -> Sequence[tuple[int, PersonText]]:
        """Return a page of people with their places and what they would get. Raises as `check`."""
        plan = await self._plan(campaign)
        page = await self._store.list_candidates(
            campaign.workspace_id, campaign.audience_id, after_place=after_place, count=count
        )
        made = await asyncio.to_thread(lambda: list(make_texts((one for _, one in page), plan)))
        return [(place, text) for (place, _), text in zip(page, made, strict=True)]

    async def read_text_of(self, campaign: Campaign, recipient: ProfileUrn) -> PersonText:
        """Return what one person of the audience would get. Raises as `check`."""
        plan = await self._plan(campaign)
        one = await self._store.read_candidate(campaign.workspace_id, campaign.audience_id, recipient)
        return next(make_texts([one], plan))

    async def preview(
        self, template: Template, audience: Audience, account_id: str | None, after_place: int
    ) -> tuple[int, PersonText] | None:
        """Return what the next person of an audience would get of a text, with their place; None after the last."""
        page = await self._store.list_candidates(audience.workspace_id, audience.id, after_place=after_place, count=1)
        if not page:
            return None
        account = await self._store.read_account(audience.workspace_id, account_id)
        group_name = (await self._store.read_group(audience.workspace_id, audience.group_id)).name
        own_urn = ProfileUrn(account.profile_urn)
        plan = Plan(template, shared_values(account, group_name), audience.columns, own_urn, {})
        [(place, one)] = page
        return place, next(make_texts([one], plan))

    async def make_texts(self, campaign: Campaign, people: Sequence[AudiencePerson]) -> list[PersonText]:
        """Return what these people get in a campaign that was started: from the template as it was then."""
        plan = await self._plan(campaign)
        return await asyncio.to_thread(lambda: list(make_texts(map(Candidate, people), plan)))

    async def _plan(self, campaign: Campaign) -> Plan:
        columns = None
        if campaign.status is CampaignStatus.DRAFT:
            audience = await self._store.read_audience(campaign.workspace_id, campaign.audience_id)
            if audience.status is AudienceStatus.COLLECTING:
                raise AudienceNotReady(audience)
            columns = audience.columns
        account = await self._store.read_account(campaign.workspace_id, campaign.account_id)
        group_name = (await self._store.read_group(campaign.workspace_id, campaign.group_id)).name
        text = await self._store.read_campaign_text(campaign.workspace_id, campaign.id)
        return Plan(
            await asyncio.to_thread(parse_campaign_text, text, campaign.template_id),
            shared_values(account, group_name),
            columns,
            ProfileUrn(account.profile_urn),
            {
                "accountId": campaign.account_id,
                "groupId": campaign.group_id,
                "startsAt": None if campaign.starts_at is None else campaign.starts_at.isoformat(),
                "dailyCap": campaign.daily_cap,
                "spread": campaign.spread,
                "skipExistingConversations": campaign.skip_existing_conversations,
            },
        )

    async def _candidates(self, campaign: Campaign) -> AsyncIterator[list[Candidate]]:
        place = 0
        while page := await self._store.list_candidates(
            campaign.workspace_id, campaign.audience_id, after_place=place, count=PAGE
        ):
            yield [candidate for _, candidate in page]
            place = page[-1][0]


def parse_campaign_text(text: str, template_id: str | None) -> Template:
    """Parse the text of a campaign; faults name the field that it came from. Raises InvalidField, UnknownVariables."""
    return parse_template(text, field="text" if template_id is None else "templateId")
