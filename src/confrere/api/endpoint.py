"""A handler as the router knows it: behind authentication and a scope."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.api.errors import Answer
from confrere.api.request import Request
from confrere.domain import keys
from confrere.domain.errors import Forbidden
from confrere.sending import Product

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
            request.caller = await self._product.admit(request.api_key())
            if not request.caller.may(self._needs):
                raise Forbidden(self._needs)
        request.answer = await self._handler(request, self._product)


class Methods:
    """The endpoints of one path by their methods, so that the router knows all that it takes."""

    def __init__(self, by_method: Mapping[str, ASGIApp]) -> None:
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the method's endpoint; HEAD asks as GET does."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self._by_method[method](scope, receive, send)
