"""The endpoints that manage webhooks, and show what was delivered to them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from confrere.api.request import ApiRequest
from confrere.api.v1.audiences import record_cursor, record_id
from confrere.api.v1.paging import page_size, to_cursor
from confrere.api.v1.webhook_bodies import DeliveryPage, WebhookPage, delivery_body, new_webhook_body, webhook_body
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Caller
from confrere.domain.webhooks import DeliveryStatus, EventType
from confrere.http.answer import Answer
from confrere.services import Services

WEBHOOK_EVENTS: Final = tuple(one for one in EventType if one is not EventType.PING)
EVENTS_FORM: Final = f"must be a list of {', '.join(WEBHOOK_EVENTS)}"
STATUS_FORM: Final = f"must be one of {', '.join(DeliveryStatus)}"


async def list_webhooks(caller: Caller, _request: ApiRequest, services: Services) -> Answer:
    """`GET /webhooks`: list all of them."""
    found = await services.webhooks.list_all(caller.workspace_id)
    return Answer(200, WebhookPage(items=[webhook_body(one) for one in found], next_cursor=None))


async def create_webhook(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /webhooks`: add one; its secret is shown this once."""
    fields = await request.json_object()
    events = _events(fields)
    if events is None:
        raise InvalidField("events", EVENTS_FORM)
    webhook, secret = await services.webhooks.create(
        caller.workspace_id,
        url=_text(fields, "url") or "",
        events=events,
        description=_text(fields, "description") or "",
    )
    location = f"/v1/webhooks/{webhook.id}".encode()
    return Answer(201, new_webhook_body(webhook, secret), headers=((b"location", location),))


async def read_webhook(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /webhooks/{id}`: read one."""
    return Answer(200, webhook_body(await services.webhooks.read(caller.workspace_id, _webhook_id(request))))


async def change_webhook(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`PATCH /webhooks/{id}`: change what is given."""
    webhook_id = _webhook_id(request)
    fields = await request.json_object()
    enabled = fields.get("enabled")
    if enabled is not None and not isinstance(enabled, bool):
        raise InvalidField("enabled", "must be true or false")
    webhook = await services.webhooks.change(
        caller.workspace_id,
        webhook_id,
        url=_text(fields, "url"),
        events=_events(fields),
        description=_text(fields, "description"),
        enabled=enabled,
    )
    return Answer(200, webhook_body(webhook))


async def delete_webhook(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`DELETE /webhooks/{id}`: delete it with its deliveries."""
    await services.webhooks.delete(caller.workspace_id, _webhook_id(request))
    return Answer(204, None)


async def rotate_secret(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /webhooks/{id}/rotate-secret`: make a new secret, shown this once."""
    webhook, secret = await services.webhooks.rotate_secret(caller.workspace_id, _webhook_id(request))
    return Answer(200, new_webhook_body(webhook, secret))


async def send_test(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /webhooks/{id}/test`: begin to deliver a `ping`."""
    return Answer(201, delivery_body(await services.webhooks.send_test(caller.workspace_id, _webhook_id(request))))


async def list_deliveries(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`GET /webhooks/{id}/deliveries`: list what was delivered, or is to be, newest first."""
    count = page_size(request.query)
    found = await services.webhooks.list_deliveries(
        caller.workspace_id,
        _webhook_id(request),
        status=_status(request.query.text("status")),
        before_id=record_cursor(request.query),
        count=count + 1,
    )
    page = found[:count]
    next_cursor = to_cursor(bytes.fromhex(page[-1].id)) if len(found) > count else None
    return Answer(200, DeliveryPage(items=[delivery_body(one) for one in page], next_cursor=next_cursor))


async def resend_delivery(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /webhooks/deliveries/{id}/resend`: begin a new delivery of the same event."""
    delivery_id = record_id(request, "delivery_id", "delivery")
    return Answer(201, delivery_body(await services.webhooks.resend(caller.workspace_id, delivery_id)))


def _webhook_id(request: ApiRequest) -> str:
    return record_id(request, "webhook_id", "webhook")


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidField(name, "must be a string")


def _events(fields: Mapping[str, Any]) -> Sequence[EventType] | None:
    value = fields.get("events")
    if value is None:
        return None
    if isinstance(value, list) and value and all(isinstance(one, str) and one in WEBHOOK_EVENTS for one in value):
        return [EventType(one) for one in value]
    raise InvalidField("events", EVENTS_FORM)


def _status(text: str | None) -> DeliveryStatus | None:
    if text is None:
        return None
    try:
        return DeliveryStatus(text)
    except ValueError:
        raise InvalidField("status", STATUS_FORM) from None
