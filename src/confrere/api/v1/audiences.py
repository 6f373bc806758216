"""The endpoints that manage audiences."""

import hashlib
import re

from confrere.api.request import ApiRequest
from confrere.api.v1.audience_bodies import (
    AudienceMemberPage,
    AudiencePage,
    AudiencePeopleAdded,
    audience_body,
    audience_member,
    dry_run_body,
)
from confrere.api.v1.audience_source import CSV, parse_filters, parse_ids, parse_table, source_type
from confrere.api.v1.do_not_contact import TABLE_SECONDS, parse_recipients
from confrere.api.v1.errors import INVALID_ROWS, Fault, ManyFaults
from confrere.api.v1.paging import bad_cursor, from_cursor, page_size, to_cursor
from confrere.campaigns import AudienceContent
from confrere.campaigns.audiences import parse_name
from confrere.campaigns.checks import OnProgress
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.errors import NotFound
from confrere.domain.ids import is_record_id
from confrere.domain.keys import Caller
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.http.query_params import QueryParams
from confrere.services import Services

MAX_AUDIENCE_BYTES = 32 * 1024 * 1024
"""Of a body with a CSV table: 100,000 rows of 300 characters."""

_PEOPLE = "recipientProfileUrns"
_ID_BYTES = 16
_PLACE = re.compile(rb"[0-9]{1,9}")


async def create_audience(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /audiences`: write a list of people of one group; its source says who."""
    fields = await request.json_object(max_bytes=MAX_AUDIENCE_BYTES, seconds=TABLE_SECONDS)
    kind = source_type(fields.get("source"))
    name, group_id, source = parse_name(fields.get("name")), GroupId.parse(fields.get("groupId")), fields["source"]
    account_id = request.parse_account(fields.get("accountId"))
    audiences, workspace_id = services.audiences, caller.workspace_id
    if kind == "ids":
        people = [AudiencePerson.of(recipient) for recipient in parse_ids(source)]
        audience = await audiences.create(workspace_id, name=name, group_id=group_id, people=people)
    elif kind == "group":
        audience = await audiences.create_from_group(
            workspace_id, name=name, group_id=group_id, account_id=account_id, filters=parse_filters(source)
        )
    else:
        table, mapping, is_dry = parse_table(source)
        if is_dry:
            content = await audiences.read_table(workspace_id, group_id, table, mapping=mapping, name=CSV)
            return Answer(200, dry_run_body(content))

        async def write(_report: OnProgress) -> Audience:
            content = await audiences.read_table(workspace_id, group_id, table, mapping=mapping, name=CSV)
            if not content.people:
                raise _nobody(content)
            return await audiences.create_from_table(workspace_id, name=name, group_id=group_id, content=content)

        content_hash = hashlib.sha256(table.getbuffer()).digest()
        key = (workspace_id, "audience", name, group_id, content_hash, tuple(mapping.items()))
        audience = await services.long_tasks.write(key, write, wait_seconds=request.seconds_left)
    return await _answer(audience, services, 201)


async def list_audiences(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audiences`: list them, newest first."""
    count = page_size(request.query)
    found = await services.audiences.list_page(
        caller.workspace_id, before_id=record_cursor(request.query), count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(found) > count else None
    items = [audience_body(await services.audiences.state_of(one)) for one in page]
    return Answer(200, AudiencePage(items=items, next_cursor=next_cursor))


async def read_audience(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audiences/{id}`: read one with how far it is."""
    audience_id = record_id(request, "audience_id", "audience")
    return await _answer(await services.audiences.read(caller.workspace_id, audience_id), services, 200)


async def delete_audience(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /audiences/{id}`: delete one that no draft or scheduled campaign is for."""
    await services.audiences.delete(caller.workspace_id, record_id(request, "audience_id", "audience"))
    return Answer(204, None)


async def add_audience_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /audiences/{id}/people`: add people; if one cannot be used, none is added."""
    audience_id = record_id(request, "audience_id", "audience")
    fields = await request.json_object()
    people = [AudiencePerson.of(recipient) for recipient in parse_recipients(fields.get(_PEOPLE), _PEOPLE)]
    added = await services.audiences.add_people(caller.workspace_id, audience_id, people)
    return Answer(200, AudiencePeopleAdded(added=added, already_in=len(people) - added))


async def list_audience_people(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audiences/{id}/people`: list its people, in the order in which they were added."""
    audience_id = record_id(request, "audience_id", "audience")
    count, after_place = page_size(request.query), place_cursor(request.query)
    await services.audiences.read(caller.workspace_id, audience_id)
    found = await services.audiences.list_people(
        caller.workspace_id, audience_id, after_place=after_place, count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(b"%d" % page[-1][0]) if len(found) > count else None
    items = [audience_member(person) for _, person in page]
    return Answer(200, AudienceMemberPage(items=items, next_cursor=next_cursor))


def record_id(request: ApiRequest, name: str, what: str) -> str:
    """Return the id in the path. Raises NotFound where its form is that of none."""
    value = request.path_params[name]
    if not is_record_id(value):
        raise NotFound(f"There is no such {what} in this workspace")
    return value


def record_cursor(query: QueryParams) -> str | None:
    """Return the id of the last record of the page before. Raises InvalidField."""
    cursor = from_cursor(query)
    if cursor is not None and len(cursor) != _ID_BYTES:
        raise bad_cursor()
    return None if cursor is None else cursor.hex()


def place_cursor(query: QueryParams) -> int:
    """Return the place of the last person of the page before; 0 for the first page. Raises InvalidField."""
    cursor = from_cursor(query)
    if cursor is not None and not _PLACE.fullmatch(cursor):
        raise bad_cursor()
    return int(cursor or 0)


async def _answer(audience: Audience, services: Services, status: int) -> Answer:
    body = audience_body(await services.audiences.state_of(audience))
    headers = ((b"location", f"/v1/audiences/{audience.id}".encode()),) if status == 201 else ()
    return Answer(status, body, headers=headers)


def _nobody(content: AudienceContent) -> ManyFaults:
    """Return the error of a table that has no good row."""
    faults = [Fault(line=row.line, detail=row.error) for row in content.bad_rows]
    return ManyFaults(
        INVALID_ROWS, f"All of the {content.bad_row_count:,} rows are bad, so nothing was written", faults
    )
