"""`up`, `serve`, `worker` and `sandbox` as processes."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from confrere.wiring.demo import INHERITED
from tests.e2e.command_line import confrere, environment_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import SEND_PATH, ServerProcess, Site, running_server

UP = ("-m", "confrere", "up")


def settings_in(folder: Path) -> dict[str, str]:
    """Return the settings of a new store."""
    return {"CONFRERE_DATA_DIR": str(folder / "data")}


def messages(sandbox_url: str) -> list[dict[str, Any]]:
    """Return what recipients have really seen."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{sandbox_url}/_control/messages", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until the end of the block; kill it if it does not stop."""
    with subprocess.Popen(
        [sys.executable, "-m", "confrere", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_of(settings_in(folder)),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(stream: Any, end: str, seconds: float = 30) -> str:
    """Read a process's output up to this text."""
    printed, until = b"", time.monotonic() + seconds
    while end.encode() not in printed:
        ready, _, _ = select.select([stream], [], [], max(0, until - time.monotonic()))
        more = os.read(stream.fileno(), 65_536) if ready else b""
        assert more, f"printed only {printed!r}"
        printed += more
    return printed.decode()


def test_up_in_the_sandbox_is_ready_to_send(tmp_path: Path) -> None:
    """`up --sandbox` prints one line of JSON with all that a first message needs; it is the same after a restart."""
    keys, sandbox_urls = set(), set()
    for _ in range(2):
        with running_server(None, "--sandbox", command=UP, environment=settings_in(tmp_path)) as server:
            ready = server.ready
            assert list(ready) == [
                "url", "apiKey", "accountId", "groupId", "recipientProfileUrn", "sandboxUrl", "consoleUrl",
            ]  # fmt: skip
            keys.add(ready["apiKey"])
            sandbox_urls.add(ready["sandboxUrl"])
            body = {name: ready[name] for name in ("recipientProfileUrn", "groupId")} | {"message": "Hello"}
            assert server.call("POST", SEND_PATH, body).status == 200
            assert messages(ready["sandboxUrl"])[-1]["text"] == "Hello"
            assert server.stop() == 0
    assert (len(keys), len(sandbox_urls)) == (1, 1)


def test_the_sandbox_inherits_no_secret(tmp_path: Path) -> None:
    """The sandbox's environment holds no secret, and all that Python needs to start."""
    secrets = {"CONFRERE_SECRET_KEYS": "not a key", "CONFRERE_API_KEY": "confrere_x", "PGPASSWORD": "hidden"}
    environment = settings_in(tmp_path) | secrets
    with running_server(None, "--sandbox", command=UP, environment=environment) as server:
        pid = server.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        inherited = [Path(f"/proc/{child}/environ").read_bytes().decode() for child in children]
        sandbox = next(one for one in inherited if "PATH=" in one)
        names = {pair.partition("=")[0] for pair in sandbox.split("\0") if pair}
        assert names <= INHERITED | {name for name in names if name.startswith(("PYTHON", "LC_"))}


@pytest.mark.skipif(not shutil.which("curl"), reason="pastes the printed command into a shell that has curl")
def test_the_printed_curl_works(tmp_path: Path) -> None:
    """The curl that `up --sandbox` prints works when pasted, and its next line prints what the recipient saw."""
    with running(tmp_path, "up", "--sandbox", "--port", "0") as process:
        printed = read_until(process.stdout, "/_control/messages'\n")
        start = printed.index("curl -X POST")
        send, read_messages = printed[start:].split("\n\nSee what the recipient saw:\n\n")
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        answers = [
            subprocess.run(["sh", "-c", command], capture_output=True, check=True, env=environment).stdout
            for command in (send, read_messages)
        ]
        assert json.loads(answers[0])["success"] is True
        assert json.loads(answers[1])[0]["text"] == "Hello fellow group member!"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_up_creates_its_store_and_prints_the_first_steps(tmp_path: Path) -> None:
    """Outside the sandbox `up` creates the store and prints the steps that are missing."""
    with running(tmp_path, "up", "--port", "0") as process:
        assert "Confrere is ready on http://127.0.0.1:" in read_until(process.stdout, "/docs")
        hints = read_until(process.stderr, "keys create")
        assert "confrere accounts connect" in hints
    assert confrere(settings_in(tmp_path), "accounts", "list", "--json").json == []


def test_serve_refuses_a_pending_migration(tmp_path: Path) -> None:
    """`serve` names the command to run and exits with 2; after the migration it starts."""
    settings = settings_in(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "confrere.db").touch()
    refused = confrere(settings, "serve", "--port", "0", "--json")
    assert refused.code == 2
    assert "confrere migrate" in refused.err
    assert confrere(settings, "migrate").code == 0
    with running_server(None, environment=settings) as server:
        assert [name for name, value in server.ready.items() if value is None] == [
            "apiKey", "accountId", "groupId", "recipientProfileUrn", "sandboxUrl",
        ]  # fmt: skip
        assert server.stop() == 0


def test_a_port_in_use_is_named(site: Site, server: ServerProcess) -> None:
    """A port in use is reported in one line with its remedy, and the exit code is 2."""
    port = server.url.rpartition(":")[2]
    ran = confrere(site.environment, "serve", "--port", port)
    assert (ran.code, ran.out) == (2, "")
    assert f"Error: Port {port} is in use." in ran.err
    assert ran.err.count("\n") == 1


def test_a_worker_beside_the_server(site: Site, sandbox: SandboxProcess) -> None:
    """`worker` settles what `serve` left unknown, is reported by the doctor, and stops on a signal."""
    environment = {**site.environment, "CONFRERE_RECONCILE_EVERY_SECONDS": "0.1"}
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "reset_after_accept"}])
    with running_server(site) as server:
        assert server.send(sandbox).body["outcome"] == "unknown"
    with subprocess.Popen(
        [sys.executable, "-m", "confrere", "worker"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment_of(environment),
    ) as worker:
        try:
            until = time.monotonic() + 30
            while confrere(environment, "doctor").code != 0:
                assert time.monotonic() < until, confrere(environment, "doctor")
            worker.terminate()
            assert worker.wait(20) == 0
        finally:
            worker.kill()
    shown = confrere(environment, "sends", "list", "--json").json
    assert [one["outcome"] for one in shown["sends"]] == ["accepted"]


def test_the_sandbox_alone(tmp_path: Path) -> None:
    """`sandbox` passes its arguments on and is replaced by the sandbox's process."""
    assert "--members" in confrere({}, "sandbox", "--help").out
    with running(tmp_path, "sandbox", "--json", "--members", "200") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert messages(ready["url"]) == []
