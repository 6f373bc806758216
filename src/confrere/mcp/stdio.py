"""The server on standard input and output, one JSON object a line.

The SDK's own transport does not report when an answer was written, and waits for a line of input before it ends. So
lines are read and written here, and the SDK only interprets them.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import anyio
import msgspec
from mcp.server.stdio import stdio_server

from confrere.mcp.jsonrpc import MalformedMessage, check_message
from confrere.mcp.server import build_server
from confrere.mcp.session import AgentSession

_READ_BYTES = 65_536


class _Written(msgspec.Struct):
    """The part of a written line that identifies an answer and its call."""

    id: int | str | None = None


class Wire:
    """Lines in and out, with the interface of the streams that the SDK's transport takes.

    agent:  the session that records each answer once it is written, and the end of the input.
    """

    def __init__(self, incoming: int, outgoing: int, agent: AgentSession) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._agent = agent
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writing = asyncio.Lock()
        # A daemon thread, because nothing interrupts a read when the process ends.
        threading.Thread(target=self._read, daemon=True, name="stdin").start()

    def __aiter__(self) -> "Wire":
        return self

    async def __anext__(self) -> str:
        """Return the next valid message; answer invalid ones with an error here."""
        while (line := await self._lines.get()) is not None:
            if not line.strip():
                continue
            try:
                return check_message(line).decode()
            except MalformedMessage as fault:
                await self._write_line(fault.to_json() + b"\n")
        self._agent.leave()
        raise StopAsyncIteration

    async def write(self, line: str) -> None:
        """Write a line. A failure to write counts as the agent's disconnect."""
        if not await self._write_line(line.encode()):
            return
        answered = msgspec.json.decode(line, type=_Written).id
        if answered is not None:
            self._agent.mark_answered(answered)

    async def _write_line(self, line: bytes) -> bool:
        """Write a line; return whether the operating system accepted it."""
        try:
            async with self._writing:
                await asyncio.to_thread(self._write, line)
        except OSError:
            self._lines.put_nowait(None)
            return False
        return True

    async def flush(self) -> None:
        """Do nothing: `write` does not buffer. The interface requires it."""

    def _read(self) -> None:
        rest = b""
        with suppress(OSError, RuntimeError):  # RuntimeError: the loop is closed
            while part := os.read(self._incoming, _READ_BYTES):
                *lines, rest = (rest + part).split(b"\n")
                for line in lines:
                    self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _write(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._outgoing, line) :]


async def serve_stdio(agent: AgentSession) -> None:
    """Serve until the agent closes its end or a signal comes. Sends in flight continue after it."""
    with _standard_streams() as (incoming, outgoing):
        wire = Wire(incoming, outgoing, agent)
        session = asyncio.create_task(_serve(agent, wire))

        def stop() -> None:
            agent.leave()
            session.cancel()

        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, stop)
        try:
            with suppress(asyncio.CancelledError):
                await session
        finally:
            agent.leave()


async def _serve(agent: AgentSession, wire: Wire) -> None:
    server = build_server(lambda _context: agent)
    stream = cast("anyio.AsyncFile[str]", cast("Any", wire))
    async with stdio_server(stdin=stream, stdout=stream) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


@contextmanager
def _standard_streams() -> Iterator[tuple[int, int]]:
    """Reserve standard input and output for the protocol; anything else that is printed goes to standard error."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    try:
        yield incoming, outgoing
    finally:
        os.dup2(incoming, 0)
        os.dup2(outgoing, 1)
