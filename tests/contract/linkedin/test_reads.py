import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from confrere.domain.attempt import Absent, Found, SearchResult, Unreadable
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.session import Member, Session
from confrere.linkedin import LinkedInClient, load_protocol
from tests.contract.linkedin.raw_server import RawServer, answer, raw_server, read_all

OWN = "urn:li:fsd_profile:ACoAAOwn"
OTHER = "urn:li:fsd_profile:ACoAAOther"
THREAD = f"urn:li:msg_conversation:({OWN},2-NWExZQ==)"
TOKEN = "7b0c0f5e-52a1-4d6c-9a3e-000000000001"
SESSION = Session({"li_at": "AQED1", "JSESSIONID": '"ajax:7"'}, "Mozilla/5.0 (Test)")
SINCE = datetime(2026, 11, 24, 10, tzinfo=UTC)
SINCE_MS = int(SINCE.timestamp() * 1_000)
QUERIES = load_protocol().queries

Json = dict[str, Any]


def _message(at_ms: int | None, token: str | None = None, sender: str = OTHER) -> Json:
    return {
        "entityUrn": f"urn:li:msg_message:{at_ms}",
        "sender": {"hostIdentityUrn": sender},
        "originToken": token,
        "deliveredAt": at_ms,
    }


OURS = _message(SINCE_MS + 5, TOKEN, OWN)
FOUND = Found(OURS["entityUrn"], THREAD)
OLD = _message(SINCE_MS - 60_001)


def _threads(*elements: Json) -> bytes:
    return _elements(QUERIES.conversations_with.field, *elements)


def _newest(*elements: Json) -> bytes:
    return _elements(QUERIES.newest_messages.field, *elements)


def _older(*elements: Json) -> bytes:
    return _elements(QUERIES.older_messages.field, *elements)


def _elements(field: str, *elements: Json) -> bytes:
    return answer(200, json.dumps({"data": {field: {"elements": elements}}}).encode())


ONE_THREAD = _threads({"entityUrn": THREAD})


@asynccontextmanager
async def _upstream(*answers: bytes) -> AsyncIterator[tuple[LinkedInClient, RawServer]]:
    """A server that gives these answers, one after the other, and a client of it."""
    rest = iter(answers)
    async with raw_server(lambda wire: read_all(wire, lambda _: next(rest))) as server:
        client = LinkedInClient(server.url, read_timeout_seconds=1, retry_pause_seconds=0)
        try:
            yield client, server
        finally:
            await client.close()


async def _find(client: LinkedInClient) -> SearchResult:
    return await client.find_message(SESSION, OWN, OTHER, TOKEN, SINCE)


def _targets(server: RawServer) -> list[str]:
    return [request.split(b" ")[1].decode() for request in server.requests]


async def test_a_message_is_looked_for_as_the_web_client_reads_a_thread() -> None:
    """The thread with the recipient, its newest messages, then older ones up to the attempt."""
    last = _message(SINCE_MS + 900)
    page = [_message(SINCE_MS + 800), _message(SINCE_MS + 700)]
    async with _upstream(ONE_THREAD, _newest(last, *page), _older(page[1], OURS)) as (client, server):
        assert await _find(client) == FOUND
    graph = "/voyager/api/voyagerMessagingGraphQL/graphql?queryId="
    thread = "urn%3Ali%3Amsg_conversation%3A%28urn%3Ali%3Afsd_profile%3AACoAAOwn%2C2-NWExZQ%3D%3D%29"
    own, other = "urn%3Ali%3Afsd_profile%3AACoAAOwn", "urn%3Ali%3Afsd_profile%3AACoAAOther"
    with_other = f"mailboxUrn:{own},recipients:List({other})"
    before = f"deliveredAt:{SINCE_MS + 701},conversationUrn:{thread},countBefore:20,countAfter:0"
    assert _targets(server) == [
        f"{graph}{QUERIES.conversations_with.id}&variables=({with_other})",
        f"{graph}{QUERIES.newest_messages.id}&variables=(conversationUrn:{thread})",
        f"{graph}{QUERIES.older_messages.id}&variables=({before})",
    ]
    assert all(b"\r\naccept: application/graphql\r\n" in request for request in server.requests)
    assert all(b"\r\ncsrf-token: ajax:7\r\n" in request for request in server.requests)


