import pytest

from confrere.domain.account import Account
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.group import GroupMember, MembershipStatus, MembersQuery
from confrere.domain.limits import Action
from confrere.domain.outcome import Refused
from confrere.domain.urns import GroupId
from tests.fakes.runtime import NOON, FakeRuntime
from tests.fakes.upstream import group_member
from tests.unit.cli.conftest import Confrere
from tests.unit.cli.failures import FAILURES

pytestmark = pytest.mark.usefixtures("account")


def test_groups_are_listed(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Groups are listed with the id that other commands accept, and in JSON with the names of the HTTP API."""
    ran = confrere("groups", "list")
    assert ran.code == 0
    assert all(word in ran.out for word in ("12345678", "Logistics", "120", "MEMBER"))
    assert confrere("groups", "list", "--json").json["groups"] == [
        {
            "groupId": "12345678",
            "groupUrn": "urn:li:fsd_group:12345678",
            "name": "Logistics",
            "memberCount": 120,
            "membershipStatus": "MEMBER",
            "groupUrl": "https://www.linkedin.com/groups/12345678/",
            "logo": None,
            "firstContacts": 0,
            "monthlyLimit": None,
        }
    ]
    runtime.upstream.groups = []
    assert "in no group" in confrere("groups", "list").err


def test_many_groups_are_read_page_by_page(runtime: FakeRuntime, confrere: Confrere) -> None:
    """More groups than one page holds are read to the last one."""
    runtime.upstream.groups *= 120
    assert len(confrere("groups", "list", "--json").json["groups"]) == 120


def test_members_are_listed_up_to_the_limit(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Members are read over pages up to the limit; the output has the next start and the day's usage."""
    ran = confrere("groups", "members", "12345678", "--limit", "70")
    assert ran.code == 0
    assert "Bastien Exemple 69" in ran.out
    assert "Bastien Exemple 70" not in ran.out
    assert "--start 70" in ran.err
    assert "70 of 1,000 members read today" in ran.err
    assert runtime.upstream.pages == [(0, 50), (50, 20)]
    rest = confrere("groups", "members", "12345678", "--start", "70", "--json").json
    assert list(rest) == ["groupId", "members", "hasMore", "nextStart", "total", "quota"]
    assert (len(rest["members"]), rest["hasMore"], rest["nextStart"], rest["total"]) == (50, False, None, 120)
    assert (rest["quota"]["feature"], rest["quota"]["used"]) == ("GROUP_MEMBERS", 120)
    assert rest["members"][0]["profileUrn"] == "urn:li:fsd_profile:ACoAAmember70"


def test_members_are_chosen_by_name_and_status(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Members can be filtered by name and status, in a group that is named in any form."""
    options = ["--query", " anna ", "--status", "OWNER", "--status", "MANAGER", "--limit", "1"]
    assert confrere("groups", "members", "https://www.linkedin.com/groups/7/", *options).code == 0
    wanted = MembersQuery(GroupId("7"), (MembershipStatus.OWNER, MembershipStatus.MANAGER), "anna")
    assert runtime.upstream.asked_members == [wanted]
    assert confrere("groups", "members", "logistics").code == 2


def test_a_group_without_such_members(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A group without matching members is reported as such."""
    runtime.upstream.places = []
    ran = confrere("groups", "members", "12345678")
    assert (ran.code, "no such members" in ran.err) == (0, True)


def test_names_cannot_drive_the_terminal(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Control characters in names are removed before they reach the terminal."""
    runtime.upstream.places = [GroupMember("urn:li:fsd_profile:ACoAAx", None, headline="a\x1b[31mb")]
    assert "\x1b" not in confrere("groups", "members", "12345678").out


@pytest.mark.parametrize(("failure", "code", "words"), FAILURES)
@pytest.mark.parametrize("command", [("groups", "list"), ("groups", "members", "12345678")])
def test_a_failure_of_linkedin_has_its_exit_code(
    runtime: FakeRuntime,
    confrere: Confrere,
    failure: Refused | AccountProblem | Unreadable,
    code: int,
    words: str,
    command: tuple[str, ...],
) -> None:
    """A failure of LinkedIn is reported with its reason and exit code."""
    runtime.upstream.next_reads = [failure]
    ran = confrere(*command)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


@pytest.mark.parametrize("as_json", [False, True])
def test_what_came_before_an_error_is_shown(
    runtime: FakeRuntime, confrere: Confrere, account: Account, as_json: bool
) -> None:
    """Members that were read before an error are printed before it."""
    runtime.upstream.places = [group_member(number) for number in range(500)]
    runtime.do(
        lambda services: services.store.take_units(account.id, Action.GROUP_MEMBERS, limit=1_000, count=930, now=NOON)
    )
    ran = confrere("groups", "members", "12345678", "--limit", "200", *(["--json"] if as_json else []))
    assert ran.code == 3
    assert "GROUP_MEMBERS: 1000/1000 used" in ran.err
    if as_json:
        assert (ran.json["success"], len(ran.json["members"]), ran.json["nextStart"]) == (False, 70, 70)
    else:
        assert "Bastien Exemple 69" in ran.out
