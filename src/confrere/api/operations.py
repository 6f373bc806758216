"""The table of the API's operations: what the reference says of each, and an example of every answer.

Examples are made by the code that makes the answers, so they cannot tell anything else than the server does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from confrere.api import bodies
from confrere.api.errors import (
    INTERNAL_ERROR,
    SEND_ERROR,
    Answer,
    Echo,
    answer_for_error,
    answer_for_outcome,
    held_answer,
)
from confrere.api.request import MAX_BODY_BYTES
from confrere.api.samples import Call
from confrere.api.sends import DEFAULT_PAGE, MAX_PAGE, MISSING
from confrere.domain import errors
from confrere.domain.account import AccountStatus
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, OutcomeName, Refused, Unknown

Node = dict[str, object]
"""A JSON object of the document."""

MESSAGING, ACCOUNTS, LEDGER, SERVER = "Messaging", "Accounts", "Sends", "Server"

RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
GROUP = "12345678"
TEXT = "Hello fellow group member!"
ACCOUNT_ID = "65f1a2b3c4d5e6f708192a3b"
SEND_ID = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
MESSAGE_URN = "urn:li:msg_message:(urn:li:fsd_profile:ACoAABtq3u0B,2-MTc3MzQ3ODg0NA==)"
CONVERSATION_URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAABtq3u0B,2-NjVmMWEyYjM=)"

_NOW = datetime(2026, 3, 14, 9, 0, 43, tzinfo=UTC)
_MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
_QUOTA = Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, 42, _MIDNIGHT)
_ECHO = Echo(RECIPIENT, GROUP)


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an operation. `name` is unique within its status."""

    name: str
    summary: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in a path, a query or a header."""

    name: str
    place: str
    description: str
    schema: Node
    example: object = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    path:      as in the document, names of its parts in camel case.
    needs:     the scope that the key must have; None where no key is needed.
    says:      what a status means here, where the common words do not fit.
    text:      the media type of a 200 that is not JSON.
    in_api:    whether it stands under the base path, with all that its answers promise.
    """

    method: str
    path: str
    operation_id: str
    tag: str
    summary: str
    description: str
    needs: Scope | None
    call: Call
    examples: Sequence[Example]
    parameters: Sequence[Parameter] = ()
    request: Node | None = None
    says: Mapping[int, str] = field(default_factory=dict)
    replays: frozenset[int] = frozenset()
    text: str | None = None
    in_api: bool = True


def _refused(name: str, summary: str, error: errors.ConfrereError) -> Example:
    return Example(name, summary, answer_for_error(error, _NOW))


def _failed(name: str, summary: str, status: int, text: str) -> Example:
    return Example(name, summary, Answer(status, bodies.Failure(error=text)))


def _refused_by_linkedin(status: int, status_text: str, code: str, text: str) -> Answer:
    refusal = Refused(status, status_text, code, text)
    return answer_for_outcome(refusal, _ECHO, _QUOTA, hold_until=None, now=_NOW)


def _failed_send(outcome: NotSent | Unknown) -> Answer:
    return answer_for_outcome(outcome, _ECHO, _QUOTA, hold_until=None, now=_NOW)


# ---- answers that many operations give --------------------------------------------------------------------------

_UNAUTHORIZED = _refused("unauthorized", "No key, or one that is unknown, expired or revoked", errors.Unauthorized())
_BUG = Example("internalError", "A bug of the server; its log names the request id", Answer(500, INTERNAL_ERROR))
_LATE = Example(
    "notInTime",
    "The store did not answer in time",
    Answer(500, bodies.Limited(error="The request was not answered in time")),
)
_STORE_AWAY = _refused("storeUnavailable", "The store is away; nothing was sent", errors.StoreUnavailable())
_BODY_LATE = _failed("bodyTooSlow", "The body trickled in", 408, "The body did not arrive in time; send it at once")
_BODY_LARGE = _failed(
    "bodyTooLarge",
    f"The body is over {MAX_BODY_BYTES // 1024} KiB",
    413,
    f"The body must be at most {MAX_BODY_BYTES // 1024} KiB",
)


