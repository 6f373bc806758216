"""Which messages of a conversation are replies, and to which send."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from confrere.domain.conversation import ThreadMessage
from confrere.domain.outcome import HOLDS_UNIT
from confrere.domain.send import Send

CLOCK_SLACK: Final = timedelta(minutes=1)
"""By how much our clock may be ahead of LinkedIn's."""


@dataclass(frozen=True, slots=True)
class FoundReply:
    """A recipient's message after ours, and the last send to them before it."""

    message: ThreadMessage
    send: Send


def classify_replies(
    messages: Sequence[ThreadMessage], sends: Iterable[Send], conversation_urn: str
) -> tuple[FoundReply, ...]:
    """Return the replies among the messages of a conversation, oldest first, each message once by its URN.

    messages:  in any order; overlapping pages may repeat some.
    sends:     of the mailbox's account; those that reached nobody, or another conversation, have no replies.

    A reply is a message of the person that a send went to, delivered after it. The account's own messages and
    LinkedIn's own are none. An automatic absence message is one: its kinds show it.
    """
    delivered_ms = {message.message_urn: message.delivered_at_ms for message in messages}
    begun = [
        (_begun_ms(send, delivered_ms), send)
        for send in sends
        if send.outcome in HOLDS_UNIT and send.conversation_urn in (None, conversation_urn)
    ]
    begun.sort(key=lambda pair: pair[0], reverse=True)
    distinct = {message.message_urn: message for message in messages}.values()
    replies = []
    for message in sorted(distinct, key=lambda each: (each.delivered_at_ms, each.message_urn)):
        for begun_ms, send in begun:
            if message.is_from(send.recipient) and begun_ms < message.delivered_at_ms:
                replies.append(FoundReply(message, send))
                break
    return tuple(replies)


def _begun_ms(send: Send, delivered_ms: dict[str, int]) -> int:
    """Return when a send's message was delivered, by LinkedIn's clock where the message is among those read."""
    if send.message_urn in delivered_ms:
        return delivered_ms[send.message_urn]
    return int((send.created_at - CLOCK_SLACK).timestamp() * 1_000)
