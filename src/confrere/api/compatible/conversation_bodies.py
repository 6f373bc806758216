"""The bodies about conversations and their messages, and their conversion from the domain's values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import AccountId, Body, Moment, one_of, optional_time
from confrere.domain.conversation import ATTACHMENTS, Conversation, Participant, ThreadMessage
from confrere.inbox import ConversationsPage, MessagesPage

EpochMilliseconds = Annotated[int, Meta(description="Epoch milliseconds.")]


class ParticipantItem(Body, frozen=True, kw_only=True):
    """Somebody in a conversation, other than the account that reads."""

    profile_id: Annotated[str | None, Meta(description="Null for an organization.")]
    name: str | None
    headline: str | None
    profile_picture: Annotated[str | UnsetType, Meta(description="Absent if there is none.")] = UNSET


class LatestMessage(Body, frozen=True, kw_only=True):
    """The last message of a conversation."""

    text: Annotated[str, Meta(description="Empty for a message without a text, such as an image alone.")]
    sent_at: EpochMilliseconds
    sender_name: str | None
    has_attachment: bool


class ConversationItem(Body, frozen=True, kw_only=True):
    """One conversation of the mailbox."""

    conversation_urn: str
    conversation_id: Annotated[str, Meta(description="The part of the URN after the comma.")]
    last_activity_at: Moment | None
    unread_count: int
    participants: list[ParticipantItem]
    latest_message: LatestMessage | None
    source: Annotated[str, one_of("linkedin")] = "linkedin"


class AccountName(Body, frozen=True, kw_only=True):
    """The account whose mailbox it is."""

    id: AccountId
    name: str


class ConversationList(Body, frozen=True, kw_only=True):
    """A page of the mailbox, latest first."""

    success: bool = True
    conversations: list[ConversationItem]
    accounts: list[AccountName]
    next_cursor: Annotated[str | None, Meta(description="The `nextCursor` of the next page; null on the last one.")]
    has_more: bool
    from_cache: Annotated[bool, Meta(description="Always false: LinkedIn was read for this answer.")] = False


class Attachment(Body, frozen=True, kw_only=True):
    """What a message carries beside its text."""

    type: Annotated[str, one_of(*sorted(ATTACHMENTS))]


class MessageItem(Body, frozen=True, kw_only=True):
    """One message of a conversation."""

    message_urn: str
    text: Annotated[str, Meta(description="Empty for a message without a text, such as an image alone.")]
    sent_at: EpochMilliseconds
    sender_profile_id: str | None
    sender_name: str | None
    sender_photo: Annotated[str | UnsetType, Meta(description="Absent if there is none.")] = UNSET
    is_sent_by_owner: Annotated[bool, Meta(description="Whether the account that reads wrote it.")]
    has_attachment: bool
    attachments: list[Attachment]


class MessageList(Body, frozen=True, kw_only=True):
    """A page of a conversation, newest first."""

    success: bool = True
    messages: list[MessageItem]
    participants: Annotated[
        list[ParticipantItem], Meta(description="Who wrote these messages, other than the account that reads.")
    ]
    has_more: bool
    cursor: Annotated[str | None, Meta(description="The `cursor` of the next page; null on the last one.")]


class MarkedSeen(Body, frozen=True, kw_only=True):
    """200: LinkedIn shows the conversation as read. conversation_urn echoes what the caller sent."""

    success: bool = True
    account_id: AccountId
    conversation_urn: str
    message: str = "Conversation marked as seen successfully"


def conversations_body(page: ConversationsPage) -> ConversationList:
    """Convert a page of the mailbox."""
    account = page.account
    return ConversationList(
        conversations=[_conversation(each, account.profile_urn) for each in page.conversations],
        accounts=[AccountName(id=account.id, name=f"{account.first_name} {account.last_name}".strip())],
        next_cursor=page.next_cursor,
        has_more=page.next_cursor is not None,
    )


def messages_body(page: MessagesPage) -> MessageList:
    """Convert a page of a conversation."""
    before_ms = page.older_before_ms
    return MessageList(
        messages=[_message(message, page.account.profile_urn) for message in page.messages],
        participants=_participants(page.participants),
        has_more=before_ms is not None,
        cursor=None if before_ms is None else str(before_ms),
    )


def _conversation(conversation: Conversation, owner_urn: str) -> ConversationItem:
    at_ms = conversation.last_activity_at_ms
    last = conversation.last_message
    return ConversationItem(
        conversation_urn=conversation.urn,
        conversation_id=conversation.urn.rpartition(",")[2].removesuffix(")"),
        last_activity_at=optional_time(None if at_ms is None else datetime.fromtimestamp(at_ms / 1_000, UTC)),
        unread_count=conversation.unread_count,
        participants=_participants(conversation.others(owner_urn)),
        latest_message=None if last is None else _latest(last),
    )


def _latest(message: ThreadMessage) -> LatestMessage:
    return LatestMessage(
        text=message.text or "",
        sent_at=message.delivered_at_ms,
        sender_name=message.sender.full_name if message.sender else None,
        has_attachment=bool(message.attachments),
    )


def _participants(participants: Sequence[Participant]) -> list[ParticipantItem]:
    return [
        ParticipantItem(
            profile_id=participant.profile_id,
            name=participant.full_name,
            headline=participant.headline,
            profile_picture=participant.picture or UNSET,
        )
        for participant in participants
    ]


def _message(message: ThreadMessage, owner_urn: str) -> MessageItem:
    sender = message.sender
    return MessageItem(
        message_urn=message.message_urn,
        text=message.text or "",
        sent_at=message.delivered_at_ms,
        sender_profile_id=message.sender_profile_id,
        sender_name=sender.full_name if sender else None,
        sender_photo=(sender and sender.picture) or UNSET,
        is_sent_by_owner=message.is_from(owner_urn),
        has_attachment=bool(message.attachments),
        attachments=[Attachment(type=kind) for kind in message.attachments],
    )
