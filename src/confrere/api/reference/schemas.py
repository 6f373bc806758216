"""JSON Schemas of the bodies: those of the answers from their types, those of the requests from the texts."""

import re
from collections.abc import Iterable, Sequence
from typing import cast

import msgspec

from confrere.api.reference.texts import Node, texts


def schema_of(body: object) -> Node:
    """Return the schema of an answer's body: a reference, where the body has a type of ours."""
    if isinstance(body, str):
        return {"type": "string"}
    if isinstance(body, list):
        return {"type": "array", "items": schema_of(body[0])}
    return {"$ref": ref(type(body).__name__)}


def any_of(schemas: Sequence[Node]) -> Node:
    """Return a schema that any of these matches, without repetitions."""
    different = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    return different[0] if len(different) == 1 else {"anyOf": different}


def ref(name: object) -> str:
    """Return the reference to the schema of this name."""
    return f"#/components/schemas/{name}"


def request_schemas() -> dict[str, Node]:
    """Return the schemas of the requests' bodies by name."""
    return {name: {"title": name, **schema} for name, schema in texts().requests.items()}


def answer_schemas(shapes: Iterable[type]) -> dict[str, Node]:
    """Return the schemas of these types of bodies, and of those within them, by name."""
    _, components = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__), ref_template=ref("{name}")
    )
    return {name: cast("Node", _typed(_as_sent(schema))) for name, schema in components.items()}


def _as_sent(schema: Node) -> Node:
    """Return an answer's schema as it is sent: with all fields, each of which that has a default always has that value.

    Only what may be unset may be missing: it is neither required nor has a default.
    """
    properties = cast("dict[str, Node]", schema.get("properties", {}))
    always = set(cast("list[str]", schema.get("required", [])))
    for name, field in properties.items():
        if "default" in field:
            field["const"] = field.pop("default")
            always.add(name)
    whole: Node = {**schema, "description": _as_prose(str(schema.get("description", "")))}
    return {**whole, "required": [name for name in properties if name in always]} if properties else whole


def _typed(schema: object) -> object:
    """Return the schema with `type: string` at its enums: msgspec leaves it out, and generators need it."""
    if isinstance(schema, list):
        return [_typed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    typed = {name: _typed(value) for name, value in schema.items()}
    return {"type": "string", **typed} if isinstance(typed.get("enum"), list) else typed


def _as_prose(docstring: str) -> str:
    """Return a docstring with the code's field names replaced by the contract's."""
    return re.sub(r"\b(?!not_sent\b)[a-z]+(?:_[a-z]+)+\b", lambda found: _camel(found[0]), docstring)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
