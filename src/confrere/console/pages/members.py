"""`/console/groups/{id}`: the members of a group who are known; to read more of them, write, or make an audience."""

from typing import Final
from urllib.parse import urlencode

from confrere.campaigns.audiences import parse_name
from confrere.console.choices import account_of, explain_unread, group_of, people_of, person_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.account import Account
from confrere.domain.campaigns.collecting import PAGE
from confrere.domain.campaigns.collection import GroupFilters, parse_filter_text
from confrere.domain.errors import InvalidField, LimitReached, NoSession, NotFound
from confrere.domain.group import MOST_COUNTED, MemberFilter, Relationship
from confrere.domain.limits import Action
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50
FILTERS: Final = ("name", "relationship", "written", "opted")
_FLAGS: Final = {"": None, "yes": True, "no": False}


async def show(page: Page, services: Services) -> Answer:
    """List the known members who match the filters, by name, without asking LinkedIn."""
    return await _page(page, services)


async def read(page: Page, services: Services) -> Answer:
    """Read the next page of LinkedIn's list, which spends units of the day."""
    assert page.user is not None
    account, group_id = await _account(page, services), _group(page)
    try:
        reading = await services.members.read_more(page.user.workspace_id, account.id, group_id)
    except (InvalidField, LimitReached, NoSession) as refusal:
        return await _page(page, services, 409, problem=f"{refusal}.")
    problem = explain_unread(reading, services.clock())
    if problem:
        return await _page(page, services, 502, problem=problem)
    return redirect(f"{PATH}/groups/{group_id}?account={account.id}&done=read")


async def write(page: Page, services: Services) -> Answer:
    """Lead on to a message to the people whose boxes are ticked."""
    account, group_id = await _account(page, services), _group(page)
    people = people_of(page.chosen("person"))
    if not people:
        return await _page(page, services, 422, problem="Nobody is chosen: tick the boxes of those who are meant.")
    return redirect(f"{PATH}/compose?{compose_query(account.id, group_id, [one.profile_id for one in people])}")


async def make_audience(page: Page, services: Services) -> Answer:
    """Make an audience of the people whose boxes are ticked."""
    assert page.user is not None
    account, group_id = await _account(page, services), _group(page)
    try:
        audience = await services.members.create_audience(
            page.user.workspace_id,
            account.id,
            group_id,
            name=page.form.get("audience", ""),
            recipients=people_of(page.chosen("person")),
        )
    except InvalidField as fault:
        return await _page(page, services, 422, problem=_of_audience(fault), field="audience")
    return redirect(f"{PATH}/audiences/{audience.id}")


async def take_everybody(page: Page, services: Services) -> Answer:
    """Make an audience of all who match: of those who are known, or of all whom the worker reads from LinkedIn."""
    assert page.user is not None
    workspace_id, account, group_id = page.user.workspace_id, await _account(page, services), _group(page)
    try:
        name, which = parse_name(page.form.get("everybody")), _filter(_given(page))
        if page.form.get("from") == "linkedin":
            audience = await services.audiences.create_from_group(
                workspace_id,
                name=name,
                group_id=group_id,
                account_id=account.id,
                filters=GroupFilters(name_contains=which.name, relationship=which.relationship),
            )
        else:
            audience = await services.background.finish(
                services.members.create_audience_of_known(workspace_id, account.id, group_id, name=name, which=which)
            )
    except InvalidField as fault:
        return await _page(page, services, 422, problem=_of_audience(fault), field="everybody")
    return redirect(f"{PATH}/audiences/{audience.id}")


def compose_query(account_id: str, group_id: GroupId, profile_ids: list[str]) -> str:
    """Return the address's parameters of a message to these people."""
    return urlencode([("account", account_id), ("group", group_id), *(("person", one) for one in profile_ids)])


async def _account(page: Page, services: Services) -> Account:
    _, account = await account_of(page, services)
    if account is None:
        raise NotFound("There is no account to do this with; connect one first")
    return account


def _group(page: Page) -> GroupId:
    return group_of(page.path_params["group_id"])


def _given(page: Page) -> dict[str, str]:
    return {name: (page.form.get(name) or page.query.text(name) or "").strip() for name in FILTERS}


def _filter(given: dict[str, str]) -> MemberFilter:
    """Return whom to list. Raises InvalidField."""
    relationship = given["relationship"] or None
    if relationship is not None and relationship not in set(Relationship):
        raise InvalidField("relationship", f"must be one of {', '.join(Relationship)}")
    for name in ("written", "opted"):
        if given[name] not in _FLAGS:
            raise InvalidField(name, "must be yes or no")
    return MemberFilter(
        name=parse_filter_text(given["name"], field="name"),
        relationship=None if relationship is None else Relationship(relationship),
        is_written_to=_FLAGS[given["written"]],
        is_opted_out=_FLAGS[given["opted"]],
    )


def _of_audience(fault: InvalidField) -> str:
    return f"The {fault}." if fault.field == "name" else f"{fault}.".capitalize()


async def _page(
    page: Page, services: Services, status: int = 200, *, problem: str | None = None, field: str | None = None
) -> Answer:
    assert page.user is not None
    workspace_id, group_id, given = page.user.workspace_id, _group(page), _given(page)
    accounts, account = await account_of(page, services)
    if account is None:
        return page.render("members.html", account=None, group_id=group_id)
    try:
        which = _filter(given)
    except InvalidField as fault:
        status, problem, which = 422, f"{fault}.", None
    last = page.query.text("after")
    found = (
        await services.members.list_members(
            workspace_id, account.id, group_id, which, after=person_of(last) if last else None, count=PAGE_ROWS + 1
        )
        if which is not None
        else []
    )
    following = None
    if len(found) > PAGE_ROWS:
        kept = {name: value for name, value in given.items() if value}
        place = {"account": account.id, "after": found[PAGE_ROWS - 1].person.profile_urn.profile_id}
        following = f"{PATH}/groups/{group_id}?{urlencode({**kept, **place})}"
    quota = await services.accounts.read_quota(workspace_id, account.id, Action.GROUP_MEMBERS)
    return page.render(
        "members.html",
        status=status,
        accounts=accounts,
        account=account,
        group=await services.members.read_group(workspace_id, account.id, group_id),
        group_id=group_id,
        share=await services.pacing.read_group_share(workspace_id, group_id),
        quota=quota,
        page_size=PAGE,
        most_counted=MOST_COUNTED,
        members=found[:PAGE_ROWS],
        following=following,
        given=given,
        is_filtered=any(given.values()),
        is_first=last is None,
        ticked=set(page.chosen("person")),
        typed={name: page.form.get(name, "") for name in ("audience", "everybody")},
        problem=problem,
        field=field,
        done=page.query.text("done"),
    )
