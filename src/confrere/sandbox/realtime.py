"""`GET /realtime/connect`: the event stream of new messages, including the member's own."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import msgspec

from confrere.sandbox.conversations import Message

HEARTBEAT_SECONDS: Final = 15.0

_CLIENT_CONNECTION: Final = "com.linkedin.realtimefrontend.ClientConnection"
_HEARTBEAT: Final = "com.linkedin.realtimefrontend.Heartbeat"
_DECORATED: Final = "com.linkedin.realtimefrontend.DecoratedEvent"
_TOPICS: Final = ("messagesTopic", "conversationsTopic", "typingIndicatorsTopic", "messageSeenReceiptsTopic")
_QUEUE_LENGTH: Final = 10_000

Describe = Callable[[Message, int], dict[str, Any]]


class Realtime:
    """The open streams, by member."""

    def __init__(self) -> None:
        self._listening: dict[int, set[asyncio.Queue[Message]]] = {}

    def announce(self, message: Message) -> None:
        """Publish a message to both members' open streams. A full queue drops it."""
        if not self._listening:
            return
        for member in message.conversation.members:
            for queue in self._listening.get(member, ()):
                if not queue.full():
                    queue.put_nowait(message)

    async def events(self, member: int, describe: Describe, heartbeat_seconds: float) -> AsyncGenerator[bytes, None]:
        """Yield the events of one stream without end, each encoded as a `data:` line.

        Source: LinkedIn web client, attested: the three events, the topic's name and the key of the new message.
        """
        queue: asyncio.Queue[Message] = asyncio.Queue(_QUEUE_LENGTH)
        self._listening.setdefault(member, set()).add(queue)
        try:
            yield _event(_CLIENT_CONNECTION, {"id": str(uuid.uuid4()), "personalTopics": [_topic(t) for t in _TOPICS]})
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), heartbeat_seconds)
                except TimeoutError:
                    yield _event(_HEARTBEAT, {})
                else:
                    yield _event(_DECORATED, _decorated(message, describe(message, member)))
        finally:
            self._listening[member].discard(queue)
            if not self._listening[member]:
                del self._listening[member]


def _topic(name: str) -> str:
    return f"urn:li-realtime:{name}:urn:li-realtime:myself"


def _event(kind: str, content: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode({kind: content}) + b"\n\n"


def _decorated(message: Message, described: dict[str, Any]) -> dict[str, Any]:
    return {
        "topic": _topic("messagesTopic"),
        "id": str(uuid.uuid4()),
        "leftServerAt": message.at_ms,
        "trackingId": uuid.uuid4().hex[:16],
        "payload": {
            "data": {
                "_type": "com.linkedin.restli.common.GraphQLResponse",
                "doDecorateMessageMessengerRealtimeDecoration": {"result": described},
            }
        },
    }
