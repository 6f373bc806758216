"""The worker: looks for the messages whose fate is not known, and says that it lives."""

import asyncio
import secrets

import structlog

from confrere.domain.errors import StoreUnavailable
from confrere.sending.product import BEAT_SECONDS, Product

log = structlog.get_logger()


async def run_worker(product: Product, *, look_seconds: float) -> None:
    """Work until cancelled: beat, look at the sends that are due, rest for `look_seconds`."""
    worker_id = secrets.token_hex(8)
    beating = asyncio.create_task(_keep_beating(product, worker_id))
    try:
        while True:
            try:
                await product.reconciler.look_at_due()
            except StoreUnavailable as fault:
                log.warning("worker_waits_for_store", reason=str(fault))
            await asyncio.sleep(look_seconds)
    finally:
        beating.cancel()


async def _keep_beating(product: Product, worker_id: str) -> None:
    while True:
        try:
            await product.beat(worker_id)
        except StoreUnavailable as fault:
            log.warning("worker_waits_for_store", reason=str(fault))
        await asyncio.sleep(BEAT_SECONDS)
