"""The OpenAPI 3.1 document of the HTTP door, built from the table of operations and the shapes of the bodies."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from typing import cast

import msgspec

from confrere.api import bodies, samples
from confrere.api.operations import (
    ACCOUNTS,
    LEDGER,
    MESSAGING,
    OPERATIONS,
    REQUEST_ID,
    SEND_BODY,
    SERVER,
    Example,
    Node,
    Operation,
    Parameter,
)
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING

OPENAPI = "3.1.1"

DESCRIPTION = f"""\
Send LinkedIn messages to fellow group members, from your own account, on your own server: within quota, never twice,
and with a true answer about each.

**Not affiliated with LinkedIn or with any vendor.** Confrere speaks the private protocol of LinkedIn's web client with
your own session. LinkedIn can change that protocol on any day, and its terms do not allow automation: your account
carries the risk. {MESSAGES_PER_DAY_CEILING} messages a day is a ceiling, not a recommendation; LinkedIn may throttle an
account well before it.

## Authentication

Send an API key of this server as `Authorization: Bearer <key>`, or as `X-API-Key` where no `Authorization` is given;
it is never read from a query. A key belongs to a workspace and has scopes: `read`; `send`, which includes `read`;
`admin`, which includes both.

## Rate limit headers

Every answer under `/linkedin`, errors included, carries five headers with the account's state after the request.
`X-RateLimit-Limit`, `X-RateLimit-Used` and `X-RateLimit-Remaining` are 0 where no account is known, as after a 401.

## Repeats

Send an `Idempotency-Key` with every message: a repeat is then given the first answer, and nothing is sent twice.
Without one, an identical request within 10 minutes of one that ended `unknown`, or whose answer never reached you,
joins that one.

## Errors

