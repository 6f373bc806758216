"""Tolerant access to the JSON objects of LinkedIn's answers, field by field.

A field that is missing, null or of another type is None or False, and does not make the rest unreadable.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from confrere.domain.attempt import Unreadable
from confrere.linkedin.wire.decoding import NOT_UNDERSTOOD, QUERY_FAILED, UNREADABLE_JSON


class Node:
    """A JSON object of an answer; its references (`"*name"`) are resolved from `included`."""

    __slots__ = ("_included", "_value")

    def __init__(self, value: Mapping[str, Any], included: Mapping[str, Mapping[str, Any]]) -> None:
        self._value = value
        self._included = included

    def text(self, *names: str) -> str | None:
        """Return the first of these fields that is a non-empty string."""
        return next((value for name in names if isinstance(value := self._value.get(name), str) and value), None)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the strings of a list."""
        items = self._value.get(name)
        return tuple(item for item in items if isinstance(item, str)) if isinstance(items, list) else ()

    def number(self, name: str) -> int | None:
        """Return the field if it is an integer of 0 or more."""
        value = self._value.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def is_true(self, *names: str) -> bool:
        """Whether one of these fields is true."""
        return any(self._value.get(name) is True for name in names)

    def has(self, name: str) -> bool:
        """Whether the field or its reference is not null."""
        return self._value.get(name) is not None or self._value.get(f"*{name}") is not None

    def child(self, name: str) -> "Node | None":
        """Return the object in the field, or the one that it refers to."""
        return self._node(self._value.get(name)) or self._node(self._value.get(f"*{name}"))

    def children(self, name: str) -> "list[Node | None] | None":
        """Return a list's items, with None for each that is null or not in `included`; None where there is no list."""
        for key in (name, f"*{name}"):
            if isinstance(items := self._value.get(key), list):
                return [self._node(item) for item in items]
        return None

    def is_filled(self, name: str) -> bool:
        """Whether the field is there and neither null, zero nor empty."""
        return bool(self._value.get(name))

    def _node(self, value: object) -> "Node | None":
        if isinstance(value, str):
            value = self._included.get(value)
        return Node(value, self._included) if isinstance(value, Mapping) else None


def read_collection(body: bytes, field: str | None) -> Node | Unreadable:
    """Return the collection in an answer. GraphQL sends its errors beside the data, with a 200.

    field:  the name of the collection in a query's answer; None where the answer itself is the collection.
    """
    layers = _read_layers(body)
    if isinstance(layers, Unreadable):
        return layers
    for layer in layers:
        collection = layer if field is None else layer.child(field)
        if collection and collection.children("elements") is not None:
            return collection
    return NOT_UNDERSTOOD


def read_list(body: bytes, field: str) -> list[Node | None] | Unreadable:
    """Return the bare list that is a query's answer."""
    layers = _read_layers(body)
    if isinstance(layers, Unreadable):
        return layers
    return next((items for layer in layers if (items := layer.children(field)) is not None), NOT_UNDERSTOOD)


def _read_layers(body: bytes) -> list[Node] | Unreadable:
    """Return the layers of an answer that has no errors."""
    try:
        top = msgspec.json.decode(body)
    except UNREADABLE_JSON:
        return NOT_UNDERSTOOD
    if not isinstance(top, dict):
        return NOT_UNDERSTOOD
    layers = list(_layers(Node(top, _included(top.get("included")))))
    return QUERY_FAILED if any(layer.is_filled("errors") for layer in layers) else layers


def _layers(top: Node) -> Iterator[Node]:
    """Yield the answer, its `data`, and the `data` of that."""
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


def image_url(holder: Node | None) -> str | None:
    """Return the URL of an image's largest size; answers differ in how they wrap images."""
    node = holder
    for name in ("displayImageReference", "displayImageReferenceResolutionResult", "vectorImage"):
        node = (node and node.child(name)) or node
    if node is None or (root := node.text("rootUrl")) is None:
        return None
    sizes = [size for size in node.children("artifacts") or () if size]
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: size.number("width") or 0)
    return root + (largest.text("fileIdentifyingUrlPathSegment") or "")