def _wrong_method(method: str, allowed: str) -> Example:
    body = bodies.Failure(error=f"{method} is not allowed here; use {allowed}")
    return Example(
        "wrongMethod", "This path takes another method", Answer(405, body, None, ((b"allow", allowed.encode()),))
    )


def _lacks(scope: Scope) -> Example:
    return _refused("scopeMissing", f"The key may not do this: it lacks the scope `{scope}`", errors.Forbidden(scope))


def _read_examples(*own: Example) -> list[Example]:
    """The answers of an endpoint that reads, in the order of their statuses."""
    common = [_UNAUTHORIZED, _lacks(Scope.READ), _wrong_method("POST", "GET, HEAD"), _LATE, _BUG, _STORE_AWAY]
    return sorted([*own, *common], key=lambda example: example.answer.status)


_UNKNOWN_ACCOUNT = _refused(
    "unknownAccount", "The workspace has no such account", errors.NotFound("There is no such account in this workspace")
)


def _without_account(name: str, summary: str, text: str) -> Example:
    return Example(name, summary, Answer(404, bodies.NoAccount(error=text)))


_NO_SUCH_ACCOUNT = _without_account(
    "unknownAccount", "The workspace has no such account", "There is no such account in this workspace"
)

# ---- parameters -------------------------------------------------------------------------------------------------

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Names this send: 1 to 255 visible ASCII characters, kept for 24 hours. A repeat with the same key and the same "
    "body gets the first answer again, with `Idempotency-Replayed: true`; with another body it is a 422, "
    "and while the first still runs a 409. After an answer that touched nothing the key is free again.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7E]+$"},
    "order-4711-hello",
)
REQUEST_ID = Parameter(
    "X-Request-Id",
    "header",
    "Your own name for the request, up to 128 letters, digits and `._:-`. It is returned, and stands on every "
    "line that the server logs of it.",
    {"type": "string"},
    "order-4711",
)
ACCOUNT_IN_PATH = Parameter(
    "accountId",
    "path",
    "The account's id, from `GET /linkedin/accounts`.",
    {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    ACCOUNT_ID,
)
_LEDGER_FILTERS = (
    Parameter(
        "outcome",
        "query",
        "Only sends with this outcome.",
        {"type": "string", "enum": [str(name) for name in OutcomeName]},
        "accepted",
    ),
    Parameter(
        "groupId",
        "query",
        "Only sends in this group: its digits, `urn:li:fsd_group:<digits>` or its URL.",
        {"type": "string"},
        GROUP,
    ),
    Parameter(
        "recipient",
        "query",
        "Only sends to this person: `urn:li:fsd_profile:<id>` or a bare `ACoAA…` id.",
        {"type": "string"},
        RECIPIENT,
    ),
    Parameter(
        "since",
        "query",
        "Only sends from this moment on, ISO 8601 with its time zone.",
        {"type": "string", "format": "date-time"},
        "2026-03-14T00:00:00Z",
    ),
    Parameter(
        "until",
        "query",
        "Only sends before this moment, ISO 8601 with its time zone.",
        {"type": "string", "format": "date-time"},
        "2026-03-15T00:00:00Z",
    ),
    Parameter(
        "limit",
        "query",
        "How many sends a page has.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
        20,
    ),
    Parameter("cursor", "query", "`nextCursor` of the page before; absent for the first page.", {"type": "string"}),
)

# ---- the request body of a send ---------------------------------------------------------------------------------

SEND_BODY: Node = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT}
SEND_REQUEST: Node = {
    "title": "SendGroupRequest",
    "description": "One message to one person. Fields that are not listed are ignored.",
    "type": "object",
    "properties": {
        "accountId": {
            "type": ["string", "null"],
            "pattern": "^([0-9a-fA-F]{24})?$",
            "description": "LinkedIn account ID to use. If not provided, uses the default account.",
            "examples": [ACCOUNT_ID],
        },
        "recipientProfileUrn": {
            "type": "string",
            "pattern": "^(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}|ACoAA[A-Za-z0-9_-]{1,59})$",
            "description": "Recipient LinkedIn profile URN; a bare `ACoAA…` id is taken too.",
            "examples": [RECIPIENT],
        },
        "recipientProfileId": {
            "type": "string",
            "description": "The same under an older name; read where `recipientProfileUrn` is absent.",
        },
        "groupId": {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": "^((urn:li:fsd_group:)?[0-9]{1,19}"
                    "|https?://([a-z]{2,3}\\.)?linkedin\\.com/groups/[0-9]{1,19}([/?#].*)?)$",
                },
                {"type": "integer", "minimum": 0, "maximum": 10**19 - 1},
            ],
            "description": "LinkedIn group ID that both sender and recipient are members of: its digits. "
            "`urn:li:fsd_group:<digits>` and the group's URL are taken too. The answer echoes what you sent.",
            "examples": [GROUP],
        },
        "message": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_CHARACTERS,
            "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
            "description": "Message content to send, unchanged to the last blank. "
            f"At most {MAX_CHARACTERS:,} Unicode characters.",
            "examples": [TEXT],
        },
    },
    "required": ["groupId", "message"],
    "anyOf": [{"required": ["recipientProfileUrn"]}, {"required": ["recipientProfileId"]}],
}

