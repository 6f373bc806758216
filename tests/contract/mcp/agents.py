"""Agents through the SDK's own client: over HTTP, over standard input and output, and inside this process."""

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent

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
