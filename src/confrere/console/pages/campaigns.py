"""`/console/campaigns`: all campaigns, with how far they are."""

from typing import Final
from urllib.parse import urlencode

from confrere.campaigns import CampaignState
from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.console.paging import read_visible
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.errors import InvalidField
from confrere.http.answer import Answer
from confrere.services import Services

LIST: Final = f"{PATH}/campaigns"


async def show(page: Page, services: Services) -> Answer:
    """List those of the accounts that the user sees, newest first; archived ones only where they are asked for."""
    assert page.user is not None
    workspace_id, text = page.user.workspace_id, page.query.text("status") or ""
    if text and text not in set(CampaignStatus):
        raise InvalidField("status", f"must be one of {', '.join(CampaignStatus)}")
    status = CampaignStatus(text) if text else None
    rows, before = await read_visible(
        page,
        lambda before, count: services.campaigns.list_page(workspace_id, status=status, before_id=before, count=count),
        id_of=lambda state: state.campaign.id,
        is_visible=lambda state: page.may_see(state.campaign.account_id),
    )
    older = f"{LIST}?{urlencode({**({'status': text} if text else {}), 'before': before})}" if before else None
    return page.render(
        "campaigns.html",
        rows=[(state, people_of(state)) for state in rows],
        account_of={account.id: account for account in await services.accounts.search(workspace_id)},
        chosen=text,
        is_first=page.query.text("before") is None,
        older=older,
    )


def people_of(state: CampaignState) -> int:
    """Return how many people a campaign has; 0 before it was started."""
    counts = state.counts
    open_people = counts.waiting + counts.held + counts.in_flight + counts.unknown
    return open_people + counts.sent + counts.replied + counts.refused + counts.skipped
