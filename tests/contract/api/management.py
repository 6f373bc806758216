"""A caller of the management API that checks every answer against the OpenAPI document."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from confrere.api.v1.errors import TYPE_PREFIX
from confrere.domain.keys import Scope
from tests.contract.api.conftest import Api
from tests.contract.api.openapi import DOCUMENT, complain

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class CheckedAnswer:
    """An answer that conforms to the OpenAPI document."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.text)

    def problem(self, status: int, kind: str) -> Any:
        """Return the problem, after checking that it is the expected one."""
        body = self.body
        assert (self.status, body["type"]) == (status, TYPE_PREFIX + kind), self
        return body


_SOMETIMES = {"Content-Disposition", "Idempotency-Replayed"}
"""Headers that an answer need not have."""


class Caller:
    """A client with a key."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def ask(self, method: str, path: str, **options: Any) -> CheckedAnswer:
        """Make one request under `/v1`."""
        async with self.http.request(method, f"/v1{path}", **options) as response:
            answer = CheckedAnswer(response.status, response.headers, await response.text())
        assert _complaints(method, f"/v1{path}".partition("?")[0], answer) == [], answer
        return answer

    async def get(self, path: str) -> Any:
        """Return the body of a 200."""
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.body

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Return the body of a successful POST."""
        answer = await self.ask("POST", path, json=body)
        assert answer.status == status, answer
        return answer.body


@asynccontextmanager
async def calling(api: Api, *scopes: Scope, workspace_id: str = "default", **more: Any) -> AsyncIterator[Caller]:
    """Open a caller whose key has these scopes."""
    _, key = await api.services.keys.create(workspace_id, name="caller", scopes=scopes, **more)
    async with aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {key}"}) as http:
        yield Caller(http)


def _complaints(method: str, path: str, answer: CheckedAnswer) -> list[str]:
    """Return what contradicts the documentation; nothing, if the answer conforms to it."""
    wrong = [] if answer.headers.get("X-Request-Id") else ["no X-Request-Id"]
    if answer.headers.get("Cache-Control") != "no-store":
        wrong.append("it may be kept")
    if any(name.startswith("X-RateLimit") for name in answer.headers):
        wrong.append("it has rate limit headers")
    if answer.status >= 400:
        wrong += [] if answer.headers["Content-Type"] == PROBLEM else ["no problem details"]
        wrong += [] if answer.body["requestId"] == answer.headers["X-Request-Id"] else ["another request's id"]
        wrong += [] if answer.body["status"] == answer.status else ["another status"]
    operation = _operation("GET" if method == "HEAD" else method, path)
    if operation is None:
        return wrong if answer.status in (404, 405) else [*wrong, "it is not documented"]
    documented = operation["responses"].get(str(answer.status))
    if documented is None:
        return [*wrong, "the status is not documented"]
    wrong += [f"no {name}" for name in documented["headers"] if name not in _SOMETIMES and name not in answer.headers]
    contents = documented.get("content", {})
    if not contents:
        return wrong if answer.text == "" else [*wrong, "it has a body"]
    media_type = answer.headers["Content-Type"].partition(";")[0]
    if media_type not in contents:
        return [*wrong, f"{media_type} is not documented"]
    if media_type.endswith(("/json", "+json")):
        wrong += complain(contents[media_type]["schema"], answer.body)
    return wrong


def _operation(method: str, path: str) -> Any:
    """Return the documented operation: a fixed path takes precedence over one with a parameter in its place."""
    for template in sorted(DOCUMENT["paths"], key=lambda template: "{" in template):
        if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", template), path):
            found = DOCUMENT["paths"][template].get(method.lower())
            if found is not None:
                return found
    return None