@pytest.mark.parametrize(
    ("answers", "look"),
    [
        ([_threads()], Absent()),
        ([_threads({"entityUrn": THREAD, "messages": {"elements": [OURS]}})], FOUND),
        ([ONE_THREAD, _newest()], Absent()),
        ([ONE_THREAD, _newest(OLD)], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS), OLD)], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS)), _older(_message(SINCE_MS))], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS)), _older()], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS)), _older(OLD, _message(SINCE_MS))], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS, "another", OWN), OLD)], Absent()),
        ([ONE_THREAD, _newest(_message(SINCE_MS - 60_001, None, OWN))], Absent()),
    ],
)
async def test_what_was_read_completely_is_certain(answers: list[bytes], look: SearchResult) -> None:
    """Found with its names, or absent from everything back to a minute before the attempt."""
    async with _upstream(*answers) as (client, server):
        assert await _find(client) == look
    assert len(server.requests) == len(answers)


UNTOLD = Unreadable("LinkedIn shows messages of the sender without their token")
NO_TIME = Unreadable("LinkedIn shows messages without their time")
NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")


@pytest.mark.parametrize(
    ("answers", "look"),
    [
        ([ONE_THREAD, _newest(_message(SINCE_MS, None, OWN), OLD)], UNTOLD),
        ([ONE_THREAD, _newest(_message(SINCE_MS - 60_000, None, OWN)), _older(OLD)], UNTOLD),
        ([ONE_THREAD, _newest(_message(None, None, OWN), OLD)], UNTOLD),
        ([ONE_THREAD, _newest(_message(None))], NO_TIME),
        ([ONE_THREAD, answer(200, b"{}")], NOT_UNDERSTOOD),
        ([_threads({})], NOT_UNDERSTOOD),
        ([answer(200, b"<html>")], Unreadable("LinkedIn answered with a web page")),
        ([answer(200, b'{"errors":[{}]}')], Unreadable("LinkedIn answered the query with an error")),
        ([answer(403)], Unreadable("Request failed with status code 403")),
        ([answer(429)], Throttled(429, 3_600)),
        ([ONE_THREAD, answer(999)], Throttled(999, 86_400)),
        ([answer(302, b"", "Location: /uas/login")], SessionDead("LinkedIn asks to log in; connect the account again")),
        (
            [ONE_THREAD, answer(302, b"", "Location: /checkpoint/challenge/1")],
            SessionDead(
                "LinkedIn asks for a security challenge; solve it in the browser, then connect the account again"
            ),
        ),
        ([ONE_THREAD, answer(401)], SessionDead("LinkedIn no longer takes the session; connect the account again")),
    ],
)
async def test_what_could_not_be_read_is_not_absent(answers: list[bytes], look: SearchResult) -> None:
    """A doubt, a throttle, a challenge and a dead session are each reported as what they are."""
    async with _upstream(*answers) as (client, server):
        assert await _find(client) == look
    assert len(server.requests) == len(answers)


@pytest.mark.parametrize("status", [400, 404])
async def test_an_old_query_id_is_named(status: int) -> None:
    """An old query id is named, so that an operator knows which one to replace."""
    old = (
        f"Request failed with status code {status}: the query id {{}} looks old; "
        "put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"
    )
    async with _upstream(answer(status)) as (client, _):
        assert await _find(client) == Unreadable(old.format(QUERIES.conversations_with.id), protocol_moved=True)
    async with _upstream(ONE_THREAD, answer(status)) as (client, _):
        assert await _find(client) == Unreadable(old.format(QUERIES.newest_messages.id), protocol_moved=True)


