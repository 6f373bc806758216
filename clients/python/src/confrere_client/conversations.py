"""Conversations of an account's mailbox."""

from collections.abc import Mapping
from datetime import datetime

from confrere_client.arguments import check_optional_text, check_text
from confrere_client.calls import Call, Facts, as_text, new_key, path_part, read_answered, read_as
from confrere_client.conversation_models import (
    Conversation,
    ConversationExists,
    MarkedSeen,
    Message,
    SentInConversation,
)
from confrere_client.decoding import Unreadable, decode
from confrere_client.pages import CursorPage, CursorPages, Pages, read_page
from confrere_client.resource import E, Resource, listing, method

SEND = "/conversations/send"
CONVERSATIONS_PAGE = 20
MESSAGES_PAGE = 50


class Conversations(Resource[E]):
    """Conversations with people. Reading them takes a key with the scope `inbox`; none is marked as read by it."""

    @method
    def exists(self, profile_id: str, *, account_id: str | None = None) -> Call[ConversationExists]:
        """Check whether a conversation with this person exists; `profile_id` may be their vanity name."""
        path = f"/conversations/exists/{path_part('profile_id', profile_id)}"
        return Call("GET", path, read_answered(ConversationExists), {"accountId": account_id})

    @listing
    def list(
        self, *, account_id: str | None = None, unread_only: bool = False, page_size: int = CONVERSATIONS_PAGE
    ) -> Pages[CursorPage[Conversation], Conversation]:
        """Iterate over the account's conversations, latest first. LinkedIn is read for every page."""
        query = {"accountId": account_id, "count": page_size, "unreadOnly": unread_only or None}

        def request_page(cursor: str | None) -> Call[CursorPage[Conversation]]:
            read = read_page(Conversation, items="conversations")
            return Call("GET", "/conversations", read, {**query, "nextCursor": cursor})

        return CursorPages(request_page)

    @listing
    def messages(
        self,
        conversation_urn: str,
        *,
        account_id: str | None = None,
        since: datetime | None = None,
        page_size: int = MESSAGES_PAGE,
    ) -> Pages[CursorPage[Message], Message]:
        """Iterate over a conversation's messages, newest first. since: aware; only messages after it."""

        def request_page(cursor: str | None) -> Call[CursorPage[Message]]:
            since_ms = None if since is None else to_milliseconds("since", since)
            query = {"accountId": account_id, "count": page_size, "since": since_ms, "cursor": cursor}
            path = f"/conversations/{path_part('conversation_urn', conversation_urn)}/messages"
            return Call("GET", path, read_page(Message, items="messages", cursor="cursor"), query)

        return CursorPages(request_page)

    @method
    def mark_seen(self, conversation_urn: str, *, account_id: str | None = None) -> Call[MarkedSeen]:
        """Mark a conversation as read, which the other side can see."""
        check_text("conversation_urn", conversation_urn)
        check_optional_text("account_id", account_id)
        body = {"accountId": account_id, "conversationUrn": conversation_urn}
        return Call("POST", "/messaging/mark-seen", read_as(MarkedSeen), body=body)

    @method
    def send(
        self,
        *,
        message: str,
        conversation_urn: str | None = None,
        recipient: str | None = None,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[SentInConversation]:
        """Send one message into a conversation that exists, or to a connection.

        Give `conversation_urn`, or the `recipient`'s profile URN. Retries, keys and errors are those of `send_group`.
        """
        check_optional_text("conversation_urn", conversation_urn)
        check_optional_text("recipient", recipient)
        check_optional_text("account_id", account_id)
        body = {"accountId": account_id, "conversationUrn": conversation_urn, "recipientProfileUrn": recipient}
        return send(SEND, body, message, idempotency_key)


def send(
    path: str,
    body: Mapping[str, object],
    message: str,
    idempotency_key: str | None,
    *,
    field: str = "message",
    at_root: bool = False,
    described_as: str | None = None,
) -> Call[SentInConversation]:
    """Send one message, with a new key unless one is given. field: that of the text. Raises InvalidRequest."""
    check_text(field, message)
    key = new_key(idempotency_key)

    def read(value: object, facts: Facts) -> SentInConversation:
        if not isinstance(value, Mapping) or value.get("success") is not True:
            raise Unreadable("the answer does not say that the message was sent")
        return decode(SentInConversation, value, **facts.shared(), idempotency_key=key, replayed=facts.replayed)

    return Call(
        "POST",
        path,
        read,
        body={**body, field: message},
        idempotency_key=key,
        private=(message,),
        at_root=at_root,
        described_as=described_as,
    )


def to_milliseconds(name: str, time: datetime) -> int:
    """Return epoch milliseconds. Raises InvalidRequest for a time without a zone."""
    as_text(name, time)
    return int(time.timestamp() * 1000)
