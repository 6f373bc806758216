"""A receiver of webhooks on a loopback port, whose answers a test scripts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """answer: makes the raw answer to a request; None resets the connection; a pause is awaited before it."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], bytes | None] = lambda _: OK
    pause_seconds: float = 0.0
    under_way: int = 0
    most_under_way: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Received(head[0].split(" ")[1], headers, body)
            self.received.append(request)
            if self.pause_seconds:
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(), self.pause_seconds)
                    return  # the client has gone
            raw = self.answer(request)
            if raw is None:
                writer.transport.abort()
                return
            writer.write(raw)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.under_way -= 1
            writer.close()


@asynccontextmanager
async def receiving(**changes: object) -> AsyncIterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()
    for name, value in changes.items():
        setattr(receiver, name, value)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, backlog=1000)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()


def status(code: int, extra: bytes = b"", body: bytes = b"") -> Callable[[Received], bytes]:
    """Answer always with this status."""
    raw = b"HTTP/1.1 %d Some\r\n%scontent-length: %d\r\n\r\n%s" % (code, extra, len(body), body)
    return lambda _: raw
