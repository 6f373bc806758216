"""Use cases around a send, in terms of ports."""

from confrere.domain.send_request import ChatSignal, DeliveryReceipt, SendRequest, Typing
from confrere.sending.account_reads import Reading
from confrere.sending.caller import CallerConnection, SendResult
from confrere.sending.conversations import Conversations, Destination
from confrere.sending.directory import Directory
from confrere.sending.send import GroupSender

__all__ = [
    "CallerConnection",
    "ChatSignal",
    "Conversations",
    "DeliveryReceipt",
    "Destination",
    "Directory",
    "GroupSender",
    "Reading",
    "SendRequest",
    "SendResult",
    "Typing",
]
