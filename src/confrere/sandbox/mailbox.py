"""Reads of a mailbox: its threads and messages, by the queries of the messaging page."""

import base64
import binascii
from typing import Any, Final

from confrere.sandbox.answers import Kind, assumed, attested
from confrere.sandbox.conversations import Conversation, Message, read_conversation_urn
from confrere.sandbox.graphql import Found, Query, Variables, collection, forbid
from confrere.sandbox.messaging import find_thread
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox

Json = dict[str, Any]

BY_RECIPIENTS = attested("conversations-by-recipients", "the thread with a recipient, or no elements")
BY_SYNC_TOKEN = attested("conversations-by-sync-token", "the inbox, or what has changed in it since a token")
BY_UNKNOWN_TOKEN = assumed(
    "unknown-sync-token", "a sync token is unknown: the answer is as without one, the cache void"
)
BY_CATEGORY = attested("conversations-by-category", "a folder of the inbox, newest first, page by page")
BY_IDS = attested("conversations-by-ids", "threads by their URNs, as a bare list")
NEWEST = attested("messages-by-sync-token", "a thread as it is opened, newest first, or what is new since a token")
BY_ANCHOR = attested("messages-by-anchor", "the messages before and after a time")
BY_CURSOR = attested("messages-by-conversation", "older messages, from a cursor on")

_PAGE: Final = 20


