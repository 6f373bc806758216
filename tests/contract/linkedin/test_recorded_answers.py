"""The client reports of each answer whether LinkedIn understood the kind of request."""

import json
from collections.abc import Awaitable, Callable

import pytest

from confrere.domain.group import MembersQuery
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.linkedin import LinkedInClient, load_protocol
from tests.contract.linkedin.one_message import GOOD, MESSAGE, OTHER, OWN, SESSION, connected_client
from tests.contract.linkedin.raw_server import answer, raw_server, read_all

PROTOCOL = load_protocol()
Ask = Callable[[LinkedInClient], Awaitable[object]]


def ask_for_members(client: LinkedInClient) -> Awaitable[object]:
    """Read members of a group."""
    return client.read_group_members(SESSION, MembersQuery(GroupId("1")), start=0, count=5)


def ask_for_threads(client: LinkedInClient) -> Awaitable[object]:
    """Read the threads with a person."""
    return client.find_conversation(SESSION, OWN, OTHER)


READS: dict[str, tuple[Ask, str]] = {
    "me": (lambda client: client.read_member(SESSION), ""),
    "decorations.groups": (
        lambda client: client.read_groups(SESSION, OWN, start=0, count=5),
        f": the decoration id {PROTOCOL.decorations.groups.id} looks old",
    ),
    "queries.group_members": (ask_for_members, f": the query id {PROTOCOL.queries.group_members.id} looks old"),
    "queries.conversations_with": (
        ask_for_threads,
        f": the query id {PROTOCOL.queries.conversations_with.id} looks old",
    ),
    "queries.mailbox_start": (
        lambda client: client.read_mailbox_changes(SESSION, OWN, None),
        f": the query id {PROTOCOL.queries.mailbox_start.id} looks old",
    ),
}


async def reported(ask: Ask, *answers: bytes) -> list[tuple[str, str | None]]:
    """Return what the client reports of one call that gets these answers."""
    found, rest = [], iter(answers)
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: next(rest))) as server,
        connected_client(server.url) as client,
    ):
        client.on_answer(lambda session, kind, fault: found.append((kind, fault)))
        await ask(client)
    return found


@pytest.mark.parametrize("kind", READS)
async def test_reads_report_their_entry_of_the_protocol(kind: str) -> None:
    """What LinkedIn takes, or refuses in its own words, is understood; an old id is named with its entry."""
    ask, why = READS[kind]
    assert await reported(ask, answer(200, json.dumps({"data": {}}).encode())) == [(kind, None)]
    assert await reported(ask, answer(400)) == [(kind, f"Request failed with status code 400{why}")]


@pytest.mark.parametrize("status", [401, 429, 500, 999])
async def test_other_failures_report_nothing(status: int) -> None:
    """A dead session, a throttle and a failing LinkedIn show nothing about the request."""
    for ask in (ask_for_members, ask_for_threads):
        assert await reported(ask, answer(status)) == []


async def test_sends_report_what_was_accepted() -> None:
    """An accepted message was understood; a 400 alone may be about its recipient."""
    assert await reported(lambda client: client.send_group_message(SESSION, MESSAGE), GOOD) == [("createMessage", None)]
    assert await reported(lambda client: client.send_group_message(SESSION, MESSAGE), answer(400)) == []


async def test_a_profile_that_is_read_without_its_decoration_is_reported() -> None:
    """The read succeeds without the outdated decoration, which is reported all the same."""

    def ask(client: LinkedInClient) -> Awaitable[object]:
        return client.find_person(SESSION, ProfileUrn(OTHER))

    [(kind, fault)] = await reported(ask, answer(400), answer(200, b"{}"))
    assert kind == "decorations.profile"
    assert fault == f"the decoration id {PROTOCOL.decorations.profile.id} looks old, so profiles are read without it"
    assert await reported(ask, answer(200, b"{}")) == [("decorations.profile", None)]
