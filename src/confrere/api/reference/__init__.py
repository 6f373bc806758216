"""The API reference: the OpenAPI document, and the page that a browser renders from it."""

from confrere.api.reference.document import ROUTE, document

__all__ = ["ROUTE", "document"]
