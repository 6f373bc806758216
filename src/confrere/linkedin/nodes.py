"""JSON objects of LinkedIn's answers, read field by field: plain or normalized, and none of them trusted.

A field that is missing, null or of another type is None or False and costs no more than itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from confrere.domain.attempt import Unreadable
from confrere.linkedin.wire import NOT_UNDERSTOOD, QUERY_FAILED, UNREADABLE_JSON


class Node:
    """A JSON object of an answer; references in it (`"*name"`) are found in `included`."""

    __slots__ = ("_included", "_value")

    def __init__(self, value: Mapping[str, Any], included: Mapping[str, Mapping[str, Any]]) -> None:
        self._value = value
        self._included = included

    def text(self, *names: str) -> str | None:
        """The first of these fields that holds a text."""
        return next((value for name in names if isinstance(value := self._value.get(name), str) and value), None)

    def number(self, name: str) -> int | None:
        """A whole number, 0 or more."""
        value = self._value.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def is_true(self, *names: str) -> bool:
        """Whether one of these fields is true."""
        return any(self._value.get(name) is True for name in names)

    def has(self, name: str) -> bool:
        """Whether the field holds anything, or refers to anything."""
        return self._value.get(name) is not None or self._value.get(f"*{name}") is not None

    def child(self, name: str) -> "Node | None":
        """The object in the field, or to which it refers."""
        return self._node(self._value.get(name)) or self._node(self._value.get(f"*{name}"))

    def children(self, name: str) -> "list[Node | None] | None":
        """The items of a list, None for those that are null or cannot be found; None where there is no list."""
        for key in (name, f"*{name}"):
            if isinstance(items := self._value.get(key), list):
                return [self._node(item) for item in items]
        return None

    def filled(self, name: str) -> bool:
        """Whether the field holds anything but nothing, zero or an empty list."""
        return bool(self._value.get(name))

    def _node(self, value: object) -> "Node | None":
        if isinstance(value, str):
            value = self._included.get(value)
        return Node(value, self._included) if isinstance(value, Mapping) else None


def read_collection(body: bytes, field: str | None) -> Node | Unreadable:
    """Return the collection in an answer; GraphQL's errors stand beside it, with a 200.

    field:  where the collection stands in a query's answer; None where it is the answer itself.
    """
    try:
        top = msgspec.json.decode(body)
    except UNREADABLE_JSON:
        return NOT_UNDERSTOOD
    if not isinstance(top, dict):
        return NOT_UNDERSTOOD
    layers = list(_layers(Node(top, _included(top.get("included")))))
    if any(layer.filled("errors") for layer in layers):
        return QUERY_FAILED
    for layer in layers:
        collection = layer if field is None else layer.child(field)
        if collection and collection.children("elements") is not None:
            return collection
    return NOT_UNDERSTOOD


def _layers(top: Node) -> Iterator[Node]:
    """The answer, its `data`, and the `data` of that."""
    layer: Node | None = top
    for _ in range(3):
        if layer is None:
            return
        yield layer
        layer = layer.child("data")


def _included(items: object) -> dict[str, Mapping[str, Any]]:
    entities = items if isinstance(items, list) else []
    return {
        urn: entity
        for entity in entities
        if isinstance(entity, Mapping) and isinstance(urn := entity.get("entityUrn"), str)
    }
