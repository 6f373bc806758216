"""`/health`, `/ready` and `/metrics`: what a supervisor, a load balancer and Prometheus ask."""

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Scope

from confrere.api.pages import to_response
from confrere.api.shared_bodies import Body
from confrere.domain import keys
from confrere.domain.credentials import api_key
from confrere.domain.errors import Forbidden, StoreUnavailable
from confrere.http.answer import STORE_RETRY_SECONDS, Answer, retry_after
from confrere.services import Services
from confrere.telemetry import metrics

FORWARDED_HEADERS = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})
"""What proxies add. Source: RFC 7239, and the practice of nginx, Caddy and Traefik."""


class Alive(Body, frozen=True, kw_only=True):
    """The process answers."""

    status: str = "ok"


class Readiness(Body, frozen=True, kw_only=True):
    """Whether the process is ready, and if not, why."""

    status: str
    checks: Annotated[dict[str, str], Meta(description="Each check's name, with `ok` or the problem.")]


def health_routes(services: Services) -> Sequence[BaseRoute]:
    """Return the three routes."""

    async def read_health(_request: StarletteRequest) -> Response:
        return to_response(Answer(200, Alive()))

    async def read_readiness(_request: StarletteRequest) -> Response:
        try:
            state = await services.health.check()
        except StoreUnavailable as fault:
            body = Readiness(status="not ready", checks={"store": fault.advice})
            return to_response(Answer(503, body, headers=retry_after(STORE_RETRY_SECONDS)))
        status, word = (200, "ok") if state.ready else (503, "not ready")
        return to_response(Answer(status, Readiness(status=word, checks=state.checks)))

    async def read_metrics(request: StarletteRequest) -> Response:
        await _authorize_scraper(request.scope, services)
        with suppress(StoreUnavailable):  # the gauges keep their last values
            await services.session_monitor.count_by_condition()
        content, content_type = metrics.exposition()
        return Response(content, media_type=content_type)

    return [Route("/health", read_health), Route("/ready", read_readiness), Route("/metrics", read_metrics)]


async def _authorize_scraper(scope: Scope, services: Services) -> None:
    """Accept programs of this machine, and others with a key that may read. Raises Unauthorized, Forbidden.

    A proxy on this machine connects from loopback too, but names its client in a header.
    """
    headers = dict(scope["headers"])
    if is_loopback(scope["client"]) and not headers.keys() & FORWARDED_HEADERS:
        return
    caller = await services.keys.authenticate(api_key(headers))
    if not caller.may(keys.Scope.READ):
        raise Forbidden(keys.Scope.READ)


def is_loopback(client: tuple[str, int] | None) -> bool:
    """Return whether a connection comes from this machine; one without an address is a Unix socket's."""
    if client is None:
        return True
    address = ip_address(client[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
