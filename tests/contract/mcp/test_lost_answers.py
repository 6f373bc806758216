"""An answer that does not reach the agent, and the same call once more: the recipient sees one message."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from tests.contract.mcp.agents import MODERN, calling, starting, told
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

SLOW = [{"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 0.6, "times": 1}]
PATIENCE_SECONDS = 0.3


def a_send(sandbox: SandboxProcess, text: str, **more: str) -> dict[str, Any]:
    """The arguments of a send to the sandbox's recipient."""
    return {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": text, **more}


def wait_until(done: Callable[[], bool]) -> None:
    """Or fail after some seconds."""
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.parametrize("key", [{}, {"idempotencyKey": "lost-1"}], ids=["without a key", "with a key"])
async def test_an_agent_that_gives_up(server: ServerProcess, site: Site, sandbox: SandboxProcess, key: Any) -> None:
    """It closes the connection while LinkedIn is still being asked; its next call is told what became of the first."""
    wanted = a_send(sandbox, f"given up {key}", **key)
    sandbox.faults(SLOW)
    async with calling(server.url, site.key, mode=MODERN) as agent:
        with pytest.raises(MCPError):
            await agent.call_tool("send-group-message", wanted, read_timeout_seconds=PATIENCE_SECONDS)
        answer = told(await agent.call_tool("send-group-message", wanted))
        while answer["outcome"] == "in_flight":  # as nextStep says
            await asyncio.sleep(0.1)
            answer = told(await agent.call_tool("send-group-message", wanted))
    assert (answer["outcome"], answer["replayed"]) == ("accepted", bool(key))
    assert sandbox.count_messages() == 1


async def test_an_answered_message_may_be_sent_once_more(
    server: ServerProcess, site: Site, sandbox: SandboxProcess
) -> None:
    """An answer that was delivered is noted as such: the very same message, without a key, is then a new one."""
    async with calling(server.url, site.key) as agent:
        first, second = [
            told(await agent.call_tool("send-group-message", a_send(sandbox, "twice on purpose"))) for _ in range(2)
        ]
    assert first["sendId"] != second["sendId"]
    assert sandbox.count_messages() == 2


async def test_an_answer_of_linkedin_that_is_lost(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """The agent is told to treat it as sent; the same call with its key finds it, and sends nothing."""
    wanted = a_send(sandbox, "reset", idempotencyKey="reset-1")
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "reset_after_accept"}])
    async with calling(server.url, site.key) as agent:
        first = told(await agent.call_tool("send-group-message", wanted))
        assert (first["outcome"], first["sent"]) == ("unknown", None)
        second = told(await agent.call_tool("send-group-message", wanted))
    assert (second["outcome"], second["sendId"]) == ("accepted", first["sendId"])
    assert sandbox.count_messages() == 1


class StdioHost:
    """A host that starts `confrere mcp` and writes its lines by hand, so that it can leave at any moment."""

    def __init__(self, site: Site, log: Path) -> None:
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "confrere", "mcp", "--scope", "send"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **site.environment},
            )
        self.write("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": CLIENT})
        self.read()

    def write(self, method: str, params: object) -> None:
        """Call, without waiting for the answer."""
        assert self.process.stdin is not None
        line = json.dumps({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self) -> Any:
        """The next line of the server."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def __enter__(self) -> "StdioHost":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                stream.close()


CLIENT = {"name": "test", "version": "1"}


@pytest.mark.parametrize("leave", ["closes its end", "terminates", "kills"])
async def test_a_host_that_leaves(
    server: ServerProcess, site: Site, sandbox: SandboxProcess, log: Path, leave: str
) -> None:
    """What a process had begun for it is not sent twice when the same call comes again, by whatever door."""
    wanted = a_send(sandbox, f"left: {leave}")
    sandbox.faults(SLOW)
    with StdioHost(site, log) as host:
        host.write("tools/call", {"name": "send-group-message", "arguments": wanted})
        wait_until(lambda: not sandbox.waiting_faults())  # LinkedIn is being asked
        if leave == "kills":
            host.process.kill()
        elif leave == "terminates":
            host.process.send_signal(signal.SIGTERM)
        else:
            assert host.process.stdin is not None
            host.process.stdin.close()
        assert host.process.wait(30) == (-signal.SIGKILL if leave == "kills" else 0)
        await asyncio.sleep(0.7 if leave == "kills" else 0)
    async with calling(server.url, site.key) as agent:
        answer = told(await agent.call_tool("send-group-message", wanted))
    assert answer["outcome"] == "accepted"
    assert sandbox.count_messages() == 1


async def test_an_answer_over_stdio_is_noted(
    server: ServerProcess, site: Site, sandbox: SandboxProcess, log: Path
) -> None:
    """The same message, answered before, is a new one."""
    wanted = a_send(sandbox, "stdio twice")
    async with starting(site.environment, log, "--scope", "send") as agent:
        assert told(await agent.call_tool("send-group-message", wanted))["outcome"] == "accepted"
    async with calling(server.url, site.key) as agent:
        assert told(await agent.call_tool("send-group-message", wanted))["outcome"] == "accepted"
    assert sandbox.count_messages() == 2
