"""An answer as a handler returns it: status, body and headers, without the connection's own headers."""

import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from confrere.domain.limits import Quota

Headers = tuple[tuple[bytes, bytes], ...]

STORE_RETRY_SECONDS = 5
"""The `Retry-After` where the store does not answer."""

_encode = msgspec.json.Encoder().encode


class Chunks:
    """A body that is written part by part, however long it is."""

    def __init__(self, parts: AsyncGenerator[bytes, None]) -> None:
        self.parts = parts

    async def close(self) -> None:
        """Release what the remaining parts hold; called also where the client disconnected."""
        await self.parts.aclose()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request.

    body:        encoded as JSON unless it is text or bytes; None where the status says it all.
    quota:       the account's quota after the request, for the rate limit headers; None where no account is known.
    media_type:  of the body.
    """

    status: int
    body: msgspec.Struct | Sequence[msgspec.Struct] | bytes | Chunks | str | None
    quota: Quota | None = None
    headers: Headers = ()
    media_type: str = "application/json"


def content_of(answer: Answer) -> bytes:
    """Encode a body that is written at once."""
    match answer.body:
        case None:
            return b""
        case bytes(content):
            return content
        case str(text):
            return text.encode()
        case _:
            return _encode(answer.body)


def seconds_until(at: datetime, now: datetime) -> int:
    """Return the whole seconds after which `at` has surely passed; at least 1."""
    return max(1, math.ceil((at - now).total_seconds()))


def retry_after(seconds: int) -> Headers:
    """Return the `Retry-After` header."""
    return ((b"retry-after", b"%d" % seconds),)
