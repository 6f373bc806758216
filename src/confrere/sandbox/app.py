"""The ASGI application: reads a request, applies the scripted faults, and answers."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import unquote

from confrere.sandbox import faults, routes
from confrere.sandbox.answers import Answer, Refused, attested
from confrere.sandbox.authentication import check_session, identify
from confrere.sandbox.control import Control
from confrere.sandbox.conversations import read_conversation_urn
from confrere.sandbox.faults import Fault, Plan
from confrere.sandbox.inbox import Inbox
from confrere.sandbox.loopback_only import refuse_foreign_host, refuse_foreign_page
from confrere.sandbox.realtime import HEARTBEAT_SECONDS
from confrere.sandbox.request import Request, Scope
from confrere.sandbox.sandbox import RequestRecord, Sandbox
from confrere.sandbox.server import CONNECTION, Connection

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

STREAM = attested("realtime-stream", "the event stream of new messages is open")

_PROFILE_ID: Final = re.compile(r"ACoAA[A-Za-z0-9_-]{34}", re.ASCII)
_THREAD: Final = re.compile(r"urn:li:msg_conversation:\([^)]*\)")
_NO_FAULT: Final = Plan()


class App:
    """The sandbox over HTTP."""

    def __init__(self, sandbox: Sandbox, *, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self.sandbox = sandbox
        self._control = Control(sandbox)
        self._inbox = Inbox(sandbox)
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, await _read(receive))
        if (ours := refuse_foreign_host(request) or self._answer_as_sandbox(request)) is not None:
            await _write(send, ours)
            return
        identify(self.sandbox, request)
        plan = self._plan(request) if self.sandbox.faults.waiting else _NO_FAULT
        if plan.delay_seconds:
            before = self.sandbox.conversations
            await asyncio.sleep(plan.delay_seconds)
            if self.sandbox.conversations is not before:  # reset meanwhile: the request belongs to a world that is gone
                scope["extensions"][CONNECTION]["connection"].reset()
                return
        if plan.end is None and request.path == "/realtime/connect" and request.method == "GET":
            await self._stream(request, receive, send)
        elif plan.end is None:
            answer = self._answer(request, plan)
            self._remember(request, answer.status)
            await _write(send, answer)
        else:
            connection: Connection = scope["extensions"][CONNECTION]["connection"]
            await self._apply_fault(request, plan, plan.end, connection, receive, send)

    def _answer_as_sandbox(self, request: Request) -> Answer | None:
        """Answer requests to the sandbox's own paths, without faults; None for LinkedIn's paths."""
        for path, part in (("/_control", self._control), ("/inbox", self._inbox)):
            if request.path.startswith(path):
                return refuse_foreign_page(request) or part.answer(request)
        return None

    def _answer(self, request: Request, plan: Plan) -> Answer:
        """Return the handler's answer, with the cookie of a fault `set_cookie`."""
        try:
            answer = routes.answer(self.sandbox, request, lag_seconds=plan.lag_seconds)
        except Refused as refused:
            answer = refused.answer
        if plan.cookie is not None:
            name, value = plan.cookie.name, plan.cookie.value
            answer.headers.append((b"set-cookie", f"{name}={value}; Path=/; Secure; HttpOnly".encode("latin-1")))
            if name == "li_at" and request.account is not None:
                self.sandbox.sessions.renew(request.account, value.strip('"'))
        return answer

    async def _apply_fault(
        self, request: Request, plan: Plan, fault: Fault, connection: Connection, receive: Receive, send: Send
    ) -> None:
        """Answer, or fail to, as the fault specifies."""
        if (canned := faults.answer(fault, request)) is not None:
            self._remember(request, canned.status)
            await _write(send, canned)
            return
        if fault.effect == "reset_before_read":
            self._remember(request, None)
            connection.reset()
            await _wait_for_disconnect(receive)
            return
        answer = self._answer(request, plan)
        if fault.effect == "accept_then_status":
            answer = faults.scripted(fault)
            self._remember(request, answer.status)
            await _write(send, answer)
            return
        self._remember(request, None)
        match fault.effect:
            case "truncate":
                await _start(send, answer)
                await send(
                    {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
                )
                connection.close()
            case "hang_after_accept":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(_wait_for_disconnect(receive), fault.seconds)
                connection.close()
            case _:
                connection.reset()
        await _wait_for_disconnect(receive)

    async def _stream(self, request: Request, receive: Receive, send: Send) -> None:
        """Send a member's events until the client disconnects."""
        sandbox = self.sandbox
        try:
            check_session(sandbox, request, restli=False)
        except Refused as refused:
            self._remember(request, refused.answer.status)
            await _write(send, refused.answer)
            return
        self._remember(request, 200)
        opened = STREAM.raw(b"", b"text/event-stream")
        opened.headers = [line for line in opened.headers if line[0] != b"content-length"]
        await _start(send, opened)
        sending = asyncio.create_task(self._send_events(request.member, send))
        try:
            await _wait_for_disconnect(receive)
        finally:
            sending.cancel()

    async def _send_events(self, member: int, send: Send) -> None:
        sandbox = self.sandbox
        async with contextlib.aclosing(
            sandbox.realtime.events(member, lambda *about: sandbox.views.announced(*about), self._heartbeat_seconds)
        ) as events:
            async for event in events:
                await send({"type": "http.response.body", "body": event, "more_body": True})

    def _plan(self, request: Request) -> Plan:
        """Match the scripted faults against this request."""
        account_names, world = frozenset[str](), self.sandbox.world
        if request.account is not None:
            profile = world.profile(request.member)
            account_names = frozenset((profile.urn, profile.profile_id, profile.public_identifier))
        recipients = frozenset[str]()
        if any(fault.match.recipient for fault in self.sandbox.faults.waiting):
            recipients = self._recipient_names(request)
        return self.sandbox.faults.plan(request, account_names=account_names, recipient_names=recipients)

    def _recipient_names(self, request: Request) -> frozenset[str]:
        """Return the ids and URNs of the members, other than the caller, whom the request concerns."""
        about = unquote(request.target) + " " + request.body.decode("utf-8", "replace")
        ids = set(_PROFILE_ID.findall(about))
        for urn in _THREAD.findall(about):
            found = read_conversation_urn(urn)
            thread = found and self.sandbox.conversations.of_thread(found[1])
            if thread:
                ids.update(map(self.sandbox.world.profile_id, thread.members))
        if request.account is not None:
            ids.discard(self.sandbox.world.profile_id(request.member))
        return frozenset(ids | {f"urn:li:fsd_profile:{profile_id}" for profile_id in ids})

    def _remember(self, request: Request, status: int | None) -> None:
        names = tuple(name.decode("latin-1") for name in request.headers)
        at_ms = time.time_ns() // 1_000_000
        self.sandbox.requests.append(
            RequestRecord(request.method, request.target, names, request.member, status, at_ms)
        )


async def _read(receive: Receive) -> bytes:
    """Read the whole body."""
    event = await receive()
    body: bytes = event.get("body", b"")
    while event.get("more_body"):
        event = await receive()
        body += event.get("body", b"")
    return body


async def _start(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})


async def _write(send: Send, answer: Answer) -> None:
    await _start(send, answer)
    await send({"type": "http.response.body", "body": answer.body})


async def _wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass
