"""Campaigns from the shell, with the sender in a process of its own."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tests.e2e.command_line import confrere, environment_of
from tests.forked_python import ForkedPython
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site

TEXT = "Hello, fellow member! Answer stop to get no more messages."
UP, WORKER = ("up", "--port=0"), ("worker",)


@contextmanager
def sending(site: Site, command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the worker's jobs, once it is ready; killed afterwards if it still runs."""
    with (
        site.log.open("a") as log,
        ForkedPython(
            ["-m", "confrere", *command, "--json"],
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment_of(site.environment),
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), site.log.read_text()
            yield process
        finally:
            process.kill()


def start_campaign(site: Site, recipients: Sequence[str], group_id: str) -> str:
    """An audience of these people, and a campaign for them that has started."""
    arguments = ["audiences", "create", "--name", "Members", "--group", group_id, "--file", "-"]
    audience = confrere(site.environment, *arguments, given="\n".join(recipients))
    assert audience.code == 0, audience
    arguments = ["--name", "Spring", "--audience", audience.out.strip(), "--message", TEXT, "--no-spread"]
    draft = confrere(site.environment, "campaigns", "create", *arguments)
    assert draft.code == 0, draft
    started = confrere(site.environment, "campaigns", "start", draft.out.strip(), "--yes")
    assert started.code == 0, started
    return draft.out.strip()


def members(site: Site, sandbox: SandboxProcess, count: int) -> list[str]:
    """The URNs of members of the sandbox's group, as the shell lists them."""
    ran = confrere(site.environment, "groups", "members", sandbox.group_id, "--limit", "20", "--json")
    assert ran.code == 0, ran
    found = [one["profileUrn"] for one in ran.json["members"]]
    own = {known.profile_urn for known in sandbox.accounts}
    return [urn for urn in found if urn not in own][:count]


@pytest.mark.parametrize("command", [UP, WORKER], ids=["up", "worker"])
def test_once_everybody_in_a_campaign_gets_its_message(
    site: Site, sandbox: SandboxProcess, command: Sequence[str]
) -> None:
    """Five people see the message once each, the campaign is finished, and SIGTERM then ends the process cleanly."""
    recipients = members(site, sandbox, 5)
    with sending(site, command) as process:
        campaign_id = start_campaign(site, recipients, sandbox.group_id)
        watched = confrere(site.environment, "campaigns", "watch", campaign_id, "--every", "0.3", "--json")
        assert watched.code == 0, watched
        last = json.loads(watched.out.splitlines()[-1])
        assert (last["status"], last["counts"]["sent"]) == ("finished", 5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert sorted(message["recipient"] for message in sandbox.messages()) == sorted(recipients)
    assert {message["text"] for message in sandbox.messages()} == {TEXT}


def test_once_a_stopped_worker_settles_its_message_and_the_next_one_goes_on(
    site: Site, sandbox: SandboxProcess
) -> None:
    """SIGTERM in the middle of a campaign lets the message in flight settle; another worker sends the rest."""
    recipients = members(site, sandbox, 3)
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 2}])
    campaign_id = start_campaign(site, recipients, sandbox.group_id)
    with sending(site, WORKER) as process:
        until = time.monotonic() + 20
        while not site.sends():
            assert time.monotonic() < until, site.log.read_text()
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert [send.outcome for send in site.sends()] == ["accepted"]
    counts = confrere(site.environment, "campaigns", "show", campaign_id, "--json").json["counts"]
    assert (counts["sent"], counts["waiting"], counts["inFlight"]) == (1, 2, 0)
    with sending(site, UP):
        assert confrere(site.environment, "campaigns", "watch", campaign_id, "--every", "0.3").code == 0
    assert sorted(message["recipient"] for message in sandbox.messages()) == sorted(recipients)
