"""The endpoints of replies."""

import re

from confrere.api.request import ApiRequest
from confrere.api.v1.answers import answer_person
from confrere.api.v1.audiences import record_cursor, record_id
from confrere.api.v1.errors import problem_for_read
from confrere.api.v1.paging import bad_cursor, from_cursor, page_size, to_cursor
from confrere.api.v1.reply_bodies import ConversationPage, ReplyPage, conversation_message, reply_body
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_campaign_id
from confrere.domain.keys import Caller
from confrere.domain.reply import ReplyFilter
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.http.query_params import QueryParams
from confrere.inbox import MessagesPage
from confrere.services import Services

FLAG_FORM = "must be true or false"

_MILLISECONDS = re.compile(rb"[0-9]{1,15}")


async def list_replies(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /replies`: list them, the last recorded first."""
    query = request.query
    count, person = page_size(query), query.text("recipient")
    which = ReplyFilter(
        campaign_id=parse_campaign_id(query.text("campaignId")),
        account_id=request.parse_account(query.text("accountId")),
        may_want_out=optional_flag(query, "mayWantOut"),
        handled=optional_flag(query, "handled"),
        recipient=None if person is None else ProfileUrn.parse(person, field="recipient"),
    )
    found = await services.replies.list_page(
        caller.workspace_id, which, before_id=record_cursor(query), count=count + 1
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(found) > count else None
    return Answer(200, ReplyPage(items=[reply_body(reply) for reply in page], next_cursor=next_cursor))


async def read_reply(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /replies/{id}`: read one."""
    return Answer(200, reply_body(await services.replies.read(caller.workspace_id, _reply_id(request))))


async def mark_handled(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /replies/{id}/handled`: record that it was handled, or that it is open again."""
    reply_id = _reply_id(request)
    handled = (await request.json_object()).get("handled") if request.has_body else None
    if handled is not None and not isinstance(handled, bool):
        raise InvalidField("handled", FLAG_FORM)
    reply = await services.replies.mark_handled(
        caller.workspace_id, reply_id, by=caller.key_id, handled=handled is not False
    )
    return Answer(200, reply_body(reply))


async def read_conversation(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /replies/{id}/conversation`: read a page of the reply's conversation from LinkedIn."""
    reply_id, count, cursor = _reply_id(request), page_size(request.query), from_cursor(request.query)
    if cursor is not None and not _MILLISECONDS.fullmatch(cursor):
        raise bad_cursor()
    before_ms = None if cursor is None else int(cursor)
    reading = await services.replies.read_conversation(caller.workspace_id, reply_id, before_ms=before_ms, count=count)
    request.account_id = reading.account_id
    page = reading.result
    if not isinstance(page, MessagesPage):
        return problem_for_read(reading, request.request_id, services.clock())
    items = [conversation_message(message, page.account.profile_urn) for message in page.messages]
    older_ms = page.older_before_ms
    return Answer(
        200, ConversationPage(items=items, next_cursor=None if older_ms is None else to_cursor(b"%d" % older_ms))
    )


async def answer_reply(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /replies/{id}/answer`: send a plain message into the reply's conversation."""
    target = await services.replies.find_target(caller.workspace_id, _reply_id(request))
    return await answer_person(
        caller,
        request,
        services,
        account_id=target.account_id,
        conversation_urn=target.conversation_urn,
        recipient=target.recipient,
    )


def _reply_id(request: ApiRequest) -> str:
    return record_id(request, "reply_id", "reply")


def optional_flag(query: QueryParams, name: str) -> bool | None:
    """Return a boolean; None where it is absent. Raises InvalidField."""
    return None if query.text(name) is None else query.flag(name)
