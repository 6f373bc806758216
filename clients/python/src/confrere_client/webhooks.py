"""Webhooks: events that the server sends to your own programs."""

from collections.abc import Sequence

from confrere_client.arguments import check_optional_text, check_text
from confrere_client.calls import Call, path_part, read_as
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method
from confrere_client.webhook_models import Delivery, Webhook, WebhookSecret

PATH = "/v1/webhooks"


class Webhooks(Resource[E]):
    """The workspace's webhooks. To change them takes a key with the scope `admin`."""

    @method
    def create(self, *, url: str, events: Sequence[str], description: str | None = None) -> Call[WebhookSecret]:
        """Send these events to the address from now on. The secret that signs them is shown this once."""
        check_text("url", url)
        check_optional_text("description", description)
        body = {"url": url, "events": tuple(events), "description": description}
        return Call("POST", PATH, read_as(WebhookSecret), body=body, changes=True, at_root=True)

    @listing
    def list(self) -> Pages[CursorPage[Webhook], Webhook]:
        """Iterate over the workspace's webhooks, the oldest first."""
        return list_managed(Webhook, PATH)

    @method
    def get(self, webhook_id: str) -> Call[Webhook]:
        """Read one webhook. Raises NotFound."""
        return Call("GET", _path(webhook_id), read_as(Webhook), at_root=True)

    @method
    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Call[Webhook]:
        """Change what is given. While it is disabled nothing is sent to it, and nothing is kept for it."""
        check_optional_text("url", url)
        check_optional_text("description", description)
        body = {
            "url": url,
            "events": None if events is None else tuple(events),
            "description": description,
            "enabled": enabled,
        }
        return Call("PATCH", _path(webhook_id), read_as(Webhook), body=body, changes=True, at_root=True)

    @method
    def delete(self, webhook_id: str) -> Call[None]:
        """Delete it with its deliveries."""
        return Call("DELETE", _path(webhook_id), lambda _value, _facts: None, changes=True, at_root=True)

    @method
    def rotate_secret(self, webhook_id: str) -> Call[WebhookSecret]:
        """Make a new secret, which is shown this once; the one before signs for a day, too."""
        return Call("POST", f"{_path(webhook_id)}/rotate-secret", read_as(WebhookSecret), changes=True, at_root=True)

    @method
    def test(self, webhook_id: str) -> Call[Delivery]:
        """Begin to deliver an event `ping`; `deliveries` shows what comes of it. Raises Conflict if it is disabled."""
        return Call("POST", f"{_path(webhook_id)}/test", read_as(Delivery), changes=True, at_root=True)

    @listing
    def deliveries(self, webhook_id: str, *, status: str | None = None) -> Pages[CursorPage[Delivery], Delivery]:
        """Iterate over what was sent to it in the last 30 days, or is to be, newest first."""
        return list_managed(Delivery, lambda: f"{_path(webhook_id)}/deliveries", {"status": status})

    @method
    def resend(self, delivery_id: str) -> Call[Delivery]:
        """Send an event again, once its delivery has ended. Raises Conflict before that."""
        path = f"{PATH}/deliveries/{path_part('delivery_id', delivery_id)}/resend"
        return Call("POST", path, read_as(Delivery), changes=True, at_root=True)


def _path(webhook_id: str) -> str:
    return f"{PATH}/{path_part('webhook_id', webhook_id)}"
