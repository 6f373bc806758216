"""`/console/users`: who may log in; invite, reset, disable."""

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import InvalidField
from confrere.domain.users import Invite, Rights, Role
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """List all users."""
    return await _page(page, services)


async def invite(page: Page, services: Services) -> Answer:
    """Make a link by which somebody becomes a user, and show it, this once."""
    assert page.user is not None
    rights = await _rights(page, services)
    made, token = await services.logins.invite(page.user.workspace_id, rights, page.actor)
    return await _page(page, services, made, token)


async def reset(page: Page, services: Services) -> Answer:
    """Make a link by which a user chooses a new password, and show it, this once."""
    assert page.user is not None
    name = page.form.get("name", "")
    made, token = await services.logins.invite_to_reset(page.user.workspace_id, name, page.actor)
    return await _page(page, services, made, token, name)


async def disable(page: Page, services: Services) -> Answer:
    """Disable a user, and log them out everywhere."""
    assert page.user is not None
    await services.logins.disable(page.user.workspace_id, page.form.get("name", ""), page.actor)
    return redirect(f"{PATH}/users")


async def log_out(page: Page, services: Services) -> Answer:
    """Log a user out everywhere."""
    assert page.user is not None
    user = await services.logins.read(page.user.workspace_id, page.form.get("name", ""))
    await services.logins.end_sessions(user, page.actor)
    return redirect(f"{PATH}/users")


async def remove_second_factor(page: Page, services: Services) -> Answer:
    """Take the second factor off for somebody who has lost it."""
    assert page.user is not None
    await services.second_factors.reset(page.user.workspace_id, page.form.get("name", ""), page.actor)
    return redirect(f"{PATH}/users")


async def _rights(page: Page, services: Services) -> Rights:
    """Return what the form says. Raises InvalidField."""
    assert page.user is not None
    role = page.form.get("role", "")
    if role not in set(Role):
        raise InvalidField("role", f"must be one of {', '.join(Role)}")
    known = {account.id for account in await services.accounts.search(page.user.workspace_id)}
    accounts = frozenset(page.chosen("account"))
    if not accounts <= known:
        raise InvalidField("account", "must be among the accounts that are listed")
    if accounts and role == Role.OWNER:
        raise InvalidField("account", "must not be chosen for an owner, who sees all of them")
    return Rights(Role(role), inbox="inbox" in page.form, accounts=accounts or None)


async def _page(
    page: Page, services: Services, invite: Invite | None = None, token: str = "", reset_name: str | None = None
) -> Answer:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    accounts = await services.accounts.search(workspace_id)
    users = await services.logins.list_users(workspace_id)
    sessions = {user.id: await services.logins.list_sessions(user) for user in users}
    return page.render(
        "users.html",
        users=users,
        sessions={user_id: several for user_id, several in sessions.items() if several},
        accounts=accounts,
        account_of={account.id: account for account in accounts},
        roles=list(Role),
        invite=invite,
        link=f"{page.origin}{PATH}/enter?token={token}",
        reset_name=reset_name,
    )
