import asyncio
import json
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from subprocess import run
from typing import Any

import pytest

from confrere.domain.keys import Scope
from tests.contract.mcp.agents import JSON_HEADERS, MODERN, calling, structured, text_of
from tests.sandbox_process import SandboxProcess
from tests.server_process import Reply, ServerProcess, Site, running_server

LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
BOTH_FORMS = {**LIST_TOOLS, "params": {"_meta": META}}
"""A request that both forms of the protocol accept."""


def ask(server: ServerProcess, *, method: str = "POST", body: object = LIST_TOOLS, **headers: str) -> Reply:
    """Make one request of a host; underscores in header names become dashes."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.call(method, "/mcp", body, headers={**JSON_HEADERS, **given})


def post(server: ServerProcess, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None, bytes]:
    """Post bytes with exactly these headers; return status, content type and content."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=20)
    try:
        connection.request("POST", "/mcp", body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type"), answer.read()
    finally:
        connection.close()


def test_a_server_starts_without_the_sdk() -> None:
    """`confrere serve` starts without importing the protocol's SDK or its dependencies."""
    program = (
        "import sys, confrere.wiring.runtime, confrere.api, confrere.mcp\n"
        "print([name for name in ('mcp', 'mcp_types', 'pydantic', 'httpx2') if name in sys.modules])"
    )
    assert run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize("mode", [MODERN, "legacy"])
async def test_both_forms_of_the_protocol(server: ServerProcess, site: Site, mode: str) -> None:
    """A host may use the protocol with its handshake or without."""
    async with calling(server.url, site.key, mode=mode) as agent:
        assert "send-group-message" in {tool.name for tool in (await agent.list_tools()).tools}
        assert structured(await agent.call_tool("list-linkedin-accounts", {}))["accounts"][0]["hasSession"]
        if mode == "legacy":
            assert agent.server_info is not None
            assert agent.server_info.name == "confrere"
            assert "never an instruction" in (agent.instructions or "")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer confrere_x"])
def test_every_request_needs_a_key(server: ServerProcess, authorization: str) -> None:
    """A request without a valid key gets a 401, whose challenge names a mistake in the key's form."""
    reply = ask(server, Authorization=authorization)
    assert reply.status == 401
    challenge = reply.headers["www-authenticate"]
    assert challenge == "Bearer" or challenge.startswith('Bearer error="invalid_request", error_description="')
    assert (challenge == "Bearer") == (authorization == "Bearer wrong")
    assert reply.content == b'{"error":"Unauthorized - Invalid credentials"}'


async def test_a_key_can_be_revoked_while_an_agent_is_connected(server: ServerProcess, site: Site) -> None:
    """A key is checked at every request, so that a call after its revocation fails."""
    async with site.services() as services:
        kept, key = await services.keys.create("default", name="agent", scopes=[Scope.READ])
        assert ask(server, Authorization=f"Bearer {key}").status == 200
        assert ask(server, Authorization="", X_API_Key=key).status == 401
        await services.keys.revoke("default", kept.id)
    assert ask(server, Authorization=f"Bearer {key}").status == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://attacker.example", 403),
        ("http://127.0.0.1.attacker.example", 403),
        ("null", 403),
        ("http://[", 403),
        ("http://localhost:6274", 200),
        ("http://127.0.0.1:9000", 200),
    ],
)
def test_pages_of_other_origins_may_not_call(server: ServerProcess, origin: str, status: int) -> None:
    """A page of another origin is rejected even with a key, which prevents DNS rebinding."""
    assert ask(server, Origin=origin).status == status


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_are_no_sessions(server: ServerProcess, method: str) -> None:
    """There are no streams and no sessions, so only POST is allowed."""
    reply = ask(server, method=method, body=None)
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert "mcp-session-id" not in ask(server).headers


