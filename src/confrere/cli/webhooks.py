"""`confrere webhooks`: where events are sent, and what came of it."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.shapes import delivery_shape, webhook_shape
from confrere.cli.times import format_time
from confrere.cli.workspace import workspace
from confrere.domain.webhooks import Delivery, DeliveryStatus, EventType, Webhook

if TYPE_CHECKING:
    from confrere.services import Services

app = typer.Typer(no_args_is_help=True, help="Webhooks: events that are sent to your own programs.")

SEE_WEBHOOKS: Final = "`confrere webhooks list` shows the webhooks' ids"
_SEE_DELIVERIES: Final = "`confrere webhooks deliveries` shows the deliveries' ids"
_TEST_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.25

_Id = Annotated[str, typer.Argument(metavar="ID", help="The webhook's id, as `webhooks list` shows it.")]
_Events = Annotated[
    list[EventType] | None, typer.Option("--event", help="What is sent, repeatable.", show_default="everything")
]
_Description = Annotated[str | None, typer.Option(help="A name for people.")]


@app.command("add")
def add_webhook(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="An https address on the public internet.")],
    *,
    events: _Events = None,
    description: _Description = None,
    as_json: AsJson = False,
) -> None:
    """Send events to an address from now on, and print the secret that signs them, this once."""
    command = Command(context, as_json=as_json)
    webhook, secret = command.ask(
        lambda services: services.webhooks.create(
            workspace(), url=url, events=events or list(EventType), description=description or ""
        )
    )
    command.out.document({**webhook_shape(webhook), "secret": secret})
    command.out.print(f"{webhook.id}\n{secret}")
    command.out.hint(
        f"The secret is shown this once. `confrere webhooks test {webhook.id}` sends a test; docs/webhooks.md shows "
        "how your program checks the signature."
    )


@app.command("list")
def list_webhooks(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show all webhooks, the oldest first."""
    command = Command(context, as_json=as_json)
    found = command.ask(lambda services: services.webhooks.list_all(workspace()))
    command.out.document([webhook_shape(one) for one in found])
    if not found:
        command.out.hint("There is no webhook yet: `confrere webhooks add <URL>` adds one.")
        return
    command.out.table(
        ("id", "address", "description", "state", "events"),
        ((one.id, one.url, one.description, _state(one), str(len(one.events))) for one in found),
    )


@app.command("show")
def show_webhook(context: typer.Context, webhook_id: _Id, *, as_json: AsJson = False) -> None:
    """Show one webhook."""
    command = Command(context, as_json=as_json)
    webhook = command.ask(lambda services: services.webhooks.read(workspace(), webhook_id), if_missing=SEE_WEBHOOKS)
    _show(command, webhook)


