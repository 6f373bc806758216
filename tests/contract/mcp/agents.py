"""Agents through the SDK's own client: over HTTP, over standard input and output, and inside this process."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2
import jsonschema  # type: ignore[import-untyped]
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent, Tool

from confrere.domain.keys import Scope
from tests.server_process import ServerProcess, Site

MODERN = "2026-07-28"
"""The protocol without a handshake; "legacy" is the one with it, which most hosts speak."""

JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def calling(
    url: str, key: str, *, mode: str = MODERN, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Client]:
    """Connect an agent to a server with a key."""
    sent = {"Authorization": f"Bearer {key}", **(headers or {})}
    async with (
        httpx2.AsyncClient(headers=sent, trust_env=False, timeout=40) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def starting(
    environment: Mapping[str, str], log: Path, *options: str, mode: str = "legacy"
) -> AsyncIterator[Client]:
    """Connect an agent that starts `confrere mcp` itself."""
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "confrere", "mcp", *options], env=dict(environment)
    )
    with log.open("a") as errors:
        async with Client(stdio_client(command, errlog=errors), mode=mode) as client:
            yield client


def structured(result: CallToolResult) -> dict[str, Any]:
    """Return the structured content, after checking that the text is the same."""
    text = text_of(result)
    assert json.loads(text) == result.structured_content
    content: dict[str, Any] = result.structured_content
    return content


def text_of(result: CallToolResult) -> str:
    """Return what a host without structured content shows to its model."""
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


@dataclass(frozen=True)
class Agent:
    """An agent with a key, which connects for each call."""

    url: str
    key: str

    @classmethod
    async def create(cls, server: ServerProcess, site: Site, *scopes: Scope) -> Self:
        """Return an agent of the server, with a new key of these scopes."""
        async with site.services() as services:
            _, key = await services.keys.create("default", name="agent", scopes=scopes)
        return cls(server.url, key)

    async def offered(self) -> dict[str, Tool]:
        """Return the tools that it is offered, by name."""
        async with calling(self.url, self.key) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    async def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Return the answer of a tool, after checking it against the tool's schema."""
        async with calling(self.url, self.key) as client:
            result = await client.call_tool(tool, arguments)
        assert not result.is_error, text_of(result)
        jsonschema.validate(structured(result), (await self.offered())[tool].output_schema or {})
        return structured(result)

    async def refusal(self, tool: str, **arguments: object) -> str:
        """Return the sentence with which a call is rejected."""
        async with calling(self.url, self.key) as client:
            result = await client.session.call_tool(tool, arguments)
        assert result.is_error
        return text_of(result)
