"""The OpenAPI 3.1 document of the HTTP APIs, from the operations, the routes and the types of the bodies."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.metadata import version

import msgspec

from confrere.api.compatible import routes as compatible_routes
from confrere.api.reference import (
    campaign_examples,
    campaign_people_examples,
    code_samples,
    compatible_examples,
    personal_data_examples,
    reply_examples,
    template_examples,
    v1_examples,
    webhook_examples,
)
from confrere.api.reference.common_answers import SERVER, Api, Example, api_of, common_answers
from confrere.api.reference.route import ROUTE
from confrere.api.reference.schemas import answer_schemas, any_of, ref, request_schemas, schema_of
from confrere.api.reference.texts import Node, Operation, texts
from confrere.api.route import Route
from confrere.api.shared_bodies import Body
from confrere.api.v1 import routes as v1_routes
from confrere.domain.keys import Scope
from confrere.http.answer import Answer

OPENAPI = "3.1.1"
_REQUEST_ID = "X-Request-Id"

EXAMPLES = {
    **compatible_examples.EXAMPLES,
    **v1_examples.EXAMPLES,
    **template_examples.EXAMPLES,
    **campaign_examples.EXAMPLES,
    **campaign_people_examples.EXAMPLES,
    **reply_examples.EXAMPLES,
    **webhook_examples.EXAMPLES,
    **personal_data_examples.EXAMPLES,
}
"""The example answers of every operation, by operation id."""

Answers = Mapping[int, Mapping[str, tuple[str, Answer]]]
"""By status, then by the example's name, its summary and the answer."""


_ROUTES_BY_PATH: dict[str, dict[str, Route]] = defaultdict(dict)
for _route in (*compatible_routes.ROUTES, *v1_routes.ROUTES, ROUTE):
    _ROUTES_BY_PATH[re.sub(r"{[^}]*}", "{}", _route.path)][_route.method] = _route


def _routes_of(path: str) -> Mapping[str, Route]:
    """Return the routes of a documented path by their methods; none where the path is outside both APIs.

    The names of a path's parts differ: `{account_id}` in a route is `{accountId}` in the document.
    """
    return _ROUTES_BY_PATH.get(re.sub(r"{[^}]*}", "{}", path), {})


@cache
def document() -> bytes:
    """Return the whole document as JSON."""
    return msgspec.json.encode(build_document())


def build_document() -> Node:
    """Build the whole document."""
    paths: dict[str, Node] = {}
    shapes: set[type] = set()
    words = texts()
    for operation_id, operation in words.operations.items():
        answers = _answers(operation_id, operation)
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation_id, operation, answers)
        shapes.update(_shapes(answers))
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "Confrere",
            "version": version("confrere"),
            "summary": "LinkedIn messages to fellow group members, from your own server.",
            "description": words.description,
            "contact": {"name": "The Confrere contributors"},
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"bearer": []}, {"apiKey": []}],
        "x-sample-server": code_samples.SERVER,
        "tags": [{"name": name, "description": text} for name, text in words.tags.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted({**answer_schemas(shapes), **request_schemas()}.items())),
            "headers": words.headers,
            "parameters": {"RequestId": _parameter(_REQUEST_ID)},
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


# ---- operations -------------------------------------------------------------------------------------------------


def _answers(operation_id: str, operation: Operation) -> Answers:
    """Return the operation's own examples, then the common ones but for those of the same name and status."""
    api = api_of(operation)
    answers: dict[int, dict[str, tuple[str, Answer]]] = {}
    captions = {**texts().captions, **operation.captions}
    own = [Example(name, captions[name], shown) for name, shown in EXAMPLES[operation_id].items()]
    for example in (*own, *common_answers(api, operation, _routes_of(operation.path))):
        answer = api.answer(example.shown)
        answers.setdefault(answer.status, {}).setdefault(example.name, (example.summary, answer))
    return dict(sorted(answers.items()))


def _shapes(answers: Answers) -> Iterable[type]:
    """Return the types of the bodies."""
    for examples in answers.values():
        for _, answer in examples.values():
            body = answer.body[0] if isinstance(answer.body, list) else answer.body
            if isinstance(body, Body):
                yield type(body)