@app.command("update")
def update_webhook(
    context: typer.Context,
    webhook_id: _Id,
    *,
    url: Annotated[str | None, typer.Option(help="Another address.")] = None,
    events: Annotated[list[EventType] | None, typer.Option("--event", help="What is sent instead, repeatable.")] = None,
    description: _Description = None,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether anything is sent to it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a webhook. While it is disabled, nothing is sent to it or kept for it."""
    command = Command(context, as_json=as_json)
    webhook = command.ask(
        lambda services: services.webhooks.change(
            workspace(), webhook_id, url=url, events=events or None, description=description, enabled=enable
        ),
        if_missing=SEE_WEBHOOKS,
    )
    _show(command, webhook)


@app.command("delete")
def delete_webhook(context: typer.Context, webhook_id: _Id, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a webhook with its deliveries."""
    command = Command(context, as_json=as_json)
    webhook = command.ask(lambda services: services.webhooks.read(workspace(), webhook_id), if_missing=SEE_WEBHOOKS)
    command.confirm(f"Delete the webhook to {webhook.url}?", yes=yes)
    command.ask(lambda services: services.webhooks.delete(workspace(), webhook_id), if_missing=SEE_WEBHOOKS)
    command.out.document({"deleted": webhook_id})
    command.out.print(f"Deleted the webhook to {webhook.url}.")


@app.command("rotate-secret")
def rotate_secret(context: typer.Context, webhook_id: _Id, *, as_json: AsJson = False) -> None:
    """Make a new secret and print it, this once. For a day the one before signs, too."""
    command = Command(context, as_json=as_json)
    webhook, secret = command.ask(
        lambda services: services.webhooks.rotate_secret(workspace(), webhook_id), if_missing=SEE_WEBHOOKS
    )
    command.out.document({**webhook_shape(webhook), "secret": secret})
    command.out.print(secret)
    command.out.hint(f"The secret before it signs, too, until {format_time(webhook.previous_until)}.")


@app.command("test")
def send_test(context: typer.Context, webhook_id: _Id, *, as_json: AsJson = False) -> None:
    """Send an event `ping` to this webhook, and wait for what comes of it."""
    command = Command(context, as_json=as_json)

    async def send(services: "Services") -> Delivery:
        begun = await services.webhooks.send_test(workspace(), webhook_id)
        return await _wait(services, begun)

    _report(command, command.ask(send, if_missing=SEE_WEBHOOKS))


@app.command("deliveries")
def list_deliveries(
    context: typer.Context,
    webhook_id: _Id,
    *,
    status: Annotated[DeliveryStatus | None, typer.Option(help="Only these.", show_default="all")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was sent to a webhook, or is to be, newest first."""
    command = Command(context, as_json=as_json)
    found = command.ask(
        lambda services: services.webhooks.list_deliveries(workspace(), webhook_id, status=status, count=limit + 1),
        if_missing=SEE_WEBHOOKS,
    )
    shown = found[:limit]
    command.out.document({"deliveries": [delivery_shape(one) for one in shown], "hasMore": len(found) > limit})
    if not shown:
        command.out.hint(f"Nothing was sent to it yet: `confrere webhooks test {webhook_id}` sends a test.")
        return
    command.out.table(
        ("id", "event", "status", "tries", "last answer", "next try", "created"),
        (
            (
                one.id,
                one.event.value,
                one.status.value,
                str(one.attempts),
                one.last_error or ("" if one.last_status is None else str(one.last_status)),
                "now" if one.in_progress else format_time(one.next_at),
                format_time(one.created_at),
            )
            for one in shown
        ),
    )
    if len(found) > limit:
        command.out.hint(f"There are older ones: `--limit` shows more than {limit}.")


@app.command("resend")
def resend_delivery(
    context: typer.Context,
    delivery_id: Annotated[
        str, typer.Argument(metavar="ID", help="The delivery's id, as `webhooks deliveries` shows it.")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Send an event again, once its delivery has ended, and wait for what comes of it."""
    command = Command(context, as_json=as_json)

    async def send(services: "Services") -> Delivery:
        return await _wait(services, await services.webhooks.resend(workspace(), delivery_id))

    _report(command, command.ask(send, if_missing=_SEE_DELIVERIES))


async def _wait(services: "Services", delivery: Delivery) -> Delivery:
    """Return it after its first try, or as it is when that does not come: a worker makes it."""
    end = asyncio.get_running_loop().time() + _TEST_SECONDS
    while (not delivery.attempts and delivery.next_at is not None) or delivery.in_progress:
        if asyncio.get_running_loop().time() > end or not (delivery.in_progress or await services.store.has_worker()):
            break
        await asyncio.sleep(_POLL_SECONDS)
        delivery = await services.webhooks.read_delivery(workspace(), delivery.id)
    return delivery


def _report(command: Command, delivery: Delivery) -> None:
    if delivery.status is DeliveryStatus.DELIVERED:
        command.out.document(delivery_shape(delivery))
        command.out.print(f"Delivered: it answered {delivery.last_status}.")
    elif delivery.attempts:
        raise CommandFailed(
            f"Not delivered: {delivery.last_error}",
            f"`confrere webhooks deliveries {delivery.webhook_id}` shows when it is tried again",
            more={"delivery": delivery_shape(delivery)},
        )
    else:
        command.out.document(delivery_shape(delivery))
        command.out.hint("It waits for a worker: `confrere up` and `confrere worker` deliver events.")


def _show(command: Command, webhook: Webhook) -> None:
    command.out.document(webhook_shape(webhook))
    command.out.facts(
        [
            ("id", webhook.id),
            ("address", webhook.url),
            ("description", webhook.description),
            ("state", _state(webhook)),
            ("events", ", ".join(webhook.events)),
            ("created", format_time(webhook.created_at)),
        ]
    )


def _state(webhook: Webhook) -> str:
    if webhook.enabled:
        return f"fails since {format_time(webhook.failing_since)}" if webhook.failing_since else "enabled"
    return f"disabled: {webhook.disabled_reason}" if webhook.disabled_reason else "disabled"
