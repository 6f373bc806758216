"""A call from its first attempt to its end: what is sent, what is waited for, when it is given up. No I/O.

`converse` is a generator. It yields what is to be done, an HTTP request or a wait, is given what came of it, and
returns the call's result or raises. Both clients drive the same one.

The rule for sends: an attempt after which LinkedIn may have the message is repeated only where the server is known to
keep `Idempotency-Key`s for that very path: its own OpenAPI document says so, or whoever made the client does. Every
attempt of a send has the same key.
"""

import random
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from confrere_client.address import BASE_PATH, Address
from confrere_client.calls import Call, read_description
from confrere_client.classify import Failed, Fate, Repeat, Succeeded, judge, parse_json
from confrere_client.errors import ConfrereClientError, OutcomeUnknown, Unauthorized
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer

T = TypeVar("T")

FIRST_BACK_OFF_SECONDS = 0.5
LONGEST_BACK_OFF_SECONDS = 8.0

LONGEST_WAIT_SECONDS = 60.0
"""How long a failed server that names a time is waited for, and an earlier request with the same key in all."""

UNTOLD_LIMIT_SECONDS = 60.0
"""How long a limit is waited for whose end the server does not tell."""


def utc_now() -> datetime:
    """The clock of every client that was given no other."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How failures are met.

    max_retries:      how often a failed request is repeated. Waits for a limit, and for an earlier request with the
                      same key, do not count.
    wait_for_limits:  whether a 429 is waited for rather than raised.
    clock:            gives aware times.
    jitter:           gives numbers from 0 to 1.
    """

    max_retries: int = 4
    wait_for_limits: bool = False
    clock: Callable[[], datetime] = utc_now
    jitter: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if self.max_retries < 0:
            raise ValueError("max_retries must not be negative")


@dataclass(slots=True)
class Server:
    """What is known of the server. keeps_keys: told by whoever made the client; None: the server is asked, once."""

    address: Address
    keeps_keys: bool | None = None
    keyed_paths: frozenset[str] | None = None

    def known_to_keep(self, path: str) -> bool | None:
        """Whether a send to this path is known to be kept under its key; None: nobody has asked yet."""
        if self.keeps_keys is not None:
            return self.keeps_keys
        return None if self.keyed_paths is None else path in self.keyed_paths


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Conversation = Generator[HttpRequest | Wait, HttpAnswer | NoAnswer | None, T]


def converse(call: Call[T], server: Server, patience: RetryPolicy) -> Conversation[T]:
    """Execute out a call. Raises ConfrereClientError."""
    return (yield from _Exchange(call, server, patience).run())


