"""What several pages of campaigns read, as far as the user may see it."""

from contextlib import suppress
from typing import Final

from confrere.campaigns import CampaignState
from confrere.console.page import Page
from confrere.domain.campaigns.audience import Audience
from confrere.domain.errors import NotFound
from confrere.services import Services

WAIT_SECONDS: Final = 2.0
"""How long an answer waits for work that usually takes less; what takes longer shows its progress."""

MOST_CHOICES: Final = 200
"""Audiences and templates that a form offers, the newest."""


async def read_campaign(page: Page, services: Services) -> CampaignState:
    """Return the campaign in the path, if the user sees its account. Raises NotFound."""
    assert page.user is not None
    campaign_id = page.record_id("campaign_id", "campaign")
    state = await services.campaigns.read(page.user.workspace_id, campaign_id)
    if not page.may_see(state.campaign.account_id):
        raise NotFound("There is no such campaign in this workspace")
    return state


async def find_audience(services: Services, workspace_id: str, audience_id: str) -> Audience | None:
    """Return the audience; None where it was deleted after the start."""
    try:
        return await services.audiences.read(workspace_id, audience_id)
    except NotFound:
        return None


async def audiences_of(page: Page, services: Services, chosen: str = "") -> list[Audience]:
    """Return the newest audiences that the user sees, and the chosen one."""
    assert page.user is not None
    workspace_id = page.user.workspace_id
    found = list(await services.audiences.list_page(workspace_id, count=MOST_CHOICES))
    if chosen and chosen not in {audience.id for audience in found}:
        with suppress(NotFound):
            found.append(await services.audiences.read(workspace_id, chosen))
    return [one for one in found if one.collection is None or page.may_see(one.collection.account_id)]
