"""The operations that read the ledger."""

import msgspec

from confrere.api.code_samples import Call
from confrere.api.compatible import bodies
from confrere.api.compatible.ledger import DEFAULT_PAGE, MAX_PAGE
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_IN_PATH,
    CONVERSATION_URN,
    CURSOR,
    GROUP,
    GROUP_PATTERN,
    LEDGER,
    MESSAGE_URN,
    PROFILE_PATTERN,
    RECIPIENT,
    SEND_ID,
    TEXT,
    UNKNOWN_ACCOUNT,
    Example,
    Operation,
    Parameter,
    read_examples,
    refused,
)
from confrere.domain import errors
from confrere.domain.keys import Scope
from confrere.domain.outcome import OutcomeName
from confrere.http.answer import Answer

FILTERS = (
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
        {"type": "string", "pattern": GROUP_PATTERN},
        GROUP,
    ),
    Parameter(
        "recipient",
        "query",
        "Only sends to this person: `urn:li:fsd_profile:<id>` or a bare `ACoAA…` id.",
        {"type": "string", "pattern": PROFILE_PATTERN},
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
)
_PAGING = (
    Parameter(
        "limit",
        "query",
        "How many sends a page has.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
        20,
    ),
    CURSOR,
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
    parameters=(ACCOUNT_IN_PATH, *FILTERS, *_PAGING),
    examples=read_examples(
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
        refused(
            "limitRange",
            "A parameter is out of its range",
            errors.InvalidField("limit", f"must be a whole number from 1 to {MAX_PAGE}"),
        ),
        refused(
            "outcomeName",
            "There is no such outcome",
            errors.InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}"),
        ),
        UNKNOWN_ACCOUNT,
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
    examples=read_examples(
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
        refused(
            "unknownSend",
            "The workspace has no such send",
            errors.NotFound("There is no such send in this workspace"),
        ),
    ),
)
