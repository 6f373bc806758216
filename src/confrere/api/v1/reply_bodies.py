"""The bodies about replies and their conversations, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import AccountId, Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.domain.conversation import ContentKind, ThreadMessage
from confrere.domain.limits import iso_z
from confrere.domain.reply import Reply

Text = Annotated[str | None, Meta(description="Null for a message without a text, such as an image alone.")]
Kinds = Annotated[
    list[Annotated[str, one_of(*ContentKind)]], Meta(description="What it carries beside or instead of a text.")
]


class ReplyBody(Body, frozen=True, kw_only=True):
    """A message of somebody who was written to, after that message."""

    id: RecordId
    recipient_profile_urn: Annotated[str, Meta(description="Who was written to, and has replied.")]
    name: str | None
    text: Text
    kinds: Kinds
    received_at: Moment
    account_id: Annotated[AccountId, Meta(description="In whose mailbox it is.")]
    campaign_id: Annotated[RecordId | None, Meta(description="The campaign of the send; null if it is of none.")]
    send_id: Annotated[RecordId, Meta(description="The last message to this person before the reply.")]
    conversation_urn: str
    message_urn: str
    may_want_out: Annotated[
        bool, Meta(description="It contains a stop word, but is more than that: a person should decide.")
    ]
    opted_out: Annotated[
        bool, Meta(description="The whole message is a stop word: the person is on the do-not-contact list.")
    ]
    handled: bool
    handled_at: Moment | None
    handled_by: Annotated[str | None, Meta(description="The id of the API key, or `cli`.")]


class ReplyPage(Body, frozen=True, kw_only=True):
    """A page of replies, the last recorded first."""

    items: list[ReplyBody]
    next_cursor: Cursor


class ConversationMessage(Body, frozen=True, kw_only=True):
    """A message of a conversation, as LinkedIn shows it to the account."""

    message_urn: str
    sender_profile_urn: Annotated[str | None, Meta(description="Null if LinkedIn does not name the sender.")]
    sender_name: str | None
    is_sent_by_account: bool
    text: Text
    kinds: Kinds
    sent_at: Moment


class ConversationPage(Body, frozen=True, kw_only=True):
    """A page of a conversation, newest first."""

    items: list[ConversationMessage]
    next_cursor: Cursor


def reply_body(reply: Reply) -> ReplyBody:
    """Convert a reply."""
    return ReplyBody(
        id=reply.id,
        recipient_profile_urn=str(reply.recipient),
        name=reply.name,
        text=reply.text,
        kinds=[str(kind) for kind in reply.kinds],
        received_at=iso_z(reply.received_at),
        account_id=reply.account_id,
        campaign_id=reply.campaign_id,
        send_id=reply.send_id,
        conversation_urn=reply.conversation_urn,
        message_urn=reply.message_urn,
        may_want_out=reply.may_want_out,
        opted_out=reply.opted_out,
        handled=reply.handled_at is not None,
        handled_at=optional_time(reply.handled_at),
        handled_by=reply.handled_by,
    )


def conversation_message(message: ThreadMessage, owner_urn: str) -> ConversationMessage:
    """Convert a message of a conversation. owner_urn: of the account in whose mailbox it is."""
    sender = message.sender
    return ConversationMessage(
        message_urn=message.message_urn,
        sender_profile_urn=str(sender.profile_urn) if sender and sender.profile_urn else None,
        sender_name=sender.full_name if sender else None,
        is_sent_by_account=message.is_from(owner_urn),
        text=message.text,
        kinds=[str(kind) for kind in message.kinds],
        sent_at=iso_z(message.delivered_at),
    )
