"""The endpoints that read the audit log."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import Body, Cursor, Moment, one_of
from confrere.api.v1.paging import CSV, JSON_LINES, bad_cursor, exported, from_cursor, page_size, to_cursor
from confrere.domain.audit import (
    ActorKind,
    AuditAction,
    AuditEntry,
    AuditFilter,
    parse_action,
    parse_actor,
    parse_subject,
)
from confrere.domain.audit_table import COLUMNS, write_entries
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.http.answer import Answer
from confrere.http.query_params import QueryParams
from confrere.services import Services

FORMATS = ("csv", "jsonl")
_NUMBER_BYTES = 8


class AuditActor(Body, frozen=True, kw_only=True):
    """Who acted."""

    kind: Annotated[str, one_of(*ActorKind)]
    id: Annotated[str | None, Meta(description="The user's; the key's, also an agent's; null for others.")]
    address: Annotated[str | None, Meta(description="The client's; null on the command line.")]


class AuditItem(Body, frozen=True, kw_only=True):
    """One entry of the audit log."""

    number: Annotated[int, Meta(description="From 1, without gaps.", ge=1)]
    at: Moment
    action: Annotated[str, one_of(*AuditAction)]
    actor: AuditActor
    subject: Annotated[
        str | None, Meta(description="The id of what it was done to; of a person, a keyed hash in place of the URN.")
    ]
    detail: Annotated[
        str | None, Meta(description="Such as the role of an invite, or `dailyLimit 60 (was 150)`; never a text.")
    ]
    request_id: Annotated[str | None, Meta(description="The server's log has more under it.")]


class AuditPage(Body, frozen=True, kw_only=True):
    """A page of the audit log, newest first."""

    items: list[AuditItem]
    next_cursor: Cursor


async def list_entries(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audit`: list the entries that match, newest first."""
    query = request.query
    count, which = page_size(query), read_filter(query)
    cursor = from_cursor(query)
    if cursor is not None and (len(cursor) != _NUMBER_BYTES or cursor[0] > 0x7F):
        raise bad_cursor()
    before = None if cursor is None else int.from_bytes(cursor)
    found = await services.audit.list_audit(caller.workspace_id, which, before=before, count=count + 1)
    page = found[:count]
    next_cursor = to_cursor(page[-1].number.to_bytes(_NUMBER_BYTES)) if len(found) > count else None
    return Answer(200, AuditPage(items=[audit_item(entry) for entry in page], next_cursor=next_cursor))


async def export_entries(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audit/export`: export all that match the filters as one file, newest first."""
    query, workspace_id = request.query, caller.workspace_id
    form = query.text("format") or FORMATS[0]
    if form not in FORMATS:
        raise InvalidField("format", f"must be {' or '.join(FORMATS)}")
    which = read_filter(query)

    async def read(last: AuditEntry | None, count: int) -> Sequence[AuditEntry]:
        before = None if last is None else last.number
        return await services.audit.list_audit(workspace_id, which, before=before, count=count)

    answer = partial(
        exported, read, record=partial(services.audit.record, workspace_id, AuditAction.EXPORTED, detail="audit log")
    )
    if form == "csv":
        return await answer(write_entries, head=write_rows([COLUMNS]), name="audit.csv", media_type=CSV)
    return await answer(audit_lines, head=b"", name="audit.jsonl", media_type=JSON_LINES)


def read_filter(query: QueryParams) -> AuditFilter:
    """Return which entries are asked for. Raises InvalidField."""
    return AuditFilter(
        parse_actor(query.text("actor")),
        parse_action(query.text("action")),
        parse_subject(query.text("subject")),
        query.time("since"),
    )


def audit_lines(entries: Sequence[AuditEntry]) -> bytes:
    """Encode entries as JSON, one a line."""
    return b"".join(msgspec.json.encode(audit_item(entry)) + b"\n" for entry in entries)


def audit_item(entry: AuditEntry) -> AuditItem:
    """Convert an entry."""
    actor = entry.actor
    return AuditItem(
        number=entry.number,
        at=iso_z(entry.at),
        action=entry.action,
        actor=AuditActor(kind=actor.kind, id=actor.id, address=actor.address),
        subject=entry.subject,
        detail=entry.detail,
        request_id=actor.request_id,
    )