# ---- the operations ---------------------------------------------------------------------------------------------

SEND_GROUP = Operation(
    method="POST",
    path="/linkedin/messaging/send-group",
    operation_id="sendGroupMessage",
    tag=MESSAGING,
    summary="Send message with group context",
    description=(
        "Send a LinkedIn message to someone using group membership context. Allows messaging non-connections who are "
        "members of the same LinkedIn group without using InMail credits. "
        f"Rate limit: {MESSAGES_PER_DAY_CEILING} messages per day per account.\n\n"
        "The message is attempted once and never again by itself. What became of it is always told:\n\n"
        "- **200** LinkedIn accepted the message.\n"
        "- **403** LinkedIn, or the workspace's do-not-contact list, said no to it. Its unit is given back.\n"
        "- **500** with `outcome: not_sent`: certainly nothing was sent, the unit is given back.\n"
        "- **500** with `outcome: unknown`: LinkedIn may have it. Repeat the same request: it looks in the "
        "conversation first, and sends only if the message is certainly not there.\n\n"
        "Every answer comes within 25 seconds."
    ),
    needs=Scope.SEND,
    call=Call(
        "POST",
        "/linkedin/messaging/send-group",
        SEND_BODY,
        sends=True,
        shown_headers=("X-RateLimit-Remaining",),
    ),
    parameters=(IDEMPOTENCY_KEY,),
    request=SEND_REQUEST,
    replays=frozenset({200, 403}),
    says={
        200: "Group context message sent successfully",
        400: "Bad request - Missing required parameter, or one of a wrong form",
        401: "Unauthorized - Invalid or missing API key",
        403: "Forbidden - Not authorized to message this user via group",
        429: "Rate limit exceeded",
        500: "Server error",
    },
    examples=[
        Example(
            "sent",
            "LinkedIn accepted the message",
            answer_for_outcome(Accepted(MESSAGE_URN, CONVERSATION_URN), _ECHO, _QUOTA, hold_until=None, now=_NOW),
        ),
        _refused("missing", "A required field is missing, null or blank", errors.MissingFields(MISSING)),
        _refused(
            "recipientForm",
            "A name or a profile's address is no URN",
            errors.InvalidField(
                "recipientProfileUrn", "must be of the form urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
            ),
        ),
        _refused(
            "groupForm",
            "The group's name is no id",
            errors.InvalidField("groupId", "must be 1 to 19 digits, urn:li:fsd_group:<digits> or the URL of a group"),
        ),
        _refused(
            "messageLength",
            "The message is too long",
            errors.InvalidField("message", f"must be at most {MAX_CHARACTERS:,} characters long"),
        ),
        _refused(
            "accountForm",
            "The account's id is not of its form",
            errors.InvalidField("accountId", "must be 24 hexadecimal digits, the id of an account of this workspace"),
        ),
        _refused("notJson", "The body is not a JSON object", errors.InvalidField("The body", "must be a JSON object")),
        _UNAUTHORIZED,
        Example(
            "refused",
            "LinkedIn refused the sender this recipient in this group",
            _refused_by_linkedin(
                403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource"
            ),
        ),
        Example(
            "optedOut",
            "The recipient is on the do-not-contact list; LinkedIn was not called",
            answer_for_outcome(OPTED_OUT, _ECHO, _QUOTA, hold_until=None, now=_NOW),
        ),
        Example(
            "refusedOtherwise",
            "LinkedIn said no with another status",
            _refused_by_linkedin(404, "Not Found", "RESOURCE_NOT_FOUND", "The recipient cannot be found"),
        ),
        _lacks(Scope.SEND),
        _wrong_method("GET", "POST"),
        _BODY_LATE,
        _refused("keyInUse", "The first request with this Idempotency-Key still runs", errors.KeyInUse(_QUOTA)),
        _BODY_LARGE,
        _refused("keyReused", "The Idempotency-Key was used with another body", errors.KeyReused(_QUOTA)),
        _refused(
            "usedUp",
            "The account's day is used up",
            errors.QuotaUsedUp(Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, MESSAGES_PER_DAY_CEILING, _MIDNIGHT)),
        ),
        Example(
            "held",
            "LinkedIn throttles the account; it rests until `holdUntil`",
            held_answer(_NOW.replace(hour=10), _QUOTA, _NOW),
        ),
        _refused(
            "noCredentials",
            "The account has no session that LinkedIn takes; connect it again",
            errors.NoSession(ACCOUNT_ID, _QUOTA),
        ),
        Example(
            "notSent", "Certainly nothing was sent", _failed_send(NotSent("no connection to LinkedIn could be made"))
        ),
        Example("unknown", "LinkedIn may have the message", _failed_send(Unknown("LinkedIn did not answer in time"))),
        Example(
            "notInTime",
            "No answer in time; the send goes on, and an identical request joins it",
            Answer(500, bodies.SendFailed(error=f"{SEND_ERROR}no answer within 24 s", outcome="unknown")),
        ),
        _BUG,
        _STORE_AWAY,
        _refused("stopping", "The server is stopping", errors.Draining()),
    ],
)

