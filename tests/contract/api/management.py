"""A caller of the management API who holds every answer to the OpenAPI document."""

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
class Told:
    """An answer that is as documented."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.text)

    def problem(self, status: int, kind: str) -> Any:
        """The problem, after seeing that it is this one."""
        body = self.body
        assert (self.status, body["type"]) == (status, TYPE_PREFIX + kind), self
        return body


class Caller:
    """Somebody with a key."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def ask(self, method: str, path: str, **options: Any) -> Told:
        """One request under `/v1`."""
        async with self.http.request(method, f"/v1{path}", **options) as response:
            told = Told(response.status, response.headers, await response.text())
        assert _complaints(method, f"/v1{path}".partition("?")[0], told) == [], told
        return told

    async def get(self, path: str) -> Any:
        """The body of a 200."""
        told = await self.ask("GET", path)
        assert told.status == 200, told
        return told.body

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """The body of what is carried out."""
        told = await self.ask("POST", path, json=body)
        assert told.status == status, told
        return told.body


@asynccontextmanager
async def calling(api: Api, *scopes: Scope, workspace_id: str = "default", **more: Any) -> AsyncIterator[Caller]:
    """A caller whose key has these scopes."""
    _, key = await api.services.keys.create(workspace_id, name="caller", scopes=scopes, **more)
    async with aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {key}"}) as http:
        yield Caller(http)


def _complaints(method: str, path: str, told: Told) -> list[str]:
    """What is wrong with the answer; nothing, if it is as documented."""
    wrong = [] if told.headers.get("X-Request-Id") else ["no X-Request-Id"]
    if told.headers.get("Cache-Control") != "no-store":
        wrong.append("it may be kept")
    if any(name.startswith("X-RateLimit") for name in told.headers):
        wrong.append("it has rate limit headers")
    if told.status >= 400:
        wrong += [] if told.headers["Content-Type"] == PROBLEM else ["no problem details"]
        wrong += [] if told.body["requestId"] == told.headers["X-Request-Id"] else ["another request's id"]
        wrong += [] if told.body["status"] == told.status else ["another status"]
    operation = _operation("GET" if method == "HEAD" else method, path)
    if operation is None:
        return wrong if told.status in (404, 405) else [*wrong, "it is not documented"]
    documented = operation["responses"].get(str(told.status))
    if documented is None:
        return [*wrong, "the status is not documented"]
    wrong += [
        f"no {name}" for name in documented["headers"] if name != "Content-Disposition" and name not in told.headers
    ]
    contents = documented.get("content", {})
    if not contents:
        return wrong if told.text == "" else [*wrong, "it has a body"]
    media_type = told.headers["Content-Type"].partition(";")[0]
    if media_type not in contents:
        return [*wrong, f"{media_type} is not documented"]
    if media_type.endswith(("/json", "+json")):
        wrong += complain(contents[media_type]["schema"], told.body)
    return wrong


def _operation(method: str, path: str) -> Any:
    """What is documented of it: a fixed path goes before one with a name in its place."""
    for template in sorted(DOCUMENT["paths"], key=lambda template: "{" in template):
        if re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", template), path):
            found = DOCUMENT["paths"][template].get(method.lower())
            if found is not None:
                return found
    return None
