"""The dialect of the management API: problem details, and nothing that a cache may keep."""

from confrere.api.dialect import RawHeaders
from confrere.api.request import ApiRequest
from confrere.api.v1.errors import (
    NOT_FOUND,
    internal_error,
    method_not_allowed,
    problem,
    problem_for,
    timed_out,
)
from confrere.domain.credentials import challenge
from confrere.domain.errors import ConfrereError, InvalidField
from confrere.http.answer import Answer
from confrere.http.body_fields import is_misspelt
from confrere.services import Services


class ManagementDialect:
    """Implements `api.dialect.ApiDialect`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def for_error(self, request: ApiRequest, error: ConfrereError) -> Answer:
        """Answer by `errors.problem_for`, with a hint where the body has the field under a similar name."""
        if type(error) is InvalidField and is_misspelt(error.field, request.body_fields):
            form = str(error).removeprefix(error.field).strip()
            hint = f"the body has a field of a similar name: did you mean {error.field}?"
            error = InvalidField(error.field, f"{form}; {hint}")
        return problem_for(error, request.request_id, self._services.clock(), challenge(request.headers))

    def not_found(self, request: ApiRequest) -> Answer:
        """Answer 404."""
        return problem(NOT_FOUND, "There is nothing at this path; the API is described at /docs", request.request_id)

    def method_not_allowed(self, request: ApiRequest, allow: str) -> Answer:
        """Answer 405."""
        return method_not_allowed(request.method, allow, request.request_id)

    def timed_out(self, request: ApiRequest) -> Answer:
        """Answer 504."""
        return timed_out(request.request_id)

    def internal_error(self, request: ApiRequest) -> Answer:
        """Answer the fixed 500."""
        return internal_error(request.request_id)

    async def headers(self, request: ApiRequest, answer: Answer) -> RawHeaders:
        """Add the request's id, and forbid caching."""
        content_type: RawHeaders = [] if answer.body is None else [(b"content-type", answer.media_type.encode())]
        return [
            *content_type,
            (b"x-request-id", request.request_id.encode()),
            (b"cache-control", b"no-store"),
            *answer.headers,
        ]
