"""A handler as the router knows it: behind authentication and a scope."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.api.errors import Answer
from confrere.api.query import Query
from confrere.api.request import Request
from confrere.domain import keys
from confrere.domain.errors import Forbidden, NotFound
from confrere.domain.ids import parse_account_id
from confrere.services import Services

Handler = Callable[[Request, Services], Awaitable[Answer]]


class Endpoint:
    """A handler behind authentication and a scope, as an ASGI application that leaves its answer on the request."""

    def __init__(self, path: str, handler: Handler, services: Services, needs: keys.Scope | None) -> None:
        self._path = path
        self._handler = handler
        self._services = services
        self._needs = needs

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Authenticate, then handle. Raises ConfrereError."""
        request: Request = scope["confrere.request"]
        request.route = self._path
        if self._needs is not None:
            request.caller = await self._services.keys.admit(request.api_key())
            if not request.caller.may(self._needs):
                raise Forbidden(self._needs)
            if b"x-account-id" in request.headers or scope["query_string"]:
                request.accounts_elsewhere = _accounts_elsewhere(request)
            if request.accounts_elsewhere:
                request.default_account_id = await self._default_account_id(request.caller)
        request.answer = await self._handler(request, self._services)

    async def _default_account_id(self, caller: keys.Caller) -> str | None:
        try:
            return (await self._services.accounts.read(caller.workspace_id, None)).id
        except NotFound:
            return None


def _accounts_elsewhere(request: Request) -> Sequence[tuple[str, str]]:
    """Where an account is named that no endpoint reads: by name, with the account's id. Raises InvalidField."""
    scope, places = request.scope, dict[str, str | None]()
    if b"x-account-id" in request.headers:
        places["X-Account-Id"] = request.headers[b"x-account-id"].decode("latin-1")
    if scope["method"] in ("POST", "PUT", "PATCH"):
        places["accountId in the query"] = Query(scope["query_string"]).text("accountId")
    parsed = ((name, parse_account_id(text, field=name)) for name, text in places.items())
    return [(name, account_id) for name, account_id in parsed if account_id is not None]


class Methods:
    """The endpoints of one path by their methods, so that the router knows all that it takes."""

    def __init__(self, by_method: Mapping[str, ASGIApp]) -> None:
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the method's endpoint; HEAD asks as GET does."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._by_method[method](scope, receive, send)
