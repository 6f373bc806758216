"""What the product does, in terms of ports."""

from confrere.sending.product import Product
from confrere.sending.send import CallerLine, GroupSender, SendResult, Wish
from confrere.sending.worker import run_worker

__all__ = ["CallerLine", "GroupSender", "Product", "SendResult", "Wish", "run_worker"]
