"""What a caller asks to be sent."""

from dataclasses import dataclass

from confrere.domain.message import MessageText
from confrere.domain.urns import ConversationUrn, GroupId, ProfileUrn


@dataclass(frozen=True, slots=True)
class Typing:
    """Show that the account is typing, where there is a conversation already."""


@dataclass(frozen=True, slots=True)
class DeliveryReceipt:
    """Acknowledge that these messages of the account's mailbox have been received."""

    message_urns: tuple[str, ...]


ChatSignal = Typing | DeliveryReceipt
"""What LinkedIn's web client sends in a conversation before a message."""


@dataclass(frozen=True, slots=True)
class SendRequest:
    """One message to one person: in the context of a group, or plain. The text is secret; its repr does not show it.

    account_id:       None means the workspace's default account.
    group_id:         None for a plain message, which goes into the conversation with the recipient.
    idempotency_key:  None where the caller gave none.
    signal:           sent before the message; a repeat that sends no message sends no signal either.
    campaign_person_id:  whose message of a campaign it is; it is never a repeat of another send.
    conversation_urn: where a plain message goes; None where the conversation is looked for, and begun if there is none.
    """

    request_id: str
    workspace_id: str
    account_id: str | None
    recipient: ProfileUrn
    group_id: GroupId | None
    text: MessageText
    idempotency_key: str | None = None
    signal: ChatSignal | None = None
    campaign_person_id: str | None = None
    conversation_urn: ConversationUrn | None = None

    @property
    def seeks_conversation(self) -> bool:
        """Whether it is a plain message whose conversation is yet to be looked for."""
        return self.group_id is None and self.conversation_urn is None