def test_bounds(server: ServerProcess) -> None:
    """A body over 128 KiB, or a compressed one, is rejected, and the server goes on."""
    assert ask(server, body={**LIST_TOOLS, "params": {"x": "x" * 131_072}}).status == 413
    reply = ask(server, Content_Encoding="gzip")
    assert (reply.status, reply.body) == (
        415,
        {"error": "The body must not be compressed; send it without Content-Encoding"},
    )
    assert ask(server).status == 200


@pytest.mark.parametrize("accept", [None, "", "*/*", "text/event-stream", "application/json", "text/html"])
@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "application/json;charset=utf-8"])
@pytest.mark.parametrize("version", ["2025-06-18", MODERN])
def test_hosts_are_served_whatever_types_they_name(
    server: ServerProcess, site: Site, accept: str | None, content_type: str | None, version: str
) -> None:
    """The answer is one JSON object, whatever types the host accepts."""
    headers = {"Mcp-Protocol-Version": version, "Mcp-Method": "tools/list", "Authorization": f"Bearer {site.key}"}
    headers |= {"Accept": accept} if accept is not None else {}
    headers |= {"Content-Type": content_type} if content_type is not None else {}
    status, kind, content = post(server, json.dumps(BOTH_FORMS).encode(), headers)
    assert (status, kind) == (200, "application/json"), content
    assert len(json.loads(content)["result"]["tools"]) == 16


SECRET = "zq-a-text-zq"
NOT_JSON = "The message is not JSON in UTF-8; send one JSON-RPC request"


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (b" ", -32700, "The message is empty; send one JSON-RPC request"),
        (
            b"hello " + SECRET.encode(),
            -32700,
            NOT_JSON,
        ),
        (b'{"jsonrpc":"2.0","id":1,"method":"' + SECRET.encode() + b"\n", -32700, NOT_JSON),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":NaN}}', -32700, NOT_JSON),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\\ud800"}}', -32700, NOT_JSON),
        (b"\xff\xfe{\x00", -32700, NOT_JSON),
        (b"[" * 100_000, -32700, NOT_JSON),
        (json.dumps([LIST_TOOLS]).encode(), -32600, "Batches are not served; send one JSON-RPC request at a time"),
        (
            json.dumps(json.dumps({**LIST_TOOLS, "x": SECRET})).encode(),
            -32600,
            "The message is JSON in a JSON string; send the request itself, not quoted",
        ),
        (b"7", -32600, "The message must be one JSON-RPC request, a JSON object"),
        (b'{"id":1,"method":"' + SECRET.encode() + b'"}', -32600, 'jsonrpc must be "2.0"'),
        (b'{"jsonrpc":"2.0","id":[],"method":"ping"}', -32600, "id must be a string or a whole number"),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, "id must be a string or a whole number"),
    ],
)
@pytest.mark.parametrize("version", ["2025-06-18", MODERN])
def test_a_body_that_is_no_message_is_rejected_in_one_sentence(
    server: ServerProcess, site: Site, body: bytes, code: int, sentence: str, version: str
) -> None:
    """A malformed message gets a JSON-RPC error of one sentence that quotes nothing, in both forms of the protocol."""
    status, kind, content = post(
        server, body, {"Authorization": f"Bearer {site.key}", "Mcp-Protocol-Version": version, **JSON_HEADERS}
    )
    assert (status, kind) == (400, "application/json")
    assert json.loads(content) == {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": sentence}}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"method": 7}, "method must be a string"),
        ({"method": "ping", "params": [SECRET]}, "params must be an object"),
        ({"method": "tools/call", "params": {}}, "params.name must be the name of a tool"),
        (
            {"method": "tools/call", "params": {"name": "list-sends", "arguments": json.dumps({"message": SECRET})}},
            "params.arguments must be an object, not JSON in a string",
        ),
    ],
)
def test_the_error_of_a_request_has_its_id(server: ServerProcess, call: dict[str, Any], sentence: str) -> None:
    """An error answer carries the id of its request, so that the host can match it."""
    reply = ask(server, body={"jsonrpc": "2.0", "id": "call-7", **call})
    assert reply.status == 400
    assert (reply.body["id"], reply.body["error"]["message"]) == ("call-7", sentence)


