"""The bodies about webhooks, and their conversion from the domain's values."""

from typing import Annotated

from msgspec import Meta

from confrere.api.shared_bodies import Body, Cursor, Moment, RecordId, one_of, optional_time
from confrere.domain.limits import iso_z
from confrere.domain.webhooks import (
    Delivery,
    DeliveryStatus,
    DisabledReason,
    EventType,
    Webhook,
    public_event_id,
)

Event = Annotated[str, one_of(*EventType)]


class WebhookBody(Body, frozen=True, kw_only=True):
    """Where events are sent."""

    id: RecordId
    url: str
    events: Annotated[list[Event], Meta(description="What is sent.")]
    description: str
    enabled: bool
    disabled_reason: Annotated[
        Annotated[str, one_of(*DisabledReason)] | None,
        Meta(description="`gone`: it answered 410. `failing`: every try failed for five days. Null if it was not so."),
    ]
    failing_since: Annotated[Moment | None, Meta(description="The first failure after the last success.")]
    previous_secret_until: Annotated[
        Moment | None, Meta(description="Until when the secret before the newest one signs, too.")
    ]
    created_at: Moment


class NewWebhookBody(WebhookBody, frozen=True, kw_only=True):
    """A webhook with its secret."""

    secret: Annotated[str, Meta(description="Signs what is sent; it cannot be read again.")]


class WebhookPage(Body, frozen=True, kw_only=True):
    """The workspace's webhooks, the oldest first."""

    items: list[WebhookBody]
    next_cursor: Cursor


class DeliveryBody(Body, frozen=True, kw_only=True):
    """One event on its way to a webhook."""

    id: RecordId
    webhook_id: RecordId
    event: Event
    event_id: Annotated[str, Meta(description="The `id` in the body and `webhook-id` in the headers.")]
    status: Annotated[str, one_of(*DeliveryStatus)]
    attempts: Annotated[int, Meta(description="Tries that have ended.")]
    in_progress: Annotated[bool, Meta(description="Whether a try is under way.")]
    last_status: Annotated[int | None, Meta(description="The HTTP status of the last answer; null if there was none.")]
    last_error: Annotated[str | None, Meta(description="Why the last try failed, in one clause.")]
    last_answer: Annotated[str | None, Meta(description="The first 2 kB of the last answer.")]
    last_attempt_at: Moment | None
    next_attempt_at: Annotated[Moment | None, Meta(description="Null while a try is under way, and at the end.")]
    created_at: Moment


class DeliveryPage(Body, frozen=True, kw_only=True):
    """A page of a webhook's deliveries, newest first."""

    items: list[DeliveryBody]
    next_cursor: Cursor


def webhook_body(webhook: Webhook) -> WebhookBody:
    """Convert a webhook."""
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        events=[one.value for one in webhook.events],
        description=webhook.description,
        enabled=webhook.enabled,
        disabled_reason=webhook.disabled_reason,
        failing_since=optional_time(webhook.failing_since),
        previous_secret_until=optional_time(webhook.previous_until),
        created_at=iso_z(webhook.created_at),
    )


def new_webhook_body(webhook: Webhook, secret: str) -> NewWebhookBody:
    """Convert a webhook whose secret is shown this once."""
    body = webhook_body(webhook)
    return NewWebhookBody(**{name: getattr(body, name) for name in body.__struct_fields__}, secret=secret)


def delivery_body(delivery: Delivery) -> DeliveryBody:
    """Convert a delivery."""
    return DeliveryBody(
        id=delivery.id,
        webhook_id=delivery.webhook_id,
        event=delivery.event.value,
        event_id=public_event_id(delivery.event_id),
        status=delivery.status.value,
        attempts=delivery.attempts,
        in_progress=delivery.in_progress,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        last_answer=delivery.last_answer,
        last_attempt_at=optional_time(delivery.last_at),
        next_attempt_at=optional_time(delivery.next_at),
        created_at=iso_z(delivery.created_at),
    )
