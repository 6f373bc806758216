"""`/console/groups/{id}`: the members of a group who are known; to read more of them, write, or make an audience.

The whole page is one form, and each of its buttons sends who is chosen on this page of the list and on others.
"""

from typing import Final
from urllib.parse import urlencode

from confrere.campaigns.audiences import parse_name
from confrere.console.choices import MOST_PEOPLE, account_of, explain_unread, group_of, people_of, person_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.account import Account
from confrere.domain.campaigns.collecting import PAGE
from confrere.domain.campaigns.collection import GroupFilters, parse_filter_text
from confrere.domain.errors import InvalidField, LimitReached, NoSession, NotFound
from confrere.domain.group import MOST_COUNTED, MemberFilter, Relationship
from confrere.domain.limits import Action
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50
MOST_CHOSEN: Final = 1_000
"""People who are chosen by their boxes, on all pages of the list: the form carries them."""

TOO_MANY: Final = (
    f"At most {MOST_CHOSEN:,} people are chosen by their boxes. Make an audience of these first, or of everybody who "
    "matches."
)
TOO_MANY_TO_WRITE_TO: Final = (
    f"At most {MOST_PEOPLE} people are written to one after the other. Make an audience of them, and then a campaign."
)
MOST_NAMED: Final = 20
"""Of those who are chosen on other pages."""

FILTERS: Final = ("name", "relationship", "written", "opted")
_FLAGS: Final = {"": None, "yes": True, "no": False}


async def show(page: Page, services: Services) -> Answer:
    """List the known members who match the filters, by name, without asking LinkedIn."""
    return await _page(page, services)


async def read(page: Page, services: Services) -> Answer:
    """Read the next page of LinkedIn's list, which spends units of the day; once, if the same form is sent again."""
    assert page.user is not None
    account, group_id = await _account(page, services), _group(page)
    if await _was_read(page, services, account, group_id):
        return await _page(page, services, done="read")
    try:
        reading = await services.members.read_more(page.user.workspace_id, account.id, group_id)
    except (InvalidField, LimitReached, NoSession) as refusal:
        return await _page(page, services, 409, problem=f"{refusal}.")
    problem = explain_unread(reading, services.clock())
    if problem:
        return await _page(page, services, 502, problem=problem)
    if _chosen(page):
        return await _page(page, services, done="read")
    return redirect(f"{PATH}/groups/{group_id}?account={account.id}&done=read")


async def turn(page: Page, services: Services) -> Answer:
    """Show another page of the list, or other filters; who is chosen stays chosen."""
    given, after = _given(page), page.form.get("to", page.form.get("after", ""))
    typed = {name: page.form.get(f"new_{name}", "").strip() for name in FILTERS}
    if "enter" in page.form and typed == given and page.form.get("audience", "").strip():
        return await make_audience(page, services)  # the Enter key in the field of its name
    if "filter" in page.form or "enter" in page.form:
        given, after = typed, ""
    elif "all" in page.form:
        given, after = dict.fromkeys(FILTERS, ""), ""
    if not _chosen(page) or "nobody" in page.form:
        account = await _account(page, services)
        return redirect(_address(_group(page), account, given, after))
    return await _page(page, services, given=given, after=after)


async def write(page: Page, services: Services) -> Answer:
    """Lead on to a message to the people whose boxes are ticked."""
    account, group_id = await _account(page, services), _group(page)
    people = _chosen(page)
    if not people:
        return await _page(page, services, 422, problem="Nobody is chosen: tick the boxes of those who are meant.")
    if len(people) > MOST_PEOPLE:
        return await _page(page, services, 422, problem=TOO_MANY_TO_WRITE_TO)
    return redirect(f"{PATH}/compose?{compose_query(account.id, group_id, [one.profile_id for one in people])}")


async def make_audience(page: Page, services: Services) -> Answer:
    """Make an audience of the people whose boxes are ticked."""
    assert page.user is not None
    account, group_id, chosen = await _account(page, services), _group(page), _chosen(page)
    if len(chosen) > MOST_CHOSEN:
        return await _page(page, services, 422)
    try:
        audience = await services.members.create_audience(
            page.user.workspace_id,
            account.id,
            group_id,
            name=page.form.get("audience", ""),
            recipients=chosen,
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
            audience = await services.long_tasks.write(
                (workspace_id, "audience", name, account.id, group_id, which),
                lambda _report: services.members.create_audience_of_known(
                    workspace_id, account.id, group_id, name=name, which=which
                ),
                wait_seconds=page.seconds_left,
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


async def _was_read(page: Page, services: Services, account: Account, group_id: GroupId) -> bool:
    """Whether more of the list was read since the page with the form was shown."""
    assert page.user is not None
    group = await services.members.read_group(page.user.workspace_id, account.id, group_id)
    return page.form.get("places", str(group.places_read)) != str(group.places_read)


def _chosen(page: Page) -> list[ProfileUrn]:
    """Return who is chosen, on this page of the list and on others. Raises NotFound."""
    return people_of([*page.form.get("elsewhere", "").split(), *page.chosen("person")])


def _address(group_id: GroupId, account: Account, given: dict[str, str], after: str) -> str:
    """Return where a page of the list is."""
    place = {"account": account.id, **given, "after": after}
    return f"{PATH}/groups/{group_id}?{urlencode({name: value for name, value in place.items() if value})}"


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
    page: Page,
    services: Services,
    status: int = 200,
    *,
    given: dict[str, str] | None = None,
    after: str | None = None,
    problem: str | None = None,
    field: str | None = None,
    done: str | None = None,
) -> Answer:
    assert page.user is not None
    workspace_id, group_id = page.user.workspace_id, _group(page)
    given = _given(page) if given is None else given
    after = (page.form.get("after") or page.query.text("after") or "") if after is None else after
    accounts, account = await account_of(page, services)
    if account is None:
        return page.render("members.html", account=None, group_id=group_id)
    try:
        which = _filter(given)
    except InvalidField as fault:
        status, problem, which = 422, f"{fault}.", None
    chosen = _chosen(page)
    if len(chosen) > MOST_CHOSEN:
        status, problem = 422, problem or TOO_MANY
    found = (
        await services.members.list_members(
            workspace_id, account.id, group_id, which, after=person_of(after) if after else None, count=PAGE_ROWS + 1
        )
        if which is not None
        else []
    )
    shown = [one.person.profile_urn for one in found[:PAGE_ROWS]]
    elsewhere = [urn for urn in chosen if urn not in shown]
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
        following=shown[-1].profile_id if len(found) > PAGE_ROWS else None,
        given=given,
        is_filtered=any(given.values()),
        after=after,
        address=_address(group_id, account, given, after),
        chosen=set(chosen),
        elsewhere=elsewhere,
        people=await services.members.find_people(workspace_id, elsewhere[:MOST_NAMED]),
        most_named=MOST_NAMED,
        typed={name: page.form.get(name, "") for name in ("audience", "everybody")},
        problem=problem,
        field=field,
        done=done or page.query.text("done"),
    )
