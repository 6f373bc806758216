"""The endpoints that manage the list of people who are never written to."""

import asyncio
import hashlib
import io
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from confrere.api.request import ApiRequest
from confrere.api.v1.bodies import ListedPersonPage, PeopleAdded, PeopleImported, SkippedLine, person_shape
from confrere.api.v1.errors import INVALID_FIELD, INVALID_ROWS, MOST_FAULTS, Fault, ManyFaults
from confrere.api.v1.paging import CSV, bad_cursor, exported, from_cursor, page_size, to_cursor
from confrere.campaigns.checks import OnProgress
from confrere.domain.audit import AuditAction
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller
from confrere.domain.limits import iso_z
from confrere.domain.opt_out import OptOut
from confrere.domain.opt_out_csv import REASON, REASON_FORM, People, parse_reason, read_people
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import short_text
from confrere.services import Services

SOURCE = "api"
IMPORT_SOURCE = "api, import"
MAX_SOURCE = 100
MAX_PEOPLE = 1_000
MAX_TABLE_BYTES = 5 * 1024 * 1024
TABLE_SECONDS = 20.0
"""How long a table may take to arrive."""

COLUMNS = ("recipientProfileUrn", "reason", "source", "addedAt")

_ONE, _MANY = "recipientProfileUrn", "recipientProfileUrns"


async def list_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /do-not-contact`: list people in the order of their URNs, page by page."""
    query = request.query
    count = page_size(query)
    cursor = from_cursor(query)
    after = None if cursor is None else person_at(cursor)
    people = await services.do_not_contact.list_page(caller.workspace_id, after=after, count=count + 1)
    page = people[:count]
    next_cursor = to_cursor(page[-1].recipient.encode()) if len(people) > count else None
    return Answer(200, ListedPersonPage(items=[person_shape(one) for one in page], next_cursor=next_cursor))


async def add_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /do-not-contact`: add one or many; if one cannot be used, none is added."""
    fields = await request.json_object()
    recipients = _recipients(fields)
    reason = _reason(fields.get("reason"))
    source = short_text(fields, "source", most=MAX_SOURCE).strip() or SOURCE
    added = await services.do_not_contact.add(caller.workspace_id, recipients, reason=reason, source=source)
    return Answer(200, PeopleAdded(added=added, already_listed=len(recipients) - added))


async def remove_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /do-not-contact/{recipient}`: remove a person, who may be written to again."""
    recipient = recipient_of(request)
    await services.do_not_contact.remove(caller.workspace_id, recipient)
    return Answer(204, None)


async def import_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /do-not-contact/import`: add a CSV table; a bad row rejects all, unless `skipBad=true`."""
    query = request.query
    skips_bad = query.flag("skipBad")
    reason = _reason(query.text("reason"))
    given = await request.body(max_bytes=MAX_TABLE_BYTES, seconds=TABLE_SECONDS)
    people = await asyncio.to_thread(read_people, io.BytesIO(given), reason, name="The body")
    if people.bad and not skips_bad:
        raise bad_rows(people)
    workspace_id, content = caller.workspace_id, hashlib.sha256(given).digest()

    def add(report: OnProgress) -> Coroutine[Any, Any, int]:
        return services.do_not_contact.import_rows(workspace_id, people.good, source=IMPORT_SOURCE, on_progress=report)

    added = await services.long_tasks.write(
        (workspace_id, IMPORT_SOURCE, reason, content), add, total=len(people.good), wait_seconds=request.seconds_left
    )
    body = PeopleImported(
        added=added,
        already_listed=len(people.good) - added,
        skipped=people.bad_count,
        errors=[SkippedLine(line=row.line, detail=row.error) for row in people.bad[:MOST_FAULTS]],
    )
    return Answer(200, body)


async def export_people(caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /do-not-contact/export`: export all of them as a CSV table, which can be imported again."""
    workspace_id = caller.workspace_id

    async def read(last: OptOut | None, count: int) -> Sequence[OptOut]:
        return await services.do_not_contact.list_page(
            workspace_id, after=last.recipient if last else None, count=count
        )

    return await exported(
        read,
        people_lines,
        record=partial(services.audit.record, workspace_id, AuditAction.EXPORTED, detail="do-not-contact list"),
        head=write_rows([COLUMNS]),
        name="do-not-contact.csv",
        media_type=CSV,
    )


def people_lines(people: Sequence[OptOut]) -> bytes:
    """Encode rows of the exported table."""
    return write_rows((one.recipient, one.reason, one.source, iso_z(one.added_at)) for one in people)


def bad_rows(people: People) -> ManyFaults:
    """Return the error of a table that has bad rows."""
    bad, rows = people.bad_count, people.bad_count + len(people.good)
    faults = [Fault(line=row.line, detail=row.error) for row in people.bad]
    return ManyFaults(INVALID_ROWS, f"{bad} of {rows} rows are bad, so nothing was imported", faults)


def person_at(cursor: bytes) -> ProfileUrn:
    """Return the person in a cursor. Raises InvalidField."""
    try:
        return ProfileUrn.parse(cursor.decode())
    except (UnicodeDecodeError, InvalidField) as fault:
        raise bad_cursor() from fault


def _reason(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidField(REASON, REASON_FORM)
    return parse_reason(value)


def _recipients(fields: dict[str, Any]) -> list[ProfileUrn]:
    """Return the recipients, each once, in the given order. Raises InvalidField, ManyFaults."""
    one, many = fields.get(_ONE), fields.get(_MANY)
    if many is None:
        return [_recipient(one, _ONE)]
    if one is not None or not isinstance(many, list) or not 1 <= len(many) <= MAX_PEOPLE:
        raise InvalidField(_MANY, f"must be a list of 1 to {MAX_PEOPLE:,} URNs, without {_ONE} beside it")
    return parse_recipients(many, _MANY)


def parse_recipients(many: object, field: str) -> list[ProfileUrn]:
    """Return the people of a list, each once, in the given order. Raises InvalidField, ManyFaults."""
    if not isinstance(many, list) or not 1 <= len(many) <= MAX_PEOPLE:
        raise InvalidField(field, f"must be a list of 1 to {MAX_PEOPLE:,} URNs")
    found, faults = dict[ProfileUrn, None](), list[Fault]()
    for number, value in enumerate(many):
        name = f"{field}[{number}]"
        try:
            found[_recipient(value, name)] = None
        except InvalidField as fault:
            faults.append(Fault(field=name, detail=str(fault)))
    if faults:
        detail = f"{len(faults)} of {len(many)} recipients cannot be used, so none was taken"
        raise ManyFaults(INVALID_FIELD, detail, faults)
    return list(found)


def _recipient(value: object, name: str) -> ProfileUrn:
    return ProfileUrn.parse(value if isinstance(value, str) else "", field=name)


def recipient_of(request: ApiRequest) -> ProfileUrn:
    """Return the person in the path. Raises InvalidField."""
    return ProfileUrn.parse(request.path_params["recipient"], field="recipient")