_SEND_ITEM = bodies.SendItem(
    id=SEND_ID,
    request_id="order-4711",
    recipient_profile_urn=RECIPIENT,
    group_id=GROUP,
    outcome=OutcomeName.ACCEPTED,
    reason=None,
    message_urn=MESSAGE_URN,
    conversation_urn=CONVERSATION_URN,
    created_at="2026-03-14T09:00:42.310Z",
    settled_at="2026-03-14T09:00:43.128Z",
)

LIST_SENDS = Operation(
    method="GET",
    path="/linkedin/account/{accountId}/sends",
    operation_id="listSends",
    tag=LEDGER,
    summary="List an account's sends",
    description="The ledger of everything that the account sent or tried to send, newest first, page by page. "
    "Filters can be combined. The text of a message is told by `GET /linkedin/sends/{sendId}` only.",
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/account/{ACCOUNT_ID}/sends?outcome=accepted&limit=20"),
    parameters=(ACCOUNT_IN_PATH, *_LEDGER_FILTERS),
    examples=_read_examples(
        Example(
            "page",
            "One page, and a cursor for the next",
            Answer(
                200,
                bodies.SendList(
                    account_id=ACCOUNT_ID,
                    sends=[
                        _SEND_ITEM,
                        msgspec.structs.replace(
                            _SEND_ITEM,
                            id="019cea5a81c07d1c9a3fb0c6d9112e4f",
                            request_id="3f0d6c1ba95e4b50a7f2c08d41e6b9aa",
                            outcome=OutcomeName.UNKNOWN,
                            reason="LinkedIn did not answer in time",
                            message_urn=None,
                            conversation_urn=None,
                            created_at="2026-03-14T08:59:58.208Z",
                            settled_at="2026-03-14T09:00:18.214Z",
                        ),
                    ],
                    next_cursor="AZzqWoHAfRyaP7DG2REuTw",
                ),
            ),
        ),
        _refused(
            "limitRange",
            "A parameter is out of its range",
            errors.InvalidField("limit", f"must be a whole number from 1 to {MAX_PAGE}"),
        ),
        _refused(
            "outcomeName",
            "There is no such outcome",
            errors.InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}"),
        ),
        _UNKNOWN_ACCOUNT,
    ),
)

