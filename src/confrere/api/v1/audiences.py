"""The endpoints that manage audiences."""

import re
from typing import Any

from confrere.api.request import ApiRequest
from confrere.api.v1.audience_bodies import AudienceMemberPage, AudiencePage, audience_body, audience_member
from confrere.api.v1.do_not_contact import parse_recipients
from confrere.api.v1.paging import bad_cursor, from_cursor, page_size, to_cursor
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.keys import Caller
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer
from confrere.http.query_params import QueryParams
from confrere.services import Services

SOURCE_FORM = 'must be {"type": "ids", "recipientProfileUrns": […]}'
PEOPLE = "source.recipientProfileUrns"

_ID_BYTES = 16
_RECORD_ID = re.compile(r"[0-9a-f]{32}")
_PLACE = re.compile(rb"[0-9]{1,9}")


async def create_audience(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /audiences`: write a list of people of one group; if one cannot be used, nothing is written."""
    fields = await request.json_object()
    audience = await services.audiences.create(
        caller.workspace_id,
        name=fields.get("name") or "",
        group_id=GroupId.parse(fields.get("groupId")),
        people=[AudiencePerson.of(recipient) for recipient in parse_recipients(_people(fields), PEOPLE)],
    )
    location = f"/v1/audiences/{audience.id}".encode()
    return Answer(201, audience_body(audience), headers=((b"location", location),))


async def list_audiences(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audiences`: list them, newest first."""
    count = page_size(request.query)
    found = await services.audiences.list_page(
        caller.workspace_id, before_id=record_cursor(request.query), count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(found) > count else None
    return Answer(200, AudiencePage(items=[audience_body(one) for one in page], next_cursor=next_cursor))


async def read_audience(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /audiences/{id}`: read one."""
    audience_id = record_id(request, "audience_id", "audience")
    return Answer(200, audience_body(await services.audiences.read(caller.workspace_id, audience_id)))


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
    if not _RECORD_ID.fullmatch(value):
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


def _people(fields: dict[str, Any]) -> object:
    source = fields.get("source")
    if not isinstance(source, dict) or source.get("type") != "ids":
        raise InvalidField("source", SOURCE_FORM)
    return source.get("recipientProfileUrns")
