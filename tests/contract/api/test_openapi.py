"""The OpenAPI document describes what the server does, with the texts of the reference page."""

import asyncio
import json
import re
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from confrere.api import build_app
from confrere.api.compatible import routes as compatible
from confrere.api.reference import ROUTE
from confrere.api.reference.document import document
from confrere.api.reference.shared_examples import ACCOUNT_ID, SEND_ID
from confrere.api.v1 import routes as v1
from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api
from tests.contract.api.openapi import DOCUMENT, complain, fill_in, operations, sources, success
from tests.contract.api.shape import assert_answer, read_shaped

PAGES = {"/", "/docs", "/docs/", "/docs/assets/{}/{}"}
RATE_LIMIT_HEADERS = {f"X-RateLimit-{name}" for name in ("Action", "Limit", "Used", "Remaining", "Reset")}

REFERENCE_PAGE = {
    "200": """\
{
  "success": true,
  "message": "Group context message sent successfully",
  "recipientProfileUrn": "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
  "groupId": "12345678"
}""",
    "400": """\
{
  "success": false,
  "error": "recipientProfileUrn, groupId, and message are required"
}""",
    "401": """\
{
  "error": "Unauthorized - Invalid credentials"
}""",
    "403": """\
{
  "success": false,
  "message": "Error sending group context message: Request failed with status code 403",
  "recipientProfileUrn": "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
  "groupId": "12345678",
  "errorDetails": {
    "status": 403,
    "statusText": "Forbidden",
    "data": {
      "code": "UNAUTHORIZED_VIEWER",
      "message": "The viewer is not authorized to access this resource"
    }
  }
}""",
    "429": """\
{
  "error": "Rate limit exceeded for MESSAGE: 150/150 used",
  "success": false
}""",
    "500": """\
{
  "error": "Failed to get LinkedIn authentication credentials",
  "success": false
}""",
}
"""The bodies of the reference page, character for character."""

REFERENCE_REQUEST = """\
{
  "recipientProfileUrn": "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o",
  "groupId": "12345678",
  "message": "Hello fellow group member!"
}"""


def examples() -> Iterator[tuple[str, Any, Any]]:
    """Yield every example of every answer, with the schema that it has to match."""
    for _, _, operation in operations():
        for status, response in operation["responses"].items():
            for content in response.get("content", {}).values():
                for name, example in content.get("examples", {}).items():
                    yield f"{operation['operationId']}-{status}-{name}", content["schema"], example["value"]


def examples_of(path: str, method: str, status: str) -> dict[str, Any]:
    """Return the example bodies of one status of an operation, by name."""
    content = DOCUMENT["paths"][path][method]["responses"][status]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


def pretty(value: object) -> str:
    """Format JSON as the reference page prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def test_document_is_valid() -> None:
    """The document is valid OpenAPI 3.1."""
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


async def test_document_and_routes_are_the_same_list(api: Api) -> None:
    """Every route is documented, and every documented operation is a route."""
    gate: Any = build_app(api.services)
    listed = {(route.method, route.path) for route in (*compatible.ROUTES, ROUTE, *v1.ROUTES)}
    pages = {(method, page.path) for page in gate._elsewhere.routes for method in page.methods - {"HEAD"}}
    routes = {(method, re.sub(r"{[^}]*}", "{}", path)) for method, path in listed | pages}
    documented = {(method, re.sub(r"{[^}]*}", "{}", path)) for method, path, _ in operations()}
    assert {route for route in routes if route[1] not in PAGES} == documented


@pytest.mark.parametrize("status", REFERENCE_PAGE)
def test_examples_are_those_of_the_reference_page(status: str) -> None:
    """The first example of each status is the page's, key for key in its order."""
    first = next(iter(examples_of(SEND_PATH, "post", status).values()))
    assert pretty(first) == REFERENCE_PAGE[status]


def test_request_example_is_that_of_the_reference_page() -> None:
    """The example of the request is the page's, key for key in its order."""
    body = DOCUMENT["paths"][SEND_PATH]["post"]["requestBody"]["content"]["application/json"]
    assert pretty(body["example"]) == REFERENCE_REQUEST
    assert complain(body["schema"], body["example"]) == []


