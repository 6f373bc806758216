"""The results of calls about conversations and replies. As those in `models`; texts are in no repr."""

from dataclasses import dataclass, field
from datetime import datetime

from confrere_client.models import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationExists(Answered):
    """Whether a thread with a person exists; usable as a bool.

    profile_urn:  the person, as `send_group` takes them; None where the server does not name them.
    """

    account_id: str | None
    has_conversation: bool
    conversation_urn: str | None
    profile_urn: str | None

    def __bool__(self) -> bool:
        return self.has_conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a conversation, other than the account. profile_id: None for an organization."""

    profile_id: str | None
    name: str | None
    headline: str | None
    profile_picture: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestMessage:
    """The last message of a conversation; its text is empty where it has none, as an image alone."""

    text: str = field(repr=False)
    sent_at: datetime
    sender_name: str | None
    has_attachment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation of an account's mailbox."""

    conversation_urn: str
    conversation_id: str
    last_activity_at: datetime | None
    unread_count: int
    participants: tuple[Participant, ...]
    latest_message: LatestMessage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What a message carries beside its text. type: such as `image` or `file`."""

    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of a conversation; its text is empty where it has none, as an image alone.

    is_sent_by_owner:  whether the account wrote it.
    """

    message_urn: str
    text: str = field(repr=False)
    sent_at: datetime
    sender_profile_id: str | None
    sender_name: str | None
    sender_photo: str | None
    is_sent_by_owner: bool
    has_attachment: bool
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSeen:
    """LinkedIn shows the conversation as read."""

    account_id: str
    conversation_urn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message's name, and that of its conversation, in LinkedIn."""

    message_urn: str | None
    conversation_urn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentInConversation(Answered):
    """LinkedIn accepted a message into a conversation.

    idempotency_key:  the key that the send had.
    replayed:         whether it is the answer of an earlier request with that key.
    """

    recipient_profile_urn: str | None
    sent_message: SentMessage | None
    idempotency_key: str
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A message of somebody whom we wrote to.

    text:          None where it has none, as an image alone.
    kinds:         what else it carries: such as `image`, `voice`, `file`, `share`.
    send_id:       the last message to this person before it, in the ledger.
    may_want_out:  whether it contains a stop word, so that a person has to decide.
    opted_out:     whether it was a stop word, and the person is on the do-not-contact list.
    """

    id: str
    account_id: str
    campaign_id: str | None
    send_id: str
    recipient_profile_urn: str
    name: str | None
    conversation_urn: str
    message_urn: str | None
    text: str | None = field(repr=False)
    kinds: tuple[str, ...]
    received_at: datetime
    may_want_out: bool
    opted_out: bool
    handled: bool
    handled_at: datetime | None
    handled_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyMessage:
    """A message of a reply's conversation. text: None where it has none. kinds: as of a reply."""

    message_urn: str
    sender_profile_urn: str | None
    sender_name: str | None
    is_sent_by_account: bool
    text: str | None = field(repr=False)
    kinds: tuple[str, ...]
    sent_at: datetime
