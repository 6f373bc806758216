"""The errors, as a tree.

ConfrereClientError
├── InvalidRequest      400, 422 and every 4xx not listed here; or rejected by this client, before it was sent
│   └── Conflict        409: the state of what it is about does not allow it
├── Unauthorized        401
├── Refused             403: LinkedIn, or the server, refused it
├── NotFound            404
├── RateLimited         429
├── NotSent             a send that certainly sent nothing
├── OutcomeUnknown      a send whose message LinkedIn may have
├── ServerError         5xx of a call that is not a send, and unreadable answers
└── ConnectionFailed    no answer; of a send: the request certainly never left

Neither text nor repr of any of them holds an API key, or a message of 12 characters or more.
"""

from datetime import datetime
from typing import Self

from confrere_client.models import RateLimit, Refusal


class ConfrereClientError(Exception):
    """The root of the tree.

    status:      of the answer; None where there was none.
    code:        LinkedIn's own code, such as `UNAUTHORIZED_VIEWER`; None where it sent none.
    problem:     the kind of problem, where the server names one, such as `contentChanged`; else None.
    request_id:  identifies the call in the server's log.
    rate_limit:  the account's quota after the request; None where the answer had none.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        super().__init__(message)
        self.problem: str | None = None
        self.status = status
        self.code = code
        self.request_id = request_id
        self.rate_limit = rate_limit

    def with_context_of(self, other: "ConfrereClientError") -> Self:
        """Copy status, code, problem, request id and quota from another error; return self."""
        self.status, self.code, self.problem = other.status, other.code, other.problem
        self.request_id, self.rate_limit = other.request_id, other.rate_limit
        return self


class InvalidRequest(ConfrereClientError):
    """The request is invalid; nothing was sent.

    missing:  names of the missing fields, where the server lists them.
    field:    the field that cannot be used, where the server names it.
    """

    missing: tuple[str, ...] = ()
    field: str | None = None


class Conflict(InvalidRequest):
    """The state of what it is about does not allow it: see `problem`. Read it again before another try."""


class Unauthorized(ConfrereClientError):
    """There is no API key, or it is unknown, expired or revoked."""


class Refused(ConfrereClientError):
    """LinkedIn, or the server, refused it: do not repeat it.

    details:  LinkedIn's own answer; None where the server itself refused, as for a key that lacks a scope.
    """

    details: Refusal | None = None


class NotFound(ConfrereClientError):
    """The resource does not exist, or `base_url` is not that of the API."""


class RateLimited(ConfrereClientError):
    """A quota is used up, or LinkedIn throttles the account.

    retry_after:  seconds after which a repeat can succeed; None where the server did not state it.
    hold_until:   aware; the end of the account's hold where LinkedIn throttles it, else None.
    """

    retry_after: float | None = None
    hold_until: datetime | None = None


class NotSent(ConfrereClientError):
    """Certainly nothing was sent, and the quota unit was returned; a new try is a new send."""


class OutcomeUnknown(ConfrereClientError):
    """LinkedIn may have the message.

    idempotency_key:    the key of the send.
    server_keeps_keys:  True: a repeat with this key and the same arguments within 24 hours is safe, since the server
                        first searches for the message. False: a repeat can send it twice. None: it is not known.
    """

    idempotency_key: str | None = None
    server_keeps_keys: bool | None = None


class ServerError(ConfrereClientError):
    """The server failed, or its answer cannot be understood."""


class ConnectionFailed(ConfrereClientError):
    """There was no answer. Where a send raises this, its request never left."""
