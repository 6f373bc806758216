"""What can go wrong, as a tree.

ConfrereClientError
├── InvalidRequest      400, 422 and every 4xx without a name of its own; or refused here, before it was sent
├── Unauthorized        401
├── Refused             403: LinkedIn, or the server, said no
├── NotFound            404
├── RateLimited         429
├── NotSent             a send that certainly sent nothing
├── OutcomeUnknown      a send of which LinkedIn may have the message
├── ServerError         5xx of anything that is not a send, and answers that cannot be understood
└── ConnectionFailed    no answer; for a send: the request certainly never left

No API key is in the text or the representation of any of them, and no message text of 12 characters or more.
"""

from datetime import datetime
from typing import Self

from confrere_client.models import RateLimit, Refusal


class ConfrereClientError(Exception):
    """The root of the tree.

    status:      of the answer; None where there was none.
    code:        LinkedIn's own word for it, such as `UNAUTHORIZED_VIEWER`; None where it gave none.
    request_id:  names the call in the server's log.
    rate_limit:  the account's quota after the request; None where the answer did not tell.
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
        self.status = status
        self.code = code
        self.request_id = request_id
        self.rate_limit = rate_limit

    def with_context_of(self, other: "ConfrereClientError") -> Self:
        """This error with the facts of the answer that another one tells of."""
        self.status, self.code = other.status, other.code
        self.request_id, self.rate_limit = other.request_id, other.rate_limit
        return self


class InvalidRequest(ConfrereClientError):
    """The request cannot be carried out as it is; nothing was sent.

    missing:  names of the fields that the request lacks, where the server names them.
    """

    missing: tuple[str, ...] = ()


class Unauthorized(ConfrereClientError):
    """There is no API key, or it is unknown, expired or revoked."""


class Refused(ConfrereClientError):
    """LinkedIn, or the server, said no: do not repeat it.

    details:  LinkedIn's own answer; None where the server itself refused, as for a key that lacks a scope.
    """

    details: Refusal | None = None


class NotFound(ConfrereClientError):
    """There is nothing of this name; or `base_url` is not that of the API."""


class RateLimited(ConfrereClientError):
    """A quota is used up, or LinkedIn throttles the account.

    retry_after:  seconds after which a repeat can succeed; None where the server did not tell.
    hold_until:   aware; how long the account rests because LinkedIn throttles it, else None.
    """

    retry_after: float | None = None
    hold_until: datetime | None = None


class NotSent(ConfrereClientError):
    """Certainly nothing was sent, and the unit was given back; a new try is a new send."""


class OutcomeUnknown(ConfrereClientError):
    """LinkedIn may have the message.

    idempotency_key:    the key of the send.
    server_keeps_keys:  True: a repeat with this key and the same arguments within 24 hours is safe, since the server
                        looks for the message first. False: a repeat can send it twice. None: it is not known.
    """

    idempotency_key: str | None = None
    server_keeps_keys: bool | None = None


class ServerError(ConfrereClientError):
    """The server failed, or its answer cannot be understood."""


class ConnectionFailed(ConfrereClientError):
    """There was no answer. Where a send raises this, its request never left."""
