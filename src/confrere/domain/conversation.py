"""A mailbox as LinkedIn shows it to its owner: conversations, and their messages."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from confrere.domain.urns import ProfileUrn


class ContentKind(StrEnum):
    """What a message carries beside or instead of a text."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LINK = "link"
    SHARE = "share"
    FORWARD = "forward"
    QUOTE = "quote"
    MEETING = "meeting"
    AUTOMATIC = "automatic"
    """an absence message that LinkedIn sends in the member's name"""
    RECALLED = "recalled"
    """deleted by its sender"""
    OTHER = "other"


ATTACHMENTS: Final = frozenset(ContentKind) - {ContentKind.QUOTE, ContentKind.AUTOMATIC, ContentKind.RECALLED}
"""The kinds that add something to a message's text."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A side of a conversation. `profile_urn` is None for an organization, and where LinkedIn does not name it."""

    profile_urn: ProfileUrn | None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None
    picture: str | None = None

    @property
    def profile_id(self) -> str | None:
        """The bare profile id."""
        return self.profile_urn.profile_id if self.profile_urn else None

    @property
    def full_name(self) -> str | None:
        """First and last name."""
        return " ".join(name for name in (self.first_name, self.last_name) if name) or None


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message of a conversation. Its repr has no text: texts are secret.

    sender:           None where LinkedIn does not name it.
    text:             None for a message without one, such as an image alone.
    delivered_at_ms:  epoch milliseconds.
    is_system:        LinkedIn wrote it, whoever it names as the sender.
    """

    message_urn: str
    sender: Participant | None
    text: str | None
    kinds: tuple[ContentKind, ...]
    delivered_at_ms: int
    is_system: bool = False

    @property
    def delivered_at(self) -> datetime:
        """The time in UTC."""
        return datetime.fromtimestamp(self.delivered_at_ms / 1_000, UTC)

    @property
    def sender_profile_id(self) -> str | None:
        """The bare profile id of the sender."""
        return self.sender.profile_id if self.sender else None

    @property
    def attachments(self) -> tuple[ContentKind, ...]:
        """What is attached, in order."""
        return tuple(kind for kind in self.kinds if kind in ATTACHMENTS)

    def is_from(self, profile_urn: str) -> bool:
        """Whether this person wrote it."""
        return not self.is_system and self.sender is not None and self.sender.profile_urn == profile_urn

    def __repr__(self) -> str:
        return f"<ThreadMessage {self.message_urn}>"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation in a mailbox, with its last message.

    state:       of a message request: PENDING, ACCEPTED or DECLINED; else None.
    categories:  LinkedIn's names of the folders that it is in.
    """

    urn: str
    participants: tuple[Participant, ...] = ()
    last_activity_at_ms: int | None = None
    unread_count: int = 0
    state: str | None = None
    categories: tuple[str, ...] = ()
    is_group_chat: bool = False
    last_message: ThreadMessage | None = None

    def others(self, owner_urn: str) -> tuple[Participant, ...]:
        """Return the participants other than the mailbox's owner."""
        return tuple(participant for participant in self.participants if participant.profile_urn != owner_urn)


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """A page of a mailbox, latest first. `next_cursor` is None on the last one."""

    conversations: tuple[Conversation, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MailboxChanges:
    """The conversations that have changed since a sync token, or the latest ones where none was given.

    sync_token:  for the next read; None where LinkedIn gave none.
    is_full:     LinkedIn did not know the token: these are the latest conversations, and there may be older changes.
    """

    conversations: tuple[Conversation, ...]
    sync_token: str | None
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Messages of a conversation, newest first.

    older_before_ms:  the time before which to read on; None where nothing older is left.
    """

    messages: tuple[ThreadMessage, ...]
    older_before_ms: int | None
