"""Checks responses against the server's own OpenAPI document: status, body and headers."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from tests.server_process import SEND_PATH

from confrere.api.reference.document import document as openapi_document
from verification.client import Response

_RESET = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")
_OF_THE_SERVER = frozenset({400, 404, 405, 408, 413, 431})
"""Statuses possible on any path: an invalid head, an unknown path or method, a slow or large request."""


class Shapes:
    """The documented responses."""

    def __init__(self, document: Mapping[str, Any] | None = None) -> None:
        self._document = document or json.loads(openapi_document())
        self._validators: dict[tuple[str, str, int], Any] = {}

    def complaints(self, response: Response, method: str = "POST", path: str = SEND_PATH) -> list[str]:
        """Return how a response to `method` on the documented `path` differs from the document."""
        wrong = _wrong_headers(response) if path.startswith("/linkedin") else []
        try:
            body = response.body
        except ValueError:
            return [*wrong, f"{method} {path}: the body is not JSON: {response}"]
        validator = self._validator(method, path, response.status)
        if validator is None:
            if response.status in _OF_THE_SERVER and isinstance(body, dict) and set(body) == {"success", "error"}:
                return wrong
            return [*wrong, f"{method} {path}: an undocumented status: {response}"]
        return wrong + [f"{method} {path}: {error.message} in {response}" for error in validator.iter_errors(body)]

    def _validator(self, method: str, path: str, status: int) -> Any:
        place = (method.lower(), path, status)
        if place not in self._validators:
            operation = self._document["paths"].get(path, {}).get(method.lower(), {})
            response = operation.get("responses", {}).get(str(status))
            content = response and response["content"].get("application/json")
            schema = content and {**content["schema"], "components": self._document["components"]}
            self._validators[place] = schema and Draft202012Validator(schema, format_checker=FormatChecker())
        return self._validators[place]


def _wrong_headers(response: Response) -> list[str]:
    headers = response.headers
    wrong = [
        f"no X-RateLimit-{name.title()} in {response}"
        for name in ("action", "limit", "used", "remaining", "reset")
        if f"x-ratelimit-{name}" not in headers
    ]
    if not wrong:
        limit, used, remaining = (int(headers[f"x-ratelimit-{name}"]) for name in ("limit", "used", "remaining"))
        if remaining != max(0, limit - used):
            wrong.append(f"{remaining} remaining of {limit} after {used} in {response}")
        if not _RESET.fullmatch(headers["x-ratelimit-reset"]):
            wrong.append(f"resets at {headers['x-ratelimit-reset']} in {response}")
    if headers.get("content-type") != "application/json":
        wrong.append(f"content type {headers.get('content-type')} in {response}")
    if response.status in (429, 503) and int(headers.get("retry-after", "0")) < 1:
        wrong.append(f"no Retry-After in {response}")
    return wrong
