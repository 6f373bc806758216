import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

import pytest

from tests.fakes.runtime import CONSOLE_URL, DEMO, URL, FakeRuntime, setup_error
from tests.fakes.upstream import BROWSER
from tests.unit.cli.conftest import Confrere


def test_ready_in_the_sandbox_as_json(runtime: FakeRuntime, confrere: Confrere) -> None:
    """In the sandbox the JSON is one line with exactly these names in this order."""
    ran = confrere("up", "--sandbox", "--port", "0", "--host", "127.0.0.1", "--json")
    assert list(ran.json.items()) == [
        ("url", URL),
        ("apiKey", DEMO.api_key),
        ("accountId", DEMO.account_id),
        ("groupId", DEMO.group_id),
        ("recipientProfileUrn", DEMO.recipient_profile_urn),
        ("sandboxUrl", DEMO.sandbox_url),
        ("consoleUrl", CONSOLE_URL),
    ]
    assert runtime.served == {
        "host": "127.0.0.1", "port": 0, "with_worker": True, "with_sandbox": True, "migrate": True,
    }  # fmt: skip


@pytest.mark.parametrize("command", ["up", "serve"])
def test_ready_outside_the_sandbox_as_json(confrere: Confrere, command: str) -> None:
    """Outside the sandbox the JSON has the same names, null without a value, and no hint is mixed in."""
    ran = confrere(command, "--json")
    assert list(ran.json) == [
        "url", "apiKey", "accountId", "groupId", "recipientProfileUrn", "sandboxUrl", "consoleUrl",
    ]  # fmt: skip
    assert ran.json["url"] == URL
    assert ran.json["apiKey"] is ran.json["accountId"] is ran.json["sandboxUrl"] is None


def test_the_curl_can_be_pasted(confrere: Confrere) -> None:
    """The printed curl is the call of the reference page, which a shell parses as one command."""
    out = confrere("up", "--sandbox").out
    start = out.index("curl -X POST")
    command = out[start : out.index("\n\n", start)]
    assert command.splitlines()[0] == f"curl -X POST '{URL}/linkedin/messaging/send-group' \\"
    shown = subprocess.run(
        ["sh", "-c", f'curl() {{ for word; do echo "<$word>"; done; }}; {command}'], capture_output=True, check=True
    )
    body = (
        f'{{"recipientProfileUrn":"{DEMO.recipient_profile_urn}","groupId":"{DEMO.group_id}",'
        '"message":"Hello fellow group member!"}'
    )
    assert shown.stdout.decode().splitlines() == [
        "<-X>", "<POST>", f"<{URL}/linkedin/messaging/send-group>",
        "<-H>", f"<Authorization: Bearer {DEMO.api_key}>",
        "<-H>", "<Content-Type: application/json>",
        "<-d>", f"<{body}>",
    ]  # fmt: skip
    assert f"curl '{DEMO.sandbox_url}/_control/messages'\n" in out
    assert f"CONFRERE_LINKEDIN_URL='{DEMO.sandbox_url}' CONFRERE_PORT={urlsplit(URL).port}\n" in out
    assert f"{URL}/docs" in out


def test_the_first_steps_are_printed_while_they_are_missing(runtime: FakeRuntime, confrere: Confrere) -> None:
    """The first steps are printed as long as an account or a key is missing."""
    ran = confrere("up")
    assert "confrere accounts connect" in ran.err
    assert "confrere keys create" in ran.err
    runtime.do(lambda services: services.accounts.connect("default", BROWSER))
    confrere("keys", "create", "--name", "x")
    ran = confrere("up")
    assert "confrere accounts connect" not in ran.err
    assert "confrere keys create" not in ran.err


def test_serving_alone_neither_migrates_nor_works(runtime: FakeRuntime, confrere: Confrere) -> None:
    """`serve` neither migrates nor runs the worker."""
    assert confrere("serve").code == 0
    assert runtime.served is not None
    assert (runtime.served["migrate"], runtime.served["with_worker"], runtime.served["with_sandbox"]) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("number", "options", "words"),
    [
        (errno.EADDRINUSE, [], "Port 8123 is in use"),
        (errno.EADDRINUSE, ["--port", "80"], "Port 80 is in use"),
        (errno.EACCES, ["--port", "80"], "may not listen on port 80"),
        (errno.EADDRNOTAVAIL, ["--host", "10.9.8.7"], "--host"),
    ],
)
def test_a_port_that_cannot_be_had(
    runtime: FakeRuntime, confrere: Confrere, number: int, options: Sequence[str], words: str
) -> None:
    """A port that cannot be opened is reported with its remedy."""
    runtime.fault = setup_error("[Errno]", OSError(number, os.strerror(number)))
    ran = confrere("up", *options)
    assert ran.code == 2
    assert words in ran.err
    assert ran.err.count("\n") == 1


def test_a_server_that_cannot_start_for_another_reason(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Another error at the start is printed as the composition root raises it."""
    runtime.fault = setup_error("The database has pending migrations (0002): run `confrere migrate`, then start")
    ran = confrere("serve", "--json")
    assert ran.code == 2
    assert "confrere migrate" in ran.json["error"]


def test_the_worker_works(runtime: FakeRuntime, confrere: Confrere) -> None:
    """`worker` runs until it is stopped."""
    assert confrere("worker", "--json").json == {"status": "working"}
    assert runtime.worked


def test_the_sandbox_is_handed_its_arguments(confrere: Confrere, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sandbox` becomes the sandbox's process with all arguments, --help and --json included."""
    called: list[tuple[str, list[str]]] = []
    environments: list[dict[str, str]] = []

    def execve(program: str, arguments: list[str], environment: dict[str, str]) -> None:
        called.append((program, arguments))
        environments.append(environment)

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setenv("CONFRERE_SECRET_KEYS", "secret")
    confrere("sandbox", "--help", "--json", "--port", "0", "x")
    assert called == [
        (sys.executable, [sys.executable, "-m", "confrere.sandbox", "--help", "--json", "--port", "0", "x"])
    ]
    assert not any(name.startswith("CONFRERE_") for name in environments[0])


@pytest.mark.parametrize("scopes", [(), ("read",), ("send",), ("inbox",), ("send", "inbox")])
def test_an_agent_may_only_read_by_default(runtime: FakeRuntime, confrere: Confrere, scopes: Sequence[str]) -> None:
    """`mcp` passes the scopes on, `read` always among them, and prints nothing of its own."""
    ran = confrere("mcp", *(f"--scope={scope}" for scope in scopes))
    assert (ran.code, ran.out, runtime.agent_scopes) == (0, "", {"read", *scopes})


def test_an_agent_never_becomes_an_administrator(runtime: FakeRuntime, confrere: Confrere) -> None:
    """`mcp` rejects the scope `admin`: an agent that starts it itself never starts a campaign."""
    assert confrere("mcp", "--scope", "admin").code == 2
    assert runtime.agent_scopes is None
