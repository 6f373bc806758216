"""The worker's part of webhooks: makes the bodies of events, and delivers them."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from confrere.domain.errors import NotFound, StoreUnavailable
from confrere.domain.webhooks import (
    GONE,
    LOG_KEPT,
    ClaimedDelivery,
    DeliveryStatus,
    DisabledReason,
    EventType,
    NewEvent,
    event_body,
    next_try_at,
    public_event_id,
)
from confrere.ports import Clock, Store
from confrere.telemetry import metrics
from confrere.webhooks.event_data import data_of, message_data
from confrere.webhooks.poster import Poster, signed_headers

log = structlog.get_logger()

AT_ONCE: Final = 8
"""Tries under way to one endpoint, over all processes: those of one that hangs take no others' place."""

MOST_TRIES: Final = 400
"""Tries under way in one process: those of 50 endpoints."""

LEASE: Final = timedelta(seconds=60)
"""A try takes at most 15 s, and is written at once."""

_EVENTS: Final = 200
"""Bodies that are made in one transaction."""

_ROUND_SECONDS: Final = 0.02
"""Between two claims, so that what ends together is claimed together."""

_CLOSE_SECONDS: Final = 5.0
"""How long tries may take that are under way when the process stops. After it, another process repeats them."""

_PURGED: Final = 500


class WebhookDeliverer:
    """Delivers events at least once. chance: a number from 0 to 1, for the pauses."""

    def __init__(
        self, *, store: Store, poster: Poster, clock: Clock, chance: Callable[[], float] = random.random
    ) -> None:
        self._store = store
        self._poster = poster
        self._clock = clock
        self._chance = chance
        self._tries: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def run_due(self) -> None:
        """Deliver until nothing is due and nothing under way."""
        while True:
            begun = await self.begin_due()
            if not self._tries:
                if not begun:
                    return
                continue
            await asyncio.wait(self._tries, timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_ROUND_SECONDS)

    async def begin_due(self) -> int:
        """Make the bodies of new events, and begin the tries that are due. Returns how many of both."""
        if self._is_closed:
            return 0
        made = await self._make_bodies()
        room = MOST_TRIES - len(self._tries)
        if room <= 0:
            return made
        now = self._clock()
        claimed = await self._store.claim_deliveries(now, at_once=AT_ONCE, count=room, lease_until=now + LEASE)
        for delivery in claimed:
            task = asyncio.get_running_loop().create_task(self._try(delivery))
            self._tries.add(task)
            task.add_done_callback(self._tries.discard)
        return made + len(claimed)

    async def wait_until_idle(self) -> None:
        """Return when no try is under way."""
        while self._tries:
            await asyncio.wait(self._tries)

    async def report_ended_holds(self) -> None:
        """Report accounts that can be used again because their hold is over."""
        await self._store.report_ended_holds(self._clock())

    async def tidy(self) -> None:
        """Delete what is kept no longer, and count the webhooks that are disabled."""
        before = self._clock() - LOG_KEPT
        while await self._store.delete_old_deliveries(before, count=_PURGED) >= _PURGED:
            pass
        metrics.WEBHOOKS_DISABLED.set(await self._store.count_disabled_webhooks())

    async def close(self) -> None:
        """Wait briefly for the tries that are under way."""
        self._is_closed = True
        if self._tries:
            _, late = await asyncio.wait(self._tries, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._poster.close()

    async def _make_bodies(self) -> int:
        events = await self._store.list_new_events(count=_EVENTS)
        if events:
            await self._store.add_bodies({event.id: await self._body_of(event) for event in events}, self._clock())
        return len(events)

    async def _body_of(self, event: NewEvent) -> bytes:
        data = data_of(event.facts)
        if event.type is EventType.MESSAGE_RECEIVED:
            with suppress(NotFound):  # it was erased meanwhile
                data = message_data(await self._store.read_reply(event.workspace_id, event.subject))
        return event_body(event, data)

    async def _try(self, delivery: ClaimedDelivery) -> None:
        now = self._clock()
        headers = signed_headers(delivery.secrets, public_event_id(delivery.event_id), delivery.body, now)
        result = await self._poster.post(delivery.url, headers, delivery.body)
        now = self._clock()
        status, next_at = DeliveryStatus.DELIVERED, None
        if not result.succeeded:
            gives_up = result.status == GONE
            next_at = None if gives_up else next_try_at(delivery.attempts + 1, now, self._chance())
            status = DeliveryStatus.FAILED if next_at is None else DeliveryStatus.PENDING
        metrics.WEBHOOK_TRIES.labels("delivered" if result.succeeded else "failed").inc()
        try:
            disabled = await self._store.end_try(delivery, result, status, next_at, now)
        except StoreUnavailable as fault:  # its lease ends, and it is tried again
            log.warning("webhook_try_not_recorded", delivery_id=delivery.id, reason=str(fault))
            return
        log.debug("webhook_tried", delivery_id=delivery.id, status=result.status, error=result.error)
        if disabled is not None:
            _log_disabled(delivery.webhook_id, disabled)


def _log_disabled(webhook_id: str, reason: DisabledReason) -> None:
    log.error("webhook_disabled", webhook_id=webhook_id, reason=reason.value)
