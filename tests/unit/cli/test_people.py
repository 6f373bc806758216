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
    """A person is shown with the URN that `send` accepts, and in JSON with the names of the HTTP API."""
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
    assert runtime.upstream.asked_people == [VanityName("bastien-exemple")]
    assert confrere("people", "resolve", "bastien-exemple", "--json", "--account", account_id).code == 0


def test_an_unknown_person_and_a_malformed_name_differ(runtime: FakeRuntime, confrere: Confrere) -> None:
    """An unknown person and a malformed name have different errors, and LinkedIn is asked for the former only."""
    nobody = confrere("people", "resolve", "nobody-at-all")
    assert (nobody.code, "LinkedIn knows no person of this name or id" in nobody.err) == (1, True)
    wrong = confrere("people", "resolve", "https://www.linkedin.com/company/x")
    assert (wrong.code, "URL must be the address of a profile" in wrong.err) == (2, True)
    assert runtime.upstream.asked_people == [VanityName("nobody-at-all")]


@pytest.mark.parametrize(("failure", "code", "words"), FAILURES)
def test_a_failure_of_linkedin_has_its_exit_code(
    runtime: FakeRuntime, confrere: Confrere, failure: Refused | AccountProblem | Unreadable, code: int, words: str
) -> None:
    """A failure of LinkedIn is reported with a remedy and the exit code of its kind."""
    runtime.upstream.next_reads = [failure]
    ran = confrere("people", "resolve", "bastien-exemple")
    assert (ran.code, words in ran.err) == (code, True), ran.err
