"""`/console/audiences`: the lists of people, and how far those are that are being collected."""

from confrere.console.origins import PATH
from confrere.console.page import Page
from confrere.console.paging import read_visible
from confrere.domain.campaigns.audience import Audience
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """List them, newest first."""
    assert page.user is not None
    workspace_id = page.user.workspace_id
    rows, before = await read_visible(
        page,
        lambda before, count: services.audiences.list_page(workspace_id, before_id=before, count=count),
        id_of=lambda audience: audience.id,
        is_visible=lambda audience: may_see_audience(page, audience),
    )
    states = [await services.audiences.state_of(audience) for audience in rows]
    return page.render(
        "audiences.html",
        states=states,
        is_collecting=any(state.audience.status == "collecting" for state in states),
        is_first=page.query.text("before") is None,
        before=page.query.text("before"),
        older=f"{PATH}/audiences?before={before}" if before else None,
    )


def may_see_audience(page: Page, audience: Audience) -> bool:
    """Whether the user sees it: one that an account collects belongs to whoever sees the account."""
    return audience.collection is None or page.may_see(audience.collection.account_id)
