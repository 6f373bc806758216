"""Values, parameters and answers that the examples of several operations share."""

from datetime import UTC, datetime, timedelta

from confrere.api.compatible.errors import Echo
from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Node, Parameter
from confrere.api.reference.schemas import text
from confrere.domain import errors
from confrere.domain.account import Account, AccountStatus
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send
from confrere.http.answer import Answer

RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
OPTED_OUT = "urn:li:fsd_profile:ACoAAC4hVx0BkQm1u8Wl2nR7tYpD3sXfGzEo6Ja"
GROUP = "12345678"
TEXT = "Hello fellow group member!"
ACCOUNT_ID = "65f1a2b3c4d5e6f708192a3b"
SEND_ID = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
KEY_ID = "5d41402abc4b2a76b9719d91"
REQUEST_NAME = "order-4711"
MESSAGE_URN = "urn:li:msg_message:(urn:li:fsd_profile:ACoAABtq3u0B,2-MTc3MzQ3ODg0NA==)"
CONVERSATION_URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAABtq3u0B,2-NjVmMWEyYjM=)"
SEND_BODY: Node = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT}

NOW = datetime(2026, 3, 14, 9, 0, 43, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
RESERVED = datetime(2026, 3, 14, 9, 0, 42, 310_000, tzinfo=UTC)
ECHO = Echo(RECIPIENT, GROUP)

QUOTA = Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, 42, MIDNIGHT)
QUOTAS = (
    QUOTA,
    Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 0, MIDNIGHT),
    Quota(Action.GROUP_FIRST_CONTACT, None, 17, datetime(2026, 4, 1, tzinfo=UTC)),
)
ANNA = Account(
    id=ACCOUNT_ID,
    workspace_id="default",
    profile_urn="urn:li:fsd_profile:ACoAABtq3u0B",
    first_name="Anna",
    last_name="Lindqvist",
    public_id="anna-lindqvist",
    picture=None,
    premium=False,
    status=AccountStatus.AVAILABLE,
    status_reason=None,
    enabled=True,
    is_default=True,
    daily_limit=MESSAGES_PER_DAY_CEILING,
    hold_until=None,
    session_version=3,
    created_at=datetime(2026, 2, 2, 10, 30, tzinfo=UTC),
    last_used_at=RESERVED,
)
SEND = Send(
    id=SEND_ID,
    request_id=REQUEST_NAME,
    workspace_id="default",
    account_id=ACCOUNT_ID,
    recipient=RECIPIENT,
    group_id=GROUP,
    origin_token="",
    outcome=OutcomeName.ACCEPTED,
    reason=None,
    refusal=None,
    message_urn=MESSAGE_URN,
    conversation_urn=CONVERSATION_URN,
    window_start=MIDNIGHT - timedelta(days=1),
    created_at=RESERVED,
    ended_at=RESERVED + timedelta(milliseconds=818),
    settled_at=RESERVED + timedelta(milliseconds=818),
    absent_at=None,
)

# ---- answers ----------------------------------------------------------------------------------------------------

UNKNOWN_ACCOUNT = Example(
    "unknownAccount", "The workspace has no such account", errors.NotFound("There is no such account in this workspace")
)
UNKNOWN_SEND = Example(
    "unknownSend", "The workspace has no such send", errors.NotFound("There is no such send in this workspace")
)
OUTCOME_NAME = Example(
    "outcomeName",
    "There is no such outcome",
    errors.InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}"),
)
BAD_CURSOR = Example(
    "cursor", "The cursor is none of ours", errors.InvalidField("cursor", "must be the nextCursor of the page before")
)
ACCOUNT_FORM = Example(
    "accountForm",
    "The account's id is not of its form",
    errors.InvalidField("accountId", "must be 24 hexadecimal digits, the id of an account of this workspace"),
)


def exported(name: str, summary: str, content: bytes, media_type: str) -> Example:
    """A file."""
    headers = ((b"content-disposition", b""),)
    return Example(name, summary, Answer(200, content.decode(), headers=headers, media_type=media_type))


# ---- parameters -------------------------------------------------------------------------------------------------

REQUEST_ID = Parameter(
    "X-Request-Id",
    "header",
    "Your own name for the request, up to 128 letters, digits and `._:-`. It is returned, and stands on every "
    "line that the server logs of it.",
    text(),
    REQUEST_NAME,
)
SEND_IN_PATH = Parameter("sendId", "path", "The send's id, from the ledger.", schemas.SEND_ID, SEND_ID)
CURSOR = Parameter(
    "cursor",
    "query",
    "`nextCursor` of the page before; absent for the first page.",
    text(pattern="^[A-Za-z0-9_-]*$"),
)
FILTERS = (
    Parameter("outcome", "query", "Only sends with this outcome.", text(one_of=list(OutcomeName)), "accepted"),
    Parameter(
        "groupId",
        "query",
        "Only sends in this group: its digits, `urn:li:fsd_group:<digits>` or its URL.",
        schemas.GROUP,
        GROUP,
    ),
    Parameter(
        "recipient",
        "query",
        "Only sends to this person: `urn:li:fsd_profile:<id>` or a bare `ACoAA…` id.",
        schemas.PROFILE,
        RECIPIENT,
    ),
    Parameter(
        "since",
        "query",
        "Only sends from this moment on, ISO 8601 with its time zone.",
        schemas.TIME,
        "2026-03-14T00:00:00Z",
    ),
    Parameter(
        "until",
        "query",
        "Only sends before this moment, ISO 8601 with its time zone.",
        schemas.TIME,
        "2026-03-15T00:00:00Z",
    ),
)
"""Which sends of the ledger."""


def account_in_path(listed_at: str) -> Parameter:
    """The account's id in a path. listed_at: the operation that lists the accounts."""
    return Parameter("accountId", "path", f"The account's id, from `{listed_at}`.", schemas.ID, ACCOUNT_ID)


def limit(items: str, default: int, most: int) -> Parameter:
    """The size of a page."""
    return Parameter("limit", "query", f"How many {items} a page has.", schemas.integer(1, most, default=default), 20)


def account_in_body(description: str) -> Node:
    """An optional account's id."""
    return schemas.nullable({**schemas.ACCOUNT, "description": description})
