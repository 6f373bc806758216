import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.contract.sandbox.browser import Browser
from tests.sandbox_process import running_sandbox

_COMMAND = [sys.executable, "-m", "confrere.sandbox"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_only_loopback_addresses_are_served(host: str) -> None:
    """Any other address is refused at the start."""
    ended = subprocess.run([*_COMMAND, "--host", host], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert "confrere.sandbox:" in ended.stderr


def test_ready_is_said_and_nothing_else() -> None:
    """The sandbox prints one line when ready, nothing of its requests, and ends at once on SIGTERM."""
    with subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("sandbox ready on http://127.0.0.1:")
            url = line.split()[3]
            fault = b'{"effect": "hang_after_accept", "times": null}'
            with urllib.request.urlopen(f"{url}/_control/faults", data=fault, timeout=10) as answer:
                assert answer.status == 200
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as hanging:
                hanging.sendall(b"GET /voyager/api/me HTTP/1.1\r\nhost: localhost\r\n\r\n")
                time.sleep(0.1)
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=20)
            assert (out, err) == ("", "")
        finally:
            process.kill()


def test_it_ends_with_its_parent() -> None:
    """With --exit-with-parent it does not outlive the process that started it."""
    starter = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'confrere.sandbox', '--json', '--exit-with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline()\n"
        "print(p.pid, flush=True)\n"
    )
    ended = subprocess.run([sys.executable, "-c", starter], capture_output=True, text=True, check=True, timeout=60)
    left = int(ended.stdout)
    for _ in range(600):
        try:
            os.kill(left, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{left}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    os.kill(left, signal.SIGKILL)
    pytest.fail("the sandbox outlived its parent")


def test_state_survives_a_kill(tmp_path: Path) -> None:
    """With --state messages, replies and changes are there again after a SIGKILL, a cut last line aside."""
    state = tmp_path / "deep" / "state.jsonl"
    with running_sandbox(state=state) as sandbox:
        browser = Browser(sandbox, sandbox.accounts[0])
        thread = browser.send("kept")["conversationUrn"]
        sandbox.reply(sandbox.recipient, browser.urn, "kept too")
        sandbox.act({"action": "block", "member": sandbox.recipient}, {"action": "set", "dead_session": "401"})
        told = sandbox.messages()
    with state.open("a") as file:
        file.write('{"kind":"mess')
    with running_sandbox(state=state) as sandbox:
        browser = Browser(sandbox, sandbox.accounts[0])
        assert sandbox.messages() == told
        assert sandbox.world()["switches"]["dead_session"] == "401"
        assert browser.post("/voyager/api/voyagerMessagingDashMessengerConversations?action=typing",
                            {"conversationUrn": thread}).status == 202  # fmt: skip
        sandbox.act({"action": "unblock", "member": sandbox.recipient})
        browser.send("more")
        assert len(sandbox.messages()) == 2
        sandbox.reset()
    assert state.read_bytes() == b""


def test_state_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    """The state file is readable by its owner only, even where others could read it before."""
    for state in (tmp_path / "new.jsonl", tmp_path / "old.jsonl"):
        (tmp_path / "old.jsonl").touch(0o644)
        with running_sandbox(state=state):
            assert state.stat().st_mode & 0o777 == 0o600


def test_a_preferred_port_is_taken_where_it_is_free() -> None:
    """A restart keeps the preferred port where it is free, and takes another where it is not."""
    with running_sandbox() as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with running_sandbox(preferred_port=port) as other:
            assert other.url != sandbox.url
    with running_sandbox(preferred_port=port) as sandbox:
        assert sandbox.url.endswith(f":{port}")


def test_the_same_options_make_the_same_world() -> None:
    """Two sandboxes of one seed have the same accounts; another seed has others."""
    with running_sandbox(seed=7) as one, running_sandbox(seed=7) as same, running_sandbox(seed=8) as other:
        assert one.accounts == same.accounts != other.accounts
        assert one.recipient == other.recipient
        assert json.dumps(one.world()["groups"]) == json.dumps(same.world()["groups"])
