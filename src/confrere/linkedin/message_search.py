"""The message that is looked for in LinkedIn's conversations."""

from dataclasses import dataclass

from confrere.domain.attempt import Found
from confrere.linkedin import wire


@dataclass(frozen=True, slots=True)
class MessageSearch:
    """By whom it was sent, with which token, and not before when (milliseconds since 1970)."""

    sender_urn: str
    origin_token: str
    since_ms: int

    def find_in(self, messages: tuple[wire.SeenMessage, ...], thread_urn: str) -> Found | None:
        """Where it is, if it is among these."""
        for message in messages:
            if message.origin_token == self.origin_token:
                return Found(message.message_urn, message.conversation_urn or thread_urn)
        return None

    def leaves_open(self, message: wire.SeenMessage) -> bool:
        """Whether this may be it: own, recent, without a token."""
        recent = message.delivered_ms is None or message.delivered_ms >= self.since_ms
        return recent and message.origin_token is None and message.is_from(self.sender_urn)
