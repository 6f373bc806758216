"""The dialect of the management API: problem details, and nothing that a cache may keep."""

from starlette.exceptions import HTTPException

from confrere.api.dialect import RawHeaders, allowed
from confrere.api.errors import Answer
from confrere.api.request import Request
from confrere.api.v1.problems import (
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_IN_TIME,
    problem,
    problem_for,
)
from confrere.domain.credentials import challenge
from confrere.domain.errors import ConfrereError
from confrere.services import Services

BASE_PATH = "/v1"


class ManagementDialect:
    """Implements `api.dialect.ApiDialect`."""

    base_path = BASE_PATH

    def __init__(self, services: Services) -> None:
        self._services = services

    def refusal(self, request: Request, error: ConfrereError) -> Answer:
        """By the one table."""
        return problem_for(error, request.request_id, self._services.clock(), challenge(request.headers))

    def routing_error(self, request: Request, error: HTTPException) -> Answer:
        """404 and 405."""
        if error.status_code == 405:
            return wrong_method(request.scope["method"], allowed(error), request.request_id)
        detail = "There is nothing at this path; the API is described at /docs"
        return problem(NOT_FOUND, detail, request.request_id)

    def timed_out(self, request: Request) -> Answer:
        """What was begun may have been carried out."""
        return timed_out(request.request_id)

    def internal_error(self, request: Request) -> Answer:
        """No more than where to look."""
        return internal_error(request.request_id)

    async def headers(self, request: Request, answer: Answer) -> RawHeaders:
        """All of them."""
        named: RawHeaders = [] if answer.body is None else [(b"content-type", answer.media_type.encode())]
        return [
            *named,
            (b"x-request-id", request.request_id.encode()),
            (b"cache-control", b"no-store"),
            *answer.headers,
        ]


def timed_out(request_id: str) -> Answer:
    """504."""
    detail = "There was no answer in time; look at what has changed before you repeat the request"
    return problem(NOT_IN_TIME, detail, request_id)


def internal_error(request_id: str) -> Answer:
    """500."""
    return problem(INTERNAL_ERROR, "The server's log tells more under this request's id", request_id)


def wrong_method(method: str, allow: str, request_id: str) -> Answer:
    """405."""
    detail = f"{method} is not allowed here; use {allow}"
    return problem(METHOD_NOT_ALLOWED, detail, request_id, headers=((b"allow", allow.encode()),))
