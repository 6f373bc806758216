import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.mcp.agents import MODERN, starting, structured, text_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import Site


@pytest.mark.parametrize("mode", [MODERN, "legacy"])
async def test_an_agent_starts_it(site: Site, sandbox: SandboxProcess, log: Path, mode: str) -> None:
    """`confrere mcp` works on the store without a key and a server, and can only read by default."""
    async with starting(site.environment, log, mode=mode) as agent:
        assert len((await agent.list_tools()).tools) == 13
        (account,) = structured(await agent.call_tool("list-linkedin-accounts", {}))["accounts"]
        assert account["accountId"] == site.account_ids[0]
        result = await agent.session.call_tool("send-group-message", {})
        assert text_of(result) == (
            "This server was started without the scope 'send': `confrere mcp --scope send` has it. Ask the human; do "
            "not look for another way."
        )
    assert "Traceback" not in log.read_text()


async def test_an_agent_that_may_send(site: Site, sandbox: SandboxProcess, log: Path) -> None:
    """With `--scope send` it sends but starts no campaign, and the log on standard error has no message's text."""
    arguments = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": "by-hand-secret"}
    async with starting(site.environment, log, "--scope", "send") as agent:
        assert structured(await agent.call_tool("send-group-message", arguments))["outcome"] == "accepted"
        result = await agent.session.call_tool("start-campaign", {})
        assert "cannot have the scope 'admin': a person has to do this." in text_of(result)
    (seen,) = sandbox.messages()
    assert seen["text"] == "by-hand-secret"
    assert '"event":"agent_call"' in log.read_text()
    assert "by-hand-secret" not in log.read_text()


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    """If the store cannot be opened, the reason is on standard error, and standard output stays empty."""
    (tmp_path / "file").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "confrere", "mcp"],
        input="",
        capture_output=True,
        text=True,
        env={"CONFRERE_DATABASE_URL": f"sqlite://{tmp_path}/file/all.db", "CONFRERE_DATA_DIR": str(tmp_path)},
        check=False,
    )
    assert ran.returncode in {2, 5}
    assert ran.stdout == ""
    assert ran.stderr.startswith("Error: ")


def test_lines_that_are_no_calls(site: Site) -> None:
    """Malformed lines get errors that do not quote them, and only the end of the input ends the process."""
    ran = subprocess.run(
        [sys.executable, "-m", "confrere", "mcp"],
        input=b'hello\n\xff\xfe\n\n[{"jsonrpc":"2.0","id":1,"method":"ping"}]\n"hello"\n',
        capture_output=True,
        env=site.environment,
        timeout=20,
        check=False,
    )
    assert ran.returncode == 0
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [(answer["id"], answer["error"]["code"]) for answer in answers] == [
        (None, code) for code in (-32700, -32700, -32600, -32600)
    ]
    assert b"hello" not in ran.stdout + ran.stderr
    assert b"Traceback" not in ran.stderr
