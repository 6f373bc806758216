"""The HTTP application: both APIs behind the gate, the pages beside them, CORS."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.datastructures import Headers as StarletteHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from confrere.api import reference
from confrere.api.compatible import bodies
from confrere.api.compatible import routes as compatible
from confrere.api.compatible.dialect import CompatibleDialect, rate_limit_headers
from confrere.api.gate import Api, Gate
from confrere.api.health import health_routes
from confrere.api.pages import Pages
from confrere.api.reference import pages as reference_page
from confrere.api.v1 import routes as v1
from confrere.api.v1.dialect import ManagementDialect
from confrere.domain.limits import Action, no_account_quota
from confrere.http.answer import Answer
from confrere.http.rejection import Rejection
from confrere.services import Services

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
        """Answer a browser's preflight."""
        response = super().preflight_response(request_headers)
        quota = no_account_quota(Action.MESSAGE, self._services.clock())
        for name, value in rate_limit_headers(quota):
            response.headers[name.decode()] = value.decode()
        return response


def build_app(
    services: Services, *, cors_origins: Sequence[str] = (), beside: Mapping[str, ASGIApp] | None = None
) -> ASGIApp:
    """Build the whole application: the APIs, the pages about them, health and metrics.

    beside:  other applications on the same server, by their paths.
    """
    others = [Route(path, other) for path, other in (beside or {}).items()]
    pages = Pages(services, [*others, *health_routes(services), *reference_page.routes()])
    apis = {
        compatible.BASE_PATH: Api(CompatibleDialect(services), [*compatible.ROUTES, reference.ROUTE]),
        v1.BASE_PATH: Api(ManagementDialect(services), v1.ROUTES),
    }
    gate = Gate(services, apis, pages)
    return Cors(gate, cors_origins, services) if cors_origins else gate


def answer_rejection(rejection: Rejection) -> Answer:
    """Word a rejection of the server's as the compatible API does. Its quota is that of nobody."""
    headers = rate_limit_headers(no_account_quota(Action.MESSAGE, datetime.now(UTC)))
    return Answer(rejection.status, bodies.Failure(error=rejection.reason), headers=headers)
