"""The HTTP application: routes, and the gate through which every request and answer goes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.datastructures import Headers as StarletteHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from confrere.api import accounts, bodies, docs, sends
from confrere.api.errors import (
    INTERNAL_ERROR,
    SEND_ERROR,
    STORE_RETRY_SECONDS,
    Answer,
    Headers,
    answer_for_error,
    retry_after,
)
from confrere.api.request import MAX_BODY_BYTES, BodyTooLarge, BodyTooSlow, CallerHungUp, Request
from confrere.domain import keys
from confrere.domain.errors import ConfrereError, Forbidden, StoreUnavailable, Unauthorized
from confrere.domain.limits import Action, Quota, iso_z, no_account_quota
from confrere.sending import Product
from confrere.telemetry import metrics

log = structlog.get_logger()

BASE_PATH = "/linkedin"

ANSWER_SECONDS = 24.0
"""Every answer is given within this; clients of this API give up at 25 s. Source: the HTTP contract, section 1."""

EXPOSED_HEADERS = (
    "Idempotency-Replayed",
    "Retry-After",
    "X-RateLimit-Action",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Used",
    "X-Request-Id",
)

Handler = Callable[[Request, Product], Awaitable[Answer]]


class Endpoint:
    """A handler behind authentication and a scope, as an ASGI application that leaves its answer on the request."""

    def __init__(self, path: str, handler: Handler, product: Product, needs: keys.Scope | None) -> None:
        self._path = path
        self._handler = handler
        self._product = product
        self._needs = needs

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Authenticate, then handle. Raises ConfrereError."""
        request: Request = scope["confrere.request"]
        request.route = self._path
        if self._needs is not None:
            request.caller = await self._product.authenticate(request.api_key())
            if not request.caller.may(self._needs):
                raise Forbidden(self._needs)
        request.answer = await self._handler(request, self._product)


class Gate:
    """Turns every request under the base path into one answer with the documented body and headers, in time."""

    def __init__(self, router: ASGIApp, product: Product) -> None:
        self._router = router
        self._product = product

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path == BASE_PATH or path.startswith(BASE_PATH + "/")):
            await self._pass_on(scope, receive, send)
            return
        started = time.perf_counter()
        request = Request(scope, receive)
        scope["confrere.request"] = request
        scope["app"] = self  # has Starlette raise HTTPException in place of answering with a page of its own
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        try:
            answer = await self._answer(request)
        except CallerHungUp:
            return
        await self._write(request, answer, send)
        _tell(request, answer, time.perf_counter() - started)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A path outside the API: health, metrics, pages."""
        scope["app"] = self
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            answer = _http_refusal(error, scope["method"])
        except ConfrereError as error:
            answer = answer_for_error(error, self._product.clock())
        except Exception:  # a bug: this is the one place that answers it
            log.exception("internal_error")
            answer = Answer(500, INTERNAL_ERROR)
        else:
            return
        await _json(answer)(scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        bound = asyncio.timeout(ANSWER_SECONDS)
        try:
            async with bound:
                await self._router(request.scope, _never_receive, _never_send)
        except TimeoutError:
            if not bound.expired():
                return self._bug(request)
            return self._late(request)
        except ConfrereError as error:
            return self._refusal(request, error)
        except HTTPException as error:
            return _http_refusal(error, request.scope["method"])
        except Exception:  # noqa: BLE001 (a bug: this is the one place that answers it, and it is logged)
            return self._bug(request)
        assert request.answer is not None
        return request.answer

    def _refusal(self, request: Request, error: ConfrereError) -> Answer:
        match error:
            case CallerHungUp():
                raise error
            case BodyTooLarge():
                return Answer(413, bodies.Failure(error=f"The body must be at most {MAX_BODY_BYTES // 1024} KiB"))
            case BodyTooSlow():
                return Answer(408, bodies.Failure(error="The body did not arrive in time; send it at once"))
            case StoreUnavailable():
                log.error("store_unavailable", reason=str(error))
                if request.line.send_id is not None:
                    return self._late(request)
        return answer_for_error(error, self._product.clock())

    def _late(self, request: Request) -> Answer:
        """No answer in time. A send goes on behind it, and an identical request will join it."""
        if request.line.send_id is None:
            return Answer(500, bodies.Limited(error="The request was not answered in time"), request.quota)
        self._product.sender.hang_up(request.line)
        why = f"no answer within {ANSWER_SECONDS:.0f} s"
        return Answer(500, bodies.SendFailed(error=SEND_ERROR + why, outcome="unknown"), request.quota)

    @staticmethod
    def _bug(request: Request) -> Answer:
        log.exception("internal_error", route=request.route)
        return Answer(500, INTERNAL_ERROR, request.quota)

    async def _write(self, request: Request, answer: Answer, send: Send) -> None:
        headers = await self._headers(request, answer)
        line = request.line
        if line.send_id is not None:
            # A hang-up that the kernel already knows of needs a few turns of the loop to be seen.
            for _ in range(3):
                await asyncio.sleep(0)
        content = bodies.encode(answer.body)
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        request.stop_watching()
        await send({"type": "http.response.body", "body": content})
        if not line.gone:
            self._product.sender.answered(line)

    async def _headers(self, request: Request, answer: Answer) -> list[tuple[bytes, bytes]]:
        quota = answer.quota or request.quota or await self._known_quota(request)
        return [
            (b"content-type", b"application/json"),
            (b"x-request-id", request.request_id.encode()),
            *rate_limit_headers(quota),
            *answer.headers,
        ]

    async def _known_quota(self, request: Request) -> Quota:
        """The state of the account that the request names or means; zeros for a caller who is not known."""
        try:
            caller = request.caller or await self._product.authenticate(request.api_key())
            return await self._product.quota(caller.workspace_id, request.account_id, request.action)
        except (Unauthorized, StoreUnavailable):
            return no_account_quota(request.action, self._product.clock())


def rate_limit_headers(quota: Quota) -> Headers:
    """The five headers that every answer of the API carries. Source: the reference page."""
    return (
        (b"x-ratelimit-action", quota.action.encode()),
        (b"x-ratelimit-limit", str(quota.limit or 0).encode()),
        (b"x-ratelimit-used", str(quota.used).encode()),
        (b"x-ratelimit-remaining", str(quota.remaining or 0).encode()),
        (b"x-ratelimit-reset", iso_z(quota.resets_at).encode()),
    )


async def _never_receive() -> Message:
    raise RuntimeError("an endpoint under the base path reads its body through the request")


async def _never_send(_message: Message) -> None:
    raise RuntimeError("an endpoint under the base path leaves its answer on the request")


def _http_refusal(error: HTTPException, method: str) -> Answer:
    if error.status_code == 405:
        allow = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))  # Starlette's order is a set's
        text = f"{method} is not allowed here; use {allow}"
        return Answer(405, bodies.Failure(error=text), headers=((b"allow", allow.encode()),))
    return Answer(404, bodies.Failure(error="There is nothing at this path; the API is described at /docs"))


def _tell(request: Request, answer: Answer, seconds: float) -> None:
    metrics.REQUESTS.labels(request.route, answer.status).inc()
    metrics.REQUEST_SECONDS.labels(request.route).observe(seconds)
    log.info(
        "request",
        method=request.scope["method"],
        route=request.route,
        status=answer.status,
        milliseconds=round(seconds * 1000, 1),
        workspace_id=request.caller.workspace_id if request.caller else None,
    )


def _json(answer: Answer) -> Response:
    return Response(bodies.encode(answer.body), answer.status, dict(_text(answer.headers)), "application/json")


def _text(headers: Headers) -> Sequence[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]


class Cors(CORSMiddleware):
    """CORS for the configured origins; a preflight's answer has the rate limit headers too, as every answer has."""

    def __init__(self, app: ASGIApp, origins: Sequence[str], product: Product) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-API-Key", "X-Request-Id"],
            expose_headers=EXPOSED_HEADERS,
        )
        self._product = product

    def preflight_response(self, request_headers: StarletteHeaders) -> Response:
        """The browser's question whether it may ask."""
        response = super().preflight_response(request_headers)
        quota = no_account_quota(Action.MESSAGE, self._product.clock())
        for name, value in _text(rate_limit_headers(quota)):
            response.headers[name] = value
        return response