def _operation(operation_id: str, operation: Operation, answers: Answers) -> Node:
    api = api_of(operation)
    route = _routes_of(operation.path).get(operation.method)
    scope = route.scope if route else None
    node: Node = {
        "operationId": operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
    }
    if scope is None:
        node["security"] = []
    else:
        node["description"] = f"{operation.description}\n\nThe key needs the scope `{scope}`."
    parameters = [_parameter(name) for name in operation.parameters]
    if api is not SERVER:
        parameters.append({"$ref": "#/components/parameters/RequestId"})
    if parameters:
        node["parameters"] = parameters
    if operation.request is not None:
        content = {"schema": {"$ref": ref(operation.request)}, "example": operation.body}
        node["requestBody"] = {"required": True, "content": {operation.media_type: content}}
    node["responses"] = _responses(api, operation, answers)
    node["x-codeSamples"] = code_samples.samples(_call(operation, route, answers))
    node["x-effect"] = _effect(operation, scope)
    return node


def _call(operation: Operation, route: Route | None, answers: Answers) -> code_samples.Call:
    """Build the request of the samples: named parts of the path are filled in with the parameters' examples."""
    named = {name: texts().parameters[name] for name in operation.parameters}
    values = {parameter.name or name: parameter.example for name, parameter in named.items()}
    path = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), operation.path)
    media_types = [operation.text, *(a.media_type if a.body is not None else "" for _, a in _success(answers))]
    return code_samples.Call(
        method=operation.method,
        path=f"{path}?{operation.query}" if operation.query else path,
        body=operation.body,
        needs_key=route is not None and route.scope is not None,
        sends=operation.sends,
        answers_json=set(media_types) == {"application/json"},
        shown_headers=["X-RateLimit-Remaining"] if route and route.spends else (),
    )


def _success(answers: Answers) -> list[tuple[str, Answer]]:
    return [example for status, examples in answers.items() if status // 100 == 2 for example in examples.values()]


def _effect(operation: Operation, scope: Scope | None) -> str:
    """Return the effect of a request: `send` a message, `change` something, or only `read`."""
    if operation.sends:
        return "send"
    return "read" if operation.method == "GET" or scope is Scope.READ or operation.dry_run else "change"


def _parameter(name: str) -> Node:
    parameter = texts().parameters[name]
    node: Node = {
        "name": parameter.name or name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }
    return node if parameter.example is None else {**node, "example": parameter.example}


# ---- responses --------------------------------------------------------------------------------------------------


def _responses(api: Api, operation: Operation, answers: Answers) -> Node:
    responses = {} if _success(answers) else {"200": _free_form(api, operation)}
    for status, examples in answers.items():
        given = {_header_name(name) for _, answer in examples.values() for name, _ in answer.headers}
        replayed = {"Idempotency-Replayed"} if operation.sends and status in (200, 403) else set[str]()
        responses[str(status)] = {
            "description": operation.status.get(str(status)) or texts().status[str(status)],
            "headers": _header_refs({*api.headers, *given, *replayed}),
            **_content(examples),
        }
    return dict(responses)


def _content(examples: Mapping[str, tuple[str, Answer]]) -> Node:
    """Return the examples by media type; empty where there is no body."""
    content: dict[str, dict[str, Node]] = {}
    schemas: dict[str, list[Node]] = {}
    for name, (summary, answer) in examples.items():
        if answer.body is not None:
            media_type = answer.media_type.partition(";")[0]
            value = msgspec.json.decode(msgspec.json.encode(answer.body))
            content.setdefault(media_type, {})[name] = {"summary": summary, "value": value}
            schemas.setdefault(media_type, []).append(schema_of(answer.body))
    typed = {media: {"schema": any_of(schemas[media]), "examples": shown} for media, shown in content.items()}
    return {"content": typed} if typed else {}


def _free_form(api: Api, operation: Operation) -> Node:
    """Return the schema of a 200 without a type of ours: this document, and the metrics."""
    parts: Node = {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}}
    whole: Node = {"type": "object", "properties": parts, "required": list(parts)}
    schema = whole if operation.text == "application/json" else {"type": "string"}
    return {
        "description": texts().status["200"],
        "headers": _header_refs(api.headers),
        "content": {operation.text: {"schema": schema}},
    }


def _header_refs(names: Collection[str]) -> Node:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in texts().headers if name in names}


def _header_name(raw: bytes) -> str:
    return next(name for name in texts().headers if name.lower() == raw.decode())