def find_conversations(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    """The query `messengerConversations`, in the variant given by its variables."""
    names = variables.names()
    if names == {"conversationIds", "count"} or names == {"conversationIds"}:
        return _by_ids(sandbox, request, variables)
    if variables.text("mailboxUrn") != sandbox.world.profile_urn(request.member):
        raise forbid(request)
    if names == {"mailboxUrn", "recipients"}:
        return _by_recipients(sandbox, request, variables)
    if names <= {"mailboxUrn", "syncToken"}:
        return _by_sync_token(sandbox, request, variables)
    if {"query"} <= names <= {"mailboxUrn", "query", "count", "lastUpdatedBefore", "nextCursor"}:
        return _by_category(sandbox, request, variables)
    raise variables.refuse()


def find_messages(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    """The query `messengerMessages`, in the variant given by its variables."""
    names = variables.names()
    thread = find_thread(sandbox, request, variables.text("conversationUrn"))
    if names <= {"conversationUrn", "syncToken"}:
        return _newest(sandbox, request, variables, thread)
    if {"deliveredAt"} <= names <= {"conversationUrn", "deliveredAt", "countBefore", "countAfter"}:
        return _by_anchor(sandbox, request, variables, thread)
    if {"prevCursor"} <= names <= {"conversationUrn", "count", "prevCursor"}:
        return _by_cursor(sandbox, request, variables, thread)
    raise variables.refuse()


def _seen_threads(sandbox: Sandbox, member: int) -> list[Conversation]:
    """Return the threads with a visible message, latest first."""
    conversations = sandbox.conversations
    seen = [thread for thread in conversations.of_member(member) if conversations.visible(thread)]
    return sorted(seen, key=conversations.last_shown_ms, reverse=True)


def _by_recipients(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    recipients = variables.texts("recipients")
    numbers = [sandbox.world.number_of(urn) if urn.startswith("urn:li:fsd_profile:") else None for urn in recipients]
    if not recipients or any(not urn.startswith("urn:li:fsd_profile:") for urn in recipients):
        raise variables.refuse()
    number = numbers[0] if len(numbers) == 1 else None
    thread = None if number is None else sandbox.conversations.between(request.member, number)
    threads = [thread] if thread is not None and sandbox.conversations.visible(thread) else []
    elements = [sandbox.views.conversation(each, request.member) for each in threads]
    return Found(BY_RECIPIENTS, "messengerConversationsByRecipients", collection(elements))


def _by_sync_token(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    since_ms, kind = _read_sync_token(sandbox, variables, BY_SYNC_TOKEN)
    conversations = sandbox.conversations
    threads = _seen_threads(sandbox, request.member)
    if since_ms is None:
        threads = threads[:_PAGE]
    else:
        threads = [
            each
            for each in threads
            if each.changed_at_ms > since_ms or _shown_since(sandbox, conversations.visible(each), since_ms)
        ]
    elements = [sandbox.views.conversation(each, request.member) for each in threads]
    found = collection(elements, metadata=_sync_metadata(sandbox, kind))
    return Found(kind, "messengerConversationsBySyncToken", found)


def _read_sync_token(sandbox: Sandbox, variables: Variables, known: Kind) -> tuple[int | None, Kind]:
    """Return the time of the token, and the kind of the answer; no time without a token or for an unknown one.

    A token from before a reset is unknown, like one from the future.
    """
    if "syncToken" not in variables.names():
        return None, known
    at_ms = _decode_token(variables.text("syncToken"))
    if at_ms is None or not sandbox.conversations.begun_ms < at_ms <= sandbox.conversations.tick():
        return None, BY_UNKNOWN_TOKEN
    return at_ms, known


def _sync_metadata(sandbox: Sandbox, kind: Kind) -> Json:
    token = _token(sandbox.conversations.tick())
    return {"newSyncToken": token, "deletedUrns": [], "shouldClearCache": kind is BY_UNKNOWN_TOKEN}


def _by_category(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    predicates = variables.record("query", "predicateUnions")
    category = _category(predicates)
    if category is None:
        raise variables.refuse()
    before_ms = None
    if "nextCursor" in variables.names():
        before_ms = _read_token(variables, "nextCursor")
    elif "lastUpdatedBefore" in variables.names():
        before_ms = variables.number("lastUpdatedBefore")
    member, count = request.member, variables.number("count", _PAGE)
    last_shown_ms = sandbox.conversations.last_shown_ms
    threads = [
        each
        for each in _seen_threads(sandbox, member)
        if category in sandbox.views.categories(each, member) and (before_ms is None or last_shown_ms(each) < before_ms)
    ]
    page = threads[:count]
    cursor = _token(last_shown_ms(page[-1])) if page and len(threads) > count else None
    elements = [sandbox.views.conversation(each, member) for each in page]
    found = collection(elements, metadata={"nextCursor": cursor})
    return Found(BY_CATEGORY, "messengerConversationsByCategoryQuery", found)


def _category(predicates: Any) -> str | None:
    """Return the category in `List((conversationCategoryPredicate:(category:PRIMARY_INBOX)))`; None if invalid."""
    match predicates:
        case [{"conversationCategoryPredicate": {"category": str() as category}}]:
            return category
        case _:
            return None


def _by_ids(sandbox: Sandbox, request: Request, variables: Variables) -> Found:
    found = []
    for urn in variables.texts("conversationIds"):
        read = read_conversation_urn(urn)
        if read is None or read[0] != sandbox.world.profile_id(request.member):
            raise variables.refuse()
        thread = sandbox.conversations.of_thread(read[1])
        if thread is not None and request.member in thread.members and sandbox.conversations.visible(thread):
            found.append(sandbox.views.conversation(thread, request.member))
    return Found(BY_IDS, "messengerConversationsByIds", found)


def _newest(sandbox: Sandbox, request: Request, variables: Variables, thread: Conversation) -> Found:
    messages = sandbox.conversations.visible(thread)
    since_ms, kind = _read_sync_token(sandbox, variables, NEWEST)
    messages = messages[-_PAGE:] if since_ms is None else _shown_since(sandbox, messages, since_ms)
    found = collection(_described(sandbox, request, messages), metadata=_sync_metadata(sandbox, kind))
    return Found(kind, "messengerMessagesBySyncToken", found)


def _by_anchor(sandbox: Sandbox, request: Request, variables: Variables, thread: Conversation) -> Found:
    anchor_ms = variables.number("deliveredAt")
    before_count, after_count = variables.number("countBefore", _PAGE), variables.number("countAfter", 0)
    messages = sandbox.conversations.visible(thread)
    older = [message for message in messages if message.at_ms <= anchor_ms]
    newer = [message for message in messages if message.at_ms > anchor_ms]
    page = older[max(len(older) - before_count, 0) :] + newer[:after_count]
    metadata = {
        "prevCursor": _token(page[0].at_ms) if page and len(older) > before_count else None,
        "nextCursor": _token(page[-1].at_ms) if page and len(newer) > after_count else None,
    }
    elements = _described(sandbox, request, page)
    return Found(BY_ANCHOR, "messengerMessagesByAnchorTimestamp", collection(elements, metadata=metadata))


def _by_cursor(sandbox: Sandbox, request: Request, variables: Variables, thread: Conversation) -> Found:
    cursor_ms, count = _read_token(variables, "prevCursor"), variables.number("count", _PAGE)
    older = [message for message in sandbox.conversations.visible(thread) if message.at_ms < cursor_ms]
    page = older[max(len(older) - count, 0) :]
    cursor = _token(page[0].at_ms) if page and len(older) > count else None
    elements = _described(sandbox, request, page)
    found = collection(elements, metadata={"prevCursor": cursor, "nextCursor": None})
    return Found(BY_CURSOR, "messengerMessagesByConversation", found)


def _described(sandbox: Sandbox, request: Request, messages: list[Message]) -> list[Json]:
    """Return the messages as the viewer sees them, newest first."""
    return [sandbox.views.message(message, request.member) for message in reversed(messages)]


def _shown_since(sandbox: Sandbox, messages: list[Message], since_ms: int) -> list[Message]:
    return [message for message in messages if sandbox.conversations.shown_at_ms(message) > since_ms]


def _token(at_ms: int) -> str:
    """Encode a time as a sync token or cursor, which is opaque to the client."""
    return base64.urlsafe_b64encode(f"sandbox:{at_ms}".encode()).decode()


def _read_token(variables: Variables, name: str) -> int:
    at_ms = _decode_token(variables.text(name))
    if at_ms is None:
        raise variables.refuse()
    return at_ms


def _decode_token(token: str) -> int | None:
    try:
        prefix, _, at_ms = base64.b64decode(token, altchars=b"-_", validate=True).partition(b":")
        return int(at_ms) if prefix == b"sandbox" else None
    except (binascii.Error, ValueError):
        return None


QUERIES: Final[dict[str, Query]] = {
    "messengerConversations": find_conversations,
    "messengerMessages": find_messages,
}
"""The queries of `/voyager/api/voyagerMessagingGraphQL/graphql`."""

GENERIC_QUERIES: Final[dict[str, Query]] = {
    "voyagerMessagingDashMessengerConversations": find_conversations,
    "voyagerMessagingDashMessengerMessages": find_messages,
}
"""The same on `/voyager/api/graphql`. Source: LinkedIn web client, read in its bundles; names inferred."""
