"""Reading groups and the chat signals around a send: on the wire, and from the sandbox."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.group import GroupMember, MembershipStatus, MembersQuery, Page, Relationship
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.session import Session
from confrere.domain.urns import GroupId
from confrere.linkedin import load_protocol, read_paste
from tests.contract.linkedin.one_message import OTHER, OWN, SESSION, connected_client, lines, upstream
from tests.contract.linkedin.raw_server import answer
from tests.sandbox_process import SandboxProcess, running_sandbox

PROTOCOL = load_protocol()
QUERY = PROTOCOL.queries.group_members
WANTED = MembersQuery(GroupId("98765432"))
EMPTY = answer(200, json.dumps({"data": {QUERY.field: {"elements": []}}}).encode())
NO_GROUPS = answer(200, b'{"elements": []}')
THREAD = f"urn:li:msg_conversation:({OWN},2-NWExZQ==)"
PLACE = "put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"


async def test_reads_are_asked_as_the_web_client_asks() -> None:
    """Reads have the web client's paths, variables in order, each value encoded once, and the normalized form."""
    typed = MembersQuery(GroupId("98765432"), (MembershipStatus.OWNER,), "Éva (x), y")
    async with upstream(EMPTY, EMPTY, NO_GROUPS) as (client, server):
        await client.read_group_members(SESSION, WANTED, start=0, count=10)
        await client.read_group_members(SESSION, typed, start=50, count=50)
        await client.read_groups(SESSION, OWN, start=10, count=20)
    graph = (
        "GET /voyager/api/graphql?variables=(groupUrn:urn%3Ali%3Afsd_group%3A98765432,filters:List(),typeaheadQuery:"
    )
    everybody = "%27%27,start:0,count:10,membershipStatuses:List(OWNER,MANAGER,MEMBER))"
    some = "%C3%89va%20%28x%29%2C%20y,start:50,count:50,membershipStatuses:List(OWNER))"
    groups = "decorationId=com.linkedin.voyager.dash.deco.groups.GroupListingPage-2&q=member"
    mine = (
        "profileUrn=urn%3Ali%3Afsd_profile%3AACoAAOwn&membershipStatuses=List(OWNER,MANAGER,MEMBER)&count=20&start=10"
    )
    assert lines(server) == [
        f"{graph}{everybody}&queryId={QUERY.id} HTTP/1.1",
        f"{graph}{some}&queryId={QUERY.id} HTTP/1.1",
        f"GET /voyager/api/voyagerGroupsDashGroups?{groups}&{mine} HTTP/1.1",
    ]
    accept = b"\r\naccept: application/vnd.linkedin.normalized+json+2.1\r\n"
    assert all(accept in request for request in server.requests)


async def test_signals_are_sent_as_the_web_client_sends_them() -> None:
    """A signal is asked for once, as text, and any 2xx is a success."""
    async with upstream(answer(202), answer(200, b"{}")) as (client, server):
        assert await client.send_typing(SESSION, THREAD) is True
        assert await client.acknowledge(SESSION, ("urn:li:msg_message:1",)) is True
    base = "POST /voyager/api/voyagerMessagingDashMessenger"
    assert lines(server) == [
        f"{base}Conversations?action=typing HTTP/1.1",
        f"{base}MessageDeliveryAcknowledgements?action=sendDeliveryAcknowledgement HTTP/1.1",
    ]
    assert all(b"\r\ncontent-type: text/plain;charset=UTF-8\r\n" in request for request in server.requests)
    assert server.requests[0].endswith(json.dumps({"conversationUrn": THREAD}, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (answer(400), False),
        (answer(404), False),
        (answer(503), False),
        (answer(429), Throttled(429, 3_600)),
        (answer(401), SessionDead("LinkedIn no longer takes the session; connect the account again")),
    ],
)
async def test_a_failed_signal_reports_only_its_consequence(text: bytes, result: object) -> None:
    """A signal that fails is not retried, and only its consequence is reported."""
    async with upstream(text, answer(200)) as (client, server):
        assert await client.send_typing(SESSION, THREAD) == result
        assert len(server.requests) == 1


async def test_a_signal_without_a_connection_was_not_taken() -> None:
    """A signal without a connection, or with a session that no header can carry, was not taken."""
    async with connected_client("http://127.0.0.1:9") as client:
        assert await client.send_typing(SESSION, THREAD) is False
        dead = await client.acknowledge(Session({"li_at": "a\n", "JSESSIONID": "x"}, "UA"), ("urn:m",))
        assert isinstance(dead, SessionDead)


