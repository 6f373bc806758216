"""The dialect of the compatible API: its errors, and the five rate limit headers that every answer carries."""

from datetime import datetime
from functools import lru_cache
from http import HTTPStatus

from confrere.api.compatible import bodies
from confrere.api.compatible.errors import (
    INTERNAL_ERROR,
    PLAIN_SEND_ERROR,
    PLAIN_SEND_PATH,
    SEND_ERROR,
    answer_for_error,
    method_not_allowed,
    not_found,
)
from confrere.api.dialect import RawHeaders
from confrere.api.request import ApiRequest
from confrere.domain.credentials import challenge
from confrere.domain.errors import ConfrereError
from confrere.domain.limits import Quota, iso_z, no_account_quota
from confrere.http.answer import Answer, Headers
from confrere.http.timeouts import ANSWER_SECONDS
from confrere.services import Services


class CompatibleDialect:
    """Implements `api.dialect.ApiDialect`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def for_error(self, request: ApiRequest, error: ConfrereError) -> Answer:
        """Answer by `errors.answer_for_error`."""
        return answer_for_error(error, self._services.clock(), challenge(request.headers))

    def not_found(self, _request: ApiRequest) -> Answer:
        """Answer 404."""
        return not_found()

    def method_not_allowed(self, request: ApiRequest, allow: str) -> Answer:
        """Answer 405."""
        return method_not_allowed(request.method, allow)

    def timed_out(self, request: ApiRequest) -> Answer:
        """Answer 500; of a send the outcome is `unknown`, and an identical request will join it."""
        if request.connection.send_id is None:
            return Answer(500, bodies.Limited(error="The request was not answered in time"), request.quota)
        why = f"no answer within {ANSWER_SECONDS:.0f} s"
        error = PLAIN_SEND_ERROR if request.route == PLAIN_SEND_PATH else SEND_ERROR
        return Answer(500, bodies.SendFailed(error=error + why, outcome="unknown"), request.quota)

    def internal_error(self, request: ApiRequest) -> Answer:
        """Answer the fixed 500."""
        return Answer(500, INTERNAL_ERROR, request.quota)

    async def headers(self, request: ApiRequest, answer: Answer) -> RawHeaders:
        """Add the quota of the account after this request."""
        quota = answer.quota or request.quota or await self._known_quota(request, answer.status)
        return [
            (b"content-type", b"application/json"),
            (b"x-request-id", request.request_id.encode()),
            *rate_limit_headers(quota),
            *answer.headers,
        ]

    async def _known_quota(self, request: ApiRequest, status: int) -> Quota:
        """Read the quota of the account that the request names, or of the default one.

        Zeros for an unknown caller, and for a request that failed before its account was read: the quota of the
        default account could be better than that of the account it meant.
        """
        if status >= HTTPStatus.BAD_REQUEST and not request.account_is_known:
            return no_account_quota(request.action, self._services.clock())
        try:
            caller = request.caller or await self._services.keys.authenticate(request.api_key())
            return await self._services.accounts.read_quota(caller.workspace_id, request.account_id, request.action)
        except ConfrereError:  # the answer stands without it: no key, no store
            return no_account_quota(request.action, self._services.clock())


def rate_limit_headers(quota: Quota) -> Headers:
    """Return the five headers that every answer of the API carries. Source: the reference page."""
    return (
        (b"x-ratelimit-action", quota.action.encode()),
        (b"x-ratelimit-limit", b"%d" % (quota.limit or 0)),
        (b"x-ratelimit-used", b"%d" % quota.used),
        (b"x-ratelimit-remaining", b"%d" % (quota.remaining or 0)),
        (b"x-ratelimit-reset", _encoded(quota.resets_at)),
    )


@lru_cache(maxsize=8)
def _encoded(resets_at: datetime) -> bytes:
    """Encode a time that all answers of a day share."""
    return iso_z(resets_at).encode()
