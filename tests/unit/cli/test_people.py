import pytest

from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.outcome import Refused
from confrere.domain.person import VanityName
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere
from tests.unit.cli.failures import FAILURES

pytestmark = pytest.mark.usefixtures("account")

URN = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"


def test_a_person_is_shown_by_their_address(runtime: FakeRuntime, confrere: Confrere) -> None:
    """For people with the URN that `send` takes, for programs with the names of the HTTP API."""
    ran = confrere("people", "resolve", "https://www.linkedin.com/in/bastien-exemple/?a=b")
    assert ran.code == 0
    assert all(word in ran.out for word in ("Bastien Exemple", "Head of Procurement"))
    shown = confrere("people", "resolve", "bastien-exemple", "--json").json
    account_id = shown.pop("accountId")
    assert len(account_id) == 24
    assert shown == {
        "profileUrn": URN,
        "profileId": URN.rpartition(":")[2],
        "name": "Bastien Exemple",
        "firstName": "Bastien",
        "lastName": "Exemple",
        "headline": "Head of Procurement",
        "publicIdentifier": "bastien-exemple",
        "profileUrl": "https://www.linkedin.com/in/bastien-exemple/",
    }
    assert runtime.upstream.asked_people == [VanityName("bastien-exemple")] * 2
    assert confrere("people", "resolve", "bastien-exemple", "--json", "--account", account_id).code == 0


def test_nobody_and_no_name_are_told_apart(runtime: FakeRuntime, confrere: Confrere) -> None:
    """LinkedIn is asked only about what can be somebody's name."""
    nobody = confrere("people", "resolve", "nobody-at-all")
    assert (nobody.code, "LinkedIn knows no person of this name or id" in nobody.err) == (1, True)
    wrong = confrere("people", "resolve", "https://www.linkedin.com/company/x")
    assert (wrong.code, "URL must be the address of a profile" in wrong.err) == (2, True)
    assert runtime.upstream.asked_people == [VanityName("nobody-at-all")]


@pytest.mark.parametrize(("said", "code", "words"), FAILURES)
def test_what_linkedin_says_instead_is_told(
    runtime: FakeRuntime, confrere: Confrere, said: Refused | AccountProblem | Unreadable, code: int, words: str
) -> None:
    """With a remedy and the exit code of its kind."""
    runtime.upstream.next_reads = [said]
    ran = confrere("people", "resolve", "bastien-exemple")
    assert (ran.code, words in ran.err) == (code, True), ran.err
