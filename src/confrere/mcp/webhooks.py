"""`list-webhooks`: where the server reports events, and what came of them, without the secrets."""

from typing import Annotated, Literal

from msgspec import Meta

from confrere.domain.limits import iso_z
from confrere.domain.webhooks import Delivery, DeliveryStatus, Webhook
from confrere.mcp.arguments import Arguments
from confrere.mcp.campaigns import parse_record_id
from confrere.mcp.shapes import Moment, format_time
from confrere.mcp.tool import Call, Result, Tool

WEBHOOK_FORM = "must be a webhookId from list-webhooks"
CURSOR_FORM = "must be the nextBeforeDeliveryId of the page before"

DeliveryStatusName = Literal["pending", "delivered", "failed"]


class ListWebhooks(Arguments, frozen=True, kw_only=True):
    """Arguments of `list-webhooks`."""

    webhook_id: Annotated[str | None, Meta(description="Only this one, with its latest deliveries.")] = None
    status: Annotated[DeliveryStatusName | None, Meta(description="Only deliveries in this status.")] = None
    limit: Annotated[int, Meta(ge=1, le=100, description="How many deliveries at most.")] = 20
    before_delivery_id: Annotated[str | None, Meta(description="nextBeforeDeliveryId of the page before.")] = None


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
    status: DeliveryStatusName
    attempts: int
    in_progress: Annotated[bool, Meta(description="Whether a try is under way.")]
    last_status: Annotated[int | None, Meta(description="The HTTP status of the last answer; null: there was none.")]
    last_error: Annotated[str | None, Meta(description="Why the last try failed, in one clause.")]
    last_attempt_at: Moment | None
    next_attempt_at: Moment | None
    created_at: Moment


class WebhookList(Result, frozen=True, kw_only=True):
    """The webhooks; deliveries only where webhookId was given, the newest first."""

    webhooks: list[WebhookItem]
    deliveries: list[DeliveryItem]
    next_before_delivery_id: Annotated[str | None, Meta(description="For the next page; null on the last one.")]


async def list_webhooks(call: Call, args: ListWebhooks) -> WebhookList:
    """Read the webhooks, or one with its deliveries. Raises NotFound, InvalidField."""
    service = call.services.webhooks
    if not args.webhook_id:
        webhooks = [_item(one) for one in await service.list_all(call.workspace_id)]
        return WebhookList(webhooks=webhooks, deliveries=[], next_before_delivery_id=None)
    webhook_id = parse_record_id(args.webhook_id, "webhookId", WEBHOOK_FORM)
    before_id = args.before_delivery_id or None
    webhook = await service.read(call.workspace_id, webhook_id)
    found = await service.list_deliveries(
        call.workspace_id,
        webhook_id,
        status=DeliveryStatus(args.status) if args.status else None,
        before_id=None if before_id is None else parse_record_id(before_id, "beforeDeliveryId", CURSOR_FORM),
        count=args.limit + 1,
    )
    page = found[: args.limit]
    return WebhookList(
        webhooks=[_item(webhook)],
        deliveries=[_delivery(one) for one in page],
        next_before_delivery_id=page[-1].id if len(found) > args.limit else None,
    )


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
        in_progress=delivery.in_progress,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        last_attempt_at=format_time(delivery.last_at),
        next_attempt_at=format_time(delivery.next_at),
        created_at=iso_z(delivery.created_at),
    )


LIST_WEBHOOKS = Tool(
    name="list-webhooks",
    title="List webhooks",
    description="""\
List the addresses to which this server reports events, whether they work, and with webhookId what was delivered in the
last 30 days, newest first. Nothing is sent, and no secret is shown.

Only the human adds, changes and enables webhooks, with `confrere webhooks` or in the console: tell them when one is
disabled or fails.""",
    takes=ListWebhooks,
    gives=WebhookList,
    do=list_webhooks,
)
