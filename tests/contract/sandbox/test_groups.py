import pytest

from tests.contract.sandbox.browser import NORMALIZED, Browser, encoded
from tests.contract.sandbox.groups import Json, every_element, members
from tests.sandbox_process import SandboxProcess, running_sandbox


def ids_in(elements: list[Json | None]) -> list[str]:
    """The public identifiers of the members that can be seen."""
    return [each["profile"]["publicIdentifier"] for each in elements if each and each["profile"]]


@pytest.mark.parametrize("count", [7, 40, 100])
def test_paging_gives_each_member_once(browser: Browser, sandbox: SandboxProcess, count: int) -> None:
    """Whatever the page's size, every member of the demo group comes once, with nulls between."""
    elements = list(every_element(browser, sandbox.group_id, count=count))
    found = ids_in(elements)
    reported = sandbox.world()["groups"][0]["memberCount"]
    assert len(found) == len(set(found)) == reported > 100
    assert None in elements
    assert any(each and each["profile"] is None for each in elements)
    assert {each["status"] for each in elements if each} == {"OWNER", "MANAGER", "MEMBER"}


def test_a_hundred_thousand_members_are_pageable() -> None:
    """A world of 100,000 members starts, and its large group gives each of them once."""
    with running_sandbox(members=100_000, accounts=3) as sandbox:
        browser = Browser(sandbox, sandbox.accounts[0])
        found = ids_in(list(every_element(browser, sandbox.world()["groups"][1]["groupId"])))
        assert len(found) == len(set(found)) == 100_000


def test_any_number_of_accounts_costs_nothing() -> None:
    """The last of 100,000 accounts has a session that works."""
    with running_sandbox(accounts=100_000) as sandbox:
        [reported] = sandbox.world(accounts=1, start=99_999)["accounts"]
        browser = Browser(sandbox, type(sandbox.accounts[0]).from_json(reported))
        assert browser.get("/voyager/api/me").json()["miniProfile"]["dashEntityUrn"] == reported["profileUrn"]
        browser.send("from the last one")
        assert sandbox.messages(account=reported["profileUrn"])[0]["recipient"] == sandbox.recipient


def test_a_member_has_the_attested_fields(browser: Browser, sandbox: SandboxProcess) -> None:
    """An element holds membership URN, status and profile."""
    [element] = members(browser, sandbox.group_id, typed="bastien ex")["elements"]
    assert element["entityUrn"] == f"urn:li:fsd_groupMembership:(urn:li:fsd_group:12345678,{sandbox.recipient})"
    assert element["status"] == "MEMBER"
    profile = element["profile"]
    assert profile["entityUrn"] == sandbox.recipient
    assert (profile["firstName"], profile["lastName"]) == ("Bastien", "Exemple")


def test_typing_filters_by_the_words_of_names(browser: Browser, sandbox: SandboxProcess) -> None:
    """The typed text matches beginnings of names without regard to accents, and is paged without nulls."""
    everybody = [each for each in every_element(browser, sandbox.group_id) if each and each["profile"]]
    wanted = {e["entityUrn"] for e in everybody if e["profile"]["firstName"] in ("Jo\u00e3o",)}
    page = members(browser, sandbox.group_id, typed="joao", count=100)
    assert {each["entityUrn"] for each in page["elements"]} == wanted
    assert page["paging"]["total"] == len(wanted) > 0
    assert members(browser, sandbox.group_id, typed="nobody of this name")["elements"] == []


@pytest.mark.parametrize(
    ("statuses", "count"), [("OWNER", 1), ("MANAGER", 2), ("OWNER,MANAGER", 3), ("REQUEST_PENDING", 0)]
)
def test_statuses_filter(browser: Browser, sandbox: SandboxProcess, statuses: str, count: int) -> None:
    """Only members of the statuses asked for are listed."""
    elements = list(every_element(browser, sandbox.group_id, statuses=statuses))
    assert len(elements) == count
    assert {each["status"] for each in elements if each} <= set(statuses.split(","))


def test_who_left_is_listed_no_more(browser: Browser, sandbox: SandboxProcess) -> None:
    """A member who leaves is removed from the list, and no other member is."""
    before = ids_in(list(every_element(browser, sandbox.group_id)))
    gone = [reported["profileUrn"] for reported in sandbox.world(count=10)["recipients"]][4:7]
    sandbox.act(*({"action": "leave_group", "member": urn, "group": sandbox.group_id} for urn in gone))
    after = ids_in(list(every_element(browser, sandbox.group_id)))
    assert after == [each for each in before if each in set(after)]
    assert len(after) == len(before) - 3
    assert sandbox.world()["groups"][0]["memberCount"] == len(after)


def test_the_viewers_groups(browser: Browser, sandbox: SandboxProcess) -> None:
    """The viewer's own groups are listed and paged; a group left is not among them; another's list is refused."""
    path = (
        "/voyager/api/voyagerGroupsDashGroups?decorationId=com.linkedin.voyager.dash.deco.groups.GroupListingPage-2"
        f"&q=member&profileUrn={encoded(browser.urn)}&membershipStatuses=List(MEMBER,MANAGER,OWNER)&count=10&start="
    )
    mine = browser.get(f"{path}0").json()
    names = [each["entityUrn"] for each in mine["elements"]]
    assert names[0] == "urn:li:fsd_group:12345678"
    assert "urn:li:fsd_group:13015838" not in names
    assert browser.get(f"{path}10").json()["elements"] == []
    assert browser.get(f"{path}0", accept=NORMALIZED).json()["data"]["*elements"] == names
    sandbox.act({"action": "leave_group", "member": browser.urn, "group": sandbox.group_id})
    assert [each["entityUrn"] for each in browser.get(f"{path}0").json()["elements"]] == names[1:]
    assert browser.get(path.replace("q=member", "q=x") + "0").status == 400
    assert browser.get(path.replace("List(MEMBER", "List(OTHER") + "0").status == 400
    assert browser.get(path.replace(encoded(browser.urn), encoded(sandbox.recipient)) + "0").status == 403


def test_one_group(browser: Browser) -> None:
    """A group's details are read by its URN; one that is not there is refused."""
    detail = "?decorationId=com.linkedin.voyager.dash.deco.groups.GroupDetailPage-43"
    path = "/voyager/api/voyagerGroupsDashGroups/"
    reported = browser.get(f"{path}{encoded('urn:li:fsd_group:12345678')}{detail}").json()
    assert (reported["entityUrn"], reported["viewerGroupMembership"]) == (
        "urn:li:fsd_group:12345678",
        {"status": "MEMBER"},
    )
    normalized = browser.get(f"{path}{encoded('urn:li:fsd_group:12345678')}{detail}", accept=NORMALIZED).json()
    assert normalized["data"]["name"] == reported["name"]
    assert browser.get(f"{path}{encoded('urn:li:fsd_group:5')}").status == 403


def test_a_group_one_is_not_in_is_closed(browser: Browser, sandbox: SandboxProcess) -> None:
    """The members of a group are only for its members."""
    variables = f"(groupUrn:{encoded('urn:li:fsd_group:13015838')},start:0,count:10)"
    assert browser.query("voyagerGroupsDashGroupMemberships", variables, path="graphql").status == 403
    bad = f"(groupUrn:{encoded(f'urn:li:fsd_group:{sandbox.group_id}')},start:0,count:10,membershipStatuses:List(KING))"
    assert browser.query("voyagerGroupsDashGroupMemberships", bad, path="graphql").status == 400
