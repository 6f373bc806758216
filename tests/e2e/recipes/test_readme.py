"""README.md's commands, pasted as they are printed, in a copy of the checkout and with an empty home.

Only the download of packages is left out: the copy gets this environment in place of one that it would make.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.recipes.pages import ROOT, blocks

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".data", ".cache", "__pycache__", "tests", "bench", ".*_cache")
COMMANDS = blocks(ROOT / "README.md", "sh")
SERVER = "http://127.0.0.1:8080"
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, and a shell in it."""

    folder: Path
    environment: dict[str, str]
    urls: dict[str, str]

    def paste(self, command: str, **more: str) -> str:
        """Paste a command and return its output; only the port is the test's own."""
        command = command.replace(SERVER, self.urls[SERVER])
        ran = subprocess.run(
            ["sh", "-ec", command],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment | more,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, (command, ran.stdout, ran.stderr)
        return ran.stdout


def command_with(words: str) -> str:
    """Return the one block of README.md that contains these words."""
    (found,) = [block for block in COMMANDS if words in block]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Copy the checkout, and start the sandbox with README's first command."""
    folder = tmp_path_factory.mktemp("newcomer") / "confrere"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    (folder / "script" / "setup").write_text("#!/bin/sh\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = {
        "HOME": str(folder.parent),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder / "src"),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "CONFRERE_PORT": port,
    }
    first = COMMANDS[0].strip()
    with subprocess.Popen(
        [*first.split(), "--json"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            ready = json.loads(server.stdout.readline())
            yield Checkout(folder, environment, {SERVER: ready["url"]} | {"sandbox": ready["sandboxUrl"]})
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 0
        finally:
            server.kill()


def on_sandbox(checkout: Checkout) -> dict[str, str]:
    """Return the line of exports that the first command prints for the other commands."""
    return {
        "CONFRERE_DATA_DIR": str(checkout.folder / ".data" / "sandbox"),
        "CONFRERE_LINKEDIN_URL": checkout.urls["sandbox"],
    }


def read(url: str) -> bytes:
    """Return the body of a GET."""
    with NO_PROXY.open(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


@pytest.mark.skipif(not shutil.which("curl"), reason="pastes README's curl into a shell that has curl")
def test_the_first_message_is_sent_and_seen(checkout: Checkout) -> None:
    """The curl gets the documented answer, and the linked pages show the message and the reference."""
    (shown,) = blocks(ROOT / "README.md", "json")
    assert checkout.paste(command_with("curl -X POST")) == shown.strip()
    assert b"Hello fellow group member!" in read(f"{checkout.urls['sandbox']}/inbox")
    assert b"Confrere API reference" in read(f"{checkout.urls[SERVER]}/docs")


def test_the_everyday_commands_work(checkout: Checkout) -> None:
    """Each everyday command of the README works on the sandbox."""
    for line in command_with("accounts list").splitlines():
        checkout.paste(line, **on_sandbox(checkout))


def test_an_account_is_connected_by_its_steps(checkout: Checkout) -> None:
    """The README's steps connect an account with what a browser copies, and print the new key."""
    account: Any = json.loads(read(f"{checkout.urls['sandbox']}/_control/world?accounts=2"))["accounts"][1]
    copied = f"curl '{checkout.urls['sandbox']}/voyager/api/me' -H 'cookie: {account['cookie']}'"
    copied += f" -H 'user-agent: {account['userAgent']}'"
    settings = {"CONFRERE_LINKEDIN_URL": checkout.urls["sandbox"]}
    connect, make_key, serve = command_with("accounts connect").splitlines()
    assert account["firstName"] in checkout.paste(f"{connect} <<'END'\n{copied}\nEND", **settings)
    assert re.search(r"confrere_\w+", checkout.paste(make_key, **settings))
    assert serve == "./confrere up"
    assert (checkout.folder / ".data" / "confrere.db").exists()


def test_the_launcher_works_from_any_folder(checkout: Checkout, tmp_path: Path) -> None:
    """The launcher works through a link on the PATH and keeps its files in the checkout."""
    (tmp_path / "link").symlink_to(checkout.folder / "confrere")
    (tmp_path / "confrere").symlink_to("link")
    shown = checkout.paste(f"cd '{tmp_path}' && PATH={tmp_path}:$PATH confrere settings --json")
    rows = {row["name"]: row["value"] for row in json.loads(shown)}
    assert rows["CONFRERE_DATA_DIR"] == str(checkout.folder / ".data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["confrere", "link"]


def test_every_command_of_the_readme_is_tried() -> None:
    """Every command of the README is run by a test here, or runs the tests."""
    tried = ("script/server", "curl -X POST", "accounts list", "accounts connect", "script/test")
    assert all(sum(words in block for words in tried) == 1 for block in COMMANDS)
    assert len(COMMANDS) == len(tried)