READ_SEND = Operation(
    method="GET",
    path="/linkedin/sends/{sendId}",
    operation_id="readSend",
    tag=LEDGER,
    summary="Read one send",
    description="One row of the ledger with the message's text.",
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/sends/{SEND_ID}"),
    parameters=(
        Parameter(
            "sendId",
            "path",
            "The send's id, from the ledger.",
            {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            SEND_ID,
        ),
    ),
    examples=_read_examples(
        Example(
            "send",
            "The send",
            Answer(
                200,
                bodies.OneSend(
                    account_id=ACCOUNT_ID,
                    send=bodies.SendDetail(**msgspec.structs.asdict(_SEND_ITEM), message=TEXT),
                ),
            ),
        ),
        _refused(
            "unknownSend",
            "The workspace has no such send",
            errors.NotFound("There is no such send in this workspace"),
        ),
    ),
)

LIST_ACCOUNTS = Operation(
    method="GET",
    path="/linkedin/accounts",
    operation_id="listAccounts",
    tag=ACCOUNTS,
    summary="List accounts",
    description="The workspace's LinkedIn accounts, the default one first. LinkedIn is not asked.",
    needs=Scope.READ,
    call=Call("GET", "/linkedin/accounts"),
    parameters=(
        Parameter(
            "q",
            "query",
            "Only accounts whose name or public id contains this, or whose id or profile URL it is.",
            {"type": "string"},
            "anna",
        ),
    ),
    examples=_read_examples(
        Example(
            "accounts",
            "The accounts",
            Answer(
                200,
                [
                    bodies.AccountItem(
                        id=ACCOUNT_ID,
                        first_name="Anna",
                        last_name="Lindqvist",
                        public_id="anna-lindqvist",
                        picture=None,
                        status=AccountStatus.AVAILABLE,
                        enabled=True,
                        api_seat_allocated=True,
                    )
                ],
            ),
        ),
    ),
)

_STATUS = Example(
    "status",
    "The account",
    Answer(
        200,
        bodies.AccountStatusBody(
            id=ACCOUNT_ID,
            first_name="Anna",
            last_name="Lindqvist",
            public_id="anna-lindqvist",
            status=AccountStatus.AVAILABLE,
            enabled=True,
            last_used="2026-03-14T09:00:42.310Z",
            has_tokens=True,
            linkedin_plan=bodies.LinkedInPlan(premium_type=None, is_premium=False),
        ),
    ),
)

READ_RECENT_STATUS = Operation(
    method="GET",
    path="/linkedin/account/status",
    operation_id="readRecentAccountStatus",
    tag=ACCOUNTS,
    summary="Read an account's status",
    description="One account; without an id the most recently used one. `ERROR` means that LinkedIn no longer takes "
    "its session and a person must connect it again.",
    needs=Scope.READ,
    call=Call("GET", "/linkedin/account/status"),
    parameters=(
        Parameter(
            "accountId",
            "query",
            "The account's id; absent for the most recently used one.",
            {"type": "string"},
            ACCOUNT_ID,
        ),
    ),
    examples=_read_examples(
        _STATUS,
        _NO_SUCH_ACCOUNT,
        _without_account(
            "noAccount",
            "No account is connected yet",
            "No account is connected in this workspace",
        ),
    ),
)

READ_STATUS = Operation(
    method="GET",
    path="/linkedin/account/{accountId}/status",
    operation_id="readAccountStatus",
    tag=ACCOUNTS,
    summary="Read an account's status by its id",
    description="The same with the id in the path.",
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/account/{ACCOUNT_ID}/status"),
    parameters=(ACCOUNT_IN_PATH,),
    examples=_read_examples(_STATUS, _NO_SUCH_ACCOUNT),
)

READ_QUOTAS = Operation(
    method="GET",
    path="/linkedin/account/{accountId}/quota",
    operation_id="readAccountQuota",
    tag=ACCOUNTS,
    summary="Read an account's quotas",
    description=(
        "How much of each quota is used. LinkedIn is not asked.\n\n"
        f"- `MESSAGE`: messages a day, at most {MESSAGES_PER_DAY_CEILING}. Used are those that LinkedIn accepted, "
        "those in flight, and those whose fate is unknown.\n"
        "- `GROUP_MEMBERS`: members of groups read a day.\n"
        "- `GROUP_FIRST_CONTACT`: people written to for the first time through a group, a month. `linkedinLimit` "
        "is the only allowance for it that LinkedIn ever published, in 2015; `limit` is null unless one is configured."
    ),
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/account/{ACCOUNT_ID}/quota"),
    parameters=(ACCOUNT_IN_PATH,),
    examples=_read_examples(
        Example(
            "quotas",
            "The quotas",
            Answer(
                200,
                bodies.Quotas(
                    account_id=ACCOUNT_ID,
                    quotas=[
                        bodies.QuotaItem(
                            feature=Action.MESSAGE,
                            window="daily",
                            used=42,
                            limit=150,
                            linkedin_limit=None,
                            remaining=108,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-03-15T00:00:00Z",
                        ),
                        bodies.QuotaItem(
                            feature=Action.GROUP_MEMBERS,
                            window="daily",
                            used=0,
                            limit=1000,
                            linkedin_limit=None,
                            remaining=1000,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-03-15T00:00:00Z",
                        ),
                        bodies.QuotaItem(
                            feature=Action.GROUP_FIRST_CONTACT,
                            window="monthly",
                            used=17,
                            limit=None,
                            linkedin_limit=15,
                            remaining=None,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-04-01T00:00:00Z",
                        ),
                    ],
                ),
            ),
        ),
        _UNKNOWN_ACCOUNT,
    ),
)

READ_OPENAPI = Operation(
    method="GET",
    path="/linkedin/openapi.json",
    operation_id="readOpenapi",
    tag=SERVER,
    summary="Read this document",
    description="The OpenAPI 3.1 document of this API.",
    needs=None,
    call=Call("GET", "/linkedin/openapi.json", needs_key=False),
    examples=[_wrong_method("POST", "GET, HEAD"), _BUG],
)

READ_HEALTH = Operation(
    method="GET",
    path="/health",
    operation_id="readHealth",
    tag=SERVER,
    summary="Is the process alive",
    description="Answers as long as the process does.",
    needs=None,
    call=Call("GET", "/health", needs_key=False),
    in_api=False,
    examples=[Example("alive", "It is", Answer(200, bodies.Alive()))],
)

READ_READINESS = Operation(
    method="GET",
    path="/ready",
    operation_id="readReadiness",
    tag=SERVER,
    summary="Can it do its work",
    description="Whether the store answers and a worker lives.",
    needs=None,
    call=Call("GET", "/ready", needs_key=False),
    in_api=False,
    says={200: "It can", 503: "It cannot yet, or no longer; `checks` says why"},
    examples=[
        Example(
            "ready", "All is well", Answer(200, bodies.Readiness(status="ok", checks={"store": "ok", "worker": "ok"}))
        ),
        Example(
            "noWorker",
            "No worker runs",
            Answer(
                503,
                bodies.Readiness(
                    status="not ready",
                    checks={"store": "ok", "worker": "no worker runs: unknown sends are not looked for"},
                ),
            ),
        ),
        _STORE_AWAY,
    ],
)

READ_METRICS = Operation(
    method="GET",
    path="/metrics",
    operation_id="readMetrics",
    tag=SERVER,
    summary="Read the metrics",
    description="Counters for Prometheus, in its text format. Nothing in them names a person, a key or a text.",
    needs=None,
    call=Call("GET", "/metrics", needs_key=False, answers_json=False),
    in_api=False,
    text="text/plain",
    examples=[],
)

OPERATIONS: Sequence[Operation] = (
    SEND_GROUP,
    LIST_SENDS,
    READ_SEND,
    LIST_ACCOUNTS,
    READ_RECENT_STATUS,
    READ_STATUS,
    READ_QUOTAS,
    READ_OPENAPI,
    READ_HEALTH,
    READ_READINESS,
    READ_METRICS,
)
"""In the order in which the reference shows them. Every route of the application is here, by test."""
