"""The webhooks port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from confrere.domain.audit import AuditAction, describe_changes
from confrere.domain.errors import NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.lasting import LastingKind
from confrere.domain.webhooks import (
    Delivery,
    DeliveryInProgress,
    DeliveryStatus,
    EventType,
    Webhook,
    WebhookDisabled,
)
from confrere.ports import Webhooks
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import Row, delivery_of, to_micros, webhook_of
from confrere.store.script import Query, Script, first, lasting, only
from confrere.store.vault import Vault

_ANSWER: Final = 8
"""The place of the sealed answer in `COLUMNS["delivery"]`."""


class SqlWebhooks(Webhooks):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, trail: Trail) -> None:
        self._engine = engine
        self._vault = vault
        self._trail = trail

    async def add_webhook(self, webhook: Webhook, secret: str) -> None:
        values = {
            "id": webhook.id,
            "workspace_id": webhook.workspace_id,
            "url": webhook.url,
            "description": webhook.description,
            "events": _spaced(webhook.events),
            "secret": self._vault.seal(secret),
            "created_at": to_micros(webhook.created_at),
        }
        await self._engine.transact(partial(_add, values, self._trail.recorder()))

    async def list_webhooks(self, workspace_id: str) -> Sequence[Webhook]:
        return [webhook_of(row) for row in await self._engine.read("list_webhooks", workspace_id)]

    async def read_webhook(self, workspace_id: str, webhook_id: str) -> Webhook:
        return _webhook_of(await self._engine.read("read_webhook", workspace_id, webhook_id))

    async def change_webhook(
        self,
        workspace_id: str,
        webhook_id: str,
        *,
        url: str | None = None,
        description: str | None = None,
        events: Sequence[EventType] | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        values = {
            "workspace_id": workspace_id,
            "id": webhook_id,
            "url": url,
            "description": description,
            "events": None if events is None else _spaced(events),
            "enabled": None if enabled is None else int(enabled),
        }
        return await self._engine.transact(partial(_change, values, self._trail.recorder()))

    async def delete_webhook(self, workspace_id: str, webhook_id: str) -> None:
        await self._engine.transact(partial(_delete, workspace_id, webhook_id, self._trail.recorder()))

    async def rotate_webhook_secret(self, workspace_id: str, webhook_id: str, secret: str, until: datetime) -> Webhook:
        values = (workspace_id, webhook_id, self._vault.seal(secret), to_micros(until))
        return await self._engine.transact(partial(_rotate, values, self._trail.recorder()))

    async def add_webhook_test(self, webhook: Webhook, event_id: str, body: bytes, now: datetime) -> Delivery:
        sealed = self._vault.seal(body.decode("ascii"))
        script = partial(_add_test, webhook.workspace_id, webhook.id, event_id, sealed, to_micros(now))
        return self._delivery_of(await self._engine.transact(script))

    async def list_deliveries(
        self,
        workspace_id: str,
        webhook_id: str,
        *,
        status: DeliveryStatus | None,
        before_id: str | None,
        count: int,
    ) -> Sequence[Delivery]:
        await self.read_webhook(workspace_id, webhook_id)
        rows = await self._engine.read_many(
            "list_deliveries",
            workspace_id=workspace_id,
            webhook_id=webhook_id,
            before_id=before_id,
            status=status,
            count=count,
        )
        return [self._delivery_of([row]) for row in rows]

    async def read_delivery(self, workspace_id: str, delivery_id: str) -> Delivery:
        return self._delivery_of(await self._engine.read("read_delivery", workspace_id, delivery_id))

    async def resend_delivery(self, workspace_id: str, delivery_id: str, now: datetime) -> Delivery:
        script = partial(_resend, workspace_id, delivery_id, to_micros(now))
        return self._delivery_of(await self._engine.transact(script))

    async def count_disabled_webhooks(self) -> int:
        return int((await self._engine.read("count_disabled_webhooks"))[0][0])

    def _delivery_of(self, rows: Sequence[Row]) -> Delivery:
        row = _delivery_row(rows)
        return delivery_of(row, None if row[_ANSWER] is None else self._vault.unseal(row[_ANSWER]))


def _spaced(events: Sequence[EventType]) -> str:
    return f" {' '.join(events)} "


def _webhook_of(rows: Sequence[Row]) -> Webhook:
    row = first(rows)
    if row is None:
        raise NotFound("There is no such webhook in this workspace")
    return webhook_of(row)


def _delivery_row(rows: Sequence[Row]) -> Row:
    row = first(rows)
    if row is None:
        raise NotFound("There is no such delivery in this workspace")
    return row


def _add(values: dict[str, Any], audit: Recorder) -> Script[None]:
    yield Query("add_webhook", values)
    yield from audit.append(values["workspace_id"], AuditAction.WEBHOOK_CREATED, values["id"])


def _change(values: dict[str, Any], audit: Recorder) -> Script[Webhook]:
    before = _webhook_of((yield Query("lock_webhook", (values["workspace_id"], values["id"]))))
    after = _webhook_of((yield Query("change_webhook", values)))
    if any(values[name] is not None for name in ("url", "events", "enabled")):
        yield lasting(audit.now, LastingKind.WEBHOOK_CHANGED, after.workspace_id, after.id)
    if not after.enabled:
        yield Query("end_pending_deliveries", (after.id,))
    if detail := describe_changes(_shown(before), _shown(after)):
        yield from audit.append(after.workspace_id, AuditAction.WEBHOOK_CHANGED, after.id, detail=detail)
    elif after != before:
        yield from audit.append(after.workspace_id, AuditAction.WEBHOOK_CHANGED, after.id)
    return after


def _shown(webhook: Webhook) -> dict[str, object]:
    """What the log shows: not the address, in which some services have a secret."""
    return {"enabled": webhook.enabled, "events": list(webhook.events)}


def _rotate(values: tuple[str, str, str, int | None], audit: Recorder) -> Script[Webhook]:
    webhook = _webhook_of((yield Query("rotate_webhook_secret", values)))
    yield lasting(audit.now, LastingKind.WEBHOOK_CHANGED, webhook.workspace_id, webhook.id)
    yield from audit.append(webhook.workspace_id, AuditAction.WEBHOOK_SECRET_ROTATED, webhook.id)
    return webhook


def _delete(workspace_id: str, webhook_id: str, audit: Recorder) -> Script[None]:
    if not (yield Query("delete_webhook", (workspace_id, webhook_id))):
        raise NotFound("There is no such webhook in this workspace")
    yield Query("delete_deliveries_of", (webhook_id,))
    yield lasting(audit.now, LastingKind.WEBHOOK_DELETED, workspace_id, webhook_id)
    yield from audit.append(workspace_id, AuditAction.WEBHOOK_DELETED, webhook_id)


def _lock_enabled(workspace_id: str, webhook_id: str) -> Script[None]:
    if not _webhook_of((yield Query("lock_webhook", (workspace_id, webhook_id)))).enabled:
        raise WebhookDisabled


def _add_test(workspace_id: str, webhook_id: str, event_id: str, sealed: str, now: int) -> Script[Sequence[Row]]:
    yield from _lock_enabled(workspace_id, webhook_id)
    yield Query("add_event", (event_id, workspace_id, EventType.PING.value, webhook_id, sealed, now))
    return (yield from _add_delivery(workspace_id, webhook_id, event_id, EventType.PING, now))


def _resend(workspace_id: str, delivery_id: str, now: int) -> Script[Sequence[Row]]:
    before = delivery_of(_delivery_row((yield Query("read_delivery", (workspace_id, delivery_id)))), None)
    yield from _lock_enabled(workspace_id, before.webhook_id)
    if only((yield Query("count_open_deliveries", (before.webhook_id, before.event_id))))[0]:
        raise DeliveryInProgress
    return (yield from _add_delivery(workspace_id, before.webhook_id, before.event_id, before.event, now))


def _add_delivery(
    workspace_id: str, webhook_id: str, event_id: str, event: EventType, now: int
) -> Script[Sequence[Row]]:
    delivery_id = new_record_id()
    values = {
        "id": delivery_id,
        "workspace_id": workspace_id,
        "webhook_id": webhook_id,
        "event_id": event_id,
        "event": event.value,
        "now": now,
    }
    yield Query("add_delivery", values)
    return (yield Query("read_delivery", (workspace_id, delivery_id)))
