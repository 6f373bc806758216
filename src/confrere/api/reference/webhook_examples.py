"""The answers about webhooks by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from confrere.api.reference.shared_examples import (
    BAD_CURSOR,
    DELIVERY_ID,
    NO_SUCH_DELIVERY,
    NO_SUCH_WEBHOOK,
    NOW,
    WEBHOOK_ID,
    WEBHOOK_URL,
    Examples,
)
from confrere.api.v1.webhook_bodies import (
    DeliveryPage,
    WebhookPage,
    delivery_body,
    new_webhook_body,
    webhook_body,
)
from confrere.api.v1.webhooks import EVENTS_FORM, STATUS_FORM
from confrere.domain.errors import InvalidField
from confrere.domain.webhooks import (
    Delivery,
    DeliveryInProgress,
    DeliveryStatus,
    EventType,
    Webhook,
    WebhookDisabled,
)
from confrere.http.answer import Answer
from confrere.webhooks.target import URL_FORM

_SECRET = "whsec_<the secret, returned once>"  # noqa: S105  # none
_WEBHOOK = Webhook(
    id=WEBHOOK_ID,
    workspace_id="default",
    url=WEBHOOK_URL,
    events=(EventType.SEND_ACCEPTED, EventType.MESSAGE_RECEIVED),
    description="CRM",
    enabled=True,
    disabled_reason=None,
    failing_since=None,
    previous_until=None,
    created_at=NOW,
)
_DELIVERY = Delivery(
    id=DELIVERY_ID,
    webhook_id=WEBHOOK_ID,
    event_id="019cea5b2d2a7c3f8e1b4a6d9f205c71.accepted",
    event=EventType.SEND_ACCEPTED,
    status=DeliveryStatus.DELIVERED,
    attempts=1,
    last_status=200,
    last_error=None,
    last_answer="ok",
    last_at=NOW,
    next_at=None,
    in_progress=False,
    created_at=NOW,
)
_AGAIN = replace(
    _DELIVERY,
    id=f"{DELIVERY_ID[:-1]}9",
    status=DeliveryStatus.PENDING,
    attempts=0,
    last_status=None,
    last_answer=None,
    last_at=None,
    next_at=NOW,
)
_PING = replace(_AGAIN, event=EventType.PING, event_id="019cea5b2d2a7c3f8e1b4a6d9f205c72.ping")

EXAMPLES: Mapping[str, Examples] = {
    "listWebhooks": {"webhooks": WebhookPage(items=[webhook_body(_WEBHOOK)], next_cursor=None)},
    "createWebhook": {
        "created": Answer(
            201,
            new_webhook_body(_WEBHOOK, _SECRET),
            headers=((b"location", f"/v1/webhooks/{WEBHOOK_ID}".encode()),),
        ),
        "url": InvalidField("url", URL_FORM),
        "events": InvalidField("events", EVENTS_FORM),
    },
    "readWebhook": {"webhook": webhook_body(_WEBHOOK), "unknownWebhook": NO_SUCH_WEBHOOK},
    "changeWebhook": {
        "changed": webhook_body(replace(_WEBHOOK, description="The CRM's test system")),
        "url": InvalidField("url", URL_FORM),
        "unknownWebhook": NO_SUCH_WEBHOOK,
    },
    "deleteWebhook": {"deleted": Answer(204, None), "unknownWebhook": NO_SUCH_WEBHOOK},
    "rotateWebhookSecret": {
        "rotated": new_webhook_body(replace(_WEBHOOK, previous_until=NOW + timedelta(days=1)), _SECRET),
        "unknownWebhook": NO_SUCH_WEBHOOK,
    },
    "testWebhook": {
        "begun": Answer(201, delivery_body(_PING)),
        "webhookDisabled": WebhookDisabled(),
        "unknownWebhook": NO_SUCH_WEBHOOK,
    },
    "listDeliveries": {
        "page": DeliveryPage(items=[delivery_body(_DELIVERY)], next_cursor=None),
        "status": InvalidField("status", STATUS_FORM),
        "cursor": BAD_CURSOR,
        "unknownWebhook": NO_SUCH_WEBHOOK,
    },
    "resendDelivery": {
        "begun": Answer(201, delivery_body(_AGAIN)),
        "deliveryInProgress": DeliveryInProgress(),
        "webhookDisabled": WebhookDisabled(),
        "unknownDelivery": NO_SUCH_DELIVERY,
    },
}
