"""What the product does, in terms of ports."""

from confrere.sending.courtesy import Acknowledging, Courtesy, Typing
from confrere.sending.directory import Directory, Reading
from confrere.sending.product import Product
from confrere.sending.send import CallerLine, GroupSender, SendResult, Wish
from confrere.sending.worker import keep_beating, run_worker

__all__ = [
    "Acknowledging",
    "CallerLine",
    "Courtesy",
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
