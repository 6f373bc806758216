"""The state of a running sandbox, and the two sources of messages: accounts that send and members who reply."""

import uuid
from collections import deque
from pathlib import Path
from typing import Any, Literal, NamedTuple

from confrere.sandbox.conversations import Conversation, Conversations, Message, MessageKind
from confrere.sandbox.faults import Faults
from confrere.sandbox.journal import Journal
from confrere.sandbox.people import People
from confrere.sandbox.realtime import Realtime
from confrere.sandbox.sessions import Sessions
from confrere.sandbox.views import Views
from confrere.sandbox.world import World

REMEMBERED_REQUEST_COUNT = 2000
ACCOUNTS_WITH_THREADS = 10
"""Only the first accounts have initial threads, so that many accounts do not slow the start."""

_DAY_MS = 86_400_000


class RequestRecord(NamedTuple):
    """A record of an answered request, without header values and so without cookies."""

    method: str
    target: str
    header_names: tuple[str, ...]
    member: int
    status: int | None
    at_ms: int


class Sandbox:
    """A world with its changes, messages and scripted faults."""

    def __init__(self, world: World, *, state_path: Path | None = None) -> None:
        self.world = world
        self.sessions = Sessions(world)
        self.realtime = Realtime()
        self.requests: deque[RequestRecord] = deque(maxlen=REMEMBERED_REQUEST_COUNT)
        self.faults = Faults()
        self.people = People(world)
        self.conversations = Conversations()
        self.views = Views(self.people, self.conversations)
        self.journal = Journal(state_path)
        self._make_old_threads()

    def reset(self) -> None:
        """Delete every message, fault and change to the world, and restore the sessions."""
        self.faults = Faults()
        self.people = People(self.world)
        self.conversations = Conversations(after_ms=self.conversations.last_ms)
        self.views = Views(self.people, self.conversations)
        self.sessions.reset()
        self.requests.clear()
        self.journal.clear()
        self._make_old_threads()

    def accept(
        self,
        sender: int,
        recipient: int,
        text: str,
        *,
        origin_token: str,
        group_id: int | None,
        state: str | None,
        lag_seconds: float = 0,
    ) -> Message:
        """Add an account's message to the thread with the recipient; create the thread where there is none."""
        conversations = self.conversations
        thread = conversations.between(sender, recipient)
        if thread is None:
            thread = conversations.open(sender, recipient, group_id=group_id, state=state)
        at_ms = conversations.tick()
        message = Message(thread, sender, text, at_ms, origin_token=origin_token, group_id=group_id, sent=True)
        self._add(message, lag_seconds=lag_seconds)
        return message

    def reply(self, sender: int, recipient: int, text: str, kind: MessageKind = "text") -> Message:
        """Add a member's message to an account; that accepts a message request, unless LinkedIn itself writes."""
        thread = self.conversations.between(sender, recipient) or self.conversations.open(sender, recipient)
        if thread.state is not None and thread.creator != sender and kind != "system":
            thread.state = "ACCEPTED"
        token = str(uuid.uuid4())
        message = Message(thread, sender, text, self.conversations.tick(), origin_token=token, kind=kind)
        self._add(message)
        return message

    def answer_request(self, member: int, account: int, state: Literal["ACCEPTED", "DECLINED"]) -> bool:
        """Have a member accept or decline an account's message request; False where none is pending."""
        thread = self.conversations.between(member, account)
        if thread is None or thread.state != "PENDING" or thread.creator != account:
            return False
        thread.state = state
        thread.changed_at_ms = self.conversations.tick()
        return True

    def _add(self, message: Message, *, lag_seconds: float = 0) -> None:
        self.conversations.add(message, lag_seconds=lag_seconds)
        self.journal.write(_line(message))
        self.realtime.announce(message)

    def record_change(self, action: dict[str, Any]) -> None:
        """Write a change to the world to the journal."""
        self.journal.write({"kind": "change", "action": action})

    def restore(self, line: dict[str, Any]) -> None:
        """Restore a message from the journal."""
        sender, recipient, at_ms = line["sender"], line["recipient"], line["at_ms"]
        thread = self.conversations.between(sender, recipient)
        if thread is None:
            opened = {"group_id": line["group_id"], "state": line["state"], "at_ms": at_ms - 1}
            thread = self.conversations.open(sender, recipient, **opened)
        thread.state = line["state"]
        given = {name: line[name] for name in ("origin_token", "group_id", "sent")}
        self.conversations.add(
            Message(thread, sender, line["text"], at_ms, **given, kind=line.get("message_kind", "text"))
        )

    def _make_old_threads(self) -> None:
        """Create a few old threads of the first accounts, with connections who are in no small group."""
        world, conversations = self.world, self.conversations
        strangers = range(world.demo_count, world.ordinary_count - 1)
        start_ms = 1_735_689_600_000  # 2025-01-01
        for account in range(min(world.account_count, ACCOUNTS_WITH_THREADS)):
            owner = world.account_number(account)
            friends = [number for number in map(world.number_at, strangers[:60]) if world.connected(owner, number)]
            for turn, friend in enumerate(friends[:3]):
                begun_ms = start_ms + (account * 7 + turn) * _DAY_MS
                thread: Conversation = conversations.open(friend, owner, at_ms=begun_ms)
                for sender, text, at_ms in (
                    (friend, "Good to be in touch!", begun_ms + 1),
                    (owner, "Likewise.", begun_ms + 3_600_000),
                ):
                    token = uuid.UUID(bytes=world.opaque(b"token", sender * 1000 + turn, 16), version=4)
                    conversations.add(Message(thread, sender, text, at_ms, origin_token=str(token)))


def _line(message: Message) -> dict[str, Any]:
    return {
        "kind": "message",
        "sender": message.sender,
        "recipient": message.recipient,
        "text": message.text,
        "at_ms": message.at_ms,
        "origin_token": message.origin_token,
        "group_id": message.group_id,
        "sent": message.sent,
        "message_kind": message.kind,
        "state": message.conversation.state,
    }
