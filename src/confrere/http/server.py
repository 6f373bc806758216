"""The HTTP server: uvicorn, with bounded connections and a stop that lets every send settle."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Literal, cast

import structlog
import uvicorn
from starlette.types import ASGIApp

from confrere.http.connections import Connections, limits_for_descriptors
from confrere.http.fast import tune_garbage_collector
from confrere.http.protocol import BoundedProtocol
from confrere.http.rejection import AnswerRejection

log = structlog.get_logger()

DRAIN_ANSWER_SECONDS = 0.2
"""How long the last answers have to be written, and new requests are answered 503, after the last send has settled."""


class Server(uvicorn.Server):
    """Stops in two steps: first nothing new is sent and what is in flight settles, then connections close."""

    def __init__(
        self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]], on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._on_ready = on_ready
        self._stopping: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then call `on_ready`."""
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain at the first signal; stop at once at the second."""
        if self._stopping is not None:
            super().handle_exit(sig, frame)
            self._captured_signals.clear()
            return
        self._stopping = asyncio.get_running_loop().create_task(self._stop())

    async def _stop(self) -> None:
        log.info("stopping", reason="in-flight sends settle, new ones are answered 503")
        await self._drain()
        await asyncio.sleep(DRAIN_ANSWER_SECONDS)
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    *,
    drain: Callable[[], Awaitable[None]],
    answer_rejection: AnswerRejection,
    on_ready: Callable[[], None],
    fast: bool = True,
) -> None:
    """Answer on `listener` until SIGTERM or SIGINT.

    drain:             returns when nothing is in flight any more; from its call on nothing new may begin.
    answer_rejection:  words the answers to what is not a request that `app` could read.
    fast:              without it `app` runs on uvicorn's own protocol, with the tuning left out and the limits to
                       connections with it: for tests which show that `app` is an ordinary ASGI application.
    """
    protocol: type[asyncio.Protocol] | Literal["httptools"] = "httptools"
    if fast:
        tune_garbage_collector()
        connections = Connections(limits_for_descriptors())
        bounded = partial(BoundedProtocol, connections=connections, answer_rejection=answer_rejection)
        protocol = cast("type[asyncio.Protocol]", bounded)
    config = uvicorn.Config(
        app,
        http=protocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    with listener:
        await Server(config, drain, on_ready).serve([listener])
