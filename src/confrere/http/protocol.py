"""One HTTP connection: uvicorn's protocol, with a limit to everything that a client can send, queue or leave unread."""

import asyncio
import math
import secrets
from functools import partial
from typing import Any
from urllib.parse import unquote

import httptools
import structlog
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from confrere.http.connections import (
    MAX_FRAMING_BYTES,
    MAX_HEADERS,
    MAX_QUEUED_BYTES,
    MAX_QUEUED_REQUESTS,
    SHORT_HEAD_BYTES,
    Connections,
)
from confrere.http.disconnects import EXTENSION, DisconnectWatch, close_if_ended
from confrere.http.fast import SingleWriteCycle
from confrere.http.rejection import AnswerRejection, BadRequest, Rejection, encode_answer, too_much_queued

log = structlog.get_logger()

_PARSED_BYTES = 16 * 1024
"""The most that is parsed before the limits are checked; the event loop reads up to 256 KiB at once."""

_VERSIONS = frozenset({"1.0", "1.1"})


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with limits to size, queue and time.

    The limit to size counts the bytes received against the bytes of body delivered, so that heads, chunk sizes, chunk
    extensions and trailers share one. Reading is never paused behind a whole request: only a connection that is read
    shows that its client has disconnected.

    One timer a connection checks all deadlines: setting and cancelling one for each head and each pause takes 5 µs a
    request.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: Connections,
        answer_rejection: AnswerRejection,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._others = connections
        self._answer_rejection = answer_rejection
        self._idle = connections.idle
        self._limits = connections.limits
        self._in_head = self._in_body = False
        self._part_bytes = self._framing_bytes = self._queued_bytes = self._host_count = 0
        self._has_long_head = False
        self._rejection: Rejection | None = None
        self._head_until = self._idle_until = self._write_until = math.inf
        self._unsent_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the deadline of the first head."""
        self._disconnects = DisconnectWatch(partial(close_if_ended, transport))
        super().connection_made(transport)
        self._head_until = self.loop.time() + self._limits.head_seconds
        self._timer = self.loop.call_at(self._head_until, self._check_deadlines)
        self._idle.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection and notify those who wait for its end."""
        if self._timer is not None:
            self._timer.cancel()
        self._others.forget(self)
        super().connection_lost(exc)
        self._disconnects.notify()
        self._in_head = False
        self.pipeline.clear()
        self._release()

    def evict(self) -> None:
        """Drop the connection, with whatever its client has not read."""
        self._others.forget(self)
        self.transport.abort()

    # Bytes

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, within the limits. After a rejection it is read and discarded."""
        if len(data) <= _PARSED_BYTES:
            self._receive(data)
            return
        whole = memoryview(data)
        for start in range(0, len(data), _PARSED_BYTES):
            self._receive(whole[start : start + _PARSED_BYTES])

    def _receive(self, part: bytes | memoryview) -> None:
        if self._rejection is not None or self.transport.is_closing():
            return
        self._part_bytes = len(part)
        self._framing_bytes += self._part_bytes
        try:
            self._parse(part)
            self._check_size()
        except BadRequest as fault:
            self._reject(fault.rejection)

    def _parse(self, data: bytes | memoryview) -> None:
        """Feed the parser. Raises BadRequest."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            head_end: int = upgrade.args[0]
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, BadRequest):
                raise error.__context__ from None
            raise BadRequest(400, f"The request is not valid HTTP/1.1: {error}") from None
        else:
            return
        self._ignore_upgrade(memoryview(data)[head_end:])

    def _ignore_upgrade(self, rest: memoryview) -> None:
        """Parse the head anew without the offer to change the protocol: the parser reads no body behind an offer."""
        self.parser, offered = httptools.HttpRequestParser(self), self.parser
        headers = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers if name != b"upgrade")
        version = offered.get_http_version().encode()
        self._parse(offered.get_method() + b" " + self.url + b" HTTP/" + version + b"\r\n" + headers + b"\r\n")
        self._parse(rest)

    def _check_size(self) -> None:
        """Raises BadRequest."""
        if self._framing_bytes > MAX_FRAMING_BYTES:
            kibibytes = MAX_FRAMING_BYTES // 1024
            if self._in_body:
                raise BadRequest(400, f"Chunk sizes, chunk extensions and trailers must be at most {kibibytes} KiB")
            raise BadRequest(431, f"The request line and headers must be at most {kibibytes} KiB")
        if self._in_head:
            self._check_headers()
            if self._framing_bytes > SHORT_HEAD_BYTES and not self._has_long_head:
                self._has_long_head = True
                self._others.long_heads.add(self)
        if self.pipeline:
            self._queued_bytes += self._part_bytes
            if self._queued_bytes > MAX_QUEUED_BYTES:
                raise too_much_queued()

    def _check_headers(self) -> None:
        """Raises BadRequest."""
        if len(self.headers) > MAX_HEADERS:
            raise BadRequest(431, f"A request must have at most {MAX_HEADERS} headers")

    # The parser's callbacks. BadRequest, raised in one, comes back from feed_data as a cause.

    def on_message_begin(self) -> None:
        """Start a head."""
        self._in_head = True
        self._framing_bytes = self._part_bytes
        self._host_count = 0
        self._idle_until = math.inf
        if self._head_until == math.inf:
            self._head_until = self.loop.time() + self._limits.head_seconds
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"connection": self._disconnects}}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; drop a trailer, which must not count as one. Source: RFC 9110, 6.5.1."""
        if not self._in_head:
            return
        name = name.lower()
        if name == b"host":
            self._host_count += 1
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Check the head."""
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise BadRequest(400, "CONNECT is not served; this is not a proxy")
            return
        version = self.parser.get_http_version()
        if version not in _VERSIONS:
            raise BadRequest(400, f"HTTP/{version} is not served; use HTTP/1.1")
        if self._host_count != 1 and (self._host_count or version == "1.1"):
            raise BadRequest(400, f"A request must have one Host header, not {self._host_count}")  # RFC 9112, 3.2
        if len(self.pipeline) >= MAX_QUEUED_REQUESTS:
            raise too_much_queued()
        self._check_headers()
        scope = self.scope
        scope["http_version"] = version
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"], scope["raw_path"], scope["query_string"] = _parse_target(self.url)
        self._in_head, self._in_body = False, True
        self._head_until = self._idle_until = math.inf
        if self._has_long_head:
            self._has_long_head = False
            self._others.long_heads.discard(self)
        self._begin(keep_alive=version == "1.1" and self.parser.should_keep_alive())

    def _begin(self, *, keep_alive: bool) -> None:
        """Start the request, or queue it behind those that are not answered yet."""
        earlier = self.cycle
        self.cycle = SingleWriteCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if earlier is None:
            self._idle.discard(self)
            self._start_asgi_task(self.cycle, self.app)
        else:
            self.pipeline.appendleft((self.cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """Append a part of the body, or drop it where the request has been answered without it."""
        self._framing_bytes -= min(len(body), self._framing_bytes)
        if self.cycle is not None:
            self.cycle.body += body
            if not self.pipeline and len(self.cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            self.cycle.message_event.set()

    def on_message_complete(self) -> None:
        """End the body; behind an offer to change the protocol none was read."""
        if not self._in_body:
            return
        self._in_body = False
        if self.cycle is not None:
            self.cycle.more_body = False
            self.cycle.message_event.set()
        self.flow.resume_reading()

    # Answers

    def on_response_complete(self) -> None:
        """Start the next request that is queued, or wait for one; nothing of the last one is kept meanwhile."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._release()
        if self._rejection is not None:
            self._write_rejection(self._rejection)
            return
        self._idle_until = self.loop.time() + self._limits.keep_alive_seconds
        self._idle.add(self)

    def _release(self) -> None:
        self.cycle = None  # type: ignore[assignment]
        self._queued_bytes = 0
        if not self._in_head:
            self.scope = self.headers = None  # type: ignore[assignment]

    def _reject(self, rejection: Rejection) -> None:
        """Answer without the application, behind the answers to earlier requests, and close."""
        self._rejection = rejection
        self._head_until = self._idle_until = math.inf
        if not self._in_body:
            if self.cycle is None:
                self._write_rejection(rejection)
        elif self.pipeline:
            self.pipeline.popleft()
        elif self.cycle is None:
            self._close_later()  # the request was answered before its body was whole
        else:
            cycle = self.cycle
            cycle.disconnected = True
            cycle.message_event.set()
            self._release()
            if cycle.response_started:
                self._close_later()
            else:
                self._write_rejection(rejection)

    def _write_rejection(self, rejection: Rejection) -> None:
        request_id = secrets.token_hex(16)
        answer = self._answer_rejection(rejection)
        self.transport.write(encode_answer(answer, request_id, self.server_state.default_headers))
        log.info("request_rejected", status=rejection.status, reason=rejection.reason, request_id=request_id)
        self._close_later()

    def _close_later(self) -> None:
        """Closing while the client still writes would reset the connection, and the answer would be lost with it."""
        self.flow.resume_reading()
        self._idle.add(self)
        self.loop.call_later(self._limits.linger_seconds, self.transport.close)

    def pause_writing(self) -> None:
        """Count the connection as unread: its client reads more slowly than it is answered."""
        super().pause_writing()
        self._others.unread.add(self)

    def resume_writing(self) -> None:
        """Count the connection as read again."""
        super().resume_writing()
        self._write_until = math.inf
        self._others.unread.discard(self)

    # Deadlines

    def _check_deadlines(self) -> None:
        """Runs at least every `head_seconds`, so that the deadline of a head that begins meanwhile is not missed."""
        now, deadline = self.loop.time(), math.inf
        if self.transport.is_closing() or self.flow.write_paused:
            if not self._makes_progress(now):
                self.evict()
                return
            deadline = self._write_until
        elif now >= self._head_until:
            self._reject(Rejection(408, "The request's headers did not arrive in time"))
        elif now >= self._idle_until:
            self.transport.close()
        else:
            deadline = min(self._head_until, self._idle_until)
        self._timer = self.loop.call_at(min(deadline, now + self._limits.head_seconds), self._check_deadlines)

    def _makes_progress(self, now: float) -> bool:
        """Whether the client has read anything within `unread_seconds`."""
        unsent = self.transport.get_write_buffer_size()
        if self._write_until == math.inf or unsent < self._unsent_bytes:
            self._unsent_bytes, self._write_until = unsent, now + self._limits.unread_seconds
        return now < self._write_until


def _parse_target(target: bytes) -> tuple[str, bytes, bytes]:
    """The path, decoded and raw, and the query. Raises BadRequest."""
    try:
        parts = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise BadRequest(400, "The request line must hold a path") from None
    if parts.path is None:
        raise BadRequest(400, "The request line must hold a path")
    path = parts.path.decode("ascii")
    return unquote(path) if "%" in path else path, parts.path, parts.query or b""
