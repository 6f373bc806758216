"""Reading a person by vanity name: on the wire, and from the sandbox."""

import json

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ProfileUrn
from confrere.linkedin import load_protocol, read_paste
from tests.contract.linkedin.one_message import SESSION, connected_client, lines, upstream
from tests.contract.linkedin.raw_server import answer
from tests.sandbox_process import running_sandbox

DECORATION = load_protocol().decorations.profile.id
URN = ProfileUrn("urn:li:fsd_profile:ACoAAOther")
ODILE = Person(URN, "odile-sample", "Odile", "Sample", None)
NAME = VanityName("odile-sample")
FOUND = answer(
    200,
    json.dumps(
        {"elements": [{"entityUrn": URN, "publicIdentifier": NAME, "firstName": "Odile", "lastName": "Sample"}]}
    ).encode(),
)
PATH = "GET /voyager/api/identity/dash/profiles?q=memberIdentity&memberIdentity="
GONE = "LinkedIn no longer takes the session; connect the account again"


async def test_a_person_is_asked_for_as_the_web_client_asks() -> None:
    """A person is queried by name or id, encoded once, in the normalized form, with one request."""
    async with upstream(FOUND, FOUND, answer(200, b'{"elements": []}')) as (client, server):
        assert await client.find_person(SESSION, NAME) == ODILE
        assert await client.find_person(SESSION, URN) == ODILE
        assert await client.find_person(SESSION, VanityName("josé (x), y&z")) is None
    assert lines(server) == [
        f"{PATH}odile-sample&decorationId={DECORATION} HTTP/1.1",
        f"{PATH}ACoAAOther&decorationId={DECORATION} HTTP/1.1",
        f"{PATH}jos%C3%A9%20%28x%29%2C%20y%26z&decorationId={DECORATION} HTTP/1.1",
    ]
    accept = b"\r\naccept: application/vnd.linkedin.normalized+json+2.1\r\n"
    assert all(accept in request for request in server.requests)


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_a_stale_decoration_is_left_out_from_then_on(status: int) -> None:
    """A read with a stale decoration is repeated without it, and later reads leave it out."""
    async with upstream(answer(status), FOUND, FOUND) as (client, server):
        assert await client.find_person(SESSION, NAME) == ODILE
        assert await client.find_person(SESSION, NAME) == ODILE
    bare = f"{PATH}odile-sample HTTP/1.1"
    assert lines(server) == [f"{PATH}odile-sample&decorationId={DECORATION} HTTP/1.1", bare, bare]


async def test_an_unknown_person_does_not_disable_the_decoration() -> None:
    """A 404 with and without a decoration is an unknown person, and the next read uses the decoration again."""
    async with upstream(answer(404), answer(404), FOUND) as (client, server):
        assert await client.find_person(SESSION, NAME) is None
        assert await client.find_person(SESSION, NAME) == ODILE
    assert [DECORATION in line for line in lines(server)] == [True, False, True]


@pytest.mark.parametrize("status", [400, 410])
async def test_a_read_that_linkedin_no_longer_has_is_named(status: int) -> None:
    """A read that LinkedIn has removed is named and counts as a change of the protocol."""
    async with upstream(answer(status), answer(status)) as (client, _):
        result = await client.find_person(SESSION, NAME)
    assert isinstance(result, Unreadable)
    assert result.protocol_moved
    assert f"status code {status}: the read /voyager/api/identity/dash/profiles looks old" in result.why


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (answer(403, b'{"message": "This profile can\'t be accessed"}'), "This profile can't be accessed"),
        (answer(429), Throttled(429, 3_600)),
        (answer(401), SessionDead(GONE)),
        (answer(500), Unreadable("Request failed with status code 500")),
        (answer(200, b"<html>"), Unreadable("LinkedIn answered with a web page")),
    ],
)
async def test_a_person_who_cannot_be_read_is_not_asked_for_again(text: bytes, result: object) -> None:
    """A refusal, an account problem and silence have their own results, each after one request."""
    async with upstream(text, FOUND) as (client, server):
        found = await client.find_person(SESSION, NAME)
        assert (found.text if isinstance(found, Refused) else found) == result
        assert len(server.requests) == 1


async def test_a_dead_session_is_no_stale_decoration() -> None:
    """A 404 that deletes the session's cookie is not retried without the decoration."""
    deleted = answer(404, b"", 'Set-Cookie: li_at="delete me"; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0')
    async with upstream(deleted, FOUND) as (client, server):
        assert isinstance(await client.find_person(SESSION, NAME), SessionDead)
        assert len(server.requests) == 1


async def test_the_sandbox_knows_its_people_by_name_and_id() -> None:
    """The sandbox's people are read by name and id; who blocks the account refuses, and unknown names are not found."""
    with running_sandbox(members=300) as sandbox:
        session = read_paste(sandbox.accounts[0].cookie, user_agent=sandbox.accounts[0].user_agent)
        async with connected_client(sandbox.url) as client:
            by_id = await client.find_person(session, ProfileUrn(sandbox.recipient))
            assert isinstance(by_id, Person)
            assert (by_id.full_name, by_id.profile_urn) == ("Bastien Exemple", sandbox.recipient)
            assert by_id.headline is not None
            assert by_id.public_id is not None
            assert await client.find_person(session, VanityName(by_id.public_id)) == by_id
            assert await client.find_person(session, VanityName("nobody-at-all")) is None
            sandbox.faults([{"effect": "old_query_id", "match": {"path": "identity/dash/profiles"}}])
            assert await client.find_person(session, VanityName(by_id.public_id)) == by_id
            sandbox.act({"action": "block", "member": sandbox.recipient, "account": sandbox.accounts[0].profile_urn})
            result = await client.find_person(session, VanityName(by_id.public_id))
            assert isinstance(result, Refused)
            assert (result.status, result.text) == (403, "This profile can't be accessed")