REFUSAL = {"exceptionClass": "…VoyagerUserVisibleException", "message": "You don't have access to this", "status": 403}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (answer(403, json.dumps(REFUSAL).encode()), Refused(403, "", None, "You don't have access to this")),
        (answer(403, b"CSRF check failed."), Unreadable("Request failed with status code 403", protocol_moved=True)),
        (answer(403), Refused(403, "", None, None)),
        (answer(429), Throttled(429, 3_600)),
        (answer(500), Unreadable("Request failed with status code 500")),
        (answer(200, b"<html>"), Unreadable("LinkedIn answered with a web page")),
        (answer(200, b'{"errors":[{}]}'), Unreadable("LinkedIn answered the query with an error")),
        (answer(302, b"", "Location: /login"), SessionDead("LinkedIn asks to log in; connect the account again")),
    ],
)
async def test_a_failed_read_has_its_reason(text: bytes, result: Any) -> None:
    """A failed read is a refusal in LinkedIn's own words, an account problem, or unreadable."""
    async with upstream(text, text) as (client, _):
        assert _worded(await client.read_group_members(SESSION, WANTED, start=0, count=10)) == result
        assert _worded(await client.read_groups(SESSION, OWN, start=0, count=10)) == result


def _worded(result: object) -> object:
    """Return a refusal without the status's words, which are the raw server's."""
    return Refused(result.status, "", result.code, result.text) if isinstance(result, Refused) else result


@pytest.mark.parametrize("status", [400, 404, 410])
async def test_an_old_id_is_named_with_the_place_of_a_new_one(status: int) -> None:
    """An old query hash or decoration number is named with the place for a new one."""
    why = f"Request failed with status code {status}: the"
    async with upstream(answer(status), answer(status)) as (client, _):
        members = await client.read_group_members(SESSION, WANTED, start=0, count=10)
        groups = await client.read_groups(SESSION, OWN, start=0, count=10)
    assert members == Unreadable(f"{why} query id {QUERY.id} looks old; {PLACE}", protocol_moved=True)
    decoration = PROTOCOL.decorations.groups.id
    assert groups == Unreadable(f"{why} decoration id {decoration} looks old; {PLACE}", protocol_moved=True)


async def test_a_conversation_is_there_or_not() -> None:
    """A conversation is reported as there, as not there, or as unknown."""
    field = PROTOCOL.queries.conversations_with.field

    def threads(*urns: str) -> bytes:
        elements = [{"entityUrn": urn} for urn in urns]
        return answer(200, json.dumps({"data": {field: {"elements": elements}}}).encode())

    async with upstream(threads(), threads(THREAD, "urn:2"), answer(429)) as (client, _):
        assert await client.find_conversation(SESSION, OWN, OTHER) is None
        assert await client.find_conversation(SESSION, OWN, OTHER) == THREAD
        assert await client.find_conversation(SESSION, OWN, OTHER) == Throttled(429, 3_600)


# ---- from the sandbox -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def process() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests."""
    with running_sandbox(members=500) as running:
        yield running


@pytest.fixture
def sandbox(process: SandboxProcess) -> SandboxProcess:
    """Reset the sandbox."""
    process.reset()
    return process


@pytest.fixture
def session(sandbox: SandboxProcess) -> Session:
    """Return the first account's session."""
    return read_paste(sandbox.accounts[0].cookie, user_agent=sandbox.accounts[0].user_agent)


async def test_every_member_comes_once_whatever_the_nulls(sandbox: SandboxProcess, session: Session) -> None:
    """A group's pages give every member once up to the total, with the fields of the sandbox's people."""
    wanted = MembersQuery(GroupId(sandbox.group_id))
    members: list[GroupMember] = []
    places, total = 0, 1
    async with connected_client(sandbox.url) as client:
        while places < total:
            page = await client.read_group_members(session, wanted, start=places, count=40)
            assert isinstance(page, Page)
            members += page.items
            places += page.places
            total = page.total or 0
    reported = sandbox.world()["groups"][0]["memberCount"]
    assert len(members) == len({member.profile_urn for member in members}) == reported < total
    assert {member.relationship for member in members} == set(Relationship)
    (example,) = (member for member in members if member.profile_urn == sandbox.recipient)
    assert (example.full_name, example.status) == ("Bastien Exemple", "MEMBER")
    assert example.profile_url is not None
    assert example.profile_url.startswith("https://www.linkedin.com/in/bastien-exemple-")
    assert any(member.premium for member in members)


async def test_groups_and_conversations_of_the_sandbox(sandbox: SandboxProcess, session: Session) -> None:
    """A joined group is listed and a foreign one refuses; a conversation exists after a reply."""
    own = sandbox.accounts[0].profile_urn
    world = sandbox.world()["groups"]
    async with connected_client(sandbox.url) as client:
        groups = await client.read_groups(session, own, start=0, count=50)
        assert isinstance(groups, Page)
        assert (groups.items[0].group_id, groups.items[0].name) == (sandbox.group_id, world[0]["name"])
        assert groups.items[0].member_count == world[0]["memberCount"]
        not_in = MembersQuery(GroupId(world[2]["groupId"]))
        result = await client.read_group_members(session, not_in, start=0, count=10)
        assert result == Refused(403, "Forbidden", None, "You don't have access to this")
        assert await client.find_conversation(session, own, sandbox.recipient) is None
        reply = sandbox.reply(sandbox.recipient, own, "Hello")
        thread = await client.find_conversation(session, own, sandbox.recipient)
        assert thread == reply["conversationUrn"]
        assert await client.send_typing(session, reply["conversationUrn"]) is True
        assert await client.acknowledge(session, (reply["messageUrn"],)) is True
