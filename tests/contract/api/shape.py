"""What every answer of the API has in common, whatever the path and the status."""

import json
import re
from typing import Any

import aiohttp

_RESET = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")


async def read_shaped(response: aiohttp.ClientResponse) -> Any:
    """Return the answer's JSON, after checking content type, request id and the five rate limit headers."""
    content = await response.read()
    headers = response.headers
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Request-Id"]
    assert headers["X-RateLimit-Action"] in ("MESSAGE", "GROUP_MEMBERS")
    limit, used, remaining = (int(headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Used", "Remaining"))
    assert remaining == max(0, limit - used)
    assert _RESET.fullmatch(headers["X-RateLimit-Reset"])
    return json.loads(content)


async def assert_answer(response: aiohttp.ClientResponse, status: int, body: dict[str, object]) -> None:
    """Check the whole answer, byte for byte: `body` in the order of its keys."""
    shaped = await read_shaped(response)
    assert (response.status, shaped) == (status, body)
    assert await response.read() == json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
