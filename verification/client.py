"""An HTTP/1.1 client on a bare socket: it may disconnect, and knows for certain which response had arrived by then."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 40.0
"""Longer than any answer may take: a server that takes longer hangs."""


@dataclass(frozen=True)
class Response:
    """A complete response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The decoded JSON."""
        return json.loads(self.content)

    @property
    def outcome(self) -> str | None:
        """The `outcome` of a failed send; None too where the body is not JSON."""
        try:
            body = self.body
        except ValueError:
            return None
        return body.get("outcome") if isinstance(body, dict) else None

    def __str__(self) -> str:
        return f"{self.status} {self.content.decode()[:160]}"


@dataclass(frozen=True)
class NoResponse:
    """No complete response came. reached: whether the server may have read the request."""

    reached: bool
    disconnected: bool = False

    def __str__(self) -> str:
        return "disconnected" if self.disconnected else "no answer" if self.reached else "no connection"


Answer = Response | NoResponse


async def ask(
    url: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    disconnect_after: float | None = None,
) -> Answer:
    """Make one request on a connection of its own.

    disconnect_after:  seconds after which the client closes its side. What the server had written by then still
                       arrives and is returned: so it is certain whether the response came before the disconnect.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return NoResponse(reached=False)
    try:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        reading = asyncio.create_task(_read(reader))
        if disconnect_after is not None:
            done, _ = await asyncio.wait([reading], timeout=disconnect_after)
            if not done and writer.can_write_eof():
                with suppress(OSError):
                    writer.write_eof()
        response = await reading
        return response or NoResponse(reached=True, disconnected=disconnect_after is not None)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def send_raw(url: str, request: bytes, *, seconds: float, cut: int | None = None) -> Response | None:
    """Send these bytes, in two parts where `cut`. Returns None where no complete response came in time."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request[:cut])
        if cut is not None:
            await writer.drain()
            await asyncio.sleep(0.005)
            writer.write(request[cut:])
        async with asyncio.timeout(seconds):
            return await _read(reader)
    except TimeoutError:
        return None
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Response | None:
    """Read a complete response; None where the connection ended before that."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            status, headers = _read_head(head)
            content = await reader.readexactly(int(headers.get("content-length", "0")))
            return Response(status, headers, content)
    except (asyncio.IncompleteReadError, OSError):
        return None


def parse_response(answer: bytes) -> Response | None:
    """Return the first response in these bytes; None where it is incomplete."""
    head, _, content = answer.partition(b"\r\n\r\n")
    status, headers = _read_head(head)
    length = int(headers.get("content-length", "0"))
    return Response(status, headers, content[:length]) if len(content) >= length else None


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ")[1]), headers
