"""What the OpenAPI document says in words: of the whole API, its parts, its statuses and its headers."""

from confrere.api.reference.operation import Node
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING

DESCRIPTION = f"""\
Send LinkedIn messages to fellow group members, from your own account, on your own server: within quota, never twice,
and with a true answer about each.

**Not affiliated with LinkedIn or with any vendor.** Confrere speaks the private protocol of LinkedIn's web client with
your own session. LinkedIn can change that protocol on any day, and its terms do not allow automation: your account
carries the risk. {MESSAGES_PER_DAY_CEILING} messages a day is a ceiling, not a recommendation; LinkedIn may throttle an
account well before it.

## Authentication

Send an API key of this server as `Authorization: Bearer <key>`, or as `X-API-Key` where no `Authorization` is given;
it is never read from a query. A key belongs to a workspace and has scopes: `read`; `send`, which includes `read`;
`admin`, which includes both.

## Rate limit headers

Every answer under `/linkedin`, errors included, carries five headers with the account's state after the request.
`X-RateLimit-Limit`, `X-RateLimit-Used` and `X-RateLimit-Remaining` are 0 where no account is known, as after a 401.

## Repeats

Send an `Idempotency-Key` with every message: a repeat is then given the first answer, and nothing is sent twice.
Without one, an identical request within 10 minutes of one that ended `unknown`, or whose answer never reached you,
joins that one.

## Management

Under `/v1` stands this server's own API, for what the command line does too. Every list is
`{{"items": […], "nextCursor": …}}`: give `nextCursor` as `cursor` for the next page, until it is null. Its answers
carry `X-Request-Id` and no rate limit headers.

## Errors

Every error is JSON that says what is wrong in one sentence: in `error`, or in `message` where LinkedIn refused; under
`/v1` as problem details (RFC 9457, `application/problem+json`), in `detail`, with a `type` that never changes. An
unknown path is a 404, another method a 405 with `Allow`, a head over 64 KiB a 431, and what is not HTTP a 400.
Fields and parameters that the server does not know are ignored.
"""

TAGS = {
    "Messaging": "Sending messages.",
    "Groups": "Groups and their members. LinkedIn is asked.",
    "Sends": "The ledger: what was sent, and what became of it.",
    "Accounts": "LinkedIn accounts, their state and their quotas. LinkedIn is not asked.",
    "Management": "This server's own API for what the command line does too. Errors are problem details.",
    "Server": "The server itself. No key is needed.",
}

STATUS_TEXT = {
    200: "Success",
    201: "Made",
    204: "Done; there is no body",
    400: "Bad request - A parameter has a wrong form",
    401: "Unauthorized - Invalid or missing API key",
    403: "Forbidden - The key lacks the scope",
    404: "Not found",
    405: "Method not allowed",
    408: "The body did not arrive in time",
    409: "Conflict - The first request with this Idempotency-Key is still running",
    413: "The body is too large",
    415: "The body is compressed; send it as it is",
    422: "The Idempotency-Key was used with another body",
    429: "Rate limit exceeded",
    500: "Server error",
    502: "LinkedIn could not be asked",
    503: "The server cannot do it now; repeat the request after Retry-After seconds",
    504: "The request was not answered in time",
}

_COUNT: Node = {"type": "integer", "minimum": 0}


def _header(description: str, example: object, schema: Node | None = None) -> Node:
    return {"description": description, "schema": schema or {"type": "string"}, "example": example}


HEADERS: dict[str, Node] = {
    "X-RateLimit-Action": _header(
        "The action type being rate limited", "MESSAGE", {"type": "string", "enum": ["MESSAGE", "GROUP_MEMBERS"]}
    ),
    "X-RateLimit-Limit": _header("Maximum actions allowed per period", 150, _COUNT),
    "X-RateLimit-Used": _header("Actions used in current period", 42, _COUNT),
    "X-RateLimit-Remaining": _header("Actions remaining", 108, _COUNT),
    "X-RateLimit-Reset": _header(
        "ISO 8601 timestamp when limit resets", "2026-03-15T00:00:00Z", {"type": "string", "format": "date-time"}
    ),
    "X-Request-Id": _header(
        "The request's name: yours if you gave a sane one. Every line that the server logs of it has it", "order-4711"
    ),
    "Retry-After": _header("Seconds after which a repeat is worth while", 53957, {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": _header(
        "How to authenticate. `error_description` says in which wrong form a key was given, if it was.",
        "Bearer",
        {"type": "string", "pattern": "^Bearer"},
    ),
    "Idempotency-Replayed": _header(
        "This is the answer of an earlier request with the same Idempotency-Key; absent otherwise",
        "true",
        {"type": "string", "const": "true"},
    ),
    "Cache-Control": _header("Nothing of it may be kept", "no-store", {"type": "string", "const": "no-store"}),
    "Location": _header("The path of what was made", "/v1/accounts/65f1a2b3c4d5e6f708192a3b"),
    "Content-Disposition": _header("The name that a browser gives the file", 'attachment; filename="sends.csv"'),
    "Allow": _header("The methods that this path takes", "POST"),
}
