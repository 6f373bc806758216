"""The HTTP application: routes, and the gate through which every request and answer goes."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv6Address, ip_address

import structlog
from starlette.datastructures import Headers as StarletteHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from confrere.api import bodies, compatible_routes
from confrere.api.compatible import ANSWER_SECONDS, BASE_PATH, CompatibleDialect, http_refusal, rate_limit_headers
from confrere.api.dialect import ApiDialect, RawHeaders
from confrere.api.endpoint import Endpoint, Handler
from confrere.api.errors import (
    INTERNAL_ERROR,
    STORE_RETRY_SECONDS,
    Answer,
    Chunks,
    Headers,
    answer_for_error,
    content_of,
    retry_after,
)
from confrere.api.reference import pages
from confrere.api.request import CallerHungUp, Request
from confrere.api.timeouts import Timeouts
from confrere.api.v1.dialect import ManagementDialect
from confrere.api.v1.routes import management_routes
from confrere.domain import keys
from confrere.domain.credentials import api_key, challenge
from confrere.domain.errors import ConfrereError, Forbidden, StoreUnavailable, Unauthorized
from confrere.domain.limits import Action, no_account_quota
from confrere.sending import CallerConnection
from confrere.services import Services
from confrere.telemetry import metrics

log = structlog.get_logger()

EXPOSED_HEADERS = (
    "Content-Disposition",
    "Idempotency-Replayed",
    "Location",
    "Retry-After",
    "X-RateLimit-Action",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Used",
    "X-Request-Id",
)

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-API-Key",
    "X-Request-Id",
    *("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"),  # of agents that run in a page
)


FORWARDED_HEADERS = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})
"""What proxies add. Source: RFC 7239, and the practice of nginx, Caddy and Traefik."""


class Gate:
    """Turns every request under an API's base path into one answer in that API's dialect, in time."""

    def __init__(self, router: ASGIApp, services: Services, dialects: Sequence[ApiDialect]) -> None:
        self._router = router
        self._services = services
        self._dialects = dialects
        self._timeouts = Timeouts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        dialect = self._dialect_of(scope)
        if dialect is None:
            await self._pass_on(scope, receive, send)
            return
        started = time.perf_counter()
        request = Request(scope, receive, self._timeouts)
        scope["confrere.request"] = request
        scope["app"] = self  # has Starlette raise HTTPException in place of answering with a page of its own
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        try:
            answer = await self._answer(request, dialect)
        except CallerHungUp:
            return
        finally:
            del scope["confrere.request"]  # a cycle: it would wait for the garbage collector
        await self._write(request, answer, dialect, send)
        _tell(request, answer, time.perf_counter() - started)

    def _dialect_of(self, scope: Scope) -> ApiDialect | None:
        """The API that the path belongs to; None outside all of them."""
        if scope["type"] == "http":
            path: str = scope["path"]
            for dialect in self._dialects:
                if path.startswith(dialect.base_path) and path[len(dialect.base_path) :][:1] in ("", "/"):
                    return dialect
        return None

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A path outside the APIs: health, metrics, pages."""
        scope["app"] = self
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            answer = http_refusal(error, scope["method"])
        except ConfrereError as error:
            answer = answer_for_error(error, self._services.clock())
            if isinstance(error, Unauthorized):
                answer = replace(answer, headers=((b"www-authenticate", challenge(dict(scope["headers"]))),))
        except Exception:  # a bug: this is the one place that answers it
            log.exception("internal_error")
            answer = Answer(500, INTERNAL_ERROR)
        else:
            return
        await _json(answer)(scope, receive, send)

    async def _answer(self, request: Request, dialect: ApiDialect) -> Answer:
        bound = self._timeouts.limit(ANSWER_SECONDS)
        try:
            with bound:
                await self._router(request.scope, _never_receive, _never_send)
        except TimeoutError:
            if not bound.expired:
                return self._internal_error(request, dialect)
            return self._timed_out(request, dialect)
        except ConfrereError as error:
            return self._refusal(request, dialect, error)
        except HTTPException as error:
            return dialect.routing_error(request, error)
        except Exception:  # noqa: BLE001 (a bug: this is the one place that answers it, and it is logged)
            return self._internal_error(request, dialect)
        assert request.answer is not None
        return request.answer

    def _refusal(self, request: Request, dialect: ApiDialect, error: ConfrereError) -> Answer:
        if isinstance(error, CallerHungUp):
            raise error
        if isinstance(error, StoreUnavailable):
            log.error("store_unavailable", reason=str(error))
            if request.line.send_id is not None:
                return self._timed_out(request, dialect)
        return dialect.refusal(request, error)

    def _timed_out(self, request: Request, dialect: ApiDialect) -> Answer:
        """No answer in time. A send goes on behind it, and an identical request will join it."""
        if request.line.send_id is not None:
            self._services.sender.hang_up(request.line)
        return dialect.timed_out(request)

    @staticmethod
    def _internal_error(request: Request, dialect: ApiDialect) -> Answer:
        log.exception("internal_error", route=request.route)
        return dialect.internal_error(request)

    async def _write(self, request: Request, answer: Answer, dialect: ApiDialect, send: Send) -> None:
        headers = await dialect.headers(request, answer)
        if isinstance(answer.body, Chunks):
            await self._stream(request, answer.status, headers, answer.body, send)
            return
        content = content_of(answer)
        if content or answer.status != 204:
            headers.append((b"content-length", str(len(content)).encode()))
        line = request.line
        if line.send_id is not None:
            line.look()
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        request.stop_watching()
        if not line.gone:
            self._services.sender.answered(line)

    async def _stream(self, request: Request, status: int, headers: RawHeaders, chunks: Chunks, send: Send) -> None:
        """Write it part by part, as fast as the caller takes it, and no further than there is somebody who does."""
        request.watch(_hung_up)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        try:
            if request.scope["method"] != "HEAD":
                async for part in chunks.parts:
                    if request.line.gone:
                        return
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body"})
        except Exception:  # too late for a status: without its end, the caller sees that it is torn
            log.exception("answer_torn", route=request.route)
        finally:
            request.stop_watching()
            await chunks.close()


