"""A TCP proxy before PostgreSQL that can cut a connection between a statement and its answer, or hold the answer."""

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

What = Literal["cut before", "cut after", "hold"]
"""What happens to a statement: the server never gets it; gets it, but its answer is lost; its answer is late."""


@dataclass
class PlannedFault:
    """A fault for the next statements whose text contains `word`."""

    word: bytes
    what: What
    times: int
    seconds: float = 0.0


@dataclass
class Proxy:
    """Listens on a loopback port, and applies planned faults to the statements that pass."""

    socket: Path
    port: int = 0
    planned: list[PlannedFault] = field(default_factory=list)
    applied: int = 0
    stop: Callable[[], object] = lambda: None

    def plan(self, word: str, what: What, *, times: int, seconds: float = 0.0) -> None:
        """Plan a fault for the next `times` statements that contain `word`."""
        self.planned.append(PlannedFault(word.encode(), what, times, seconds))

    async def serve(self, ready: threading.Event) -> None:
        """Serve until `stop` is called."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, _context: None)  # cut connections are what this is for
        over = asyncio.Event()
        self.stop = lambda: loop.call_soon_threadsafe(over.set)
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await over.wait()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(str(self.socket))
        except OSError:
            writer.close()
            return
        line = _Line(self, writer, server_writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await asyncio.gather(line.up(reader), line.down(server_reader))
        finally:  # cancelled at the end, too: the loop is closed when the collector comes to a writer
            for end in (writer, server_writer):
                end.close()

    def take_fault(self, statement: bytes) -> PlannedFault | None:
        """Take the fault that is planned for this statement."""
        for fault in self.planned:
            if fault.times > 0 and fault.word in statement:
                fault.times -= 1
                self.applied += 1
                return fault
        return None


class _Line:
    """One client's connection: knows statements by the names under which they were prepared."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._texts: dict[bytes, bytes] = {}
        self._lose_answer = False
        self._hold_seconds = 0.0

    async def up(self, reader: asyncio.StreamReader) -> None:
        (length,) = struct.unpack("!I", first := await reader.readexactly(4))
        self._server.write(first + await reader.readexactly(length - 4))  # the startup message has no type
        while True:
            head = await reader.readexactly(5)
            kind, (length,) = head[:1], struct.unpack("!I", head[1:])
            body = await reader.readexactly(length - 4)
            if kind == b"P":
                name, text = body.split(b"\0")[:2]
                self._texts[name] = text
            fault = self._proxy.take_fault(self._text_of(kind, body)) if kind in b"BQ" else None
            if fault is not None and fault.what == "cut before":
                self._cut()
                return
            self._lose_answer = self._lose_answer or (fault is not None and fault.what == "cut after")
            self._hold_seconds = fault.seconds if fault is not None and fault.what == "hold" else self._hold_seconds
            self._server.write(head + body)

    async def down(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65_536):
            if self._lose_answer:
                self._cut()
                return
            if self._hold_seconds:
                await asyncio.sleep(self._hold_seconds)
                self._hold_seconds = 0.0
            self._client.write(data)
        self._client.close()

    def _text_of(self, kind: bytes, body: bytes) -> bytes:
        return self._texts.get(body.split(b"\0")[1], b"") if kind == b"B" else body

    def _cut(self) -> None:
        """Close both sides; what the server has received, it keeps."""
        self._client.transport.abort()
        self._server.close()


@contextmanager
def running_proxy(socket: Path) -> Iterator[Proxy]:
    """Yield a proxy that runs on a thread of its own."""
    proxy, ready = Proxy(socket), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(proxy.serve(ready)), daemon=True)
    thread.start()
    if not ready.wait(10):
        raise RuntimeError("the proxy did not start")
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(10)
