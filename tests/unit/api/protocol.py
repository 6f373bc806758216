"""The server's protocol on a transport that keeps what is written, and on a clock by hand."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from confrere.api.server import KEEP_ALIVE_SECONDS, BoundedProtocol


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written.append(data)

    def close(self) -> None:
        """Note it."""
        self.closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closed

    def get_extra_info(self, _name: str) -> None:
        """It has no socket."""

    def pause_reading(self) -> None:
        """Nothing is read here."""

    def resume_reading(self) -> None:
        """Nothing is read here."""


class Timer:
    """One call that is due."""

    def __init__(self, due_at: float, call: Callable[[], object]) -> None:
        self.due_at = due_at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """It is not called."""
        self.cancelled = True


class Loop:
    """The running event loop, but for its time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []
        self.create_task = asyncio.get_running_loop().create_task

    def time(self) -> float:
        """By hand."""
        return self.now

    def call_at(self, due_at: float, call: Callable[[], object]) -> Timer:
        """As time goes on."""
        self.timers.append(Timer(due_at, call))
        return self.timers[-1]

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """As time goes on."""
        return self.call_at(self.now + seconds, call)

    def waiting(self) -> list[Timer]:
        """The timers that are set, by when they are due."""
        return sorted((timer for timer in self.timers if not timer.cancelled), key=lambda timer: timer.due_at)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and make the calls that become due, each at its time."""
        end = self.now + seconds
        while (waiting := self.waiting()) and waiting[0].due_at <= end:
            timer = waiting[0]
            self.timers.remove(timer)
            self.now = timer.due_at
            timer.call()
        self.now = end


class Line:
    """One connection to a server of `app`."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            cast("Any", app), lifespan="off", interface="asgi3", log_config=None, timeout_keep_alive=KEEP_ALIVE_SECONDS
        )
        config.load()
        self.transport = Transport()
        self.loop = Loop()
        self.protocol = BoundedProtocol(
            config=config, server_state=ServerState(), app_state={}, _loop=cast("asyncio.AbstractEventLoop", self.loop)
        )
        self.protocol.connection_made(cast("asyncio.Transport", self.transport))

    async def ask(self, head: str, body: bytes = b"") -> list[bytes]:
        """What is written when this has arrived and been answered."""
        before = len(self.transport.written)
        self.protocol.data_received(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        await self.settle()
        return self.transport.written[before:]

    async def settle(self) -> None:
        """Let the requests that have arrived go on as far as they can."""
        for _ in range(5):
            await asyncio.sleep(0)
