"""uvicorn, extended to cut connections, to answer 999 and to stop at once."""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Callable
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

CONNECTION = "confrere.sandbox.connection"
"""The key of the ASGI scope's `extensions` under which a handler finds the Connection."""

_PARENT_CHECK_SECONDS = 0.25
_KEEP_ALIVE_SECONDS = 120

STATUS_LINE.update({status: b"HTTP/1.1 %d \r\n" % status for status in range(600, 1000)})  # LinkedIn answers 999


class Connection:
    """The TCP connection of a request, which a fault can cut."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def reset(self) -> None:
        """End the connection with a RST: data that the client has not read is lost."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self) -> None:
        """End the connection with a FIN, after what was written."""
        self._transport.close()


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 that passes its connection to the application."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: {"connection": Connection(self.transport)}}


class Server(uvicorn.Server):
    """Serves on a bound socket, reports when it is ready, and stops on a signal without waiting for requests."""

    def __init__(self, app: object, *, on_ready: Callable[[], None], parent: int | None) -> None:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]  # an ASGI application
            http=_Protocol,
            ws="none",
            loop="uvloop",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._parent = parent
        self._watch: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then call `on_ready`."""
        await super().startup(sockets=sockets)
        if self._parent is not None:
            self._watch = asyncio.create_task(self._end_with(self._parent))
        self._on_ready()

    async def _end_with(self, parent: int) -> None:
        """Stop when the parent process has ended, which shows as another parent id.

        Not by PR_SET_PDEATHSIG, which fires when the *thread* that started us ends: harnesses start us from threads.
        """
        while os.getppid() == parent:  # noqa: ASYNC110 - no event reports this, so it is polled
            await asyncio.sleep(_PARENT_CHECK_SECONDS)
        self.force_exit = self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at once, without waiting for requests, event streams or idle connections."""
        super().handle_exit(sig, frame)
        self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Abort every connection, since the listener closes only after the last one; log nothing about it."""
        logging.getLogger("uvicorn.error").disabled = True
        for connection in list(self.server_state.connections):
            if isinstance(connection, HttpToolsProtocol):
                connection.transport.abort()
        await super().shutdown(sockets=sockets)
