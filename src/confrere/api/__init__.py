"""The HTTP door: routes, shapes, OpenAPI, and outcomes to statuses."""

from confrere.api.app import build_app
from confrere.api.server import listen, serve

__all__ = ["build_app", "listen", "serve"]
