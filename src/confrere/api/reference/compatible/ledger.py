"""The operations that read the ledger."""

import msgspec

from confrere.api.compatible import bodies
from confrere.api.compatible.ledger import DEFAULT_PAGE, MAX_PAGE
from confrere.api.reference.operation import Example, Operation
from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    CURSOR,
    FILTERS,
    OUTCOME_NAME,
    SEND,
    SEND_IN_PATH,
    TEXT,
    UNKNOWN_ACCOUNT,
    UNKNOWN_SEND,
    account_in_path,
    limit,
)
from confrere.api.v1.send_bodies import send_shape
from confrere.domain.errors import InvalidField
from confrere.domain.outcome import OutcomeName

_ITEM = msgspec.convert(send_shape(SEND), bodies.SendItem, from_attributes=True)
_UNKNOWN = msgspec.structs.replace(
    _ITEM,
    id="019cea5a81c07d1c9a3fb0c6d9112e4f",
    request_id="3f0d6c1ba95e4b50a7f2c08d41e6b9aa",
    outcome=OutcomeName.UNKNOWN,
    reason="LinkedIn did not answer in time",
    message_urn=None,
    conversation_urn=None,
    created_at="2026-03-14T08:59:58.208Z",
    settled_at="2026-03-14T09:00:18.214Z",
)
_PAGE = bodies.SendList(account_id=ACCOUNT_ID, sends=[_ITEM, _UNKNOWN], next_cursor="AZzqWoHAfRyaP7DG2REuTw")
_DETAIL = bodies.SendDetail(**msgspec.structs.asdict(_ITEM), message=TEXT)

OPERATIONS = (
    Operation(
        "GET",
        "/linkedin/account/{accountId}/sends",
        "listSends",
        "List an account's sends",
        "The ledger of everything that the account sent or tried to send, newest first, page by page. "
        "Filters can be combined. The text of a message is told by `GET /linkedin/sends/{sendId}` only.",
        [
            Example("page", "One page, and a cursor for the next", _PAGE),
            Example(
                "limitRange",
                "A parameter is out of its range",
                InvalidField("limit", f"must be a whole number from 1 to {MAX_PAGE}"),
            ),
            OUTCOME_NAME,
            UNKNOWN_ACCOUNT,
        ],
        parameters=(
            account_in_path("GET /linkedin/accounts"),
            *FILTERS,
            limit("sends", DEFAULT_PAGE, MAX_PAGE),
            CURSOR,
        ),
        query="outcome=accepted&limit=20",
    ),
    Operation(
        "GET",
        "/linkedin/sends/{sendId}",
        "readSend",
        "Read one send",
        "One row of the ledger with the message's text.",
        [Example("send", "The send", bodies.OneSend(account_id=ACCOUNT_ID, send=_DETAIL)), UNKNOWN_SEND],
        parameters=(SEND_IN_PATH,),
    ),
)
