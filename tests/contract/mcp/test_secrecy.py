import asyncio
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from tests.contract.mcp.agents import JSON_HEADERS, calling, text_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, prepare_site, running_server

TEXT = "the-secret-text-of-a-message"
FAULTS: list[dict[str, Any]] = [{"effect": "status", "status": 503}, {"effect": "html"}, {"effect": "delete_cookie"}]


def test_secrets_are_nowhere(tmp_path: Path, sandbox: SandboxProcess) -> None:
    """No answer, log or metric holds a key, a cookie or a message text, after successful and failed calls."""
    site = prepare_site(tmp_path, sandbox)
    with running_server(site, environment={"CONFRERE_LOG_LEVEL": "debug"}) as server:
        structured = asyncio.run(call(server, site.key, sandbox))
        refuse(server, site.key)
        metrics = server.call("GET", "/metrics").content.decode()
    account = sandbox.accounts[0]
    cookies = [part.partition("=")[2].strip('"') for part in account.cookie.split("; ")]
    seen = {"the log": site.log.read_text(), "the metrics": metrics, "an answer": "\n".join(structured)}
    assert "agent_call" in seen["the log"]
    assert 'confrere_agent_calls_total{result="failed",tool="send-group-message"}' in metrics
    for where, content in seen.items():
        for secret in (TEXT, site.key, site.key[-20:], account.csrf_token, *cookies):
            assert secret not in content, f"{where} holds a secret"


async def call(server: ServerProcess, key: str, sandbox: SandboxProcess) -> list[str]:
    """Make sends with every outcome and wrong calls; return all texts that the agent gets."""
    person = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
    wrong: list[dict[str, Any]] = [
        {"message": TEXT},
        {**person, "message": [TEXT]},
        {**person, "message": TEXT, "accountId": TEXT},
    ]
    async with calling(server.url, key) as agent:
        structured = [text_of(await agent.call_tool("send-group-message", {**person, "message": TEXT}))]
        for fault in FAULTS:
            sandbox.faults([{"match": {"path": "createMessage"}, **fault}])
            structured.append(text_of(await agent.call_tool("send-group-message", {**person, "message": TEXT})))
        structured += [text_of(await agent.session.call_tool("send-group-message", arguments)) for arguments in wrong]
        with pytest.raises(MCPError) as fault_of_call:
            await agent.session.call_tool(TEXT, {})
        return [*structured, str(fault_of_call.value)]


def refuse(server: ServerProcess, key: str) -> None:
    """Make requests that are rejected before a tool is called."""
    for headers in ({"Authorization": f"Bearer {key}x"}, {"Origin": f"http://{TEXT}"}, {"X-Request-Id": key}):
        reply = server.call("POST", "/mcp", {"jsonrpc": "2.0", TEXT: TEXT}, headers={**JSON_HEADERS, **headers})
        assert reply.status in {400, 401, 403}
