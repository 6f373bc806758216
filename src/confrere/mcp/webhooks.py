"""`list-webhooks`: where the server reports events, and what came of them, without the secrets."""

from typing import Annotated

from msgspec import Meta

from confrere.domain.limits import iso_z
from confrere.domain.webhooks import Delivery, Webhook
from confrere.mcp.arguments import Arguments
from confrere.mcp.campaigns import parse_record_id
from confrere.mcp.shapes import Moment, format_time
from confrere.mcp.tool import Call, Result, Tool

WEBHOOK_FORM = "must be a webhookId from list-webhooks"


class ListWebhooks(Arguments, frozen=True, kw_only=True):
    """Arguments of `list-webhooks`."""

    webhook_id: Annotated[str | None, Meta(description="Only this one, with its latest deliveries.")] = None
    limit: Annotated[int, Meta(ge=1, le=100, description="How many deliveries at most.")] = 20


class WebhookItem(Result, frozen=True, kw_only=True):
    """One webhook."""

    webhook_id: str
    url: str
    description: str
    events: list[str]
    enabled: bool
    disabled_reason: Annotated[str | None, Meta(description="gone: it answered 410. failing: five days of failures.")]
    failing_since: Moment | None


class DeliveryItem(Result, frozen=True, kw_only=True):
    """One event on its way to a webhook."""

    delivery_id: str
    event: str
    status: Annotated[str, Meta(description="pending, delivered or failed.")]
    attempts: int
    last_status: int | None
    last_error: str | None
    next_attempt_at: Moment | None
    created_at: Moment


class WebhookList(Result, frozen=True, kw_only=True):
    """The webhooks; deliveries only where webhookId was given, the newest first."""

    webhooks: list[WebhookItem]
    deliveries: list[DeliveryItem]


async def list_webhooks(call: Call, args: ListWebhooks) -> WebhookList:
    """Read the webhooks, or one with its deliveries. Raises NotFound, InvalidField."""
    service = call.services.webhooks
    if not args.webhook_id:
        return WebhookList(webhooks=[_item(one) for one in await service.list_all(call.workspace_id)], deliveries=[])
    webhook_id = parse_record_id(args.webhook_id, "webhookId", WEBHOOK_FORM)
    webhook = await service.read(call.workspace_id, webhook_id)
    found = await service.list_deliveries(call.workspace_id, webhook_id, count=args.limit)
    return WebhookList(webhooks=[_item(webhook)], deliveries=[_delivery(one) for one in found])


def _item(webhook: Webhook) -> WebhookItem:
    return WebhookItem(
        webhook_id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        events=[one.value for one in webhook.events],
        enabled=webhook.enabled,
        disabled_reason=webhook.disabled_reason,
        failing_since=format_time(webhook.failing_since),
    )


def _delivery(delivery: Delivery) -> DeliveryItem:
    return DeliveryItem(
        delivery_id=delivery.id,
        event=delivery.event.value,
        status=delivery.status.value,
        attempts=delivery.attempts,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        next_attempt_at=format_time(delivery.next_at),
        created_at=iso_z(delivery.created_at),
    )


LIST_WEBHOOKS = Tool(
    name="list-webhooks",
    title="List webhooks",
    description="""\
List the addresses to which this server reports events, whether they work, and with webhookId what was delivered lately.
Nothing is sent, and no secret is shown.

Only the human adds, changes and enables webhooks, with `confrere webhooks` or in the console: tell them when one is
disabled or fails.""",
    takes=ListWebhooks,
    gives=WebhookList,
    do=list_webhooks,
)
