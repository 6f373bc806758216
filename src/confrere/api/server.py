"""The HTTP server: uvicorn, with bounded connections and a stop that lets every send settle."""

import asyncio
import socket
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import cast

import structlog
import uvicorn
from starlette.types import ASGIApp

from confrere.api.connections import Connections, limits_for_descriptors
from confrere.api.protocol import BoundedProtocol
from confrere.services import Services

log = structlog.get_logger()

DRAIN_ANSWER_SECONDS = 0.2
"""How long answers have to leave, and newcomers to be told 503, after the last send has settled."""


class Server(uvicorn.Server):
    """Stops in two steps: first nothing new is sent and what is in flight settles, then connections close."""

    def __init__(self, config: uvicorn.Config, services: Services, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._services = services
        self._on_ready = on_ready
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A first signal drains; a second one does not wait."""
        if self._draining is not None:
            super().handle_exit(sig, frame)
            self._captured_signals.clear()
            return
        self._draining = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        log.info("stopping", reason="in-flight sends settle, new ones are answered 503")
        await self._services.sender.drain()
        await asyncio.sleep(DRAIN_ANSWER_SECONDS)
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


async def serve(app: ASGIApp, services: Services, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Answer on `listener` until told to stop (SIGTERM, SIGINT)."""
    limits = limits_for_descriptors()
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, connections=Connections(limits))),
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
        await Server(config, services, on_ready).serve([listener])
