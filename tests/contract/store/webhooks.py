"""Webhooks of a scene, and the events that its store has written."""

from collections.abc import Sequence
from typing import Any

from confrere.domain.ids import new_record_id
from confrere.domain.webhooks import EventType, NewEvent, Webhook
from tests.contract.store.scene import Scene

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ALL = tuple(one for one in EventType if one is not EventType.PING)


async def add_webhook(scene: Scene, events: Sequence[EventType] = ALL, **changes: Any) -> Webhook:
    """An endpoint that wants these events."""
    values: dict[str, Any] = {
        "id": new_record_id(),
        "workspace_id": "default",
        "url": "https://example.com/hook",
        "events": tuple(events),
        "description": "",
        "enabled": True,
        "disabled_reason": None,
        "failing_since": None,
        "previous_until": None,
        "created_at": scene.now,
    }
    webhook = Webhook(**values | changes)
    await scene.store.add_webhook(webhook, SECRET)
    return webhook


async def new_events(scene: Scene) -> Sequence[NewEvent]:
    """Events whose bodies are not made yet."""
    return await scene.store.list_new_events(count=100)


async def types(scene: Scene) -> list[str]:
    """Their types."""
    return [event.type.value for event in await new_events(scene)]


async def deliver_later(scene: Scene) -> int:
    """Make bodies, so that deliveries are due; return how many deliveries."""
    return await scene.store.add_bodies({event.id: b'{"x":1}' for event in await new_events(scene)}, scene.now)
