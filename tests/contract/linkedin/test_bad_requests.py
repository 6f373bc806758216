"""LinkedIn's 400 to a send is attributed to the recipient until a second recipient or a probe contradicts that."""

from dataclasses import replace

import pytest

from confrere.domain.attempt import Attempt, Unreadable
from confrere.domain.outcome import NotSent, Refused
from confrere.linkedin import LinkedInClient
from tests.contract.linkedin.one_message import ACCEPTED, GOOD, MESSAGE, SESSION, connected_client
from tests.contract.linkedin.raw_server import answer, raw_server, read_all

BAD = answer(400, b'{"code": "BAD", "message": "not an id"}', reason="Bad Request")
REFUSED = Refused(400, "Bad Request", "BAD", "not an id")
MOVED = NotSent("Request failed with status code 400", protocol_moved=True)


async def _send(client: LinkedInClient, recipient: str) -> Attempt:
    return await client.send_group_message(SESSION, replace(MESSAGE, recipient_urn=recipient))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("one", BAD)], [Attempt(REFUSED, {}, needs_probe=True)]),
        ([("one", BAD)] * 3, [Attempt(REFUSED, {}, needs_probe=True), *[Attempt(REFUSED, {})] * 2]),
        ([("one", BAD), ("two", BAD)], [Attempt(REFUSED, {}, needs_probe=True), Attempt(MOVED, {})]),
        (
            [("one", BAD), ("two", BAD), ("one", BAD)],
            [Attempt(REFUSED, {}, needs_probe=True), *[Attempt(MOVED, {})] * 2],
        ),
        (
            [("one", BAD), ("two", GOOD), ("three", BAD)],
            [Attempt(REFUSED, {}, needs_probe=True), Attempt(ACCEPTED, {}), Attempt(REFUSED, {}, needs_probe=True)],
        ),
        (
            [("one", BAD), ("two", BAD), ("two", GOOD), ("one", BAD)],
            [
                Attempt(REFUSED, {}, needs_probe=True),
                Attempt(MOVED, {}),
                Attempt(ACCEPTED, {}),
                Attempt(REFUSED, {}, needs_probe=True),
            ],
        ),
        (
            [("one", answer(400, b'{"code": "UNAUTHORIZED_VIEWER"}', reason="No")), ("two", BAD)],
            [Attempt(Refused(400, "No", "UNAUTHORIZED_VIEWER", None), {}), Attempt(REFUSED, {}, needs_probe=True)],
        ),
    ],
)
async def test_a_400_is_the_recipients_until_another_recipient_gets_one(
    steps: list[tuple[str, bytes]], expected: list[Attempt]
) -> None:
    """The first 400 is probed, an accepted message ends the suspicion, and a known error code raises none."""
    answers = iter([text for _, text in steps])
    async with (
        raw_server(lambda wire: read_all(wire, lambda _: next(answers))) as server,
        connected_client(server.url) as client,
    ):
        assert [await _send(client, recipient) for recipient, _ in steps] == expected


@pytest.mark.parametrize(("status", "outcome"), [(400, MOVED), (404, MOVED), (503, REFUSED)])
async def test_a_probe_that_is_not_understood_confirms_that_the_protocol_has_moved(
    status: int, outcome: NotSent | Refused
) -> None:
    """After an unreadable probe a 400 counts as a change of the protocol; a probe that fails confirms nothing."""

    def reply(request: bytes) -> bytes:
        return answer(status) if request.startswith(b"GET") else BAD

    async with raw_server(lambda wire: read_all(wire, reply)) as server, connected_client(server.url) as client:
        assert (await _send(client, "one")).outcome == REFUSED
        probed = await client.read_member(SESSION)
        assert probed == Unreadable(f"Request failed with status code {status}", protocol_moved=status != 503)
        assert (await _send(client, "one")).outcome == outcome


async def test_a_probe_alone_proves_nothing_of_sends() -> None:
    """After a failed probe alone, a 400 to the first send is still attributed to its recipient."""

    def reply(request: bytes) -> bytes:
        return answer(400) if request.startswith(b"GET") else BAD

    async with raw_server(lambda wire: read_all(wire, reply)) as server, connected_client(server.url) as client:
        await client.read_member(SESSION)
        assert (await _send(client, "one")).outcome == REFUSED
