"""A server on a loopback port whose every byte a test decides."""

import asyncio
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Wire:
    """One connection, as the server has it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: list[bytes]) -> None:
        self._reader = reader
        self._writer = writer
        self._requests = requests

    async def read_request(self) -> bytes:
        """Read and keep a whole request; empty at the end of the connection."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            return getattr(error, "partial", b"")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await self._reader.readexactly(int(lengths[0])) if lengths else b""
        self._requests.append(head + body)
        return head + body

    async def write(self, answer: bytes) -> None:
        """Write these bytes and wait until the kernel has them."""
        self._writer.write(answer)
        await self._writer.drain()

    def close(self) -> None:
        """Close in order."""
        self._writer.close()

    def end(self) -> None:
        """Close, and return only when the other side's operating system knows."""
        with socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno())) as same:
            same.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with RST."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def wait_for_end(self) -> bytes:
        """Read until the client closes."""
        try:
            return await self._reader.read(-1)
        except ConnectionError:
            return b""


@dataclass
class RawServer:
    """The server's port, and the whole requests that it has read."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Return the URL for the client."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def raw_server(
    handle: Callable[[Wire], Awaitable[object]], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """Start a server that passes each connection to `handle` and closes it when that returns."""
    reported = RawServer(0)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reported.connections += 1
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await handle(Wire(reader, writer, reported.requests))
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    reported.port = server.sockets[0].getsockname()[1]
    try:
        yield reported
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(status: int, body: bytes = b"", *headers: str, reason: str = "OK") -> bytes:
    """Build a whole HTTP answer."""
    head = [f"HTTP/1.1 {status} {reason}".rstrip(), f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def read_all(wire: Wire, answers: Callable[[bytes], bytes]) -> None:
    """Answer every request of a connection."""
    while request := await wire.read_request():
        await wire.write(answers(request))