class QuickRouter(Router):
    """A router that finds paths without names in them at once: to look at a route takes 2 µs, and there are forty.

    Such a path is that route's only, whatever the method: no name in another one's path can be it.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        super().__init__(routes, redirect_slashes=False)
        fixed = [route for route in routes if isinstance(route, Route) and "{" not in route.path]
        self._fixed = {route.path: route for route in fixed}
        assert len(self._fixed) == len(fixed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        scope["path_params"] = {}
        path = scope["path"]
        route = self._fixed.get(path)
        if route is None and len(path) > 1 and path.endswith("/"):
            scope["path"] = path[:-1]  # clients that join paths leave a slash behind
            route = self._fixed.get(scope["path"])
        if route is None:
            await super().__call__(scope, receive, send)
        else:
            await route.handle(scope, receive, send)


async def _never_receive() -> Message:
    raise RuntimeError("an endpoint under the base path reads its body through the request")


async def _never_send(_message: Message) -> None:
    raise RuntimeError("an endpoint under the base path leaves its answer on the request")


def _hung_up(line: CallerConnection) -> None:
    line.gone = True


def _tell(request: Request, answer: Answer, seconds: float) -> None:
    metrics.note_answer(request.route, answer.status, seconds)
    line = request.line
    about_send = {} if line.send_id is None else {"send_id": line.send_id, "outcome": line.told}
    log.info(
        "request",
        method=request.scope["method"],
        route=request.route,
        status=answer.status,
        milliseconds=round(seconds * 1000, 1),
        workspace_id=request.caller.workspace_id if request.caller else None,
        **about_send,
    )


async def _admit_scraper(scope: Scope, services: Services) -> None:
    """Let in programs of this machine, and others with a key. Raises Unauthorized, Forbidden.

    A proxy on this machine connects from here too; it names whom it speaks for.
    """
    headers = dict(scope["headers"])
    if is_loopback(scope["client"]) and not headers.keys() & FORWARDED_HEADERS:
        return
    caller = await services.keys.authenticate(api_key(headers))
    if not caller.may(keys.Scope.READ):
        raise Forbidden(keys.Scope.READ)


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Whether a connection comes from this machine; one without an address is a Unix socket's."""
    if client is None:
        return True
    address = ip_address(client[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _json(answer: Answer) -> Response:
    return Response(content_of(answer), answer.status, dict(_text(answer.headers)), "application/json")


def _text(headers: Headers) -> Sequence[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]


class Cors(CORSMiddleware):
    """CORS for the configured origins; a preflight's answer has the rate limit headers too, as every answer has."""

    def __init__(self, app: ASGIApp, origins: Sequence[str], services: Services) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["DELETE", "GET", "PATCH", "POST", "PUT"],
            allow_headers=REQUEST_HEADERS,
            expose_headers=EXPOSED_HEADERS,
        )
        self._services = services

    def preflight_response(self, request_headers: StarletteHeaders) -> Response:
        """The browser's question whether it may ask."""
        response = super().preflight_response(request_headers)
        quota = no_account_quota(Action.MESSAGE, self._services.clock())
        for name, value in _text(rate_limit_headers(quota)):
            response.headers[name] = value
        return response


def build_app(
    services: Services, *, cors_origins: Sequence[str] = (), beside: Mapping[str, ASGIApp] | None = None
) -> ASGIApp:
    """The whole HTTP door: the API, the pages about it, health and metrics.

    beside:  other doors on the same server, by their paths.
    """

    def endpoint(method: str, path: str, handler: Handler, needs: keys.Scope | None) -> Route:
        whole = BASE_PATH + path
        return Route(whole, Endpoint(whole, handler, services, needs), methods=[method])

    async def health(_request: StarletteRequest) -> Response:
        return _json(Answer(200, bodies.Alive()))

    async def ready(_request: StarletteRequest) -> Response:
        try:
            state = await services.health.check()
        except StoreUnavailable as fault:
            body = bodies.Readiness(status="not ready", checks={"store": fault.advice})
            return _json(Answer(503, body, headers=retry_after(STORE_RETRY_SECONDS)))
        status, word = (200, "ok") if state.ready else (503, "not ready")
        return _json(Answer(status, bodies.Readiness(status=word, checks=state.checks)))

    async def exposition(request: StarletteRequest) -> Response:
        await _admit_scraper(request.scope, services)
        with suppress(StoreUnavailable):  # what it told before is told again
            await services.session_monitor.count_by_condition()
        content, content_type = metrics.exposition()
        return Response(content, media_type=content_type)

    router = QuickRouter(
        [
            *(endpoint(*row) for row in compatible_routes.TABLE),
            endpoint("GET", "/openapi.json", pages.read_openapi, None),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", exposition),
            *management_routes(services),
            *pages.routes(),
            *(Route(path, door) for path, door in (beside or {}).items()),
        ]
    )
    gate = Gate(router, services, [CompatibleDialect(services), ManagementDialect(services)])
    return Cors(gate, cors_origins, services) if cors_origins else gate
