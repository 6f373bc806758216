"""The webhook queue port on SQL."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from confrere.domain.audit import AuditAction
from confrere.domain.ids import first_send_id_at, new_record_id
from confrere.domain.webhooks import (
    DISABLED_AFTER,
    GONE,
    ClaimedDelivery,
    DeliveryStatus,
    DisabledReason,
    EventType,
    NewEvent,
    Try,
)
from confrere.ports import WebhookQueue
from confrere.store.audit import Recorder, Trail
from confrere.store.damage import damage_is_reported
from confrere.store.engine import Engine
from confrere.store.lanes import free_leases_of_the_dead
from confrere.store.rows import Row, from_micros, to_micros
from confrere.store.script import Query, Script, first, only
from confrere.store.vault import Vault

_DISABLED_AFTER = DISABLED_AFTER // timedelta(microseconds=1)


class SqlWebhookQueue(WebhookQueue):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, trail: Trail) -> None:
        self._engine = engine
        self._vault = vault
        self._trail = trail

    async def list_new_events(self, *, count: int) -> Sequence[NewEvent]:
        return [_event_of(row) for row in await self._engine.read("list_new_events", count)]

    async def add_bodies(self, bodies: Mapping[str, bytes], now: datetime) -> int:
        sealed = {event_id: self._vault.seal(body.decode("ascii")) for event_id, body in bodies.items()}
        return await self._engine.transact(partial(_add_bodies, sealed, to_micros(now)))

    async def claim_deliveries(
        self, now: datetime, *, at_once: int, count: int, lease_until: datetime
    ) -> Sequence[ClaimedDelivery]:
        """Most of the time nothing is due, which is seen without a transaction."""
        await free_leases_of_the_dead(self._engine, "list_leased_deliveries", "free_delivery", to_micros(now))
        if not await self._engine.read("is_delivery_due", to_micros(now)):
            return []
        claim = partial(_claim, self._engine.instance, to_micros(now), at_once, count, to_micros(lease_until))
        leased = await self._engine.transact(claim)
        return [self._claimed_of(endpoint, row, lease_until) for endpoint, row in leased]

    async def end_try(
        self, delivery: ClaimedDelivery, result: Try, status: DeliveryStatus, next_at: datetime | None, now: datetime
    ) -> DisabledReason | None:
        values = {
            "id": delivery.id,
            "owner": self._engine.instance,
            "lease_until": to_micros(delivery.lease_until),
            "status": status.value,
            "last_status": result.status,
            "last_error": result.error,
            "last_answer": self._vault.seal(result.answer.decode("utf-8", "replace")) if result.answer else None,
            "next_at": to_micros(next_at),
            "now": to_micros(now),
        }
        audit = self._trail.recorder_of_server(now)
        return await self._engine.transact(partial(_end_try, delivery.webhook_id, values, result, audit))

    async def report_ended_holds(self, now: datetime) -> int:
        """Mostly there are none, which is seen without a transaction."""
        if not await self._engine.read("is_hold_over", to_micros(now)):
            return 0
        return await self._engine.transact(partial(_report_ended_holds, to_micros(now)))

    async def delete_old_deliveries(self, before: datetime, *, count: int) -> int:
        return await self._engine.transact(partial(_delete_old, first_send_id_at(before), to_micros(before), count))

    def _claimed_of(self, endpoint: "_Endpoint", row: Row, lease_until: datetime) -> ClaimedDelivery:
        delivery_id, workspace_id, event_id, attempts, body = row
        secrets = [self._vault.unseal(one) for one in (endpoint.secret, endpoint.previous_secret) if one is not None]
        return ClaimedDelivery(
            id=delivery_id,
            webhook_id=endpoint.webhook_id,
            workspace_id=workspace_id,
            url=endpoint.url,
            secrets=tuple(secrets),
            event_id=event_id,
            body=self._vault.unseal(body).encode("ascii"),
            attempts=attempts,
            lease_until=lease_until,
        )


class _Endpoint(NamedTuple):
    """The columns of `lock_due_webhooks`."""

    webhook_id: str
    url: str
    secret: str
    previous_secret: str | None


@damage_is_reported
def _event_of(row: Row) -> NewEvent:
    """The columns of `list_new_events`. Facts whose names end with At or Until are times."""
    facts: dict[str, Any] = json.loads(row[4])
    for name, value in facts.items():
        if name.endswith(("At", "Until", "Since")):
            facts[name] = from_micros(value)
    return NewEvent(row[0], row[1], EventType(row[2]), row[3], facts, from_micros(row[5]))


def _add_bodies(sealed: Mapping[str, str], now: int) -> Script[int]:
    added = 0
    for event_id in sorted(sealed):
        if not (yield Query("set_event_body", (event_id, sealed[event_id]))):
            continue  # another worker was first
        deliveries = len((yield Query("add_deliveries", (event_id, new_record_id()[:16], now))))
        if not deliveries:
            yield Query("delete_event", (event_id,))
        added += deliveries
    return added


def _claim(instance: str, now: int, at_once: int, count: int, lease_until: int) -> Script[list[tuple[_Endpoint, Row]]]:
    endpoints = [_Endpoint(*row) for row in (yield Query("lock_due_webhooks", (now,)))]
    under_way = dict[str, int]((row[0], row[1]) for row in (yield Query("count_leased_deliveries", (now,))))
    leased: list[tuple[_Endpoint, Row]] = []
    for endpoint in endpoints:
        room = min(at_once - under_way.get(endpoint.webhook_id, 0), count - len(leased))
        if room > 0:
            values = (endpoint.webhook_id, now, instance, lease_until, room)
            leased += [(endpoint, row) for row in (yield Query("lease_deliveries", values))]
    return leased


def _end_try(webhook_id: str, values: dict[str, Any], result: Try, audit: Recorder) -> Script[DisabledReason | None]:
    now: int = values["now"]
    state = first((yield Query("read_failing_since", (webhook_id,))))
    if not (yield Query("end_try", values)) or state is None:
        return None
    failing_since, enabled = state
    if result.succeeded:
        if failing_since is not None:
            yield Query("set_failing_since", (webhook_id, None))
        return None
    if failing_since is None:
        failing_since = now
        yield Query("set_failing_since", (webhook_id, now))
    reason = None
    if result.status == GONE:
        reason = DisabledReason.GONE
    elif now - failing_since >= _DISABLED_AFTER:
        reason = DisabledReason.FAILING
    if not enabled or reason is None:
        if not enabled and values["next_at"] is not None:
            yield Query("end_pending_deliveries", (webhook_id,))
        return None
    (workspace_id,) = only((yield Query("disable_webhook", (webhook_id, reason.value))))
    yield Query("end_pending_deliveries", (webhook_id,))
    yield Query("record_disabled_event", (webhook_id, now))
    yield from audit.append(workspace_id, AuditAction.WEBHOOK_DISABLED, webhook_id, detail=reason.value)
    return reason


def _report_ended_holds(now: int) -> Script[int]:
    accounts = yield Query("take_ended_holds", (now,))
    for (account_id,) in accounts:
        yield Query("record_available_event", (account_id, now))
    return len(accounts)


def _delete_old(before_id: str, before: int, count: int) -> Script[int]:
    deliveries = len((yield Query("delete_old_deliveries", (before_id, count))))
    return deliveries + len((yield Query("delete_old_events", (before, count))))


def report_hold(account_id: str, until: int, now: int) -> Script[str | None]:
    """Report that the account is about to be held. Returns its workspace; None, and no report, where it is already."""
    row = first((yield Query("begins_hold", (account_id, until, now))))
    if row is None:
        return None
    if (yield Query("record_hold_event", (account_id, until, now))):
        yield Query("remember_hold", (account_id,))
    return str(row[0])


def report_session_end(account_id: str, why: str | None, now: int, version: int | None) -> Script[str | None]:
    """Report that the end of a session is about to be recorded. Returns the workspace; None, and no report, if it is.

    version:  up to which a session has ended; None: the present one.
    """
    row = first((yield Query("begins_error", (account_id, version))))
    if row is None:
        return None
    yield Query("record_session_event", (account_id, why, now))
    return str(row[0])


def report_available(account_id: str, now: int) -> Script[None]:
    """Report that an account can be used again, if it can."""
    yield Query("forget_hold", (account_id,))
    yield Query("record_available_event", (account_id, now))
