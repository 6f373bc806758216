"""One HTTP request: its headers, its body within timeouts, its fields."""

import codecs
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.types import Message, Receive, Scope

from confrere.api import json_diagnosis
from confrere.api.errors import Answer
from confrere.api.timeouts import Timeouts
from confrere.domain import credentials
from confrere.domain.errors import ConfrereError, InvalidField
from confrere.domain.ids import parse_account_id, parse_idempotency_key
from confrere.domain.keys import Caller
from confrere.domain.limits import Action, Quota
from confrere.sending import CallerConnection
from confrere.sending.disconnects import disconnect_watch_of, on_disconnect

MAX_BODY_BYTES = 128 * 1024
"""Source: the HTTP contract, section 1."""

BODY_SECONDS = 10.0
"""How long a body may take to arrive."""

SPENDS_MEMBERS = frozenset({"/linkedin/groups/members", "/linkedin/groups/members-by-url", "/linkedin/group-members"})
"""Paths whose rate limit headers tell of GROUP_MEMBERS, whatever the answer; all others tell of MESSAGE."""

ONE_ACCOUNT = "must not name another account than accountId does, or the default one; give accountId alone"

_SANE_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_decode = msgspec.json.Decoder().decode


class BodyTooLarge(ConfrereError):
    """The body is over the limit."""

    def __init__(self, most_bytes: int) -> None:
        kibibytes = most_bytes // 1024
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


class CallerHungUp(ConfrereError):
    """The connection ended before the request was whole; there is nobody to answer."""


class Request:
    """What a handler reads. One is made for each request under the API's base path.

    caller:     who asks, once authenticated.
    quota:      the account's state to report, once known.
    line:       the line to the caller, for sends.
    answer:     what the handler answered.
    accounts_elsewhere:  where a header, or a query beside a body, names an account: its name and the account's id.
    account_is_known:  whether the account was read from the request; until then no state of one may be reported.
    default_account_id:  read only where an account is named elsewhere.
    route:      the path's template, for logs and metrics; "none" until one matched.
    """

    __slots__ = (
        "_receive",
        "_timeouts",
        "_unwatch",
        "account_id",
        "account_is_known",
        "accounts_elsewhere",
        "answer",
        "caller",
        "default_account_id",
        "headers",
        "line",
        "quota",
        "request_id",
        "route",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive, timeouts: Timeouts) -> None:
        self.scope = scope
        self._receive = receive
        self._timeouts = timeouts
        self._unwatch: Callable[[], object] | None = None
        self.headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            self.headers.setdefault(name, value)
        self.request_id = _request_id(self.headers.get(b"x-request-id"))
        self.caller: Caller | None = None
        self.account_id: str | None = None
        self.account_is_known = False
        self.accounts_elsewhere: Sequence[tuple[str, str]] = ()
        self.default_account_id: str | None = None
        self.quota: Quota | None = None
        self.line = CallerConnection()
        self.answer: Answer | None = None
        self.route = "none"

    @property
    def action(self) -> Action:
        """What the path spends."""
        return Action.GROUP_MEMBERS if self.scope["path"] in SPENDS_MEMBERS else Action.MESSAGE

    @property
    def path_params(self) -> Mapping[str, str]:
        """The named parts of the path."""
        params: Mapping[str, str] = self.scope["path_params"]
        return params

    def api_key(self) -> str:
        """The key from `Authorization: Bearer` or, where that is absent, `X-API-Key`; "" where there is none."""
        return credentials.api_key(self.headers)

    def idempotency_key(self) -> str | None:
        """The caller's Idempotency-Key. Raises InvalidField."""
        value = self.headers.get(b"idempotency-key")
        return None if value is None else parse_idempotency_key(value.decode("latin-1"))

    def account_id_of(self, value: object) -> str | None:
        """The account that `value`, of the body or the query, names; None for the default one.

        Raises InvalidField, also where the request names another account elsewhere: the wrong one would be used.
        """
        return self.same_account(parse_account_id(value))

    def same_account(self, account_id: str | None) -> str | None:
        """This account, if the request names no other one in a header or a query. Raises InvalidField."""
        for name, other_id in self.accounts_elsewhere:
            if other_id != (account_id or self.default_account_id):
                raise InvalidField(name, ONE_ACCOUNT)
            account_id = other_id
        self.account_id, self.account_is_known = account_id, True
        return account_id

    async def fields(self) -> dict[str, Any]:
        """The body as a JSON object. Raises InvalidField, BodyTooLarge, BodyEncoded, BodyTooSlow, CallerHungUp."""
        body = await self.body(most_bytes=MAX_BODY_BYTES, seconds=BODY_SECONDS)
        try:
            value = _decode(body[3:] if body[:3] == codecs.BOM_UTF8 else body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            content_type = self.headers.get(b"content-type", b"").decode("latin-1")
            text = body.removeprefix(codecs.BOM_UTF8)
            raise InvalidField("The body", json_diagnosis.explain(text, content_type)) from fault
        if not isinstance(value, dict):
            raise InvalidField("The body", json_diagnosis.explain_value(value))
        return value

    def watch(self, hang_up: Callable[[CallerConnection], None]) -> None:
        """Call `hang_up` if the caller's connection ends before the answer. Only after the body was read."""
        if (disconnects := disconnect_watch_of(self.scope)) is not None:
            self.line.poll = disconnects.look
        self._unwatch = on_disconnect(self.scope, self._receive, partial(hang_up, self.line))

    def stop_watching(self) -> None:
        """The answer has been written."""
        unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            unwatch()

    async def body(self, *, most_bytes: int, seconds: float) -> bytes:
        """The body as it came. Raises BodyTooLarge, BodyEncoded, BodyTooSlow, CallerHungUp."""
        encoding = self.headers.get(b"content-encoding")
        if encoding is not None and encoding.lower() not in (b"identity", b""):
            raise BodyEncoded
        declared = self.headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared[:20]) > most_bytes:
            raise BodyTooLarge(most_bytes)
        try:
            with self._timeouts.limit(seconds):
                first = await self._next_part()
                body, more = first.get("body", b""), first.get("more_body", False)
                if more or len(body) > most_bytes:
                    return await self._rest(bytearray(body), most_bytes, more=more)
                return bytes(body)
        except TimeoutError as fault:
            raise BodyTooSlow from fault

    async def _rest(self, body: bytearray, most_bytes: int, *, more: bool) -> bytes:
        while more and len(body) <= most_bytes:
            part = await self._next_part()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        if len(body) > most_bytes:
            raise BodyTooLarge(most_bytes)
        return bytes(body)

    async def _next_part(self) -> Message:
        part = await self._receive()
        if part["type"] == "http.disconnect":
            raise CallerHungUp
        return part


def _request_id(given: bytes | None) -> str:
    if given is not None and _SANE_REQUEST_ID.fullmatch(given):
        return given.decode()
    return secrets.token_hex(16)