@dataclass(slots=True)
class _Exchange(Generic[T]):
    call: Call[T]
    server: Server
    patience: RetryPolicy
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    retries: int = 0
    waited_for_first: float = 0.0
    doubts: set[Fate] = field(default_factory=set)

    def run(self) -> Conversation[T]:
        if self.server.address.api_key is None and not self.call.at_root:
            raise Unauthorized("There is no API key: give api_key, or set CONFRERE_API_KEY")
        request = _build_request(self.call, self.server.address, self.request_id)
        while True:
            verdict = yield from self._attempt(request)
            if isinstance(verdict, Succeeded):
                return verdict.value
            self._note(verdict)
            yield from self._prepare_repeat(verdict)

    def _attempt(self, request: HttpRequest) -> Conversation[Succeeded[T] | Failed]:
        came = yield request
        assert came is not None
        key = self.server.address.api_key
        return judge(
            self.call,
            came,
            request_id=self.request_id,
            now=self.patience.clock(),
            private=[key] if key else [],
        )

    def _note(self, failed: Failed) -> None:
        """Keep what this attempt says of the message's fate."""
        if not self.call.is_send:
            return
        if failed.fate is Fate.FINAL:
            self.doubts.clear()
        elif failed.fate is Fate.SETTLED:
            self.doubts &= {Fate.LOST}  # what is still on its way has not been seen by the server
        elif failed.fate is not Fate.NOTHING:
            self.doubts.add(failed.fate)

    def _prepare_repeat(self, failed: Failed) -> Conversation[None]:
        """Wait until a repeat is due. Raises the call's error where there is to be none."""
        wait = self._wait_before_repeat(failed)
        while self.doubts and (kept := (yield from self._server_keeps_keys())) is not True:
            if kept is False or wait is None:
                raise self._error(failed.error)
            yield Wait(wait)
            wait = self._back_off(None)
        if wait is None:
            raise self._error(failed.error)
        yield Wait(wait)

    def _wait_before_repeat(self, failed: Failed) -> float | None:
        """Seconds to wait; None where there is to be no repeat."""
        match failed.repeat:
            case Repeat.BACK_OFF:
                return self._back_off(failed.wait_seconds)
            case Repeat.AFTER_FIRST:
                return self._wait_for_first(failed.wait_seconds)
            case Repeat.AFTER_LIMIT if self.patience.wait_for_limits and not self.doubts:
                # Never in doubt: a limit can outlast the 24 hours for which a key is kept.
                wait = UNTOLD_LIMIT_SECONDS if failed.wait_seconds is None else failed.wait_seconds
                return wait + self.patience.jitter()
            case _:
                return None

    def _back_off(self, asked_seconds: float | None) -> float | None:
        """Exponential with jitter, and at least what the server asked for."""
        if self.retries >= self.patience.max_retries or (asked_seconds or 0) > LONGEST_WAIT_SECONDS:
            return None
        longest: float = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** min(self.retries, 9))
        self.retries += 1
        return max(asked_seconds or 0.0, longest * (1 + self.patience.jitter()) / 2)

    def _wait_for_first(self, asked_seconds: float | None) -> float | None:
        wait = (1.0 if asked_seconds is None else asked_seconds) + self.patience.jitter()
        self.waited_for_first += wait
        return wait if self.waited_for_first <= LONGEST_WAIT_SECONDS else None

    def _server_keeps_keys(self) -> Conversation[bool | None]:
        """Whether a repeat of this send is safe; None where the server did not answer."""
        known = self.server.known_to_keep(self.call.path)
        if known is not None:
            return known
        came = yield _build_request(read_description(), self.server.address, self.request_id)
        if isinstance(came, HttpAnswer) and came.status not in (408, 429) and came.status < 500:
            self.server.keyed_paths = find_keyed_paths(came)
        return self.server.known_to_keep(self.call.path)

    def _error(self, error: ConfrereClientError) -> ConfrereClientError:
        """The call's error: for a send, what is true of all its attempts together."""
        if not self.call.is_send:
            return error
        kept = self.server.known_to_keep(self.call.path)
        doubts = self.doubts - {Fate.NOT_TAKEN} if kept else self.doubts
        if not doubts:
            return error
        advice = {
            True: "repeat it with the same idempotency_key, and the server looks for it first",
            False: "this server keeps no Idempotency-Key: a repeat can send it twice",
            None: "the server could not be asked whether it keeps Idempotency-Keys",
        }[kept]
        unknown = OutcomeUnknown(f"LinkedIn may have the message ({error}); {advice}").with_context_of(error)
        unknown.idempotency_key, unknown.server_keeps_keys = self.call.idempotency_key, kept
        return unknown


def find_keyed_paths(came: HttpAnswer) -> frozenset[str]:
    """The paths whose POST takes an `Idempotency-Key`, by the OpenAPI document in the answer; none without one."""
    document = parse_json(came.content) if came.status == 200 else None
    paths = _mapping(_mapping(document).get("paths"))
    return frozenset(
        path.removeprefix(BASE_PATH) for path, item in paths.items() if _has_key(_mapping(_mapping(item).get("post")))
    )


def _has_key(operation: Mapping[str, Any]) -> bool:
    parameters = operation.get("parameters")
    return isinstance(parameters, list) and any(
        _mapping(parameter).get("in") == "header" and str(_mapping(parameter).get("name")).lower() == "idempotency-key"
        for parameter in parameters
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _build_request(call: Call[Any], address: Address, request_id: str) -> HttpRequest:
    content = call.content()
    headers = address.headers() | {"X-Request-Id": request_id}
    if content is not None:
        headers["Content-Type"] = "application/json"
    if call.idempotency_key is not None:
        headers["Idempotency-Key"] = call.idempotency_key
    base = address.root if call.at_root else address.api
    return HttpRequest(call.method, base + call.target(), headers, content)
