"""`/console/campaigns/{id}`: a campaign that was started; a draft has a page of its own here (`campaign_draft`)."""

from collections.abc import Awaitable, Callable

from confrere.campaigns import CampaignState, PeopleAdded, Progress
from confrere.console.campaign_reads import WAIT_SECONDS, audiences_of, find_audience, read_campaign
from confrere.console.errors import describe
from confrere.console.local_time import zone_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages import campaign_draft
from confrere.console.pages.campaigns import people_of
from confrere.domain.campaigns.audience import Audience
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.errors import ConfrereError, InvalidField
from confrere.http.answer import Answer
from confrere.services import Services

_Act = Callable[[str, str], Awaitable[CampaignState]]


async def show(page: Page, services: Services) -> Answer:
    """Show how far the campaign is, and why it waits; of a draft, its check."""
    state = await read_campaign(page, services)
    if state.campaign.status is CampaignStatus.DRAFT:
        return await campaign_draft.show(page, services, state)
    return await show_started(page, services, state)


async def show_started(
    page: Page, services: Services, state: CampaignState, *, status: int = 200, problem: str | None = None
) -> Answer:
    """Show a campaign that was started."""
    assert page.user is not None
    campaign = state.campaign
    adding: Progress | None = None
    added = _numbers_added(page)
    try:
        found = await services.long_tasks.find_change(campaign.id)
        adding = found if isinstance(found, Progress) else None
        added = (found.added, len(found.already_in)) if isinstance(found, PeopleAdded) else added
    except ConfrereError as fault:
        problem = problem or describe(fault)[1]
    users = {user.id: user.name for user in await services.logins.list_users(campaign.workspace_id)}
    return page.render(
        "campaign.html",
        status=status,
        zone=await zone_of(page, services, campaign.account_id),
        state=state,
        campaign=campaign,
        total=people_of(state),
        account=await services.accounts.read(campaign.workspace_id, campaign.account_id),
        audience=await find_audience(services, campaign.workspace_id, campaign.audience_id),
        others=await _others(page, services, state) if not page.is_live else [],
        users=users,
        problem=problem,
        adding=adding,
        added=added,
        now=services.clock(),
    )


async def pause(page: Page, services: Services) -> Answer:
    """Let no further message of it begin."""
    return await _act(page, services, services.campaigns.pause)


async def resume(page: Page, services: Services) -> Answer:
    """Let it go on."""
    return await _act(page, services, services.campaigns.resume)


async def confirm_stop(page: Page, services: Services) -> Answer:
    """Say what will not happen any more, and ask."""
    state = await read_campaign(page, services)
    return page.render("campaign_stop.html", state=state, campaign=state.campaign)


async def stop(page: Page, services: Services) -> Answer:
    """End it for ever."""
    return await _act(page, services, services.campaigns.stop)


async def archive(page: Page, services: Services) -> Answer:
    """Put it out of sight."""
    return await _act(page, services, services.campaigns.archive)


async def add_people(page: Page, services: Services) -> Answer:
    """Add the people of an audience of the same group who are not in it yet."""
    assert page.user is not None
    state = await read_campaign(page, services)
    campaign, audience_id = state.campaign, page.form.get("audience", "")
    try:
        if audience_id not in {one.id for one in await _others(page, services, state)}:
            raise InvalidField("Audience", "must be one of those in the list")
        found = await services.long_tasks.add_audience(campaign, audience_id, wait_seconds=WAIT_SECONDS)
    except ConfrereError as fault:
        status, problem, _ = describe(fault)
        return await show_started(page, services, state, status=status, problem=problem)
    if isinstance(found, PeopleAdded):
        numbers = f"added={found.added}&already={len(found.already_in)}"
        return redirect(f"{PATH}/campaigns/{campaign.id}?{numbers}")
    return redirect(f"{PATH}/campaigns/{campaign.id}")


async def _act(page: Page, services: Services, act: _Act) -> Answer:
    """Do it; where the campaign has come into another status meanwhile, say so on its page."""
    state = await read_campaign(page, services)
    try:
        await act(state.campaign.workspace_id, state.campaign.id)
    except ConfrereError as fault:
        status, problem, _ = describe(fault)
        return await show_started(page, services, await read_campaign(page, services), status=status, problem=problem)
    return redirect(f"{PATH}/campaigns/{state.campaign.id}")


def _numbers_added(page: Page) -> tuple[int, int] | None:
    """Return how many were added, and in it already, from where this page was left for."""
    numbers = [page.query.text(name) or "" for name in ("added", "already")]
    if all(text.isascii() and text.isdigit() and len(text) <= 9 for text in numbers):
        return int(numbers[0]), int(numbers[1])
    return None


async def _others(page: Page, services: Services, state: CampaignState) -> list[Audience]:
    """Return the audiences from which people can be added: complete ones of the same group."""
    if state.campaign.status in (CampaignStatus.STOPPED, CampaignStatus.ARCHIVED):
        return []
    found = await audiences_of(page, services)
    return [
        one
        for one in found
        if one.group_id == state.campaign.group_id and one.status == "ready" and one.id != state.campaign.audience_id
    ]
