"""The endpoint that reads the audit log."""

from typing import Annotated

from msgspec import Meta

from confrere.api.request import ApiRequest
from confrere.api.shared_bodies import Body, Cursor, Moment, one_of
from confrere.api.v1.paging import bad_cursor, from_cursor, page_size, to_cursor
from confrere.domain.audit import ActorKind, AuditAction, AuditEntry
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.http.answer import Answer
from confrere.services import Services

_NUMBER_BYTES = 8


class AuditActor(Body, frozen=True, kw_only=True):
    """Who acted."""

    kind: Annotated[str, one_of(*ActorKind)]
    id: Annotated[str | None, Meta(description="The user's, or the key's; null for those who have none.")]
    address: Annotated[str | None, Meta(description="The client's; null on the command line.")]


class AuditItem(Body, frozen=True, kw_only=True):
    """One entry of the audit log."""

    number: Annotated[int, Meta(description="From 1, without gaps.", ge=1)]
    at: Moment
    action: Annotated[str, one_of(*AuditAction)]
    actor: AuditActor
    subject: Annotated[str | None, Meta(description="The id of what it was done to.")]
    detail: Annotated[str | None, Meta(description="Such as the role of an invite.")]
    request_id: Annotated[str | None, Meta(description="The server's log has more under it.")]


class AuditPage(Body, frozen=True, kw_only=True):
    """A page of the audit log, newest first."""

    items: list[AuditItem]
    next_cursor: Cursor


async def list_entries(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audit`: list the entries, newest first."""
    count = page_size(request.query)
    cursor = from_cursor(request.query)
    if cursor is not None and (len(cursor) != _NUMBER_BYTES or cursor[0] > 0x7F):
        raise bad_cursor()
    before = None if cursor is None else int.from_bytes(cursor)
    found = await services.audit.list_audit(caller.workspace_id, before=before, count=count + 1)
    page = found[:count]
    next_cursor = to_cursor(page[-1].number.to_bytes(_NUMBER_BYTES)) if len(found) > count else None
    return Answer(200, AuditPage(items=[audit_item(entry) for entry in page], next_cursor=next_cursor))


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
