"""The HTTP server: uvicorn, with bounds on a request's head and a stop that lets every send settle."""

import asyncio
import math
import select
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from confrere.api import bodies
from confrere.api.compatible import rate_limit_headers
from confrere.api.whole_answer import WholeAnswer
from confrere.domain.limits import Action, no_account_quota
from confrere.sending import Product
from confrere.sending.hang_ups import EXTENSION, HangUps

log = structlog.get_logger()

MAX_HEAD_BYTES = 64 * 1024
"""How long a request line with its headers may be; past it nothing more is read."""

HEAD_SECONDS = 15
"""How long a connection may take to send a request's head."""

KEEP_ALIVE_SECONDS = 75

LINGER_SECONDS = 1.0
"""How long what a refused client still sends is read and thrown away."""

_ENDED = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
"""What the operating system says of a connection whose other side has ended; the last is Linux's."""

DRAIN_ANSWER_SECONDS = 0.2
"""How long answers have to leave, and newcomers to be told 503, after the last send has settled."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which by itself reads a head of any length for any time.

    One timer a connection watches over it. To set one for each head and one for each pause, and to stop it, takes
    5 µs a request.
    """

    _head_bytes = 0
    _in_head = True
    _refused = False
    _head_until = math.inf
    _idle_until = math.inf
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected: it has so long to say what it wants."""
        self._hang_ups = HangUps(partial(end_if_over, transport))
        super().connection_made(transport)
        self._head_until = self.loop.time() + HEAD_SECONDS
        self._timer = self.loop.call_at(self._head_until, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)
        self._hang_ups.tell()

    def data_received(self, data: bytes) -> None:
        """Count what arrives before the head is whole."""
        if self._refused or self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, f"The request line and headers must be at most {MAX_HEAD_BYTES // 1024} KiB")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._in_head = True
        self._head_bytes = 0
        self._idle_until = math.inf
        if self._head_until == math.inf:
            self._head_until = self.loop.time() + HEAD_SECONDS
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"connection": self._hang_ups}}

    def on_message_complete(self) -> None:
        """The body is whole; whether the client hangs up is only seen while its connection is read."""
        super().on_message_complete()
        self.flow.resume_reading()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._head_until = self._idle_until = math.inf
        super().on_headers_complete()
        self.cycle.__class__ = WholeAnswer  # uvicorn names the class in the midst of its method

    def send_400_response(self, msg: str) -> None:
        """Not HTTP."""
        self._refuse(400, msg)

    def on_response_complete(self) -> None:
        """As uvicorn's, but for a timer of its own."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_until = self.loop.time() + self.timeout_keep_alive

    def _look(self) -> None:
        """At least every HEAD_SECONDS, so that the end of a head that begins meanwhile is not missed."""
        self._timer = None
        if self._refused or self.transport.is_closing():
            return
        now = self.loop.time()
        if now >= self._head_until:
            self._refuse(408, "The request's headers did not arrive in time")
        elif now >= self._idle_until:
            self.transport.close()
        else:
            self._timer = self.loop.call_at(min(self._head_until, self._idle_until, now + HEAD_SECONDS), self._look)

    def _refuse(self, status: int, why: str) -> None:
        """Answer without the application, and hang up."""
        earlier: RequestResponseCycle | None = self.cycle
        if earlier is not None and not earlier.response_complete:
            self.transport.close()  # an earlier request on this connection is still being answered
            return
        body = bodies.encode(bodies.Failure(error=why))
        headers = rate_limit_headers(no_account_quota(Action.MESSAGE, datetime.now(UTC)))
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(),
            *(name + b": " + value for name, value in headers),
            b"content-type: application/json",
            b"content-length: %d" % len(body),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        # Closing while the client still writes would reset the connection, and the answer would be lost with it.
        self._refused = True
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def end_if_over(transport: asyncio.Transport) -> bool:
    """Close the connection where the client has ended its side, which the event loop may not have heard of yet.

    Returns whether it is closing.
    """
    if transport.is_closing():
        return True  # its descriptor may soon be another's
    asked = select.poll()
    asked.register(transport.get_extra_info("socket").fileno(), select.POLLIN | _ENDED)
    is_over = any(said & _ENDED for _, said in asked.poll(0))
    if is_over:
        transport.close()
    return is_over


class Server(uvicorn.Server):
    """Stops in two steps: first nothing new is sent and what is in flight settles, then connections close."""

    def __init__(self, config: uvicorn.Config, product: Product, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._product = product
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
        await self._product.sender.drain()
        await asyncio.sleep(DRAIN_ANSWER_SECONDS)
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


async def serve(app: ASGIApp, product: Product, listener: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Answer on `listener` until told to stop (SIGTERM, SIGINT)."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=5,
    )
    with listener:
        await Server(config, product, on_ready).serve([listener])
