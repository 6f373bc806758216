"""The dialect of the compatible API under `/linkedin`: its errors, and the five headers that every answer carries."""

from datetime import datetime
from functools import lru_cache
from http import HTTPStatus

from starlette.exceptions import HTTPException

from confrere.api import bodies
from confrere.api.dialect import RawHeaders, allowed
from confrere.api.errors import INTERNAL_ERROR, SEND_ERROR, Answer, Headers, answer_for_error
from confrere.api.request import BodyEncoded, BodyTooLarge, BodyTooSlow, Request
from confrere.domain.credentials import challenge
from confrere.domain.errors import ConfrereError, StoreUnavailable, Unauthorized
from confrere.domain.limits import Quota, iso_z, no_account_quota
from confrere.services import Services

BASE_PATH = "/linkedin"

ANSWER_SECONDS = 24.0
"""Every answer is given within this; clients of this API give up at 25 s. Source: the HTTP contract, section 1."""


class CompatibleDialect:
    """Implements `dialect.ApiDialect`."""

    base_path = BASE_PATH

    def __init__(self, services: Services) -> None:
        self._services = services

    def refusal(self, request: Request, error: ConfrereError) -> Answer:
        """By the one table, and what only a request can be."""
        match error:
            case BodyTooLarge():
                return Answer(413, bodies.Failure(error=str(error)))
            case BodyTooSlow():
                return Answer(408, bodies.Failure(error=str(error)))
            case BodyEncoded():
                return Answer(415, bodies.Failure(error=str(error)))
            case Unauthorized():
                headers = ((b"www-authenticate", challenge(request.headers)),)
                return Answer(401, bodies.Unauthorized(), error.quota, headers)
        return answer_for_error(error, self._services.clock())

    def routing_error(self, request: Request, error: HTTPException) -> Answer:
        """404 and 405."""
        return http_refusal(error, request.scope["method"])

    def timed_out(self, request: Request) -> Answer:
        """A send goes on, and an identical request will join it."""
        if request.line.send_id is None:
            return Answer(500, bodies.Limited(error="The request was not answered in time"), request.quota)
        why = f"no answer within {ANSWER_SECONDS:.0f} s"
        return Answer(500, bodies.SendFailed(error=SEND_ERROR + why, outcome="unknown"), request.quota)

    def internal_error(self, request: Request) -> Answer:
        """The fixed 500."""
        return Answer(500, INTERNAL_ERROR, request.quota)

    async def headers(self, request: Request, answer: Answer) -> RawHeaders:
        """With the state of the account after this request."""
        quota = answer.quota or request.quota or await self._known_quota(request, answer.status)
        return [
            (b"content-type", b"application/json"),
            (b"x-request-id", request.request_id.encode()),
            *rate_limit_headers(quota),
            *answer.headers,
        ]

    async def _known_quota(self, request: Request, status: int) -> Quota:
        """The state of the account that the request names or means.

        Zeros for an unknown caller, and for a request that failed before its account was read: the state of the
        default account could be better than that of the account it meant.
        """
        if status >= HTTPStatus.BAD_REQUEST and not request.account_is_known:
            return no_account_quota(request.action, self._services.clock())
        try:
            caller = request.caller or await self._services.keys.authenticate(request.api_key())
            return await self._services.accounts.read_quota(caller.workspace_id, request.account_id, request.action)
        except (Unauthorized, StoreUnavailable):
            return no_account_quota(request.action, self._services.clock())


def rate_limit_headers(quota: Quota) -> Headers:
    """The five headers that every answer of the API carries. Source: the reference page."""
    return (
        (b"x-ratelimit-action", quota.action.encode()),
        (b"x-ratelimit-limit", b"%d" % (quota.limit or 0)),
        (b"x-ratelimit-used", b"%d" % quota.used),
        (b"x-ratelimit-remaining", b"%d" % (quota.remaining or 0)),
        (b"x-ratelimit-reset", _written(quota.resets_at)),
    )


@lru_cache(maxsize=8)
def _written(resets_at: datetime) -> bytes:
    """The same for all answers of a day."""
    return iso_z(resets_at).encode()


def http_refusal(error: HTTPException, method: str) -> Answer:
    """404 and 405 in this API's shape."""
    if error.status_code == 405:
        allow = allowed(error)
        text = f"{method} is not allowed here; use {allow}"
        return Answer(405, bodies.Failure(error=text), headers=((b"allow", allow.encode()),))
    return Answer(404, bodies.Failure(error="There is nothing at this path; the API is described at /docs"))
