"""Webhooks: the endpoints of a workspace, and the worker that delivers events to them."""

from confrere.webhooks.deliverer import WebhookDeliverer
from confrere.webhooks.directory import WebhookDirectory
from confrere.webhooks.poster import Poster
from confrere.webhooks.target import TargetRule

__all__ = ["Poster", "TargetRule", "WebhookDeliverer", "WebhookDirectory"]
