"""Use cases around a send, in terms of ports."""

from confrere.sending.chat_signals import ChatSignal, DeliveryReceipt, Typing
from confrere.sending.directory import Directory, Reading
from confrere.sending.send import CallerConnection, GroupSender, SendResult, Wish

__all__ = [
    "CallerConnection",
    "ChatSignal",
    "DeliveryReceipt",
    "Directory",
    "GroupSender",
    "Reading",
    "SendResult",
    "Typing",
    "Wish",
]