async def test_every_thread_with_the_recipient_is_searched() -> None:
    """One that cannot be read does not hide a find in the next; without a find it leaves the matter open."""
    two = _threads({"entityUrn": "urn:1"}, {"entityUrn": THREAD})
    async with _upstream(two, answer(500), _newest(OURS)) as (client, _):
        assert await _find(client) == FOUND
    async with _upstream(two, answer(500), _newest()) as (client, _):
        assert await _find(client) == Unreadable("Request failed with status code 500")
    many = _threads(*({"entityUrn": f"urn:{number}"} for number in range(6)))
    async with _upstream(many, *[_newest()] * 5) as (client, server):
        assert await _find(client) == Unreadable("there are too many threads with the recipient to read them all")
        assert len(server.requests) == 6


async def test_a_long_thread_is_read_so_far_and_no_further() -> None:
    """A thread is read for ten pages at most."""
    pages: Iterator[bytes] = (_older(_message(SINCE_MS + 10_000 - number)) for number in count())
    answers = [ONE_THREAD, _newest(_message(SINCE_MS + 20_000)), *(next(pages) for _ in range(20))]
    async with _upstream(*answers) as (client, server):
        assert await _find(client) == Unreadable("the thread is too long to be read back to the attempt")
    assert len(server.requests) == 11


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_read_is_tried_once_more_where_the_trouble_may_have_passed(status: int) -> None:
    """A read that failed for a passing reason is retried once."""
    async with _upstream(answer(status), _threads()) as (client, _):
        assert await _find(client) == Absent()
    async with _upstream(answer(status), answer(status), _threads()) as (client, server):
        assert await _find(client) == Unreadable(f"Request failed with status code {status}")
        assert len(server.requests) == 2


async def test_who_a_session_belongs_to() -> None:
    """`/me` is asked as the web client asks, and read in the plain and the normalized form."""
    profile = {"entityUrn": "urn:li:fs_miniProfile:ACoAAOwn", "firstName": "Odile", "lastName": "Sample"}
    async with _upstream(answer(200, json.dumps({"miniProfile": profile}).encode())) as (client, server):
        assert await client.read_member(SESSION) == Member(OWN, "Odile", "Sample", "")
    assert _targets(server) == ["/voyager/api/me"]
    assert b"\r\naccept: application/vnd.linkedin.normalized+json+2.1\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (answer(401), SessionDead("LinkedIn no longer takes the session; connect the account again")),
        (answer(404), Unreadable("Request failed with status code 404", protocol_moved=True)),
        (answer(200, b"{}"), NOT_UNDERSTOOD),
        (
            answer(200, b"{}", 'Set-Cookie: li_at="delete me"; Max-Age=0'),
            SessionDead("LinkedIn deleted the session's cookie; connect the account again"),
        ),
    ],
)
async def test_a_probe_says_what_is_the_matter(text: bytes, said: SessionDead | Unreadable) -> None:
    """A dead session is told from one that cannot be read now."""
    async with _upstream(text) as (client, _):
        assert await client.read_member(SESSION) == said


async def test_a_read_that_gets_no_answer_is_unreadable() -> None:
    """A read without an answer is unreadable when its time is over."""
    async with raw_server(lambda wire: wire.wait_for_end()) as server:
        client = LinkedInClient(server.url, read_timeout_seconds=0.5)
        assert await client.read_member(SESSION) == Unreadable("LinkedIn did not answer in time")
        await client.close()
        assert await client.read_member(SESSION) == Unreadable("the connections to LinkedIn are closed already")


async def test_a_session_that_no_header_can_carry_is_dead() -> None:
    """A session that no header can carry is dead, before anything is asked."""
    client = LinkedInClient()
    said = await client.read_member(Session({"li_at": "a\n", "JSESSIONID": "x"}, "UA"))
    assert said == SessionDead("the header cookie of this session would hold characters that cannot be sent")


@pytest.mark.parametrize(
    "make", [lambda: LinkedInClient("http://example.com"), lambda: LinkedInClient("http://0.0.0.0")]
)
def test_no_other_upstream_is_taken(make: Callable[[], LinkedInClient]) -> None:
    """Where the cookies go is decided when the client is made."""
    with pytest.raises(ValueError, match="the upstream must be"):
        make()
