"""Groups and their members: what is known costs nothing, a read says its cost before, and the chosen go on."""

import re
from datetime import timedelta

import pytest

from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.campaigns.collection import GroupFilters
from confrere.domain.group import Relationship
from confrere.domain.limits import Action
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Console
from tests.contract.console.people import GROUP, know_members, members_path, urn

NAME = re.compile(r'<a href="/console/people/[\w-]+"><bdi>([^<]+)</bdi></a>')


HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def hidden(text: str) -> dict[str, str]:
    """Return the hidden fields of the page's form."""
    return dict(HIDDEN.findall(text.partition('name="enter"')[2].partition("</form>")[0]))


def following(text: str) -> str:
    """Return the value of the button that leads to the next page of the list."""
    found = re.search(r'name="to" value="([\w-]+)">More members', text)
    assert found is not None
    return found[1]


def ticked(text: str) -> list[str]:
    """Return whose boxes are ticked."""
    return re.findall(r'name="person" value="([\w-]+)"[^>]* checked>', text)


async def audience_of(console: Console, location: str) -> list[str]:
    """Return the names of the people of the audience to which an answer leads."""
    audience_id = location.removeprefix("/console/audiences/")
    return [one.name for one in await console.services.audiences.read_everybody("default", audience_id)]


async def test_groups_are_read_on_request(console: Console) -> None:
    """An empty page says how to fill it; reading asks LinkedIn once, and what it shows stays."""
    browser = await console.user()
    assert "will stand here" in (await browser.get("/console/groups")).text
    console.upstream.next_reads = [SessionDead("LinkedIn asked to log in")]
    failed = await browser.post("/console/groups/read", {"account": console.account.id})
    assert failed.status == 502
    assert "Connect the account again" in failed.text


async def test_groups_show_what_is_known(console: Console) -> None:
    """The account's groups have their members, how many of them are known, and what reading costs."""
    browser = await console.user()
    await browser.get("/console/groups")
    assert (await browser.post("/console/groups/read", {"account": console.account.id})).status == 303
    await know_members(console)
    page = (await browser.get("/console/groups")).text
    assert "Logistics" in page
    assert '<td class="number" data-label="Members known here">3</td>' in page
    assert "1,000 are left" in page


async def test_a_group_is_opened_by_its_address(console: Console) -> None:
    """A typed address or number leads to the group; another text is explained and stays."""
    browser = await console.user()
    reply = await browser.get("/console/groups?group=https%3A%2F%2Fwww.linkedin.com%2Fgroups%2F42%2F")
    assert reply.headers["Location"] == f"/console/groups/42?account={console.account.id}"
    reply = await browser.get("/console/groups?group=logistics")
    assert reply.status == 422
    assert 'value="logistics"' in reply.text
    assert "No member of this group is known yet" in (await browser.get("/console/groups/42")).text
    assert (await browser.get("/console/groups/nonsense")).status == 404


async def test_reading_members_costs_what_is_said(console: Console) -> None:
    """Each press reads the next places for the units that the page names; after the end it begins anew."""
    browser = await console.user()
    path = members_path(console)
    assert "at most <strong>100 of the 1,000 members" in (await browser.get(path)).text
    read = f"/console/groups/{GROUP}/read"
    for known, left, words in ((100, 900, "after the 100 that"), (120, 880, "from the beginning")):
        reply = await browser.post(read, {"account": console.account.id})
        page = (await browser.get(reply.headers["Location"])).text
        assert f"Read. {known} members are known now; {left} of today\u2019s 1,000 are left" in page
        assert words in page
    assert console.upstream.pages == [(0, 100), (100, 100)]
    quota = await console.services.accounts.read_quota("default", None, Action.GROUP_MEMBERS)
    assert quota.used == 120


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Refused(403, "Forbidden", None, "Members only"), "does not show this to the account: Members only"),
        (SessionDead("LinkedIn asked to log in"), "Connect the account again"),
        (Throttled(429, 3600), "LinkedIn throttles the account"),
    ],
)
async def test_a_read_that_fails_is_explained(
    console: Console, answer: Refused | SessionDead | Throttled, words: str
) -> None:
    """Where LinkedIn objects, the page says why and what to do, and what is known stays."""
    await know_members(console)
    browser = await console.user()
    await browser.get("/console")
    console.upstream.next_reads = [answer]
    reply = await browser.post(f"/console/groups/{GROUP}/read", {"account": console.account.id})
    assert reply.status == 502
    assert words in reply.text
    assert "Anna Berg" in reply.text


