"""`/console/workspaces`, for those who run the server: what each client has; create, rename, invite the first owner."""

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import InvalidField
from confrere.domain.users import Invite, Rights, Role
from confrere.domain.workspaces import MAX_WORKSPACE_NAME, Workspace
from confrere.http.answer import Answer
from confrere.services import Services

HAS_USERS = "This workspace has users. Its owners invite others, and make links for new passwords."


async def show(page: Page, services: Services) -> Answer:
    """List all workspaces, the oldest first."""
    return await _page(page, services)


async def create(page: Page, services: Services) -> Answer:
    """Create a workspace; where the name cannot be used, it stays in the form."""
    try:
        await services.workspaces.create(page.form.get("name"))
    except InvalidField as fault:
        return await _page(page, services, fault=fault)
    return redirect(f"{PATH}/workspaces?done=created")


async def rename(page: Page, services: Services) -> Answer:
    """Give a workspace another name; where it cannot be used, it stays in the form."""
    workspace_id = page.path_params["workspace_id"]
    try:
        await services.workspaces.rename(workspace_id, page.form.get("name"))
    except InvalidField as fault:
        return await _page(page, services, fault=fault, renaming=workspace_id)
    return redirect(f"{PATH}/workspaces?done=renamed")


async def invite(page: Page, services: Services) -> Answer:
    """Make a link by which somebody becomes the first owner, and show it, this once."""
    workspace = await services.workspaces.find(page.path_params["workspace_id"])
    if any(user.disabled_at is None for user in await services.logins.list_users(workspace.id)):
        return page.render_error(409, HAS_USERS)
    made, token = await services.logins.invite(workspace.id, Rights(Role.OWNER), page.actor)
    return await _page(page, services, of=workspace, made=made, link=f"{page.origin}{PATH}/enter?token={token}")


async def _page(
    page: Page,
    services: Services,
    *,
    fault: InvalidField | None = None,
    renaming: str | None = None,
    of: Workspace | None = None,
    made: Invite | None = None,
    link: str = "",
) -> Answer:
    """Render the list. renaming: whose new name is at fault. of, made, link: of an invite that was made just now."""
    return page.render(
        "workspaces.html",
        status=422 if fault else 200,
        uses=await services.workspaces.list_use(),
        problem=f"The {fault}." if fault else None,
        renaming=renaming,
        typed=page.form.get("name", ""),
        most=MAX_WORKSPACE_NAME,
        of=of,
        made=made,
        link=link,
        done=page.query.text("done"),
    )
