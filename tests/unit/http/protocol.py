"""The server's protocol on a transport that keeps what is written, and on a manual clock."""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from confrere.api import answer_rejection
from confrere.http.connections import ConnectionLimits, Connections
from confrere.http.protocol import BoundedProtocol


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = self.aborted = self.is_reading_paused = False
        self.unsent_bytes = 0

    def write(self, data: bytes) -> None:
        """Keep the bytes."""
        self.written.append(data)

    def writelines(self, parts: Sequence[bytes]) -> None:
        """Keep them joined."""
        self.write(b"".join(parts))

    def close(self) -> None:
        """Record the close."""
        self.closed = True

    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self.closed

    def get_extra_info(self, _name: str) -> None:
        """Return nothing, since there is no socket."""

    def abort(self) -> None:
        """Close and discard what the client has not read."""
        self.closed = self.aborted = True

    def get_write_buffer_size(self) -> int:
        """Return the bytes that the client has not read."""
        return self.unsent_bytes

    def pause_reading(self) -> None:
        """Stop reading."""
        self.is_reading_paused = True

    def resume_reading(self) -> None:
        """Read again."""
        self.is_reading_paused = False


class Timer:
    """One scheduled call."""

    def __init__(self, due_at: float, call: Callable[[], object]) -> None:
        self.due_at = due_at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """Do not call it."""
        self.cancelled = True


class Loop:
    """The running event loop with a manual clock."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []
        self.create_task = asyncio.get_running_loop().create_task

    def time(self) -> float:
        """Return the manual time."""
        return self.now

    def call_at(self, due_at: float, call: Callable[[], object]) -> Timer:
        """Schedule by the manual clock."""
        self.timers.append(Timer(due_at, call))
        return self.timers[-1]

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Schedule by the manual clock."""
        return self.call_at(self.now + seconds, call)

    def waiting(self) -> list[Timer]:
        """Return the scheduled timers, by their times."""
        return sorted((timer for timer in self.timers if not timer.cancelled), key=lambda timer: timer.due_at)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and run the calls that become due, each at its time."""
        end = self.now + seconds
        while (waiting := self.waiting()) and waiting[0].due_at <= end:
            timer = waiting[0]
            self.timers.remove(timer)
            self.now = timer.due_at
            timer.call()
        self.now = end


class Line:
    """One connection to a server of `app`."""

    def __init__(self, app: ASGIApp, connections: Connections | None = None) -> None:
        config = uvicorn.Config(cast("Any", app), lifespan="off", interface="asgi3", log_config=None)
        config.load()
        self.transport = Transport()
        self.loop = Loop()
        self.protocol = BoundedProtocol(
            config=config,
            server_state=ServerState(),
            app_state={},
            _loop=cast("asyncio.AbstractEventLoop", self.loop),
            connections=connections or Connections(ConnectionLimits()),
            answer_rejection=answer_rejection,
        )
        self.protocol.connection_made(cast("asyncio.Transport", self.transport))

    async def ask(self, head: str, body: bytes = b"") -> list[bytes]:
        """Return what is written after these bytes have arrived and been answered."""
        before = len(self.transport.written)
        self.protocol.data_received(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await self.settle()
        return self.transport.written[before:]

    async def feed(self, *parts: bytes) -> list[bytes]:
        """Return what is written while these bytes arrive in parts, each answered as far as possible."""
        before = len(self.transport.written)
        for part in parts:
            self.protocol.data_received(part)
            await self.settle()
        return self.transport.written[before:]

    async def settle(self) -> None:
        """Let the requests that have arrived proceed as far as they can."""
        for _ in range(5):
            await asyncio.sleep(0)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the application's view of the request."""
    body, more = b"", True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            return
        body += part.get("body", b"")
        more = part.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    content = json.dumps({"path": scope["path"], "headers": headers, "body": body.decode("latin-1")}).encode()
    length = (b"content-length", b"%d" % len(content))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": content})


def echoed(written: bytes) -> Any:
    """Return what `echo` received."""
    head, _, content = written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    return json.loads(content)


def assert_refused(written: bytes, status: int, error: str) -> None:
    """Check the whole answer to a request that the application does not get."""
    head, _, content = written.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ") for line in lines)
    assert first.startswith(f"HTTP/1.1 {status} ")
    assert re.fullmatch(r"[0-9a-f]{32}", headers.pop("x-request-id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", headers.pop("x-ratelimit-reset"))
    assert headers == {
        "x-ratelimit-action": "MESSAGE",
        "x-ratelimit-limit": "0",
        "x-ratelimit-used": "0",
        "x-ratelimit-remaining": "0",
        "content-type": "application/json",
        "content-length": str(len(content)),
        "connection": "close",
    }
    assert content == json.dumps({"success": False, "error": error}, separators=(",", ":")).encode()
