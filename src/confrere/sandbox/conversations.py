"""The store of threads and messages.

A message has few slots; its URNs are computed when they are read, so that many messages fit in memory.
"""

import base64
import binascii
import hashlib
import re
import time
import uuid
from collections.abc import Iterator
from typing import Final, Literal

_THREAD_ID: Final = re.compile(r"2-([A-Za-z0-9+/]+=*)", re.ASCII)
_CONVERSATION_URN: Final = re.compile(r"urn:li:msg_conversation:\(urn:li:fsd_profile:([A-Za-z0-9_-]+),(2-[^,()]+)\)")

MessageKind = Literal["text", "image", "voice", "file", "share", "system"]


class Message:
    """One message of a thread.

    at_ms:  unique among all messages.
    kind:   what it carries beside its text, which may then be empty; `system`: written by LinkedIn itself.
    sent:   whether an account sent it over the protocol; False for the world's initial messages and for replies.
    """

    __slots__ = ("at_ms", "conversation", "group_id", "kind", "origin_token", "sender", "sent", "text")

    def __init__(
        self,
        conversation: "Conversation",
        sender: int,
        text: str,
        at_ms: int,
        *,
        origin_token: str | None = None,
        group_id: int | None = None,
        sent: bool = False,
        kind: MessageKind = "text",
    ) -> None:
        self.conversation = conversation
        self.sender = sender
        self.text = text
        self.at_ms = at_ms
        self.origin_token = origin_token
        self.group_id = group_id
        self.sent = sent
        self.kind = kind

    @property
    def recipient(self) -> int:
        """The recipient's member number."""
        return self.conversation.other(self.sender)

    @property
    def message_id(self) -> str:
        """`2-` and base64 of `<13-digit ms>b<5 digits>-<3 digits>&<uuid>_<3 digits>`.

        Source: LinkedIn web client, attested.
        """
        raw = f"{self.at_ms:013d}b{self.at_ms % 99991:05d}-100&{self.conversation.thread_uuid}_100"
        return "2-" + base64.b64encode(raw.encode()).decode()


class Conversation:
    """A thread between two members.

    state:          None, or that of a message request: PENDING, ACCEPTED or DECLINED.
    changed_at_ms:  when its state or what was read of it last changed.
    """

    __slots__ = (
        "changed_at_ms",
        "created_at_ms",
        "creator",
        "group_id",
        "last_read_ms",
        "members",
        "messages",
        "state",
        "thread_uuid",
    )

    def __init__(
        self, creator: int, other: int, created_at_ms: int, *, group_id: int | None, state: str | None
    ) -> None:
        self.creator = creator
        self.members = (min(creator, other), max(creator, other))
        self.created_at_ms = created_at_ms
        self.changed_at_ms = created_at_ms
        self.group_id = group_id
        self.state = state
        self.messages: list[Message] = []
        self.last_read_ms: dict[int, int] = {}
        pair = f"{self.members[0]}:{self.members[1]}".encode()
        self.thread_uuid = str(uuid.UUID(bytes=hashlib.blake2b(pair, digest_size=16).digest(), version=4))

    @property
    def thread_id(self) -> str:
        """`2-` and base64 of `<uuid>_<3 digits>`, padding kept. Source: LinkedIn web client, attested."""
        return "2-" + base64.b64encode(f"{self.thread_uuid}_100".encode()).decode()

    def other(self, member: int) -> int:
        """Return the other member."""
        low, high = self.members
        return high if member == low else low


def read_conversation_urn(urn: str) -> tuple[str, str] | None:
    """Parse `urn:li:msg_conversation:(…)` into the owner's profile id and the thread's uuid; None if invalid."""
    found = _CONVERSATION_URN.fullmatch(urn)
    return (found[1], thread) if found and (thread := read_thread_id(found[2])) else None


