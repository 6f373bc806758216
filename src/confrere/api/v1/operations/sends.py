"""The operations on the ledger of the whole workspace."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from confrere.api.code_samples import Call
from confrere.api.operations.ledger import FILTERS
from confrere.api.operations.messaging import SEND_BODY, SEND_REQUEST
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_PATTERN,
    CONVERSATION_URN,
    CURSOR,
    GROUP,
    MESSAGE_URN,
    MIDNIGHT,
    RECIPIENT,
    SEND_ID,
    TEXT,
    Example,
    Node,
    Operation,
    Parameter,
)
from confrere.api.v1.bodies import LedgerPage, send_detail, send_shape
from confrere.api.v1.operations.shared_examples import (
    BAD_CURSOR,
    LIMIT,
    REQUEST_NAME,
    UNKNOWN_ACCOUNT,
    managed,
    refused,
)
from confrere.api.v1.paging import CSV, JSON_LINES, to_cursor
from confrere.api.v1.sends import COLUMNS, FORMATS, MAX_NAME, preflight_body, sends_lines, sends_table
from confrere.domain import errors
from confrere.domain.csv_table import write_rows
from confrere.domain.limits import iso_z
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import History, Send
from confrere.http.answer import Answer
from confrere.sending.preflight import Check, CheckName, Prospect

_RESERVED = datetime(2026, 3, 14, 9, 0, 42, 310_000, tzinfo=UTC)
_SENT = Send(
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
    created_at=_RESERVED,
    ended_at=_RESERVED + timedelta(milliseconds=818),
    settled_at=_RESERVED + timedelta(milliseconds=818),
    absent_at=None,
)
_UNKNOWN = replace(
    _SENT,
    id="019cea5a81c07d1c9a3fb0c6d9112e4f",
    outcome=OutcomeName.UNKNOWN,
    reason="LinkedIn did not answer in time",
    message_urn=None,
    conversation_urn=None,
    created_at=_RESERVED - timedelta(minutes=10),
    ended_at=_RESERVED - timedelta(minutes=9, seconds=40),
    settled_at=_RESERVED - timedelta(minutes=9, seconds=40),
    absent_at=_RESERVED - timedelta(minutes=9, seconds=37),
)
_DELIVERED = History(answer_delivered=True, looks=0, look_at=None, holds_unit=True, idempotency_key="order-4711-hello")
_LOOKED_FOR = History(
    answer_delivered=False,
    looks=1,
    look_at=_RESERVED - timedelta(minutes=7, seconds=37),
    holds_unit=True,
    idempotency_key=None,
)

_ACCOUNT = Parameter(
    "accountId",
    "query",
    "Only sends of this account; absent: of all accounts of the workspace.",
    {"type": "string", "pattern": ACCOUNT_PATTERN},
)
_OUTCOME = refused(
    "outcomeName",
    "There is no such outcome",
    errors.InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}"),
)


def _exported(name: str, summary: str, text: bytes, media_type: str) -> Example:
    answer = Answer(200, text.decode(), headers=((b"content-disposition", b""),), media_type=media_type)
    return Example(name, summary, answer)


_SEARCH = managed(
    "GET",
    "/sends",
    "searchSends",
    "Search the ledger",
    "Everything that was sent or tried, from all accounts of the workspace, newest first, page by page. Filters can be "
    "combined.",
    Example(
        "page",
        "One page, and a cursor for the next",
        Answer(
            200,
            LedgerPage(
                items=[send_shape(_SENT), send_shape(_UNKNOWN)], next_cursor=to_cursor(bytes.fromhex(_UNKNOWN.id))
            ),
        ),
    ),
    _OUTCOME,
    BAD_CURSOR,
    UNKNOWN_ACCOUNT,
    call=Call("GET", "/v1/sends?outcome=accepted&limit=20"),
    parameters=(_ACCOUNT, *FILTERS, LIMIT, CURSOR),
)
_READ = managed(
    "GET",
    "/sends/{sendId}",
    "readSendHistory",
    "Read a send's history",
    "One row of the ledger with all that happened to it, step by step; with the message's text only if you ask for it.",
    Example("send", "The send", Answer(200, send_detail(_SENT, _DELIVERED, None))),
    Example("withText", "With `include=text`", Answer(200, send_detail(_SENT, _DELIVERED, TEXT))),
    Example(
        "lookedFor",
        "LinkedIn may have it; it was looked for once, and was absent",
        Answer(200, send_detail(_UNKNOWN, _LOOKED_FOR, None)),
    ),
    refused("include", "There is nothing else to include", errors.InvalidField("include", "must be text, or absent")),
    refused(
        "unknownSend", "The workspace has no such send", errors.NotFound("There is no such send in this workspace")
    ),
    call=Call("GET", f"/v1/sends/{SEND_ID}"),
    parameters=(
        Parameter(
            "sendId",
            "path",
            "The send's id, from the ledger.",
            {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            SEND_ID,
        ),
        Parameter("include", "query", "What to tell beside.", {"type": "string", "enum": ["text"]}),
    ),
)
_EXPORT = managed(
    "GET",
    "/sends/export",
    "exportSends",
    "Export the ledger",
    "All that the filters leave, newest first, as one file with the fields of the list; never with texts. It is "
    "written while it is read, so it may be of any length. In CSV, a text that a spreadsheet would take for a formula "
    "has an apostrophe before it.",
    _exported("csv", "`format=csv`", write_rows([COLUMNS]) + sends_table([_SENT, _UNKNOWN]), CSV),
    _exported("jsonl", "`format=jsonl`", sends_lines([_SENT, _UNKNOWN]), JSON_LINES),
    refused("format", "There is no such format", errors.InvalidField("format", f"must be {' or '.join(FORMATS)}")),
    _OUTCOME,
    UNKNOWN_ACCOUNT,
    call=Call("GET", "/v1/sends/export?format=csv", answers_json=False),
    parameters=(
        Parameter(
            "format",
            "query",
            "A table, or one JSON object a line.",
            {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]},
        ),
        _ACCOUNT,
        *FILTERS,
    ),
)

_ASKED: Node = {name: SEND_REQUEST["properties"][name] for name in ("accountId", "recipientProfileUrn", "groupId")}  # type: ignore[index]
_CHECK_REQUEST: Node = {
    "title": "CheckSendRequest",
    "description": "The send that you think of. What has a wrong form is told by the check `fields`.",
    "type": "object",
    "properties": {
        **_ASKED,
        "message": {
            "type": ["string", "null"],
            "description": "Its text, if there is one yet: only with it an identical earlier send is found.",
            "examples": [TEXT],
        },
        "askLinkedIn": {
            "type": ["boolean", "null"],
            "description": "Ask LinkedIn too, whether sender and recipient are in the group and have a conversation.",
        },
        "recipientName": {
            "type": ["string", "null"],
            "maxLength": MAX_NAME,
            "description": "What the recipient's name begins with. LinkedIn finds a group's members by nothing else; "
            "each member that is read costs a unit of `GROUP_MEMBERS`.",
            "examples": ["Bastien"],
        },
    },
}
_GOOD = (
    Check(CheckName.FIELDS, ok=True, detail="every field that was given has its form"),
    Check(
        CheckName.ACCOUNT, ok=True, detail=f"Anna Lindqvist ({ACCOUNT_ID}) is enabled, has a session and is not held"
    ),
    Check(CheckName.DO_NOT_CONTACT, ok=True, detail="the recipient is not on the do-not-contact list"),
    Check(
        CheckName.QUOTA,
        ok=True,
        detail=f"42 of 150 messages are used; they are counted anew at {iso_z(MIDNIGHT)}",
    ),
    Check(CheckName.PACING, ok=True, detail="no rule of pacing keeps it waiting"),
    Check(CheckName.RECENT_IDENTICAL, ok=True, detail="there is no identical send whose answer reached nobody"),
)
_OPTED_OUT = Check(
    CheckName.DO_NOT_CONTACT,
    ok=False,
    detail="the recipient is on the do-not-contact list since 2026-03-01T12:00:00Z",
)
_LINKEDIN_SAYS = (
    Check(CheckName.SENDER_IN_GROUP, ok=True, detail="the account is in the group, as MEMBER"),
    Check(
        CheckName.RECIPIENT_IN_GROUP,
        ok=None,
        detail="LinkedIn finds members by name only: give recipientName to have it asked",
    ),
    Check(CheckName.CONVERSATION, ok=True, detail="there is no conversation with the recipient yet"),
)


def _prospect(name: str, summary: str, *checks: Check) -> Example:
    return Example(name, summary, Answer(200, preflight_body(Prospect(checks))))


_CHECK = managed(
    "POST",
    "/sends/check",
    "checkSend",
    "Check a send without sending",
    "Whether this send would go through now, and if not why: every check that a send meets, in its order. Nothing is "
    "sent, written or taken from the day's messages.\n\n"
    "With `askLinkedIn` LinkedIn is asked too, unless a check before has failed: whether the account is in the group, "
    "whether the recipient is, and whether there is a conversation. What it does not say is null. If it objects, the "
    "account stops, as after a send.",
    _prospect("would", "It would go through", *_GOOD),
    _prospect("optedOut", "It would not", *_GOOD[:2], _OPTED_OUT, *_GOOD[3:]),
    _prospect("asked", "With `askLinkedIn`: not all can be told", *_GOOD, *_LINKEDIN_SAYS),
    refused("askForm", "A question has a wrong form", errors.InvalidField("askLinkedIn", "must be true or false")),
    call=Call("POST", "/v1/sends/check", SEND_BODY),
    request=_CHECK_REQUEST,
    dry_run=True,
)

OPERATIONS: tuple[Operation, ...] = (_SEARCH, _EXPORT, _READ, _CHECK)
