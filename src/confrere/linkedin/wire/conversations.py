"""LinkedIn's JSON for mailboxes and threads, as their owner reads them.

Each field is read on its own: one that is missing, null or of another type does not make the page unreadable. An
element that is null or has no URN, and a message without its time, is skipped.
Source: LinkedIn's web client; the keys of conversations, messages and participants, the metadata's tokens and cursors,
and the members of `renderContent` attested; `shouldClearCache` as the answer to an unknown token assumed.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import (
    ContentKind,
    Conversation,
    MailboxChanges,
    MailboxPage,
    Participant,
    ThreadMessage,
)
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn
from confrere.linkedin.wire.decoding import clean_text, clean_urn
from confrere.linkedin.wire.nodes import Node, image_url, read_collection, read_list

_CONTENT_KINDS: Final = {
    "vectorImage": ContentKind.IMAGE,
    "audio": ContentKind.VOICE,
    "video": ContentKind.VIDEO,
    "file": ContentKind.FILE,
    "externalMedia": ContentKind.LINK,
    "hostUrnData": ContentKind.SHARE,
    "forwardedMessageContent": ContentKind.FORWARD,
    "repliedMessageContent": ContentKind.QUOTE,
    "videoMeeting": ContentKind.MEETING,
    "awayMessage": ContentKind.AUTOMATIC,
}
"""The members of an item of `renderContent`, of which one is not null."""

_IN_MAIL: Final = "PREMIUM_INMAIL"
"""The type of a `hostUrnData` that shares nothing: it is on each message of an InMail. Source: public code."""

_RECALLED: Final = "RECALLED"
_SYSTEM: Final = "SYSTEM"
_PARTICIPANT: Final = "urn:li:msg_messagingParticipant:"
_MAX_TIME_MS: Final = 253_402_300_799_999
"""The end of the year 9999."""


def decode_mailbox_page(body: bytes, field: str) -> MailboxPage | Unreadable:
    """Decode a page of a mailbox."""
    collection = read_collection(body, field)
    if isinstance(collection, Unreadable):
        return collection
    metadata = collection.child("metadata")
    return MailboxPage(tuple(_conversations(collection)), _token(metadata, "nextCursor"))


def decode_mailbox_changes(body: bytes, field: str) -> MailboxChanges | Unreadable:
    """Decode what has changed in a mailbox."""
    collection = read_collection(body, field)
    if isinstance(collection, Unreadable):
        return collection
    metadata = collection.child("metadata")
    is_full = metadata is not None and metadata.is_true("shouldClearCache")
    return MailboxChanges(tuple(_conversations(collection)), _token(metadata, "newSyncToken"), is_full)


def decode_conversation(body: bytes, field: str, conversation_urn: str) -> Conversation | Unreadable | None:
    """Decode the conversation with this URN; None where the answer does not have it."""
    elements = read_list(body, field)
    if isinstance(elements, Unreadable):
        return elements
    return next((found for found in _decode_all(elements) if found.urn == conversation_urn), None)


def decode_thread(body: bytes, field: str) -> tuple[ThreadMessage, ...] | Unreadable:
    """Decode messages of a thread; return them newest first."""
    collection = read_collection(body, field)
    if isinstance(collection, Unreadable):
        return collection
    return tuple(sorted(_messages(collection), key=lambda message: message.delivered_at_ms, reverse=True))


def encode_seen(conversation_urn: str) -> bytes:
    """Encode the patch that marks a conversation as read. Source: public code of several clients, attested."""
    return msgspec.json.encode({"entities": {conversation_urn: {"patch": {"$set": {"read": True}}}}})


def _token(metadata: Node | None, name: str) -> str | None:
    return metadata.text(name) if metadata else None


def _conversations(collection: Node) -> Iterator[Conversation]:
    return _decode_all(collection.children("elements") or ())


def _decode_all(elements: Iterable[Node | None]) -> Iterator[Conversation]:
    for element in elements:
        if element and (urn := clean_urn(element.text("entityUrn"))):
            yield _conversation(element, urn)


def _conversation(element: Node, urn: str) -> Conversation:
    listed = element.child("messages")
    return Conversation(
        urn=urn,
        participants=tuple(
            _participant(participant)
            for participant in element.children("conversationParticipants") or ()
            if participant
        ),
        last_activity_at_ms=_time(element, "lastActivityAt"),
        unread_count=element.number("unreadCount") or 0,
        state=element.text("state"),
        categories=element.texts("categories"),
        is_group_chat=element.is_true("groupChat"),
        last_message=next(_messages(listed), None) if listed else None,
    )


def _messages(collection: Node) -> Iterator[ThreadMessage]:
    for element in collection.children("elements") or ():
        if element is None:
            continue
        urn, delivered_at_ms = clean_urn(element.text("entityUrn")), _time(element, "deliveredAt")
        if urn and delivered_at_ms is not None:
            yield _message(element, urn, delivered_at_ms)


def _message(element: Node, urn: str, delivered_at_ms: int) -> ThreadMessage:
    body, render_format = element.child("body"), element.text("messageBodyRenderFormat")
    text = clean_text(body.text("text") or "") if body else ""
    return ThreadMessage(
        message_urn=urn,
        sender=_sender(element),
        text=text or None,
        kinds=(ContentKind.RECALLED,) if render_format == _RECALLED else _kinds(element),
        delivered_at_ms=delivered_at_ms,
        is_system=render_format == _SYSTEM,
    )


def _sender(message: Node) -> Participant | None:
    """Read who wrote a message; its reference is enough where `included` lacks the person."""
    if node := message.child("sender") or message.child("actor"):
        return _participant(node)
    urn = _profile_urn(message.text("senderUrn", "*sender", "*actor"))
    return Participant(urn) if urn else None


def _participant(node: Node) -> Participant:
    kind = node.child("participantType")
    member = kind and kind.child("member")
    urn = _profile_urn(node.text("hostIdentityUrn")) or _profile_urn(node.text("entityUrn"))
    if member is None:
        return Participant(urn)
    return Participant(
        urn,
        first_name=_attributed(member, "firstName"),
        last_name=_attributed(member, "lastName"),
        headline=_attributed(member, "headline"),
        picture=image_url(member.child("profilePicture")),
    )


def _profile_urn(urn: str | None) -> ProfileUrn | None:
    """Return the profile URN at the end of a participant's: `urn:li:msg_messagingParticipant:<profile URN>`."""
    try:
        return ProfileUrn.parse((urn or "").removeprefix(_PARTICIPANT))
    except InvalidField:
        return None


def _attributed(node: Node, name: str) -> str | None:
    """Read the text of `{"text", "attributes"}`."""
    holder = node.child(name)
    return clean_text((holder and holder.text("text")) or "") or None


def _kinds(message: Node) -> tuple[ContentKind, ...]:
    """Return the kinds of a message's content, each once."""
    items = message.children("renderContent") or ()
    return tuple(dict.fromkeys(kind for item in items if item for kind in _kinds_of(item)))


def _kinds_of(item: Node) -> tuple[ContentKind, ...]:
    host = item.child("hostUrnData")
    if host and host.text("type") == _IN_MAIL:
        return ()
    return tuple(kind for name, kind in _CONTENT_KINDS.items() if item.has(name)) or (ContentKind.OTHER,)


def _time(node: Node, name: str) -> int | None:
    at_ms = node.number(name)
    return at_ms if at_ms is not None and at_ms <= _MAX_TIME_MS else None
