"""The operations on the ledger of the whole workspace."""

from dataclasses import replace
from datetime import timedelta

from confrere.api.reference import schemas
from confrere.api.reference.compatible.messaging import SEND_PROPERTIES
from confrere.api.reference.operation import Example, Operation, Parameter
from confrere.api.reference.schemas import nullable, text
from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    BAD_CURSOR,
    CURSOR,
    FILTERS,
    MIDNIGHT,
    OUTCOME_NAME,
    RESERVED,
    SEND,
    SEND_BODY,
    SEND_IN_PATH,
    TEXT,
    UNKNOWN_ACCOUNT,
    UNKNOWN_SEND,
    exported,
    limit,
)
from confrere.api.v1.paging import CSV, DEFAULT_PAGE, JSON_LINES, MAX_PAGE, to_cursor
from confrere.api.v1.send_bodies import LedgerPage, send_detail, send_shape
from confrere.api.v1.sends import COLUMNS, FORMATS, MAX_NAME, preflight_body, sends_lines, sends_table
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.limits import iso_z
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import History
from confrere.sending.preflight import Check, CheckName, Prospect

_UNKNOWN = replace(
    SEND,
    id="019cea5a81c07d1c9a3fb0c6d9112e4f",
    outcome=OutcomeName.UNKNOWN,
    reason="LinkedIn did not answer in time",
    message_urn=None,
    conversation_urn=None,
    created_at=RESERVED - timedelta(minutes=10),
    ended_at=RESERVED - timedelta(minutes=9, seconds=40),
    settled_at=RESERVED - timedelta(minutes=9, seconds=40),
    absent_at=RESERVED - timedelta(minutes=9, seconds=37),
)
_DELIVERED = History(answer_delivered=True, looks=0, look_at=None, holds_unit=True, idempotency_key="order-4711-hello")
_LOOKED_FOR = History(
    answer_delivered=False,
    looks=1,
    look_at=RESERVED - timedelta(minutes=7, seconds=37),
    holds_unit=True,
    idempotency_key=None,
)
_PAGE = LedgerPage(items=[send_shape(SEND), send_shape(_UNKNOWN)], next_cursor=to_cursor(bytes.fromhex(_UNKNOWN.id)))
_TABLE = write_rows([COLUMNS]) + sends_table([SEND, _UNKNOWN])

_ACCOUNT = Parameter(
    "accountId", "query", "Only sends of this account; absent: of all accounts of the workspace.", schemas.ACCOUNT
)
_CHECK_REQUEST = schemas.request(
    "CheckSendRequest",
    "The send that you think of. What has a wrong form is told by the check `fields`.",
    {
        **{name: SEND_PROPERTIES[name] for name in ("accountId", "recipientProfileUrn", "groupId")},
        "message": nullable(
            text("Its text, if there is one yet: only with it an identical earlier send is found.", example=TEXT)
        ),
        "askLinkedIn": {
            "type": ["boolean", "null"],
            "description": "Ask LinkedIn too, whether sender and recipient are in the group and have a conversation.",
        },
        "recipientName": nullable(
            text(
                "What the recipient's name begins with. LinkedIn finds a group's members by nothing else; "
                "each member that is read costs a unit of `GROUP_MEMBERS`.",
                max_length=MAX_NAME,
                example="Bastien",
            )
        ),
    },
)


def _checked(name: CheckName, detail: str, *, ok: bool | None = True) -> Check:
    return Check(name, ok=ok, detail=detail)


_GOOD = (
    _checked(CheckName.FIELDS, "every field that was given has its form"),
    _checked(CheckName.ACCOUNT, f"Anna Lindqvist ({ACCOUNT_ID}) is enabled, has a session and is not held"),
    _checked(CheckName.DO_NOT_CONTACT, "the recipient is not on the do-not-contact list"),
    _checked(CheckName.QUOTA, f"42 of 150 messages are used; they are counted anew at {iso_z(MIDNIGHT)}"),
    _checked(CheckName.PACING, "no rule of pacing keeps it waiting"),
    _checked(CheckName.RECENT_IDENTICAL, "there is no identical send whose answer reached nobody"),
)
_OPTED_OUT = "the recipient is on the do-not-contact list since 2026-03-01T12:00:00Z"
_ASKED = (
    _checked(CheckName.SENDER_IN_GROUP, "the account is in the group, as MEMBER"),
    _checked(
        CheckName.RECIPIENT_IN_GROUP,
        "LinkedIn finds members by name only: give recipientName to have it asked",
        ok=None,
    ),
    _checked(CheckName.CONVERSATION, "there is no conversation with the recipient yet"),
)