def test_examples_keep_to_their_schemas() -> None:
    """Every example matches its own schema."""
    assert {name: wrong for name, schema, value in examples() if (wrong := complain(schema, value))} == {}


@pytest.mark.parametrize(
    "change",
    [
        {"message": ""},
        {"message": " \n"},
        {"message": "a\0b"},
        {"message": "x" * 8001},
        {"message": None},
        {"groupId": "abc"},
        {"groupId": -1},
        {"recipientProfileUrn": "odile-sample"},
        {"accountId": "abc"},
    ],
)
async def test_request_schema_refuses_what_the_server_refuses(api: Api, change: dict[str, object]) -> None:
    """The request schema rejects what the server rejects."""
    body = {**json.loads(REFERENCE_REQUEST), **change}
    assert complain({"$ref": "#/components/schemas/SendGroupRequest"}, body) != []
    async with await api.send(**change) as response:  # type: ignore[arg-type]
        assert response.status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"accountId": None},
        {"accountId": ""},
        {"groupId": 12345678},
        {"groupId": "urn:li:fsd_group:12345678"},
        {"groupId": "https://www.linkedin.com/groups/12345678/"},
        {"recipientProfileUrn": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"},
        {"message": " padded "},
        {"somethingElse": [1]},
    ],
)
async def test_request_schema_takes_what_the_server_takes(api: Api, change: dict[str, object]) -> None:
    """The request schema accepts what the server accepts."""
    body = {**json.loads(REFERENCE_REQUEST), **change}
    assert complain({"$ref": "#/components/schemas/SendGroupRequest"}, body) == []
    async with await api.send(**change) as response:  # type: ignore[arg-type]
        assert response.status == 200


def test_every_answer_documents_its_headers() -> None:
    """Every answer documents the five rate limit headers and the request id, and others where they apply."""
    for _, path, operation in operations():
        for status, response in operation["responses"].items():
            names = set(response["headers"])
            if path.startswith("/linkedin/"):
                assert {"X-Request-Id"} | RATE_LIMIT_HEADERS <= names
            if path.startswith("/v1/"):
                assert {"X-Request-Id", "Cache-Control"} <= names
                assert not names & RATE_LIMIT_HEADERS
            assert ("WWW-Authenticate" in names) == (status == "401")
            assert ("Allow" in names) == (status == "405")
            takes_key = any(one.get("name") == "Idempotency-Key" for one in operation.get("parameters", ()))
            passes = {"409", "429", "503"} if takes_key or path.startswith("/linkedin/") else {"429", "503"}
            assert ("Retry-After" in names) == (status in passes)
            for reference in response["headers"].values():
                assert reference["$ref"].removeprefix("#/components/headers/") in DOCUMENT["components"]["headers"]
    send = DOCUMENT["paths"][SEND_PATH]["post"]["responses"]
    assert [status for status in send if "Idempotency-Replayed" in send[status]["headers"]] == ["200", "403"]


def test_every_operation_has_what_a_reader_needs() -> None:
    """Every operation has a name, a description, a tag and code in three languages."""
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for _, _, operation in operations():
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags
        assert [sample["label"] for sample in operation["x-codeSamples"]] == ["curl", "Python", "JavaScript"]


def test_document_is_honest_about_what_this_is() -> None:
    """The description explains whose protocol this is, whose session it uses, and what 150 means."""
    text = DOCUMENT["info"]["description"].replace("\n", " ")
    assert "Not affiliated with LinkedIn or with any vendor" in text
    assert "private protocol" in text
    assert "your own session" in text
    assert "150 messages a day is a ceiling" in text
    assert DOCUMENT["servers"] == [{"url": "/", "description": "This server"}]


async def test_document_is_public_and_shaped_like_every_answer(api: Api) -> None:
    """The document is served without a key and has the headers of every answer."""
    async with aiohttp.ClientSession(api.url) as stranger:
        response = await stranger.get("/linkedin/openapi.json")
        assert response.status == 200
        assert await read_shaped(response) == DOCUMENT


