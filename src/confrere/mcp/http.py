"""`/mcp` on the HTTP server: which requests are accepted, and whether their answers are delivered.

Each request authenticates anew and has a session of its own, so that any process can answer any call.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from confrere.domain.credentials import challenge
from confrere.domain.errors import StoreUnavailable, TooFast, Unauthorized
from confrere.http.answer import STORE_RETRY_SECONDS, Answer, Headers, content_of, retry_after, seconds_until
from confrere.http.request import BodyEncoded, BodyTooLarge, BodyTooSlow, ClientDisconnected, Request
from confrere.http.timeouts import Timeouts
from confrere.mcp.jsonrpc import MalformedMessage, check_message
from confrere.mcp.session import SCOPE_KEY, AgentSession, new_request_id
from confrere.services import Services
from confrere.telemetry import metrics

log = structlog.get_logger()

PATH = "/mcp"

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Rejected(Exception):
    """The request is rejected before its body is read."""

    def __init__(self, status: int, text: str, headers: Headers = ()) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers


class McpApp:
    """The ASGI application at `/mcp`.

    origins:  pages of these origins may call, beside those of this machine. Source: the protocol's transports, which
              want it against DNS rebinding.
    """

    def __init__(self, services: Services, *, origins: Sequence[str] = ()) -> None:
        self._services = services
        self._origins = frozenset(origins)
        self._timeouts = Timeouts()
        self._sdk_app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        started = time.perf_counter()
        request = Request(scope, receive, self._timeouts, new_request_id=new_request_id)
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        try:
            session = await self._authenticate(request)
            body = check_message(await request.body())
        except ClientDisconnected:
            return
        except Exception as error:  # noqa: BLE001 (what the table does not know is logged there)
            answer = answer_for_error(error, request.headers, self._services)
            await _write(answer, send)
            status = answer.status
        else:
            status = await self._serve(session, request, body, send)
        seconds = time.perf_counter() - started
        metrics.count_answer(PATH, status, seconds)
        log.info("request", method=request.method, route=PATH, status=status, milliseconds=round(seconds * 1000, 1))

    async def _authenticate(self, request: Request) -> AgentSession:
        """Check origin, method and key, before the body is read. Raises Rejected, Unauthorized, TooFast."""
        if not self._is_trusted_origin(request.headers.get(b"origin")):
            raise Rejected(403, "Pages of this origin may not call; CONFRERE_CORS_ORIGINS lists those that may")
        if request.method != "POST":
            raise Rejected(405, f"{request.method} is not allowed here; use POST", ((b"allow", b"POST"),))
        caller = await self._services.keys.admit(request.api_key())
        return AgentSession(self._services, caller, request_id=request.request_id, address=request.address)

    def _is_trusted_origin(self, origin: bytes | None) -> bool:
        """Whether the origin may call: programs, which send none, and pages of this machine under any of its names."""
        if origin is None:
            return True
        text = origin.decode("latin-1")
        if text in self._origins:
            return True
        try:
            parts = urlsplit(text)
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK

    async def _serve(self, session: AgentSession, request: Request, body: bytes, send: Send) -> int:
        """Let the SDK answer, and record whether the agent was still connected. Returns the status."""
        if self._sdk_app is None:  # in a thread: other requests do not wait for the import
            self._sdk_app = await asyncio.to_thread(_load_sdk)
        session.poll_connection = request.poll_disconnect
        connection = Connection(session, request, body, send)
        try:
            await connection.run(self._sdk_app)
        finally:
            session.leave()
        return connection.status


class Connection:
    """The SDK's view of one request, watched for a disconnect while the agent waits for its answer."""

    def __init__(self, session: AgentSession, request: Request, body: bytes, send: Send) -> None:
        self.status = 500
        self._session = session
        self._request = request
        self._body: bytes | None = body
        self._forward = send
        self._has_ended = asyncio.Event()

    async def run(self, app: ASGIApp) -> None:
        """Run `app` on the request."""
        scope = {**self._request.scope, "headers": _headers_for_sdk(self._request.scope), SCOPE_KEY: self._session}
        self._request.watch(self._end)
        try:
            await app(scope, self._receive, self._send)
        finally:
            self._request.stop_watching()

    def _end(self) -> None:
        self._has_ended.set()
        self._session.leave()

    async def _receive(self) -> Message:
        """Return the body once; then wait for the disconnect."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._has_ended.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._session.waits:
                self._session.poll_connection()
        await self._forward(message)
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        if is_last and self.status == HTTPStatus.OK and not self._has_ended.is_set():
            self._session.mark_all_answered()


def answer_for_error(error: Exception, headers: Mapping[bytes, bytes], services: Services) -> Answer:
    """Answer an error raised before the tools, by one table; any other is a bug and gets the fixed 500."""
    match error:
        case Rejected(status=status):
            return _error(status, str(error), error.headers)
        case MalformedMessage():
            return Answer(400, error.to_json())
        case Unauthorized():
            return _error(401, "Unauthorized - Invalid credentials", ((b"www-authenticate", challenge(headers)),))
        case BodyTooSlow():
            return _error(408, str(error))
        case BodyTooLarge():
            return _error(413, str(error))
        case BodyEncoded():
            return _error(415, "The body must not be compressed; send it without Content-Encoding")
        case TooFast():
            return _error(429, str(error), retry_after(seconds_until(error.resets_at, services.clock())))
        case StoreUnavailable():
            return _error(503, "The store is not available; nothing was done", retry_after(STORE_RETRY_SECONDS))
        case _:
            log.error("internal_error", exc_info=error)
            return _error(500, "Internal server error")


def _error(status: int, text: str, headers: Headers = ()) -> Answer:
    return Answer(status, msgspec.json.encode({"error": text}), headers=headers)


def _load_sdk() -> ASGIApp:
    from confrere.mcp.server import build_app  # with the SDK

    return build_app()


def _headers_for_sdk(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers with the media types that the SDK insists on.

    Hosts leave them out, or accept only an event stream, and then read the JSON all the same.
    """
    kept = [header for header in scope["headers"] if header[0] not in {b"accept", b"content-type"}]
    return [*kept, (b"accept", b"application/json, text/event-stream"), (b"content-type", b"application/json")]


async def _write(answer: Answer, send: Send) -> None:
    content = content_of(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content)), *answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
