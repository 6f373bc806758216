"""A server is killed at each point of a send: ledger, quota and recipients agree, and nobody gets two messages."""

import urllib.error
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path

import pytest

from confrere.domain.outcome import OutcomeName
from tests.faults.crashing_server import POINTS
from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server

HAS_IT = {"after_reserve": False, "after_accepted": True, "before_settle": True, "after_settle": True}


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


def send_into_the_void(server: ServerProcess, sandbox: SandboxProcess, key: str | None = None) -> None:
    """Send without waiting for an answer."""
    with pytest.raises((urllib.error.URLError, RemoteDisconnected, ConnectionResetError)):
        server.send(sandbox, key=key)


@pytest.mark.parametrize("point", POINTS)
def test_truth_and_quota_after_a_crash(site: Site, sandbox: SandboxProcess, point: str) -> None:
    """After restart and reconciling, row and unit agree with what the recipient saw."""
    with running_server(site, command=("-m", "tests.faults.crashing_server", point, "serve")) as server:
        send_into_the_void(server, sandbox)
        assert server.process.wait(10) == -9
    assert len(sandbox.messages()) == HAS_IT[point]
    assert site.used() == 1
    site.reconcile()
    [send] = site.sends()
    assert send.outcome is (OutcomeName.ACCEPTED if HAS_IT[point] else OutcomeName.NOT_SENT)
    assert site.used() == len(sandbox.messages()) == HAS_IT[point]


@pytest.mark.parametrize("key", [None, "key-1"])
@pytest.mark.parametrize("point", POINTS)
def test_once_when_the_caller_repeats_after_a_crash(
    site: Site, sandbox: SandboxProcess, point: str, key: str | None
) -> None:
    """A repeat after a crash is 200 if LinkedIn has the message, or `unknown`, and never sends a second one."""
    with running_server(site, command=("-m", "tests.faults.crashing_server", point, "serve")) as server:
        send_into_the_void(server, sandbox, key)
        server.process.wait(10)
    with running_server(site) as server:
        reply = server.send(sandbox, key=key)
        if HAS_IT[point]:
            assert reply.status == 200
        else:
            assert (reply.status, reply.body["outcome"]) == (500, "unknown")
        assert len(sandbox.messages()) == HAS_IT[point]
        site.reconcile()
        again = server.send(sandbox, key=key)
        assert again.status == 200
    # No message is suppressed either: without a key, a request after a delivered 200 is a new one.
    expected = 1 if key or not HAS_IT[point] else 2
    assert len(sandbox.messages()) == site.used() == expected


def test_once_when_linkedin_accepted_and_the_process_died_waiting(site: Site, sandbox: SandboxProcess) -> None:
    """A repeat finds the message whose process was killed while LinkedIn's answer was due."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "hang_after_accept", "seconds": 30}])
    with running_server(site) as server:
        with pytest.raises((urllib.error.URLError, TimeoutError)):
            server.call(
                "POST",
                "/linkedin/messaging/send-group",
                {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": "Hello"},
                seconds=1,
            )
        server.kill()
    assert len(sandbox.messages()) == 1
    with running_server(site) as server:
        assert server.send(sandbox, "Hello").status == 200
    assert len(sandbox.messages()) == site.used() == 1
