"""What the product does, in terms of ports."""

from confrere.sending.chat_signals import ChatSignal, DeliveryReceipt, Typing
from confrere.sending.directory import Directory, Reading
from confrere.sending.product import Product
from confrere.sending.send import CallerConnection, GroupSender, SendResult, Wish
from confrere.sending.worker import keep_beating, run_worker

__all__ = [
    "CallerConnection",
    "ChatSignal",
    "DeliveryReceipt",
    "Directory",
    "GroupSender",
    "Product",
    "Reading",
    "SendResult",
    "Typing",
    "Wish",
    "keep_beating",
    "run_worker",
]