@pytest.mark.parametrize(
    ("method", "path", "body", "documented"),
    [
        ("POST", SEND_PATH, {}, (SEND_PATH, "post", "400", "missing")),
        ("POST", SEND_PATH, {"recipientProfileUrn": "odile"}, (SEND_PATH, "post", "400", "recipientForm")),
        ("POST", SEND_PATH, {"groupId": "abc"}, (SEND_PATH, "post", "400", "groupForm")),
        ("POST", SEND_PATH, {"message": "x" * 8001}, (SEND_PATH, "post", "400", "messageLength")),
        ("POST", SEND_PATH, {"accountId": "abc"}, (SEND_PATH, "post", "400", "accountForm")),
        ("POST", SEND_PATH, [], (SEND_PATH, "post", "400", "notJson")),
        ("POST", SEND_PATH, {"message": "x" * 140_000}, (SEND_PATH, "post", "413", "bodyTooLarge")),
        ("GET", SEND_PATH, None, (SEND_PATH, "post", "405", "wrongMethod")),
        ("POST", "/linkedin/accounts", None, ("/linkedin/accounts", "get", "405", "wrongMethod")),
        (
            "GET",
            f"/linkedin/account/{ACCOUNT_ID}/quota",
            None,
            ("/linkedin/account/{accountId}/quota", "get", "404", "unknownAccount"),
        ),
        ("GET", f"/linkedin/sends/{SEND_ID}", None, ("/linkedin/sends/{sendId}", "get", "404", "unknownSend")),
        (
            "GET",
            "/linkedin/account/{account}/sends?limit=0",
            None,
            ("/linkedin/account/{accountId}/sends", "get", "400", "limitRange"),
        ),
        (
            "GET",
            "/linkedin/account/{account}/sends?outcome=lost",
            None,
            ("/linkedin/account/{accountId}/sends", "get", "400", "outcomeName"),
        ),
    ],
)
async def test_server_answers_as_documented(
    api: Api, method: str, path: str, body: Any, documented: tuple[str, str, str, str]
) -> None:
    """The server's answers to bad requests have the documented texts."""
    where, verb, status, name = documented
    given = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": "Hello", **body} if body else body
    response = await api.http.request(method, path.replace("{account}", api.account.id), json=given)
    await assert_answer(response, int(status), examples_of(where, verb, status)[name])
    for header in DOCUMENT["paths"][where][verb]["responses"][status]["headers"]:
        assert header in response.headers


async def test_curl_samples_work(api: Api) -> None:
    """Each curl sample, parsed like a shell does, succeeds and gets a body of the documented shape."""
    async with aiohttp.ClientSession() as client:
        for operation, source in sources("curl"):
            await _run_curl(api, client, operation, source)


async def _run_curl(api: Api, client: aiohttp.ClientSession, operation: dict[str, Any], source: str) -> None:
    words = shlex.split((await fill_in(api, source)).replace("\\\n", " "))
    assert words[:2] == ["curl", "-X"]
    method, url, options = words[2], words[3], words[4:]
    headers = dict(
        value.split(": ", 1) for flag, value in zip(options[::2], options[1::2], strict=True) if flag == "-H"
    )
    sent = ("-d", "--data-binary")
    data = next((value for flag, value in zip(options[::2], options[1::2], strict=True) if flag in sent), None)
    async with client.request(method, url, headers=headers, data=data) as response:
        assert str(response.status) == success(operation), operation["operationId"]
        documented = operation["responses"][success(operation)].get("content")
        if documented is None:
            assert await response.read() == b""
            return
        (media_type, content), *_ = documented.items()
        assert response.headers["Content-Type"].startswith(media_type), operation["operationId"]
        if media_type == "application/json":
            assert complain(content["schema"], await response.json()) == [], operation["operationId"]


RUN_EACH = """
import contextlib, io, json, sys
for line in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(json.loads(line), {"__name__": "__main__"})
    print(json.dumps(printed.getvalue()), flush=True)
"""
"""Runs one program after the other, which come as lines of JSON: to import `requests` takes longer than to use it."""


async def test_python_samples_work(api: Api) -> None:
    """Each Python sample runs unchanged and prints its result."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN_EACH),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"NO_PROXY": "127.0.0.1"},
        limit=len(document()) * 4,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for operation, source in sources("Python"):
        process.stdin.write(json.dumps(await fill_in(api, source)).encode() + b"\n")
        printed = await process.stdout.readline()
        assert printed, operation["operationId"]
        assert json.loads(printed).startswith(f"{success(operation)} "), operation["operationId"]
    process.stdin.close()
    assert await process.wait() == 0
