"""Webhooks: endpoints, and the log of what was delivered to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.webhooks import Delivery, DeliveryStatus, EventType, Webhook


class Webhooks(Protocol):
    """The endpoints of workspaces. Their secrets, and the bodies of events, are encrypted at rest.

    The store writes an event in the transaction of what it reports, if a webhook of the workspace is enabled then.
    """

    async def add_webhook(self, webhook: Webhook, secret: str) -> None:
        """Store it."""
        ...

    async def list_webhooks(self, workspace_id: str) -> Sequence[Webhook]:
        """Return all, the oldest first."""
        ...

    async def read_webhook(self, workspace_id: str, webhook_id: str) -> Webhook:
        """Raises NotFound."""
        ...

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
        """Change what is given. Disabling it ends its deliveries, enabling it begins to count failures anew.

        Raises NotFound.
        """
        ...

    async def delete_webhook(self, workspace_id: str, webhook_id: str) -> None:
        """Delete it with its deliveries. Raises NotFound."""
        ...

    async def rotate_webhook_secret(self, workspace_id: str, webhook_id: str, secret: str, until: datetime) -> Webhook:
        """Sign with this secret from now on, and until then with the one before, too. Raises NotFound."""
        ...

    async def add_webhook_test(self, webhook: Webhook, event_id: str, body: bytes, now: datetime) -> Delivery:
        """Write an event `ping` for this webhook alone. Raises NotFound, WebhookDisabled."""
        ...

    async def list_deliveries(
        self,
        workspace_id: str,
        webhook_id: str,
        *,
        status: DeliveryStatus | None,
        before_id: str | None,
        count: int,
    ) -> Sequence[Delivery]:
        """Return a page, newest first. Raises NotFound where there is no such webhook."""
        ...

    async def read_delivery(self, workspace_id: str, delivery_id: str) -> Delivery:
        """Raises NotFound."""
        ...

    async def resend_delivery(self, workspace_id: str, delivery_id: str, now: datetime) -> Delivery:
        """Begin a new delivery of the same event to the same webhook, and return it.

        Raises NotFound, WebhookDisabled, and DeliveryInProgress where one of them has not ended.
        """
        ...

    async def count_disabled_webhooks(self) -> int:
        """Count the webhooks of all workspaces that were disabled by themselves."""
        ...