Every error is JSON that says what is wrong in one sentence: in `error`, or in `message` where LinkedIn refused. An
unknown path is a 404, another method a 405 with `Allow`, a head over 64 KiB a 431, and what is not HTTP a 400.
Fields and parameters that the server does not know are ignored.
"""

TAGS = {
    MESSAGING: "Sending messages.",
    LEDGER: "The ledger: what was sent, and what became of it.",
    ACCOUNTS: "LinkedIn accounts, their state and their quotas. LinkedIn is not asked.",
    SERVER: "The server itself. No key is needed.",
}

STATUS_TEXT = {
    200: "Success",
    400: "Bad request - A parameter has a wrong form",
    401: "Unauthorized - Invalid or missing API key",
    403: "Forbidden - The key lacks the scope",
    404: "Not found",
    405: "Method not allowed",
    408: "The body did not arrive in time",
    409: "Conflict - The first request with this Idempotency-Key is still running",
    413: "The body is too large",
    422: "The Idempotency-Key was used with another body",
    429: "Rate limit exceeded",
    500: "Server error",
    503: "The server cannot do it now; repeat the request after Retry-After seconds",
}

HEADERS: dict[str, Node] = {
    "X-RateLimit-Action": {
        "description": "The action type being rate limited",
        "schema": {"type": "string", "enum": ["MESSAGE", "GROUP_MEMBERS"]},
        "example": "MESSAGE",
    },
    "X-RateLimit-Limit": {
        "description": "Maximum actions allowed per period",
        "schema": {"type": "integer", "minimum": 0},
        "example": 150,
    },
    "X-RateLimit-Used": {
        "description": "Actions used in current period",
        "schema": {"type": "integer", "minimum": 0},
        "example": 42,
    },
    "X-RateLimit-Remaining": {
        "description": "Actions remaining",
        "schema": {"type": "integer", "minimum": 0},
        "example": 108,
    },
    "X-RateLimit-Reset": {
        "description": "ISO 8601 timestamp when limit resets",
        "schema": {"type": "string", "format": "date-time"},
        "example": "2026-03-15T00:00:00Z",
    },
    "X-Request-Id": {
        "description": "The request's name: yours if you gave a sane one. Every line that the server logs of it has it",
        "schema": {"type": "string"},
        "example": "order-4711",
    },
    "Retry-After": {
        "description": "Seconds after which a repeat is worth while",
        "schema": {"type": "integer", "minimum": 1},
        "example": 53957,
    },
    "WWW-Authenticate": {
        "description": "How to authenticate",
        "schema": {"type": "string", "const": "Bearer"},
        "example": "Bearer",
    },
    "Idempotency-Replayed": {
        "description": "This is the answer of an earlier request with the same Idempotency-Key; absent otherwise",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "Allow": {
        "description": "The methods that this path takes",
        "schema": {"type": "string"},
        "example": "POST",
    },
}

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
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "x-sample-server": samples.SERVER,
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
    for operation in OPERATIONS:
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
        content = {"schema": {"$ref": f"#/components/schemas/{operation.request['title']}"}, "example": SEND_BODY}
        node["requestBody"] = {"required": True, "content": {"application/json": content}}
    node["responses"] = _responses(operation)
    node["x-codeSamples"] = samples.samples(operation.call)
    return node


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
    if 200 not in responses:
        responses[200] = _free_form(operation)
    return {str(status): responses[status] for status in sorted(responses)}


def _response(operation: Operation, status: int, examples: Sequence[Example]) -> Node:
    headers = set(_EVERY_ANSWER if operation.in_api else ())
    headers.update(_header_name(name) for example in examples for name, _ in example.answer.headers)
    if status in operation.replays:
        headers.add("Idempotency-Replayed")
    return {
        "description": operation.says.get(status, STATUS_TEXT[status]),
        "headers": _header_refs(headers),
        "content": {
            "application/json": {
                "schema": _any_of(_schema_of(example) for example in examples),
                "examples": {
                    example.name: {
                        "summary": example.summary,
                        "value": msgspec.json.decode(bodies.encode(example.answer.body)),
                    }
                    for example in examples
                },
            }
        },
    }


def _free_form(operation: Operation) -> Node:
    """A 200 that is no shape of ours: this document, and the metrics."""
    schema: Node = (
        {"type": "string"} if operation.text else {"type": "object", "required": ["openapi", "info", "paths"]}
    )
    return {
        "description": STATUS_TEXT[200],
        "headers": _header_refs(_EVERY_ANSWER if operation.in_api else ()),
        "content": {operation.text or "application/json": {"schema": schema}},
    }


def _header_refs(names: Iterable[str]) -> Node:
    wanted = set(names)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS if name in wanted}


def _header_name(raw: bytes) -> str:
    return next(name for name in HEADERS if name.lower() == raw.decode())


def _schema_of(example: Example) -> Node:
    body = example.answer.body
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
    answers = [example.answer.body for operation in OPERATIONS for example in operation.examples]
    shapes = {type(body[0] if isinstance(body, list) else body) for body in answers}
    _, components = msgspec.json.schema_components(
        sorted(shapes, key=lambda shape: shape.__name__), ref_template="#/components/schemas/{name}"
    )
    schemas = {name: _always_whole(schema) for name, schema in components.items()}
    for operation in OPERATIONS:
        if operation.request is not None:
            schemas[cast("str", operation.request["title"])] = operation.request
    return {name: schemas[name] for name in sorted(schemas)}


def _always_whole(schema: Node) -> Node:
    """An answer's shape as it is sent: with all its fields, and those that have a default always have that value."""
    properties = cast("dict[str, Node]", schema.get("properties", {}))
    for field in properties.values():
        if "default" in field:
            field["const"] = field.pop("default")
    whole: Node = {**schema, "description": _as_prose(str(schema.get("description", "")))}
    return {**whole, "required": list(properties)} if properties else whole


def _as_prose(docstring: str) -> str:
    """A docstring with the code's names of fields replaced by the contract's."""
    return re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: _camel(found[0]), docstring)


def _camel(name: str) -> str:
    if name == "not_sent":
        return name
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
