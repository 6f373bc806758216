"""The webhooks of a workspace: adding, changing and testing them, and the log of their deliveries."""

import base64
import secrets
from collections.abc import Sequence
from typing import Final

from confrere.domain.errors import InvalidField
from confrere.domain.ids import new_record_id
from confrere.domain.webhooks import (
    SECRET_OVERLAP,
    Delivery,
    DeliveryStatus,
    EventType,
    NewEvent,
    Webhook,
    event_body,
    in_order,
)
from confrere.ports import Clock, Store
from confrere.webhooks.target import TargetRule

MAX_DESCRIPTION: Final = 200
MOST_WEBHOOKS: Final = 50
"""Of one workspace."""

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # the scheme's
_SECRET_BYTES: Final = 24
"""Standard Webhooks asks for 24 to 64."""


class WebhookDirectory:
    """What people and programs do with webhooks."""

    def __init__(self, *, store: Store, rule: TargetRule, clock: Clock) -> None:
        self._store = store
        self._rule = rule
        self._clock = clock

    async def create(
        self, workspace_id: str, *, url: str, events: Sequence[EventType], description: str = ""
    ) -> tuple[Webhook, str]:
        """Add one; return it with its secret, which is not shown again. Raises InvalidField."""
        webhook = Webhook(
            id=new_record_id(),
            workspace_id=workspace_id,
            url=self._rule.check_url(url),
            events=_checked(events),
            description=_described(description),
            enabled=True,
            disabled_reason=None,
            failing_since=None,
            previous_until=None,
            created_at=self._clock(),
        )
        if len(await self._store.list_webhooks(workspace_id)) >= MOST_WEBHOOKS:
            raise InvalidField("url", f"must be one of at most {MOST_WEBHOOKS} webhooks; delete one first")
        secret = _new_secret()
        await self._store.add_webhook(webhook, secret)
        return webhook, secret

    async def list_all(self, workspace_id: str) -> Sequence[Webhook]:
        """Return all, the oldest first."""
        return await self._store.list_webhooks(workspace_id)

    async def read(self, workspace_id: str, webhook_id: str) -> Webhook:
        """Return one. Raises NotFound."""
        return await self._store.read_webhook(workspace_id, webhook_id)

    async def change(
        self,
        workspace_id: str,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[EventType] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given. Raises InvalidField, NotFound."""
        return await self._store.change_webhook(
            workspace_id,
            webhook_id,
            url=None if url is None else self._rule.check_url(url),
            events=None if events is None else _checked(events),
            description=None if description is None else _described(description),
            enabled=enabled,
        )

    async def delete(self, workspace_id: str, webhook_id: str) -> None:
        """Delete it with its deliveries. Raises NotFound."""
        await self._store.delete_webhook(workspace_id, webhook_id)

    async def rotate_secret(self, workspace_id: str, webhook_id: str) -> tuple[Webhook, str]:
        """Make a new secret; the one before signs for a day, too. Raises NotFound."""
        secret = _new_secret()
        until = self._clock() + SECRET_OVERLAP
        return await self._store.rotate_webhook_secret(workspace_id, webhook_id, secret, until), secret

    async def send_test(self, workspace_id: str, webhook_id: str) -> Delivery:
        """Begin a delivery of an event `ping`. Raises NotFound, WebhookDisabled."""
        webhook, now = await self._store.read_webhook(workspace_id, webhook_id), self._clock()
        event = NewEvent(f"{new_record_id()}.ping", workspace_id, EventType.PING, webhook_id, {}, now)
        body = event_body(event, {"webhookId": webhook_id})
        return await self._store.add_webhook_test(webhook, event.id, body, now)

    async def list_deliveries(
        self,
        workspace_id: str,
        webhook_id: str,
        *,
        status: DeliveryStatus | None = None,
        before_id: str | None = None,
        count: int = 50,
    ) -> Sequence[Delivery]:
        """Return a page of its deliveries, newest first. Raises NotFound."""
        return await self._store.list_deliveries(
            workspace_id, webhook_id, status=status, before_id=before_id, count=count
        )

    async def read_delivery(self, workspace_id: str, delivery_id: str) -> Delivery:
        """Return one. Raises NotFound."""
        return await self._store.read_delivery(workspace_id, delivery_id)

    async def resend(self, workspace_id: str, delivery_id: str) -> Delivery:
        """Begin a new delivery of the same event. Raises NotFound, WebhookDisabled, DeliveryInProgress."""
        return await self._store.resend_delivery(workspace_id, delivery_id, self._clock())

    async def count_disabled(self) -> int:
        """Count the webhooks of all workspaces that were disabled by themselves."""
        return await self._store.count_disabled_webhooks()


def _checked(events: Sequence[EventType]) -> tuple[EventType, ...]:
    """`ping` goes to a webhook whatever it asks for."""
    chosen = in_order([one for one in events if one is not EventType.PING])
    if not chosen:
        raise InvalidField("events", "must be a list of at least one event")
    return chosen


def _described(text: str) -> str:
    if len(text) <= MAX_DESCRIPTION and (text.isprintable() or not text):
        return text.strip()
    raise InvalidField("description", f"must be a text of at most {MAX_DESCRIPTION} printable characters")


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
