"""The API reference: the OpenAPI document, and the page that a browser renders from it."""

from confrere.api.reference.route import ROUTE

__all__ = ["ROUTE"]