def test_a_byte_order_mark_is_skipped(server: ServerProcess, site: Site) -> None:
    """A byte order mark before the JSON is skipped."""
    body = b"\xef\xbb\xbf" + json.dumps(LIST_TOOLS).encode()
    assert post(server, body, {"Authorization": f"Bearer {site.key}", **JSON_HEADERS})[0] == 200


def test_a_tool_that_is_almost_named_is_suggested(server: ServerProcess) -> None:
    """A misspelt tool name is answered with the right one."""
    call = {**LIST_TOOLS, "method": "tools/call", "params": {"name": "send_group_message"}}
    assert ask(server, body=call).body["error"] == {
        "code": -32602,
        "message": "There is no tool of this name; did you mean send-group-message?",
    }


def test_the_request_id_reaches_the_ledger(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """A host's X-Request-Id is recorded with the send, as over the API."""
    arguments = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id, "message": "named"}
    call = {**LIST_TOOLS, "method": "tools/call", "params": {"name": "send-group-message", "arguments": arguments}}
    assert ask(server, body=call, X_Request_Id="agent-7").status == 200
    assert site.sends()[-1].request_id == "agent-7"


async def test_only_a_key_that_may_send_sees_how(server: ServerProcess, site: Site) -> None:
    """A key with the scope `read` sees no tool that sends, and cannot call one by name."""
    async with site.services() as services:
        _, key = await services.keys.create("default", name="reader", scopes=[Scope.READ])
    async with calling(server.url, key) as agent:
        offered = (await agent.list_tools()).tools
        assert [tool.name for tool in offered if not (tool.annotations and tool.annotations.read_only_hint)] == []
        assert len(offered) == 13
        result = await agent.session.call_tool("send-group-message", {})
        assert result.is_error
        assert "lacks the scope 'send'" in text_of(result)


def test_a_page_may_be_allowed(site: Site, sandbox: SandboxProcess) -> None:
    """Origins from CONFRERE_CORS_ORIGINS may call, preflight included."""
    with running_server(site, environment={"CONFRERE_CORS_ORIGINS": "https://agents.example"}) as server:
        assert ask(server, Origin="https://agents.example").status == 200
        reply = server.call(
            "OPTIONS",
            "/mcp",
            headers={
                "Origin": "https://agents.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version,mcp-method,mcp-name",
            },
        )
        assert reply.status == 200, reply.content


async def test_many_at_once(server: ServerProcess, site: Site, sandbox: SandboxProcess) -> None:
    """Ten agents that send concurrently each get the result of their own message."""

    async def send(number: int) -> str:
        async with calling(server.url, site.key) as agent:
            arguments = {"recipientProfileUrn": sandbox.recipient, "groupId": sandbox.group_id}
            answer = structured(await agent.call_tool("send-group-message", {**arguments, "message": f"many {number}"}))
            assert answer["outcome"] == "accepted", json.dumps(answer)
            return str(answer["sendId"])

    assert len(set(await asyncio.gather(*map(send, range(10))))) == 10
    assert sandbox.count_messages() == 10


def test_calls_of_a_key_are_counted(site: Site, sandbox: SandboxProcess) -> None:
    """An agent's calls count towards the workspace's limit on the calls of a key."""

    async def allow(calls: int | None) -> None:
        async with site.services() as services:
            await services.pacing.replace("default", None, {"callsPerMinute": calls})

    asyncio.run(allow(2))
    try:
        with running_server(site) as server:
            assert [ask(server).status for _ in range(3)] == [200, 200, 429]
            assert 1 <= int(ask(server).headers["retry-after"]) <= 60
    finally:
        asyncio.run(allow(None))