def read_thread_id(thread_id: str) -> str | None:
    """Return the uuid in a thread id; None if it is invalid."""
    found = _THREAD_ID.fullmatch(thread_id)
    if found is None:
        return None
    try:
        text = base64.b64decode(found[1], validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text.partition("_")[0]


class Conversations:
    """All threads of the sandbox.

    after_ms:  every id and time is later than this, so that none is used twice after a reset.

    A message may be added with a lag that hides it from reads for a while, as a stale replica does; the oracle
    (`sent_between`) returns it at once.
    """

    def __init__(self, *, after_ms: int = 0) -> None:
        self._by_pair: dict[tuple[int, int], Conversation] = {}
        self._by_thread: dict[str, Conversation] = {}
        self._of_member: dict[int, list[Conversation]] = {}
        self._visible_at_ms: dict[Message, int] = {}
        self.begun_ms = self.last_ms = after_ms
        self.sent: list[Message] = []

    def tick(self) -> int:
        """Return the time in ms since 1970, later than every earlier result."""
        self.last_ms = max(self.last_ms + 1, time.time_ns() // 1_000_000)
        return self.last_ms

    def between(self, one: int, other: int) -> Conversation | None:
        """Return the thread of two members, if there is one."""
        return self._by_pair.get((one, other) if one < other else (other, one))

    def of_thread(self, thread_uuid: str) -> Conversation | None:
        """Return the thread with this uuid, if there is one."""
        return self._by_thread.get(thread_uuid)

    def of_member(self, member: int) -> list[Conversation]:
        """Return a member's threads, oldest first."""
        return self._of_member.get(member, [])

    def open(
        self,
        creator: int,
        other: int,
        *,
        group_id: int | None = None,
        state: str | None = None,
        at_ms: int | None = None,
    ) -> Conversation:
        """Create a thread between two members who have none."""
        conversation = Conversation(creator, other, at_ms or self.tick(), group_id=group_id, state=state)
        self._by_pair[conversation.members] = conversation
        self._by_thread[conversation.thread_uuid] = conversation
        for member in conversation.members:
            self._of_member.setdefault(member, []).append(conversation)
        return conversation

    def add(self, message: Message, *, lag_seconds: float = 0) -> None:
        """Add a message to its thread."""
        self.last_ms = max(self.last_ms, message.at_ms)
        message.conversation.messages.append(message)
        if message.sent:
            self.sent.append(message)
        if lag_seconds:
            self._visible_at_ms[message] = message.at_ms + int(lag_seconds * 1000)

    def shown_at_ms(self, message: Message) -> int:
        """Return when the message becomes visible to reads."""
        return self._visible_at_ms.get(message, message.at_ms) if self._visible_at_ms else message.at_ms

    def visible(self, conversation: Conversation) -> list[Message]:
        """Return the messages of a thread that are visible to reads, oldest first."""
        if not self._visible_at_ms:
            return conversation.messages
        now_ms = time.time_ns() // 1_000_000
        return [message for message in conversation.messages if self._visible_at_ms.get(message, 0) <= now_ms]

    def last_shown_ms(self, conversation: Conversation) -> int:
        """Return the time of a thread's last visible message; 0 where there is none."""
        visible = self.visible(conversation)
        return visible[-1].at_ms if visible else 0

    def sent_between(self, sender: int | None, recipient: int | None) -> list[Message]:
        """Return, in order, the messages that accounts sent over the protocol: the oracle of crash tests."""
        if sender is None and recipient is None:
            return self.sent
        if sender is not None and recipient is not None:
            found = self.between(sender, recipient)
            candidates: Iterator[Message] = iter(found.messages if found else ())
        else:
            threads = self.of_member(sender if sender is not None else recipient or 0)
            candidates = (message for thread in threads for message in thread.messages)
        return sorted(
            (
                message
                for message in candidates
                if message.sent and sender in (None, message.sender) and recipient in (None, message.recipient)
            ),
            key=lambda message: message.at_ms,
        )
