"""Everything outside the APIs: health, metrics, the reference page, and other applications on the same server."""

from collections.abc import Sequence

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from confrere.api.compatible.errors import INTERNAL_ERROR, answer_for_error, method_not_allowed, not_found
from confrere.domain.credentials import challenge
from confrere.domain.errors import ConfrereError
from confrere.http.answer import Answer, content_of
from confrere.services import Services

log = structlog.get_logger()


class Pages(Router):
    """Starlette's router, with errors worded as in the compatible API, and one slash at a path's end ignored."""

    def __init__(self, services: Services, routes: Sequence[BaseRoute]) -> None:
        super().__init__(routes, redirect_slashes=False)
        self._services = services
        self._paths = frozenset(route.path for route in routes if isinstance(route, Route))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        scope["app"] = self  # has Starlette raise HTTPException in place of answering with a page of its own
        path: str = scope["path"]
        if path not in self._paths and len(path) > 1 and path.endswith("/"):
            scope["path"] = path[:-1]
        try:
            answer = await self._answer(scope, receive, send)
        except Exception:  # a bug, or an error that the table does not know: the one place that answers it
            log.exception("internal_error")
            answer = Answer(500, INTERNAL_ERROR)
        if answer is not None:
            await to_response(answer)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """Let the page answer; return the answer where it raises an error instead."""
        try:
            await super().__call__(scope, receive, send)
        except HTTPException as error:
            if error.status_code != 405:
                return not_found()
            # In a fixed order: Starlette's is a set's.
            allow = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
            return method_not_allowed(scope["method"], allow)
        except ConfrereError as error:
            return answer_for_error(error, self._services.clock(), challenge(dict(scope["headers"])))
        return None


def to_response(answer: Answer) -> Response:
    """Convert an answer with a whole body to Starlette's form."""
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(content_of(answer), answer.status, headers, answer.media_type)
