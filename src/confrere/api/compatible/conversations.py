"""The endpoints that read an account's conversations, and the one that marks one of them as read."""

from typing import Any

from confrere.api.compatible.conversation_bodies import MarkedSeen, conversations_body, messages_body
from confrere.api.compatible.errors import answer_for_failed_read
from confrere.api.request import ApiRequest
from confrere.domain.account import Account
from confrere.domain.errors import MissingFields
from confrere.domain.keys import Caller
from confrere.domain.urns import ConversationUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import is_blank
from confrere.inbox import ConversationsPage, MessagesPage
from confrere.services import Services

MAX_COUNT = 100
DEFAULT_CONVERSATIONS = 20
DEFAULT_MESSAGES = 50

MISSING = "conversationUrn is required"
MAILBOX_ERROR = "Error fetching conversations: "
MESSAGES_ERROR = "Error fetching messages: "
SEEN_ERROR = "Error marking the conversation as seen: "


async def list_conversations(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /conversations`: read a page of the mailbox. Source: contract §5."""
    query = request.query
    request.parse_account(query.text("accountId"))
    reading = await services.mailbox.read_conversations(
        caller.workspace_id,
        request.account_id,
        cursor=query.text("nextCursor"),
        count=query.integer("count", default=DEFAULT_CONVERSATIONS, least=1, most=MAX_COUNT),
        unread_only=query.flag("unreadOnly"),
    )
    request.account_id = reading.account_id
    if not isinstance(reading.result, ConversationsPage):
        return answer_for_failed_read(reading, MAILBOX_ERROR, services.clock())
    return Answer(200, conversations_body(reading.result), reading.quota)


async def list_messages(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /conversations/{conversationUrn}/messages`: read a page of a conversation. Source: contract §5."""
    query = request.query
    request.parse_account(query.text("accountId"))
    reading = await services.mailbox.read_messages(
        caller.workspace_id,
        request.account_id,
        ConversationUrn.parse(request.path_params["conversation_urn"]),
        before_ms=query.epoch_milliseconds("cursor"),
        since_ms=query.epoch_milliseconds("since"),
        count=query.integer("count", default=DEFAULT_MESSAGES, least=1, most=MAX_COUNT),
    )
    request.account_id = reading.account_id
    if not isinstance(reading.result, MessagesPage):
        return answer_for_failed_read(reading, MESSAGES_ERROR, services.clock())
    return Answer(200, messages_body(reading.result), reading.quota)


async def mark_seen(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /messaging/mark-seen`: mark a conversation as read. Source: contract §5."""
    fields = await request.json_object()
    request.parse_account(fields.get("accountId"))
    given: Any = fields.get("conversationUrn")
    if is_blank(given):
        raise MissingFields(MISSING)
    reading = await services.mailbox.mark_seen(caller.workspace_id, request.account_id, ConversationUrn.parse(given))
    request.account_id = reading.account_id
    if not isinstance(reading.result, Account):
        return answer_for_failed_read(reading, SEEN_ERROR, services.clock())
    return Answer(200, MarkedSeen(account_id=reading.account_id, conversation_urn=given), reading.quota)
