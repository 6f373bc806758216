"""One HTTP request: its headers, its key, and its body within limits of size and time."""

import asyncio
import codecs
import ipaddress
import re
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec
from starlette.types import Message, Receive, Scope

from confrere.domain import credentials
from confrere.domain.errors import ConfrereError, InvalidField
from confrere.domain.ids import parse_idempotency_key
from confrere.http import json_diagnosis
from confrere.http.disconnects import disconnect_watch_of, on_disconnect
from confrere.http.query_params import QueryParams
from confrere.http.timeouts import Timeout, Timeouts

MAX_BODY_BYTES = 128 * 1024
"""Source: the HTTP contract, section 1."""

BODY_SECONDS = 10.0
"""How long a body may take to arrive."""

WRITING_SECONDS = 1.0
"""Of an answer's time, what is left to write it in."""

_VALID_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_decode = msgspec.json.Decoder().decode


class BodyTooLarge(ConfrereError):
    """The body is over the limit."""

    def __init__(self, max_bytes: int) -> None:
        kibibytes = max_bytes // 1024
        limit = f"{kibibytes // 1024} MiB" if kibibytes >= 1024 else f"{kibibytes} KiB"
        super().__init__(f"The body must be at most {limit}")


class BodyEncoded(ConfrereError):
    """The body is compressed."""

    def __init__(self) -> None:
        super().__init__("The body must be sent as it is: leave out Content-Encoding and do not compress it")


class BodyTooSlow(ConfrereError):
    """The body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("The body did not arrive in time; send it at once")


class ClientDisconnected(ConfrereError):
    """The connection ended before the request was complete, so that no answer can be delivered."""


class Request:
    """One request as any application on the server reads it.

    headers:      the first of each name, in lower case.
    path_params:  the named parts of the path, once it is routed.
    body_fields:  the names of the body's fields, once it is read as a JSON object.
    timeout:      of the answer, once it has begun.
    """

    __slots__ = (
        "_receive",
        "_timeouts",
        "_unwatch",
        "body_fields",
        "headers",
        "path_params",
        "request_id",
        "scope",
        "timeout",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        timeouts: Timeouts,
        *,
        new_request_id: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self.scope = scope
        self._receive = receive
        self._timeouts = timeouts
        self._unwatch: Callable[[], object] | None = None
        self.timeout: Timeout | None = None
        self.path_params: Mapping[str, str] = {}
        self.body_fields: Collection[str] = ()
        self.headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            self.headers.setdefault(name, value)
        given = self.headers.get(b"x-request-id")
        is_valid = given is not None and _VALID_REQUEST_ID.fullmatch(given)
        self.request_id = given.decode() if given is not None and is_valid else new_request_id()

    @property
    def method(self) -> str:
        """The method in capitals."""
        method: str = self.scope["method"]
        return method

    @property
    def query(self) -> QueryParams:
        """The parameters of the query string, parsed anew by each access."""
        return QueryParams(self.scope["query_string"])

    @property
    def address(self) -> str:
        """The client's address, to log and to slow logins; that which a proxy of this machine or network has added."""
        client: str = (self.scope.get("client") or ("",))[0]
        forwarded = self.headers.get(b"x-forwarded-for")
        if forwarded is None or not _is_near(client):
            return client
        return forwarded.decode("latin-1").rpartition(",")[2].strip() or client

    @property
    def seconds_left(self) -> float:
        """How long long work may be waited for, so that the answer can be worded and written in time."""
        assert self.timeout is not None
        return max(self.timeout.ends_at - asyncio.get_running_loop().time() - WRITING_SECONDS, 0)

    def api_key(self) -> str:
        """Return the key of `Authorization: Bearer` or, where that is absent, `X-API-Key`; "" where there is none."""
        return credentials.api_key(self.headers)

    def idempotency_key(self) -> str | None:
        """Return the Idempotency-Key. Raises InvalidField."""
        value = self.headers.get(b"idempotency-key")
        return None if value is None else parse_idempotency_key(value.decode("latin-1"))

    def poll_disconnect(self) -> None:
        """Call the callback of `watch` now if the client has disconnected and nothing has reported it yet."""
        if (disconnects := disconnect_watch_of(self.scope)) is not None:
            disconnects.poll()

    def watch(self, on_end: Callable[[], None]) -> None:
        """Call `on_end` if the connection ends before `stop_watching`. Only after the body was read."""
        self._unwatch = on_disconnect(self.scope, self._receive, on_end)

    def stop_watching(self) -> None:
        """End `watch`, if it was called."""
        unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()

    @property
    def has_body(self) -> bool:
        """Whether the headers announce a body."""
        return b"transfer-encoding" in self.headers or self.headers.get(b"content-length", b"0") != b"0"

    async def json_object(self, *, max_bytes: int | None = None, seconds: float | None = None) -> dict[str, Any]:
        """Read the body as a JSON object, within the limits of `body`. Raises InvalidField and what `body` raises."""
        body = await self.body(max_bytes=max_bytes, seconds=seconds)
        if len(body) > MAX_BODY_BYTES:
            return await asyncio.to_thread(self._parse_object, body)
        return self._parse_object(body)

    def _parse_object(self, body: bytes) -> dict[str, Any]:
        try:
            value = _decode(body[3:] if body[:3] == codecs.BOM_UTF8 else body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            content_type = self.headers.get(b"content-type", b"").decode("latin-1")
            text = body.removeprefix(codecs.BOM_UTF8)
            raise InvalidField("The body", json_diagnosis.explain(text, content_type)) from fault
        if not isinstance(value, dict):
            raise InvalidField("The body", json_diagnosis.explain_value(value))
        self.body_fields = value
        return value

    async def body(self, *, max_bytes: int | None = None, seconds: float | None = None) -> bytes:
        """Read the body, by default within MAX_BODY_BYTES and BODY_SECONDS.

        Raises: BodyTooLarge, BodyEncoded, BodyTooSlow, ClientDisconnected.
        """
        max_bytes = MAX_BODY_BYTES if max_bytes is None else max_bytes
        encoding = self.headers.get(b"content-encoding")
        if encoding is not None and encoding.lower() not in (b"identity", b""):
            raise BodyEncoded
        declared = self.headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:20]) > max_bytes:
            raise BodyTooLarge(max_bytes)
        try:
            with self._timeouts.limit(BODY_SECONDS if seconds is None else seconds):
                first = await self._next_part()
                body, more = first.get("body", b""), first.get("more_body", False)
                if more or len(body) > max_bytes:
                    return await self._read_rest(bytearray(body), max_bytes, more=more)
                return bytes(body)
        except TimeoutError as fault:
            raise BodyTooSlow from fault

    async def _read_rest(self, body: bytearray, max_bytes: int, *, more: bool) -> bytes:
        while more and len(body) <= max_bytes:
            part = await self._next_part()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        if len(body) > max_bytes:
            raise BodyTooLarge(max_bytes)
        return bytes(body)

    async def _next_part(self) -> Message:
        part = await self._receive()
        if part["type"] == "http.disconnect":
            raise ClientDisconnected
        return part


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False
