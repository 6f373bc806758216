"""The server on this process's standard input and output, one JSON object a line.

The SDK's own transport cannot tell when an answer has left, and waits for a line of input before it ends; so the lines
are read and written here, and only their meaning is the SDK's.
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
    """As much of a written line as says whether it is an answer, and to which call."""

    id: int | str | None = None


class Wire:
    """Lines in and out, in the form in which the SDK's transport takes its streams.

    agent:  is told of each answer when the operating system has it, and when the agent has closed its end.
    """

    def __init__(self, incoming: int, outgoing: int, agent: AgentSession) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._visit = agent
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._writing = asyncio.Lock()
        # A thread that the process does not wait for when it ends: nothing interrupts a read.
        threading.Thread(target=self._read, daemon=True, name="stdin").start()

    def __aiter__(self) -> "Wire":
        return self

    async def __anext__(self) -> str:
        """The next line that is a message; the others are answered here."""
        while (line := await self._lines.get()) is not None:
            if not line.strip():
                continue
            try:
                return check_message(line).decode()
            except MalformedMessage as fault:
                await self._write_line(fault.to_json() + b"\n")
        self._visit.leave()
        raise StopAsyncIteration

    async def write(self, line: str) -> None:
        """Write a line. When nobody reads any more, it is as if the agent had closed its end."""
        if not await self._write_line(line.encode()):
            return
        answered = msgspec.json.decode(line, type=_Written).id
        if answered is not None:
            self._visit.answered(answered)

    async def _write_line(self, line: bytes) -> bool:
        """Return whether the operating system has it."""
        try:
            async with self._writing:
                await asyncio.to_thread(self._write, line)
        except OSError:
            self._lines.put_nowait(None)
            return False
        return True

    async def flush(self) -> None:
        """Every line is written at once."""

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
    """Answer until the agent closes its end or a signal comes. Sends that have begun go on after it."""
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
    """Standard input and output for the protocol alone: what else is printed meanwhile goes to standard error."""
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
