"""The endpoints that read the ledger of the whole workspace, and the preflight of a send."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from confrere.api.ledger_filter import read_filter
from confrere.api.request import ApiRequest
from confrere.api.v1.audiences import record_id
from confrere.api.v1.paging import (
    CSV,
    JSON_LINES,
    bad_cursor,
    exported,
    from_cursor,
    page_size,
    to_cursor,
)
from confrere.api.v1.send_bodies import LedgerItem, LedgerPage, PreflightBody, PreflightCheck, send_detail, send_shape
from confrere.domain.audit import AuditAction
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller
from confrere.domain.message import MessageText
from confrere.domain.preflight import PreflightRequest, PreflightResult
from confrere.domain.send import Send
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import short_text
from confrere.services import Services

FORMATS = ("csv", "jsonl")
MAX_NAME = 200
COLUMNS = tuple(field.encode_name for field in msgspec.structs.fields(LedgerItem))

_ID_BYTES = 16
_lines = msgspec.json.Encoder().encode_lines


async def search_sends(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /sends`: search the sends of all accounts, newest first, with filters and a cursor."""
    query = request.query
    count = page_size(query)
    cursor = from_cursor(query)
    if cursor is not None and len(cursor) != _ID_BYTES:
        raise bad_cursor()
    sends = await services.history.search(
        caller.workspace_id,
        request.parse_account(query.text("accountId")),
        read_filter(query),
        before_id=None if cursor is None else cursor.hex(),
        count=count + 1,
    )
    page = sends[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(sends) > count else None
    return Answer(200, LedgerPage(items=[send_shape(send) for send in page], next_cursor=next_cursor))


async def read_send(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /sends/{id}`: read one with its history; with its text where `include=text` asks for it."""
    send_id = record_id(request, "send_id", "send")
    include = request.query.text("include")
    if include not in (None, "text"):
        raise InvalidField("include", "must be text, or absent")
    send, history = await services.history.read_with_events(caller.workspace_id, send_id)
    text = None
    if include == "text":
        _, text = await services.history.read(caller.workspace_id, send_id)
    return Answer(200, send_detail(send, history, text))


async def export_sends(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /sends/export`: export all that match the filters as one file, without texts."""
    workspace_id = caller.workspace_id
    query = request.query
    form = query.text("format") or FORMATS[0]
    if form not in FORMATS:
        raise InvalidField("format", f"must be {' or '.join(FORMATS)}")
    account_id, which = request.parse_account(query.text("accountId")), read_filter(query)

    async def read(last: Send | None, count: int) -> Sequence[Send]:
        before_id = last.id if last else None
        return await services.history.search(workspace_id, account_id, which, before_id=before_id, count=count)

    answer = partial(
        exported, read, record=partial(services.audit.record, workspace_id, AuditAction.EXPORTED, detail="sends")
    )
    if form == "csv":
        return await answer(sends_table, head=write_rows([COLUMNS]), name="sends.csv", media_type=CSV)
    return await answer(sends_lines, head=b"", name="sends.jsonl", media_type=JSON_LINES)


def sends_table(sends: Sequence[Send]) -> bytes:
    """Encode rows of the exported table."""
    return write_rows(msgspec.structs.astuple(send_shape(send)) for send in sends)


def sends_lines(sends: Sequence[Send]) -> bytes:
    """Encode sends as JSON, one a line."""
    return _lines([send_shape(send) for send in sends])


async def check_send(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /sends/check`: check whether this send would go through, without sending."""
    preflight = _preflight_request(caller, request, await request.json_object())
    return Answer(200, preflight_body(await services.preflight.check(preflight)))


def preflight_body(result: PreflightResult) -> PreflightBody:
    """Convert the result of a preflight."""
    checks = [PreflightCheck(name=check.name, ok=check.ok, detail=check.detail) for check in result.checks]
    return PreflightBody(would_send=result.would_send, checks=checks)


def _preflight_request(caller: Caller, request: ApiRequest, fields: dict[str, Any]) -> PreflightRequest:
    """Parse the body. Fields of the send that have a wrong form are reported in `faults`."""
    asks = fields.get("askLinkedIn")
    if asks is not None and not isinstance(asks, bool):
        raise InvalidField("askLinkedIn", "must be true or false")
    name = short_text(fields, "recipientName", most=MAX_NAME).strip()
    faults: list[str] = []
    recipient = group_id = text = account_id = None
    names_account = True
    try:
        recipient = ProfileUrn.parse(fields.get("recipientProfileUrn"))
    except InvalidField as fault:
        faults.append(str(fault))
    try:
        group_id = GroupId.parse(fields.get("groupId"))
    except InvalidField as fault:
        faults.append(str(fault))
    try:
        text = None if fields.get("message") is None else MessageText.parse(fields["message"])
    except InvalidField as fault:
        faults.append(str(fault))
    try:
        account_id = request.parse_account(fields.get("accountId"))
    except InvalidField as fault:
        names_account = False
        faults.append(str(fault))
    return PreflightRequest(
        workspace_id=caller.workspace_id,
        account_id=account_id,
        recipient=recipient,
        group_id=group_id,
        text=text,
        faults=faults,
        names_account=names_account,
        recipient_name=name or None,
        ask_linkedin=asks is True,
    )
