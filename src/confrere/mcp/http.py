"""`/mcp` on the HTTP server: who may enter, and whether what they are told reaches them.

One request is one agent: there are no sessions, so that any process can answer any call, and the key is looked at anew
each time.
"""

import asyncio
import math
import re
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from confrere.domain.credentials import api_key, challenge
from confrere.domain.errors import StoreUnavailable, TooFast, Unauthorized
from confrere.mcp.jsonrpc import MalformedMessage, check_message
from confrere.mcp.session import AgentHungUp, AgentSession, new_request_id
from confrere.sending.disconnects import disconnect_watch_of, on_disconnect
from confrere.services import Services
from confrere.telemetry import metrics

log = structlog.get_logger()

PATH = "/mcp"

MAX_BODY_BYTES = 128 * 1024
BODY_SECONDS = 10.0
STORE_RETRY_SECONDS = 5

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")

VISIT = "confrere.agent"
"""Where the server finds the agent in the scope of a request."""

Headers = Mapping[bytes, bytes]


class Rejected(Exception):
    """The request does not get to the tools. more: headers of the answer."""

    def __init__(self, status: int, text: str, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.more = more


class McpApp:
    """The ASGI application at `/mcp`.

    origins:  pages of these origins may call, beside those of this machine. Source: the protocol's transports, which
              want it against DNS rebinding.
    """

    def __init__(self, services: Services, *, origins: Sequence[str] = ()) -> None:
        self._services = services
        self._origins = frozenset(origins)
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one answer."""
        started = time.perf_counter()
        headers = _first_of_each(scope)
        request_id = _request_id(headers)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            agent = await self._admit(scope["method"], headers, request_id)
            body = check_message(await _read_body(headers, receive))
            status = await self._serve(agent, body, scope, receive, send)
        except Rejected as refusal:
            status = refusal.status
            await _answer(status, msgspec.json.encode({"error": refusal.text}), send, refusal.more)
        except MalformedMessage as fault:
            status = 400
            await _answer(status, fault.to_json(), send)
        except AgentHungUp:
            return
        seconds = time.perf_counter() - started
        metrics.note_answer(PATH, status, seconds)
        log.info("request", method=scope["method"], route=PATH, status=status, milliseconds=round(seconds * 1000, 1))

    async def _admit(self, method: str, headers: Headers, request_id: str) -> AgentSession:
        """Raises Rejected. The body is read only for those who have a good key."""
        if not self._is_trusted_origin(headers.get(b"origin")):
            raise Rejected(403, "Pages of this origin may not call; CONFRERE_CORS_ORIGINS lists those that may")
        if method != "POST":
            raise Rejected(405, f"{method} is not allowed here; use POST", [(b"allow", b"POST")])
        try:
            caller = await self._services.keys.admit(api_key(headers))
        except Unauthorized as fault:
            text = "Unauthorized - Invalid credentials"
            raise Rejected(401, text, [(b"www-authenticate", challenge(headers))]) from fault
        except TooFast as fault:
            wait = math.ceil((fault.resets_at - self._services.clock()).total_seconds())
            raise Rejected(429, str(fault), [(b"retry-after", str(max(1, wait)).encode())]) from fault
        except StoreUnavailable as fault:
            after = [(b"retry-after", str(STORE_RETRY_SECONDS).encode())]
            raise Rejected(503, "The store is not available; nothing was done", after) from fault
        return AgentSession(self._services, caller, request_id=request_id)

    def _is_trusted_origin(self, origin: bytes | None) -> bool:
        """Programs send none. A page does, whatever the name by which its browser found this server."""
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

    async def _serve(self, agent: AgentSession, body: bytes, scope: Scope, receive: Receive, send: Send) -> int:
        """Answer, and note whether the agent was still there. Returns the status."""
        if self._app is None:  # in a thread: requests that are being answered do not wait for the import
            self._app = await asyncio.to_thread(_load)
        if (disconnects := disconnect_watch_of(scope)) is not None:
            agent.look = disconnects.look
        connection = Connection(agent, body, receive, send)
        try:
            await connection.carry(self._app, {**scope, "headers": _as_the_sdk_wants(scope), VISIT: agent})
        finally:
            agent.leave()
        return connection.status


class Connection:
    """The agent's end of the wire, watched while it waits."""

    def __init__(self, agent: AgentSession, body: bytes, receive: Receive, send: Send) -> None:
        self.status = 500
        self._visit = agent
        self._body: bytes | None = body
        self._receive = receive
        self._send = send
        self._gone = asyncio.Event()

    async def carry(self, app: ASGIApp, scope: Scope) -> None:
        """Run the application on it."""
        unwatch = on_disconnect(scope, self._receive, self._leave)
        try:
            await app(scope, self._give, self._take)
        finally:
            unwatch()

    def _leave(self) -> None:
        self._gone.set()
        self._visit.leave()

    async def _give(self) -> Message:
        """The body, once; then nothing until the agent is gone."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self._visit.waits:
                self._visit.look()
        await self._send(message)
        is_end = message["type"] == "http.response.body" and not message.get("more_body")
        if is_end and self.status == HTTPStatus.OK and not self._gone.is_set():
            self._visit.answered_all()


def _load() -> ASGIApp:
    from confrere.mcp.server import build_app  # with the SDK

    return build_app()


def _as_the_sdk_wants(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers with the types that the SDK insists on.

    Hosts leave them out, or accept only an event stream, and then read the JSON all the same.
    """
    kept = [header for header in scope["headers"] if header[0] not in {b"accept", b"content-type"}]
    return [*kept, (b"accept", b"application/json, text/event-stream"), (b"content-type", b"application/json")]


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    """Raises Rejected, AgentHungUp."""
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Rejected(415, "The body must not be compressed; send it without Content-Encoding")
    declared = headers.get(b"content-length", b"0")
    too_large = Rejected(413, f"The body must be at most {MAX_BODY_BYTES // 1024} KiB")
    if not declared.isdigit() or int(declared[:20]) > MAX_BODY_BYTES:
        raise too_large
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                part = await receive()
                if part["type"] == "http.disconnect":
                    raise AgentHungUp
                body += part.get("body", b"")
                more = bool(part.get("more_body"))
                if len(body) > MAX_BODY_BYTES:
                    raise too_large
    except TimeoutError as fault:
        raise Rejected(408, "The body did not arrive in time; send it at once") from fault
    return bytes(body)


async def _answer(status: int, content: bytes, send: Send, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _first_of_each(scope: Scope) -> Headers:
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found.setdefault(name, value)
    return found


def _request_id(headers: Headers) -> str:
    given = headers.get(b"x-request-id")
    return given.decode() if given is not None and _SANE_REQUEST_ID.fullmatch(given) else new_request_id()
