"""`/console/webhooks`: where events are sent; add one, change and test it, and see what came of each event."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_record_id
from confrere.domain.webhooks import DeliveryInProgress, DeliveryStatus, EventType, Webhook, WebhookDisabled
from confrere.http.answer import Answer
from confrere.services import Services

PAGE_ROWS: Final = 50

DONE: Final = {
    "changed": "The webhook is changed.",
    "enabled": "The webhook is enabled: events go to it from now on.",
    "disabled": "The webhook is disabled: nothing is sent to it, and nothing is kept for it.",
    "test": "A test is on its way; the first delivery below shows what comes of it.",
    "again": "The event is sent again; the first delivery below shows what comes of it.",
}


async def show(page: Page, services: Services) -> Answer:
    """List all, and offer to add one."""
    return await _list(page, services, chosen=[one.value for one in EventType])


async def add(page: Page, services: Services) -> Answer:
    """Add one, and show its secret, this once."""
    chosen = page.chosen("event")
    try:
        webhook, secret = await services.webhooks.create(
            _workspace(page),
            url=page.form.get("url", ""),
            events=_events(chosen),
            description=page.form.get("description", ""),
        )
    except InvalidField as fault:
        return await _list(page, services, chosen=chosen, fault=fault)
    return await _one(page, services, webhook, secret=secret)


async def show_one(page: Page, services: Services) -> Answer:
    """Show one with its deliveries."""
    webhook = await _webhook(page, services)
    return await _one(page, services, webhook, done=DONE.get(page.query.text("done") or ""))


async def change(page: Page, services: Services) -> Answer:
    """Change address, events or description."""
    webhook, chosen = await _webhook(page, services), page.chosen("event")
    try:
        await services.webhooks.change(
            webhook.workspace_id,
            webhook.id,
            url=page.form.get("url", ""),
            events=_events(chosen),
            description=page.form.get("description", ""),
        )
    except InvalidField as fault:
        return await _one(page, services, webhook, chosen=chosen, fault=fault)
    return _done(webhook, "changed")


async def enable(page: Page, services: Services) -> Answer:
    """Enable or disable it."""
    webhook, enabled = await _webhook(page, services), page.form.get("enabled") == "1"
    await services.webhooks.change(webhook.workspace_id, webhook.id, enabled=enabled)
    return _done(webhook, "enabled" if enabled else "disabled")


async def rotate(page: Page, services: Services) -> Answer:
    """Make a new secret, and show it, this once."""
    webhook = await _webhook(page, services)
    webhook, secret = await services.webhooks.rotate_secret(webhook.workspace_id, webhook.id)
    return await _one(page, services, webhook, secret=secret)


async def delete(page: Page, services: Services) -> Answer:
    """Delete it with its deliveries."""
    webhook = await _webhook(page, services)
    await services.webhooks.delete(webhook.workspace_id, webhook.id)
    return redirect(f"{PATH}/webhooks")


async def test(page: Page, services: Services) -> Answer:
    """Send a test."""
    webhook = await _webhook(page, services)
    try:
        await services.webhooks.send_test(webhook.workspace_id, webhook.id)
    except WebhookDisabled as fault:
        return await _one(page, services, webhook, problem=f"{fault}.", status=409)
    return _done(webhook, "test")


async def resend(page: Page, services: Services) -> Answer:
    """Send an event again."""
    webhook = await _webhook(page, services)
    delivery_id = page.form.get("delivery", "")
    if not is_record_id(delivery_id):
        raise NotFound("There is no such delivery in this workspace")
    try:
        await services.webhooks.resend(webhook.workspace_id, delivery_id)
    except (WebhookDisabled, DeliveryInProgress) as fault:
        return await _one(page, services, webhook, problem=f"{fault}.", status=409)
    return _done(webhook, "again")


def _workspace(page: Page) -> str:
    assert page.user is not None
    return page.user.workspace_id


async def _webhook(page: Page, services: Services) -> Webhook:
    """Return the one in the path. Raises NotFound."""
    webhook_id = page.path_params["webhook_id"]
    if not is_record_id(webhook_id):
        raise NotFound("There is no such webhook in this workspace")
    return await services.webhooks.read(_workspace(page), webhook_id)


def _events(chosen: Sequence[str]) -> list[EventType]:
    if not set(chosen) <= set(EventType):
        raise InvalidField("events", "must be among those that are listed")
    return [EventType(one) for one in chosen]


def _done(webhook: Webhook, what: str) -> Answer:
    return redirect(f"{PATH}/webhooks/{webhook.id}?done={what}")


async def _list(page: Page, services: Services, *, chosen: Sequence[str], fault: InvalidField | None = None) -> Answer:
    return page.render(
        "webhooks.html",
        status=422 if fault else 200,
        webhooks=await services.webhooks.list_all(_workspace(page)),
        typed={"url": page.form.get("url", ""), "description": page.form.get("description", "")},
        **_form(chosen, fault),
    )


async def _one(
    page: Page,
    services: Services,
    webhook: Webhook,
    *,
    secret: str | None = None,
    done: str | None = None,
    problem: str | None = None,
    chosen: Sequence[str] | None = None,
    fault: InvalidField | None = None,
    status: int = 200,
) -> Answer:
    form = _form([one.value for one in webhook.events] if chosen is None else chosen, fault)
    wanted, before = page.query.text("status") or "", page.query.text("before")
    if before is not None and not is_record_id(before):
        raise NotFound("There is no such delivery in this workspace")
    which = DeliveryStatus(wanted) if wanted in set(DeliveryStatus) else None
    found = await services.webhooks.list_deliveries(
        webhook.workspace_id, webhook.id, status=which, before_id=before, count=PAGE_ROWS + 1
    )
    here = f"{PATH}/webhooks/{webhook.id}"
    kept = {"status": which.value} if which else {}
    older = None
    if len(found) > PAGE_ROWS:
        older = f"{here}?{urlencode({**kept, 'before': found[PAGE_ROWS - 1].id})}"
    given = page.form if fault else {"url": webhook.url, "description": webhook.description}
    return page.render(
        "webhook.html",
        status=422 if fault else status,
        webhook=webhook,
        secret=secret,
        done=done,
        here=here,
        poll=f"{here}?{urlencode(kept)}",
        deliveries=found[:PAGE_ROWS],
        which=which,
        is_first=before is None,
        older=older,
        typed={name: given.get(name, "") for name in ("url", "description")},
        **form | ({"problem": problem} if problem else {}),
    )


def _form(chosen: Sequence[str], fault: InvalidField | None) -> dict[str, Any]:
    return {
        "event_types": [one for one in EventType if one is not EventType.PING],
        "chosen": set(chosen),
        "field": fault.field if fault else None,
        "problem": f"The {fault}." if fault else None,
    }