async def test_members_are_listed_page_by_page(console: Console) -> None:
    """Every known member is on exactly one page, by name."""
    await know_members(console, 60)
    browser = await console.user()
    first = await browser.get(members_path(console))
    led = await browser.post(f"/console/groups/{GROUP}", {"account": console.account.id, "to": following(first.text)})
    second = await browser.get(led.headers["Location"])
    names = NAME.findall(first.text) + NAME.findall(second.text)
    assert len(names) == len(set(names)) == 60
    assert names[:2] == ["Anna Berg", "Émile Zola"]
    assert "More members" not in second.text


async def test_who_is_chosen_stays_chosen(console: Console) -> None:
    """Over pages, filters, a read and a mistake, until the box is cleared; all of them become one audience."""
    await know_members(console, 60)
    browser = await console.user()
    page = await browser.get(members_path(console))
    path = f"/console/groups/{GROUP}"

    async def press(act: str = "", **fields: str) -> None:
        nonlocal page
        page = await browser.post(f"{path}{act}", {**hidden(page.text), **fields})

    await press(person=urn(0).profile_id, to=following(page.text))
    assert "1 person chosen on other pages of the list: <bdi>Anna Berg</bdi>." in page.text
    await press(person=urn(59).profile_id, to="")
    assert ticked(page.text) == [urn(0).profile_id]
    assert "<bdi>Member 0059</bdi>." in page.text
    await press(person=urn(0).profile_id, filter="yes", new_name="zoe")
    assert NAME.findall(page.text) == ["Zoé Real"]
    assert "2 people chosen on other pages" in page.text
    await press("/read", person=urn(2).profile_id)
    assert "100 of today" not in page.text
    assert console.upstream.pages == [(60, 100)]
    again = await browser.post(f"{path}/read", {**hidden(page.text), "places": "60"})
    assert "members are known now" in again.text
    assert len(console.upstream.pages) == 1
    assert ticked(page.text) == [urn(2).profile_id]
    await press("/audience", person=urn(2).profile_id, audience=" ")
    assert page.status == 422
    await press("", person=urn(2).profile_id, all="yes")
    assert ticked(page.text) == [urn(0).profile_id]
    made = await browser.post(
        f"{path}/audience", {**hidden(page.text), "person": urn(0).profile_id, "audience": "Three"}
    )
    assert set(await audience_of(console, made.headers["Location"])) == {"Member 0059", "Zoé Real", "Anna Berg"}
    nobody = await browser.post(path, {**hidden(page.text), "nobody": "yes"})
    assert nobody.headers["Location"] == members_path(console)


async def test_the_enter_key_does_what_its_field_is_for(console: Console) -> None:
    """In a filter it filters; in the name of an audience, with the filters as they are, it makes the audience."""
    await know_members(console)
    browser = await console.user()
    fields = {**hidden((await browser.get(members_path(console))).text), "enter": "yes", "audience": "Two"}
    chosen = {**fields, "person": urn(0).profile_id}
    path = f"/console/groups/{GROUP}"
    assert NAME.findall((await browser.post(path, {**chosen, "new_name": "emile"})).text) == ["Émile Zola"]
    assert (await browser.post(path, {**chosen, "new_name": ""})).headers["Location"].startswith("/console/audiences/")


async def test_more_than_a_form_carries_are_refused(console: Console) -> None:
    """Who chooses too many is told what to do instead, and keeps the choice; a message is to 100 people at most."""
    await know_members(console)
    browser = await console.user()
    fields = hidden((await browser.get(members_path(console))).text)
    many = {**fields, "elsewhere": " ".join(urn(number).profile_id for number in range(1_001)), "audience": "Many"}
    for act, words in (("", "At most 1,000 people"), ("/audience", "At most 1,000"), ("/write", "At most 100 people")):
        reply = await browser.post(f"/console/groups/{GROUP}{act}", many)
        assert reply.status == 422, act
        assert words in reply.text
        assert "998 people chosen on other pages" in reply.text
    assert await console.services.audiences.list_page("default") == []


async def test_filters_find_and_are_kept(console: Console) -> None:
    """Filters by name and by what is on record apply; one that cannot be used is named, and typed values stay."""
    await know_members(console)
    await console.services.do_not_contact.add("default", [urn(1)], reason=None, source="test")
    browser = await console.user()
    path = members_path(console)
    for query, expected in (
        ("&name=EMILE", ["Émile Zola"]),
        ("&opted=no", ["Anna Berg", "Zoé Real"]),
        ("&opted=yes", ["Émile Zola"]),
        ("&written=yes", []),
        ("&relationship=NO_CONNECTION", ["Anna Berg", "Émile Zola", "Zoé Real"]),
    ):
        page = (await browser.get(path + query)).text
        assert NAME.findall(page) == expected, query
    assert "No known member matches" in (await browser.get(path + "&name=nobody")).text
    wrong = await browser.get(path + "&relationship=FRIEND&name=Anna")
    assert wrong.status == 422
    assert "relationship must be one of" in wrong.text
    assert 'value="Anna"' in wrong.text


