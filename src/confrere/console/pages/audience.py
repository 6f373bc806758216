"""`/console/audiences/{id}`: one audience, its people page by page."""

from typing import Final

from confrere.console.errors import describe
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.pages.audiences import may_see_audience
from confrere.domain.campaigns.audience import Audience, AudienceInUse
from confrere.domain.errors import NotFound
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50


async def show(page: Page, services: Services) -> Answer:
    """Show it."""
    return await _page(page, services, await _read(page, services))


async def delete(page: Page, services: Services) -> Answer:
    """Delete it, unless a campaign that was not started yet is for it."""
    audience = await _read(page, services)
    try:
        await services.audiences.delete(audience.workspace_id, audience.id)
    except AudienceInUse as fault:
        status, problem, _ = describe(fault)
        return await _page(page, services, audience, status=status, problem=problem)
    return redirect(f"{PATH}/audiences")


async def _read(page: Page, services: Services) -> Audience:
    """Return the audience in the path, if the user sees it. Raises NotFound."""
    assert page.user is not None
    audience = await services.audiences.read(page.user.workspace_id, page.record_id("audience_id", "audience"))
    if not may_see_audience(page, audience):
        raise NotFound("There is no such audience in this workspace")
    return audience


async def _page(
    page: Page, services: Services, audience: Audience, *, status: int = 200, problem: str | None = None
) -> Answer:
    after = page.query.integer("after", default=0, least=0, most=10**9)
    found = await services.audiences.list_people(
        audience.workspace_id, audience.id, after_place=after, count=PAGE_ROWS + 1
    )
    people = found[:PAGE_ROWS]
    return page.render(
        "audience.html",
        status=status,
        state=await services.audiences.state_of(audience),
        audience=audience,
        people=people,
        after=after,
        following=people[-1][0] if len(found) > PAGE_ROWS else None,
        problem=problem,
    )
