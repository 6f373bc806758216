"""A server is killed at each point of a message into a conversation: as in a send through a group, nobody gets two."""

import urllib.error
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from confrere.domain.outcome import OutcomeName
from tests.faults.crashing_server import POINTS
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import Reply, ServerProcess, Site, prepare_site, running_server

PATH = "/linkedin/conversations/send"
HAS_IT = {"after_reserve": False, "after_accepted": True, "before_settle": True, "after_settle": True}
TEXT = "Thursday suits me"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests, reset before each."""
    with running_sandbox(members=300) as sandbox:
        yield sandbox


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """Create a store with one account, on each engine in turn."""
    sandbox.reset()
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return prepare_site(tmp_path, sandbox, database_url=url)


@pytest.fixture
def conversation(site: Site, sandbox: SandboxProcess) -> str:
    """Have written to the recipient through the group, and return the conversation."""
    with running_server(site) as server:
        assert server.send(sandbox, "Hello").status == 200
        server.stop()
    [send] = site.sends()
    assert send.conversation_urn is not None
    return send.conversation_urn


def post(server: ServerProcess, *, key: str | None = None, seconds: float = 40, **named: Any) -> Reply:
    """Send the text to whom the fields name."""
    headers = {"Idempotency-Key": key} if key else {}
    return server.call("POST", PATH, {"message": TEXT, **named}, headers=headers, seconds=seconds)


def crash(site: Site, point: str, *, key: str | None = None, **named: Any) -> None:
    """Send to a server that kills itself there."""
    with running_server(site, command=("-m", "tests.faults.crashing_server", point, "serve")) as server:
        with pytest.raises((urllib.error.URLError, RemoteDisconnected, ConnectionResetError)):
            post(server, key=key, **named)
        assert server.process.wait(10) == -9


@pytest.mark.parametrize("by_person", [True, False], ids=["by person", "by conversation"])
@pytest.mark.parametrize("point", POINTS)
def test_truth_and_quota_after_a_crash(
    site: Site, sandbox: SandboxProcess, conversation: str, point: str, by_person: bool
) -> None:
    """After restart and reconciling, row and unit agree with what the recipient saw."""
    named: dict[str, Any] = (
        {"recipientProfileUrn": sandbox.recipient} if by_person else {"conversationUrn": conversation}
    )
    crash(site, point, **named)
    assert len(sandbox.messages()) == 1 + HAS_IT[point]
    assert site.used() == 2
    site.reconcile()
    send = site.sends()[-1]
    assert send.outcome is (OutcomeName.ACCEPTED if HAS_IT[point] else OutcomeName.NOT_SENT)
    assert send.group_id is None
    assert site.used() == len(sandbox.messages()) == 1 + HAS_IT[point]


@pytest.mark.parametrize("key", [None, "key-1"])
@pytest.mark.parametrize("point", POINTS)
def test_once_when_the_caller_repeats_after_a_crash(
    site: Site, sandbox: SandboxProcess, point: str, key: str | None
) -> None:
    """Also where the message begins the conversation in which it is then looked for."""
    sandbox.act({"action": "connect", "member": sandbox.recipient, "account": sandbox.accounts[0].profile_urn})
    named: dict[str, Any] = {"recipientProfileUrn": sandbox.recipient}
    crash(site, point, key=key, **named)
    with running_server(site) as server:
        reply = post(server, key=key, **named)
        if HAS_IT[point]:
            assert reply.status == 200
        else:
            assert (reply.status, reply.body["outcome"]) == (500, "unknown")
        assert len(sandbox.messages()) == HAS_IT[point]
        site.reconcile()
        assert post(server, key=key, **named).status == 200
    expected = 1 if key or not HAS_IT[point] else 2
    assert len(sandbox.messages()) == site.used() == expected


def test_once_when_linkedin_accepted_and_the_process_died_waiting(
    site: Site, sandbox: SandboxProcess, conversation: str
) -> None:
    """A repeat finds the message whose process was killed while LinkedIn's answer was due, in the conversation."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "hang_after_accept", "seconds": 30}])
    with running_server(site) as server:
        with pytest.raises((urllib.error.URLError, TimeoutError)):
            post(server, seconds=1, conversationUrn=conversation)
        server.kill()
    assert len(sandbox.messages()) == 2
    with running_server(site) as server:
        reply = post(server, conversationUrn=conversation)
        assert (reply.status, reply.body["sentMessage"]["conversationUrn"]) == (200, conversation)
    assert len(sandbox.messages()) == site.used() == 2


def test_once_over_two_servers(site: Site, sandbox: SandboxProcess, conversation: str) -> None:
    """A caller who gives up on one server and repeats at another gets the outcome of the first attempt."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "hang_after_accept", "seconds": 4}])
    with running_server(site) as one, running_server(site) as other:
        with pytest.raises((urllib.error.URLError, TimeoutError)):
            post(one, seconds=1, recipientProfileUrn=sandbox.recipient)
        assert len(sandbox.messages()) == 2
        reply = post(other, conversationUrn=conversation)
        assert reply.status == 200
    assert len(sandbox.messages()) == site.used() == 2