async def test_the_chosen_become_an_audience_or_are_written_to(console: Console) -> None:
    """Ticked people become an audience with their names, or the recipients of a message."""
    await know_members(console)
    browser = await console.user()
    await browser.get("/console")
    chosen = {"account": console.account.id, "person": urn(2).profile_id}
    made = await browser.post(f"/console/groups/{GROUP}/audience", {**chosen, "audience": "Two of them"})
    assert await audience_of(console, made.headers["Location"]) == ["Zoé Real"]
    led = await browser.post(f"/console/groups/{GROUP}/write", chosen)
    query = f"account={console.account.id}&group={GROUP}&person={urn(2).profile_id}"
    assert led.headers["Location"] == f"/console/compose?{query}"


async def test_nobody_or_no_name_is_explained(console: Console) -> None:
    """Without a tick or a name nothing is made; the page says what is missing, and ticks stay."""
    await know_members(console)
    browser = await console.user()
    await browser.get("/console")
    for act, fields, words in (
        ("write", {}, "Nobody is chosen"),
        ("audience", {"audience": "A"}, "tick the boxes"),
        ("audience", {"person": urn(0).profile_id}, "The name must be"),
        ("everybody", {}, "The name must be"),
        ("everybody", {"everybody": "A", "name": "nobody"}, "no known member matches"),
    ):
        reply = await browser.post(f"/console/groups/{GROUP}/{act}", {"account": console.account.id, **fields})
        assert reply.status == 422, act
        assert words in reply.text, act
        assert ("checked" in reply.text) == ("person" in fields)


async def test_everybody_who_matches_becomes_an_audience(console: Console) -> None:
    """All known members who match become an audience at once; or the worker collects all of the group's who match."""
    await know_members(console)
    browser = await console.user()
    await browser.get("/console")
    path, fields = (
        f"/console/groups/{GROUP}/everybody",
        {"account": console.account.id, "everybody": "All", "name": "z"},
    )
    made = await browser.post(path, {**fields, "from": "known"})
    assert await audience_of(console, made.headers["Location"]) == ["Émile Zola", "Zoé Real"]
    assert console.upstream.pages == []
    begun = await browser.post(path, {**fields, "from": "linkedin", "relationship": "CONNECTION"})
    audience_id = begun.headers["Location"].removeprefix("/console/audiences/")
    audience = await console.services.audiences.read("default", audience_id)
    assert audience.status is AudienceStatus.COLLECTING
    assert audience.collection is not None
    assert audience.collection.filters == GroupFilters(name_contains="z", relationship=Relationship.CONNECTION)


async def test_the_day_that_is_used_up_is_said(console: Console) -> None:
    """Where no member is left to read today, there is no button, and a form that is sent is explained."""
    await know_members(console)
    taken = await console.services.store.take_units(
        console.account.id, Action.GROUP_MEMBERS, limit=1000, count=1000, now=console.services.clock()
    )
    assert taken.count == 1000
    browser = await console.user()
    page = (await browser.get(members_path(console))).text
    assert "members from LinkedIn</button>" not in page
    reply = await browser.post(f"/console/groups/{GROUP}/read", {"account": console.account.id})
    assert reply.status == 409
    assert "GROUP_MEMBERS" in reply.text
    console.pass_time(timedelta(days=1))
    await browser.log_in("Odile")
    assert "Read 100 members" in (await browser.get(members_path(console))).text


async def test_rights_are_kept(console: Console) -> None:
    """A viewer may read but not choose; whoever is limited to another account sees neither group nor account."""
    await know_members(console)
    viewer = await console.user("Vivi", Rights(Role.VIEWER))
    page = (await viewer.get(members_path(console))).text
    assert "Anna Berg" in page
    assert "Write to the chosen people" not in page
    assert (await viewer.post(f"/console/groups/{GROUP}/audience", {"audience": "A"})).status == 403
    limited = await console.user("Lim", Rights(Role.OWNER, accounts=frozenset({"f" * 24})))
    assert (await limited.get(members_path(console))).status == 404
    for path in ("/console/groups", f"/console/groups/{GROUP}"):
        assert "Anna Berg" not in (await limited.get(path)).text
    assert (await limited.post("/console/groups/read", {"account": console.account.id})).status == 404
    assert (await limited.post(f"/console/groups/{GROUP}/read", {"account": ""})).status == 404
    assert console.upstream.pages == []
