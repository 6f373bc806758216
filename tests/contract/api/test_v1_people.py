"""Resolving a profile's address to a person over the management API; whole bodies."""

import json
from typing import Any

import pytest

from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.keys import Scope
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.person import VanityName
from confrere.domain.urns import ProfileUrn
from tests.contract.api.conftest import RECIPIENT, Api
from tests.contract.api.management import CheckedAnswer, calling

RESOLVE = "/people/resolve"
BASTIEN = {
    "profileUrn": RECIPIENT,
    "profileId": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
    "name": "Bastien Exemple",
    "firstName": "Bastien",
    "lastName": "Exemple",
    "headline": "Head of Procurement",
    "publicIdentifier": "bastien-exemple",
    "profileUrl": "https://www.linkedin.com/in/bastien-exemple/",
}
FORM = (
    "profileUrl must be the address of a profile (https://www.linkedin.com/in/<name>), the name in it, "
    "urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
)


async def ask(api: Api, body: Any) -> CheckedAnswer:
    """Make one call with a key of the scope `read`."""
    async with calling(api, Scope.READ) as caller:
        return await caller.ask("POST", RESOLVE, json=body)


@pytest.mark.parametrize(
    "given",
    ["https://www.linkedin.com/in/bastien-exemple/", "bastien-exemple", " linkedin.com/in/bastien-exemple?x=y "],
)
async def test_an_address_leads_to_a_person(api: Api, given: str) -> None:
    """A profile's address is resolved with one query to LinkedIn and uses no quota."""
    answer = await ask(api, {"profileUrl": given, "accountId": None})
    assert (answer.status, answer.body) == (200, {"accountId": api.account.id, **BASTIEN})
    assert list(answer.body) == ["accountId", *BASTIEN]
    assert api.upstream.asked_people == [VanityName("bastien-exemple")]
    assert [quota.used for quota in (await api.services.accounts.read_quotas("default", None))[1]] == [0, 0, 0]


async def test_an_id_leads_to_a_person_too(api: Api) -> None:
    """An id is resolved like an address."""
    answer = await ask(api, {"profileUrl": RECIPIENT})
    assert (answer.status, answer.body["name"]) == (200, "Bastien Exemple")
    assert api.upstream.asked_people == [ProfileUrn(RECIPIENT)]


async def test_an_unknown_person_is_a_404(api: Api) -> None:
    """An unknown person is a 404 whose detail attributes this to LinkedIn."""
    problem = (await ask(api, {"profileUrl": "nobody-at-all"})).problem(404, "notFound")
    assert problem["detail"] == "LinkedIn knows no person of this name or id"


@pytest.mark.parametrize("given", [None, "", " ", 5, ["a"], "Odile Sample", "https://www.linkedin.com/company/x/"])
async def test_what_identifies_no_person_is_refused(api: Api, given: object) -> None:
    """A value that identifies no person is rejected by field, without asking LinkedIn."""
    problem = (await ask(api, {"profileUrl": given})).problem(400, "invalidField")
    assert (problem["field"], problem["detail"]) == ("profileUrl", FORM)
    assert api.upstream.asked_people == []


@pytest.mark.parametrize("account_id", ["abc", "0" * 24])
async def test_another_account_is_refused(api: Api, account_id: str) -> None:
    """An account of another workspace, or a malformed id, is rejected."""
    answer = await ask(api, {"profileUrl": RECIPIENT, "accountId": account_id})
    assert answer.problem(400, "invalidField")["field"] == "accountId"


@pytest.mark.parametrize(
    ("result", "status", "kind", "detail"),
    [
        (
            Refused(403, "Forbidden", None, "This profile can't be accessed"),
            403,
            "linkedinRefuses",
            "LinkedIn refused it with status 403: This profile can't be accessed",
        ),
        (Refused(403, "Forbidden", None, None), 403, "linkedinRefuses", "with status 403: without a reason"),
        (SessionDead("LinkedIn asks to log in"), 422, "sessionRefused", "LinkedIn asks to log in"),
        (Throttled(429, 60), 429, "linkedinThrottles", "LinkedIn throttles this account until 20"),
        (Unreadable("LinkedIn did not answer in time"), 502, "linkedinUnreadable", "LinkedIn did not answer in time"),
    ],
)
async def test_what_keeps_linkedin_from_answering_is_a_problem_of_its_own(
    api: Api, result: Refused | AccountProblem | Unreadable, status: int, kind: str, detail: str
) -> None:
    """Each failure of LinkedIn has its problem; an account problem stops the account as after a send."""
    api.upstream.next_reads = [result]
    answer = await ask(api, {"profileUrl": RECIPIENT})
    assert detail in answer.problem(status, kind)["detail"]
    if isinstance(result, SessionDead | Throttled):
        again = await ask(api, {"profileUrl": RECIPIENT})
        again.problem(status, kind)
        assert len(api.upstream.asked_people) == 1
    if isinstance(result, Throttled):
        assert 1 <= int(answer.headers["Retry-After"]) <= 60


async def test_it_needs_a_key_and_a_body(api: Api) -> None:
    """A request needs a key and a body, like every path of the API."""
    async with calling(api, Scope.READ) as caller:
        (await caller.ask("POST", RESOLVE, data=b"{")).problem(400, "invalidField")
        (await caller.ask("GET", RESOLVE)).problem(405, "methodNotAllowed")
        denied = await caller.ask("POST", RESOLVE, json={}, headers={"Authorization": "Bearer none"})
        denied.problem(401, "unauthorized")
    async with calling(api, Scope.READ, workspace_id="another") as stranger:
        answer = await stranger.ask("POST", RESOLVE, json={"profileUrl": RECIPIENT})
        answer.problem(422, "sessionRefused")
        assert json.dumps(answer.body).count(api.account.id) == 0
