"""`/console/groups`: the groups of an account, and what is known of each."""

from confrere.console.choices import account_of, explain_unread
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import InvalidField, LimitReached, NoSession, NotFound
from confrere.domain.group import MOST_COUNTED
from confrere.domain.limits import Action
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """List the groups, without asking LinkedIn; an address that is typed leads to its group."""
    typed = (page.query.text("group") or "").strip()
    if typed:
        try:
            group_id = GroupId.parse(typed, field="group")
        except InvalidField as fault:
            return await _page(page, services, 422, problem=f"The {fault}.", typed=typed)
        _, account = await account_of(page, services)
        return redirect(f"{PATH}/groups/{group_id}" + (f"?account={account.id}" if account else ""))
    return await _page(page, services)


async def read(page: Page, services: Services) -> Answer:
    """Ask LinkedIn in which groups the account is."""
    assert page.user is not None
    _, account = await account_of(page, services)
    if account is None:
        raise NotFound("There is no account to read with; connect one first")
    try:
        reading = await services.members.read_groups(page.user.workspace_id, account.id)
    except (InvalidField, LimitReached, NoSession) as refusal:
        return await _page(page, services, 409, problem=f"{refusal}.")
    problem = explain_unread(reading, services.clock())
    if problem:
        return await _page(page, services, 502, problem=problem)
    return redirect(f"{PATH}/groups?account={account.id}")


async def _page(
    page: Page, services: Services, status: int = 200, *, problem: str | None = None, typed: str = ""
) -> Answer:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    accounts, account = await account_of(page, services)
    groups = await services.members.list_groups(workspace_id, account.id) if account else []
    shares = {
        one.group_id: await services.pacing.read_group_share(workspace_id, GroupId(one.group_id)) for one in groups
    }
    quota = await services.accounts.read_quota(workspace_id, account.id, Action.GROUP_MEMBERS) if account else None
    return page.render(
        "groups.html",
        status=status,
        accounts=accounts,
        account=account,
        groups=groups,
        shares=shares,
        quota=quota,
        most_counted=MOST_COUNTED,
        problem=problem,
        typed=typed,
    )
