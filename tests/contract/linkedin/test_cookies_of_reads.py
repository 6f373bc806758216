"""Cookies that LinkedIn sets with a read are reported, so that they can be stored."""

from collections.abc import Mapping

import pytest

from confrere.domain.group import MembersQuery
from confrere.domain.session import Session
from confrere.domain.urns import GroupId
from confrere.linkedin import LinkedInClient
from tests.contract.linkedin.one_message import MESSAGE, OTHER, OWN, SESSION, connected_client
from tests.contract.linkedin.raw_server import RawServer, answer, raw_server, read_all

SETS = 'Set-Cookie: lidc="b=1"; Path=/; Secure'
ENDS = "Set-Cookie: li_at=delete me; Path=/; Max-Age=0"

Reported = list[tuple[Session, Mapping[str, str]]]


async def read_everything(client: LinkedInClient) -> None:
    """Make each kind of read and each chat signal once."""
    await client.read_member(SESSION)
    await client.find_conversation(SESSION, OWN, OTHER)
    await client.read_group_members(SESSION, MembersQuery(GroupId("1")), start=0, count=5)
    await client.read_groups(SESSION, OWN, start=0, count=5)
    await client.send_typing(SESSION, "urn:li:msg_conversation:1")
    await client.acknowledge(SESSION, ("urn:li:msg_message:1",))


async def cookies_from(server: RawServer, *, sends: bool = False) -> Reported:
    """Return what the client reports while it is connected to this server."""
    reported: Reported = []
    async with connected_client(server.url) as client:
        client.on_cookies(lambda session, changed: reported.append((session, changed)))
        await (client.send_group_message(SESSION, MESSAGE) if sends else read_everything(client))
    return reported


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_every_read_reports_its_cookies(status: int) -> None:
    """Every read reports the cookies of its answer with the session they belong to, whatever its status."""
    async with raw_server(lambda wire: read_all(wire, lambda _: answer(status, b"{}", SETS))) as server:
        reported = await cookies_from(server)
    assert reported == [(SESSION, {"lidc": '"b=1"'})] * 6


@pytest.mark.parametrize("header", ["X-Nothing: 1", 'Set-Cookie: bcookie="v=2"', ENDS])
async def test_unchanged_cookies_are_not_reported(header: str) -> None:
    """Unchanged cookies are not reported, and neither are those of an answer that ends the session."""
    async with raw_server(lambda wire: read_all(wire, lambda _: answer(200, b"{}", header))) as server:
        assert await cookies_from(server) == []


async def test_send_has_its_cookies_in_the_attempt() -> None:
    """The cookies of a send are part of its attempt, and are not reported separately."""
    async with raw_server(lambda wire: read_all(wire, lambda _: answer(200, b"{}", SETS))) as server:
        assert await cookies_from(server, sends=True) == []
        async with connected_client(server.url) as client:
            assert (await client.send_group_message(SESSION, MESSAGE)).changed_cookies == {"lidc": '"b=1"'}
            await read_everything(client)  # without a callback