def _prospect(name: str, summary: str, *checks: Check) -> Example:
    return Example(name, summary, preflight_body(Prospect(checks)))


OPERATIONS = (
    Operation(
        "GET",
        "/v1/sends",
        "searchSends",
        "Search the ledger",
        "Everything that was sent or tried, from all accounts of the workspace, newest first, page by page. Filters "
        "can be combined.",
        [Example("page", "One page, and a cursor for the next", _PAGE), OUTCOME_NAME, BAD_CURSOR, UNKNOWN_ACCOUNT],
        parameters=(_ACCOUNT, *FILTERS, limit("items", DEFAULT_PAGE, MAX_PAGE), CURSOR),
        query="outcome=accepted&limit=20",
    ),
    Operation(
        "GET",
        "/v1/sends/export",
        "exportSends",
        "Export the ledger",
        "All that the filters leave, newest first, as one file with the fields of the list; never with texts. It is "
        "written while it is read, so it may be of any length. In CSV, a text that a spreadsheet would take for a "
        "formula has an apostrophe before it.",
        [
            exported("csv", "`format=csv`", _TABLE, CSV),
            exported("jsonl", "`format=jsonl`", sends_lines([SEND, _UNKNOWN]), JSON_LINES),
            Example("format", "There is no such format", InvalidField("format", f"must be {' or '.join(FORMATS)}")),
            OUTCOME_NAME,
            UNKNOWN_ACCOUNT,
        ],
        parameters=(
            Parameter(
                "format",
                "query",
                "A table, or one JSON object a line.",
                {**text(one_of=FORMATS), "default": FORMATS[0]},
            ),
            _ACCOUNT,
            *FILTERS,
        ),
        query="format=csv",
    ),
    Operation(
        "GET",
        "/v1/sends/{sendId}",
        "readSendHistory",
        "Read a send's history",
        "One row of the ledger with all that happened to it, step by step; with the message's text only if you ask for "
        "it.",
        [
            Example("send", "The send", send_detail(SEND, _DELIVERED, None)),
            Example("withText", "With `include=text`", send_detail(SEND, _DELIVERED, TEXT)),
            Example(
                "lookedFor",
                "LinkedIn may have it; it was looked for once, and was absent",
                send_detail(_UNKNOWN, _LOOKED_FOR, None),
            ),
            Example("include", "There is nothing else to include", InvalidField("include", "must be text, or absent")),
            UNKNOWN_SEND,
        ],
        parameters=(SEND_IN_PATH, Parameter("include", "query", "What to tell beside.", text(one_of=["text"]))),
    ),
    Operation(
        "POST",
        "/v1/sends/check",
        "checkSend",
        "Check a send without sending",
        "Whether this send would go through now, and if not why: every check that a send meets, in its order. Nothing "
        "is sent, written or taken from the day's messages.\n\n"
        "With `askLinkedIn` LinkedIn is asked too, unless a check before has failed: whether the account is in the "
        "group, whether the recipient is, and whether there is a conversation. What it does not say is null. If it "
        "objects, the account stops, as after a send.",
        [
            _prospect("would", "It would go through", *_GOOD),
            _prospect(
                "optedOut",
                "It would not",
                *_GOOD[:2],
                _checked(CheckName.DO_NOT_CONTACT, _OPTED_OUT, ok=False),
                *_GOOD[3:],
            ),
            _prospect("asked", "With `askLinkedIn`: not all can be told", *_GOOD, *_ASKED),
            Example("askForm", "A question has a wrong form", InvalidField("askLinkedIn", "must be true or false")),
        ],
        request=_CHECK_REQUEST,
        body=SEND_BODY,
        dry_run=True,
    ),
)