def build_app(product: Product, *, cors_origins: Sequence[str] = ()) -> ASGIApp:
    """The whole HTTP door: the API, the pages about it, health and metrics."""

    def endpoint(method: str, path: str, handler: Handler, needs: keys.Scope | None) -> Route:
        return Route(BASE_PATH + path, Endpoint(path, handler, product, needs), methods=[method])

    async def health(_request: StarletteRequest) -> Response:
        return _json(Answer(200, bodies.Alive()))

    async def ready(_request: StarletteRequest) -> Response:
        try:
            state = await product.health()
        except StoreUnavailable as fault:
            body = bodies.Readiness(status="not ready", checks={"store": str(fault)})
            return _json(Answer(503, body, headers=retry_after(STORE_RETRY_SECONDS)))
        status, word = (200, "ok") if state.ready else (503, "not ready")
        return _json(Answer(status, bodies.Readiness(status=word, checks=state.checks)))

    async def exposition(_request: StarletteRequest) -> Response:
        content, content_type = metrics.exposition()
        return Response(content, media_type=content_type)

    router = Router(
        [
            endpoint("POST", "/messaging/send-group", sends.send_group, keys.Scope.SEND),
            endpoint("GET", "/accounts", accounts.list_accounts, keys.Scope.READ),
            endpoint("GET", "/account/status", accounts.read_status, keys.Scope.READ),
            endpoint("GET", "/account/{account_id}/status", accounts.read_status, keys.Scope.READ),
            endpoint("GET", "/account/{account_id}/quota", accounts.read_quotas, keys.Scope.READ),
            endpoint("GET", "/account/{account_id}/sends", sends.list_sends, keys.Scope.READ),
            endpoint("GET", "/sends/{send_id}", sends.read_send, keys.Scope.READ),
            endpoint("GET", "/openapi.json", docs.read_openapi, None),
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", exposition),
            *docs.routes(),
        ],
        redirect_slashes=False,
    )
    gate = Gate(router, product)
    return Cors(gate, cors_origins, product) if cors_origins else gate
