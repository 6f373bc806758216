"""The gate: every request to an API is routed, authenticated, handled in time, answered and logged here."""

import time
from collections.abc import Mapping, Sequence

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.api.dialect import ApiDialect, RawHeaders
from confrere.api.request import ApiRequest, accounts_elsewhere
from confrere.api.route import ANONYMOUS, Route
from confrere.domain import keys
from confrere.domain.audit import acting_as
from confrere.domain.errors import ConfrereError, Forbidden, NotFound, StoreUnavailable
from confrere.domain.limits import Action
from confrere.http.answer import Answer, Chunks, content_of
from confrere.http.request import ClientDisconnected
from confrere.http.router import Router
from confrere.http.timeouts import ANSWER_SECONDS, Timeouts
from confrere.sending import CallerConnection
from confrere.services import Services
from confrere.telemetry import metrics

log = structlog.get_logger()


class Api:
    """One API: its routes and its dialect."""

    def __init__(self, dialect: ApiDialect, routes: Sequence[Route]) -> None:
        self.dialect = dialect
        self.router = Router(routes)


class Gate:
    """Turns every request under an API's base path into one answer in that API's dialect, in time.

    apis:       by the base path of each.
    elsewhere:  serves all other paths.
    """

    def __init__(self, services: Services, apis: Mapping[str, Api], elsewhere: ASGIApp) -> None:
        self._services = services
        self._apis = tuple(apis.items())
        self._elsewhere = elsewhere
        self._timeouts = Timeouts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        api = self._api_of(scope)
        if api is None:
            await self._elsewhere(scope, receive, send)
            return
        started = time.perf_counter()
        request = ApiRequest(scope, receive, self._timeouts)
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        try:
            answer = await self._answer(request, api)
        except ClientDisconnected:
            return
        await self._write(request, answer, api.dialect, send)
        _log_request(request, answer, time.perf_counter() - started)

    def _api_of(self, scope: Scope) -> Api | None:
        if scope["type"] == "http":
            path: str = scope["path"]
            for base_path, api in self._apis:
                if path.startswith(base_path) and path[len(base_path) :][:1] in ("", "/"):
                    return api
        return None

    async def _answer(self, request: ApiRequest, api: Api) -> Answer:
        """Answer in any case. Raises ClientDisconnected."""
        try:
            return await self._answer_in_time(request, api)
        except ClientDisconnected:
            raise
        except Exception:
            # A bug, or an error that the API's table does not know: the one place that answers it.
            log.exception("internal_error", route=request.route)
            return api.dialect.internal_error(request)

    async def _answer_in_time(self, request: ApiRequest, api: Api) -> Answer:
        timeout = request.timeout = self._timeouts.limit(ANSWER_SECONDS)
        try:
            with timeout:
                return await self._handle(request, api)
        except TimeoutError:
            if not timeout.expired:
                raise
            return self._timed_out(request, api.dialect)
        except ClientDisconnected:
            raise
        except ConfrereError as error:
            return self._answer_error(request, api.dialect, error)

    def _answer_error(self, request: ApiRequest, dialect: ApiDialect, error: ConfrereError) -> Answer:
        if isinstance(error, StoreUnavailable):
            log.error("store_unavailable", reason=str(error))
            if request.connection.send_id is not None:  # nobody knows what became of the send
                return self._timed_out(request, dialect)
        return dialect.for_error(request, error)

    async def _handle(self, request: ApiRequest, api: Api) -> Answer:
        """Route, authenticate, call the handler. Raises ConfrereError."""
        match = api.router.find(request.scope["path"])
        if match is None:
            return api.dialect.not_found(request)
        route = match.routes.get(request.method)
        request.action = (route or next(iter(match.routes.values()))).spends or Action.MESSAGE
        if route is None:
            return api.dialect.method_not_allowed(request, match.allow)
        request.route, request.path_params = route.path, match.path_params
        if route.scope is None:
            return await route.handler(ANONYMOUS, request, self._services)
        caller = await self._authenticate(request, route.scope)
        with acting_as(request.actor):
            return await route.handler(caller, request, self._services)

    async def _authenticate(self, request: ApiRequest, scope: keys.Scope) -> keys.Caller:
        """Return the caller, if their key may do this. Raises Unauthorized, Forbidden, TooFast, InvalidField."""
        caller = request.caller = await self._services.keys.admit(request.api_key())
        if not caller.may(scope):
            raise Forbidden(scope)
        if b"x-account-id" in request.headers or request.scope["query_string"]:
            request.accounts_elsewhere = accounts_elsewhere(request)
            if request.accounts_elsewhere:
                request.default_account_id = await self._default_account_id(caller)
        return caller

    async def _default_account_id(self, caller: keys.Caller) -> str | None:
        try:
            return (await self._services.accounts.read(caller.workspace_id, None)).id
        except NotFound:
            return None

    def _timed_out(self, request: ApiRequest, dialect: ApiDialect) -> Answer:
        """Answer that there is no answer in time. A send goes on, and an identical request will join it."""
        if request.connection.send_id is not None:
            self._services.sender.record_disconnect(request.connection)
        return dialect.timed_out(request)

    async def _write(self, request: ApiRequest, answer: Answer, dialect: ApiDialect, send: Send) -> None:
        headers = await dialect.headers(request, answer)
        if isinstance(answer.body, Chunks):
            await self._stream(request, answer.status, headers, answer.body, send)
            return
        content = content_of(answer)
        if content or answer.status != 204:
            headers.append((b"content-length", b"%d" % len(content)))
        connection = request.connection
        if connection.send_id is not None:
            connection.poll()
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        request.stop_watching()
        if not connection.is_gone:
            self._services.sender.record_answered(connection)

    async def _stream(self, request: ApiRequest, status: int, headers: RawHeaders, chunks: Chunks, send: Send) -> None:
        """Write part by part, no faster than the caller reads, until the end or until the caller disconnects."""
        request.watch_caller(_mark_gone)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        try:
            if request.method != "HEAD":
                async for part in chunks.parts:
                    if request.connection.is_gone:
                        return
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body"})
        except Exception:  # too late for a status: the caller sees that the end is missing
            log.exception("answer_incomplete", route=request.route)
        finally:
            request.stop_watching()
            await chunks.close()


def _mark_gone(connection: CallerConnection) -> None:
    connection.is_gone = True


def _log_request(request: ApiRequest, answer: Answer, seconds: float) -> None:
    metrics.count_answer(request.route, answer.status, seconds)
    connection = request.connection
    of_send = (
        {} if connection.send_id is None else {"send_id": connection.send_id, "outcome": connection.reported_outcome}
    )
    log.info(
        "request",
        method=request.method,
        route=request.route,
        status=answer.status,
        milliseconds=round(seconds * 1000, 1),
        workspace_id=request.caller.workspace_id if request.caller else None,
        **of_send,
    )
