"""The OpenAPI 3.1 document of the HTTP door, built from the table of operations and the shapes of the bodies."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from typing import cast

import msgspec

from confrere.api import code_samples
from confrere.api.openapi_text import DESCRIPTION, HEADERS, STATUS_TEXT, TAGS
from confrere.api.operations import MANAGEMENT, OPERATIONS, REQUEST_ID, Example, Node, Operation, Parameter
from confrere.api.v1.operations import MANAGEMENT_OPERATIONS
from confrere.domain.keys import Scope

OPENAPI = "3.1.1"

EVERY_OPERATION = (*OPERATIONS, *MANAGEMENT_OPERATIONS)

_EVERY_ANSWER = tuple(name for name in HEADERS if name.startswith("X-"))


@cache
def document() -> bytes:
    """The whole document as JSON."""
    return msgspec.json.encode(build_document())


def build_document() -> Node:
    """The whole document."""
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Confrere",
            "version": version("confrere"),
            "summary": "LinkedIn messages to fellow group members, from your own server.",
            "description": DESCRIPTION,
            "contact": {"name": "The Confrere contributors"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "x-sample-server": code_samples.SERVER,
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "headers": HEADERS,
            "parameters": {"RequestId": _parameter(REQUEST_ID)},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of this server: `Authorization: Bearer <key>`.",
                },
                "apiKey": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-API-Key",
                    "description": "The same key, read where `Authorization` is absent.",
                },
            },
        },
    }


def _paths() -> Node:
    paths: dict[str, Node] = {}
    for operation in EVERY_OPERATION:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return dict(paths)


def _operation(operation: Operation) -> Node:
    node: Node = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
    }
    if operation.needs is None:
        node["security"] = []
    else:
        node["description"] = f"{operation.description}\n\nThe key needs the scope `{operation.needs}`."
    parameters = [_parameter(parameter) for parameter in operation.parameters]
    if operation.in_api:
        parameters.append({"$ref": "#/components/parameters/RequestId"})
    if parameters:
        node["parameters"] = parameters
    if operation.request is not None:
        content = {
            "schema": {"$ref": f"#/components/schemas/{operation.request['title']}"},
            "example": operation.call.body if operation.call.table is None else operation.call.table,
        }
        media_type = "application/json" if operation.call.table is None else "text/csv"
        node["requestBody"] = {"required": True, "content": {media_type: content}}
    node["responses"] = _responses(operation)
    node["x-codeSamples"] = code_samples.samples(operation.call)
    node["x-effect"] = _effect(operation)
    return node


def _effect(operation: Operation) -> str:
    """What a request does beside being answered: `send` a message, `change` something, or only `read`."""
    if any(parameter.name == "Idempotency-Key" for parameter in operation.parameters):
        return "send"
    reads = operation.method == "GET" or operation.needs is Scope.READ or operation.dry_run
    return "read" if reads else "change"


def _parameter(parameter: Parameter) -> Node:
    node: Node = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }
    if parameter.example is not None:
        node["example"] = parameter.example
    return node


def _responses(operation: Operation) -> Node:
    by_status: dict[int, list[Example]] = {}
    for example in operation.examples:
        by_status.setdefault(example.answer.status, []).append(example)
    responses = {status: _response(operation, status, examples) for status, examples in by_status.items()}
    if not any(status // 100 == 2 for status in responses):
        responses[200] = _free_form(operation)
    return {str(status): responses[status] for status in sorted(responses)}


def _response(operation: Operation, status: int, examples: Sequence[Example]) -> Node:
    headers = set(_on_every_answer(operation))
    headers.update(_header_name(name) for example in examples for name, _ in example.answer.headers)
    if status in operation.replays:
        headers.add("Idempotency-Replayed")
    node: Node = {"description": operation.says.get(status, STATUS_TEXT[status]), "headers": _header_refs(headers)}
    by_type: dict[str, list[Example]] = {}
    for example in examples:
        if example.answer.body is not None:
            by_type.setdefault(example.answer.media_type.partition(";")[0], []).append(example)
    if by_type:
        node["content"] = {media_type: _content(alike) for media_type, alike in by_type.items()}
    return node


def _content(examples: Sequence[Example]) -> Node:
    return {
        "schema": _any_of(_schema_of(example) for example in examples),
        "examples": {
            example.name: {
                "summary": example.summary,
                "value": msgspec.json.decode(msgspec.json.encode(example.answer.body)),
            }
            for example in examples
        },
    }


def _on_every_answer(operation: Operation) -> Sequence[str]:
    """The headers that every answer has of the API to which the operation belongs."""
    if operation.tag == MANAGEMENT:
        return ("X-Request-Id", "Cache-Control")
    return _EVERY_ANSWER if operation.in_api else ()


def _free_form(operation: Operation) -> Node:
    """A 200 that is no shape of ours: this document, and the metrics."""
    parts: Node = {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}}
    document: Node = {"type": "object", "properties": parts, "required": list(parts)}
    schema: Node = {"type": "string"} if operation.text else document
    return {
        "description": STATUS_TEXT[200],
        "headers": _header_refs(_on_every_answer(operation)),
        "content": {operation.text or "application/json": {"schema": schema}},
    }


def _header_refs(names: Iterable[str]) -> Node:
    wanted = set(names)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS if name in wanted}


def _header_name(raw: bytes) -> str:
    return next(name for name in HEADERS if name.lower() == raw.decode())


def _schema_of(example: Example) -> Node:
    body = example.answer.body
    if isinstance(body, str):
        return {"type": "string"}
    if isinstance(body, list):
        return {"type": "array", "items": {"$ref": _ref(type(body[0]))}}
    return {"$ref": _ref(type(body))}


def _any_of(schemas: Iterable[Node]) -> Node:
    different: list[Node] = []
    for schema in schemas:
        if schema not in different:
            different.append(schema)
    return different[0] if len(different) == 1 else {"anyOf": list(different)}


def _ref(shape: type) -> str:
    return f"#/components/schemas/{shape.__name__}"


def _schemas() -> Node:
    """The shapes of all answers, and the request bodies."""
    answers = [example.answer.body for operation in EVERY_OPERATION for example in operation.examples]
    shapes = {type(body[0] if isinstance(body, list) else body) for body in answers} - {str, type(None)}
    _, components = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__), ref_template="#/components/schemas/{name}"
    )
    schemas = {name: cast("Node", _typed(_always_whole(schema))) for name, schema in components.items()}
    for operation in EVERY_OPERATION:
        if operation.request is not None:
            schemas[cast("str", operation.request["title"])] = operation.request
    return {name: schemas[name] for name in sorted(schemas)}


def _always_whole(schema: Node) -> Node:
    """An answer's shape as it is sent: with all its fields, and those that have a default always have that value.

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
    """The schema with the type of its enums, which are all of texts: msgspec leaves it out, and generators need it."""
    if isinstance(schema, list):
        return [_typed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    typed = {name: _typed(value) for name, value in schema.items()}
    return {"type": "string", **typed} if isinstance(typed.get("enum"), list) else typed


def _as_prose(docstring: str) -> str:
    """A docstring with the code's names of fields replaced by the contract's."""
    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: _camel(found[0]), docstring)


def _camel(name: str) -> str:
    if name == "not_sent":
        return name
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
