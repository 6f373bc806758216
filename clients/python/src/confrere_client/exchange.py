"""A call from its first attempt to its result: requests, waits and retries. No I/O.

`run_call` is a generator. It yields an HTTP request or a wait, is sent the result of the request, and returns the
call's result or raises. Both clients drive the same one.

The rule for what changes something: it is retried only where it certainly did not reach the server, or was rejected.

The rule for sends: an attempt after which LinkedIn may have the message is retried only where the server is known to
keep `Idempotency-Key`s for that path, from its OpenAPI document or from the client's `server_keeps_keys`. Every
attempt of a send has the same key.
"""

import random
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from confrere_client.address import BASE_PATH, Address
from confrere_client.calls import Call, read_openapi
from confrere_client.classify import Evidence, Failed, Repeat, Succeeded, classify, parse_json
from confrere_client.errors import ConfrereClientError, OutcomeUnknown, Unauthorized
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer

T = TypeVar("T")

FIRST_BACK_OFF_SECONDS = 0.5
LONGEST_BACK_OFF_SECONDS = 8.0

LONGEST_WAIT_SECONDS = 60.0
"""The longest wait that a server may ask for, and the total wait for an earlier request with the same key."""

UNSTATED_LIMIT_SECONDS = 60.0
"""The wait for a limit whose end the server does not state."""


def utc_now() -> datetime:
    """Return the time; the default clock of both clients."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When failed requests are retried.

    max_retries:      of a failed request. Waits for a limit, and for an earlier request with the same key, do not
                      count.
    wait_for_limits:  whether to wait for a 429 to pass rather than raise it.
    clock:            returns aware datetimes.
    jitter:           returns numbers from 0 to 1.
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
    """What is known about the server. keeps_keys: as the client was configured; None: the server is queried once."""

    address: Address
    keeps_keys: bool | None = None
    keyed_paths: frozenset[str] | None = None

    def known_to_keep(self, path: str) -> bool | None:
        """Return whether the server keeps the keys of sends to this path; None where it was not queried yet."""
        if self.keeps_keys is not None:
            return self.keeps_keys
        return None if self.keyed_paths is None else path in self.keyed_paths


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait before the next request."""

    seconds: float


Steps = Generator[HttpRequest | Wait, HttpAnswer | NoAnswer | None, T]


def run_call(call: Call[T], server: Server, retry_policy: RetryPolicy) -> Steps[T]:
    """Execute a call. Raises ConfrereClientError."""
    return (yield from _Exchange(call, server, retry_policy).run())


@dataclass(slots=True)
class _Exchange(Generic[T]):
    call: Call[T]
    server: Server
    retry_policy: RetryPolicy
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    retries: int = 0
    first_wait_seconds: float = 0.0
    unresolved: set[Evidence] = field(default_factory=set)

    def run(self) -> Steps[T]:
        if self.server.address.api_key is None and not self.call.at_root:
            raise Unauthorized("There is no API key: give api_key, or set CONFRERE_API_KEY")
        request = _build_request(self.call, self.server.address, self.request_id)
        while True:
            attempt = yield from self._attempt(request)
            if isinstance(attempt, Succeeded):
                return attempt.value
            self._record_evidence(attempt)
            yield from self._wait_for_retry(attempt)

    def _attempt(self, request: HttpRequest) -> Steps[Succeeded[T] | Failed]:
        result = yield request
        assert result is not None
        key = self.server.address.api_key
        return classify(
            self.call,
            result,
            request_id=self.request_id,
            now=self.retry_policy.clock(),
            private=[key] if key else [],
        )

    def _record_evidence(self, failed: Failed) -> None:
        """Record what this attempt proves about the message."""
        if not self.call.is_send:
            return
        if failed.evidence is Evidence.FINAL:
            self.unresolved.clear()
        elif failed.evidence is Evidence.SETTLED:
            self.unresolved &= {Evidence.LOST}  # an attempt still on its way has not reached the server
        elif failed.evidence is not Evidence.NOTHING:
            self.unresolved.add(failed.evidence)

    def _wait_for_retry(self, failed: Failed) -> Steps[None]:
        """Wait until the retry is due. Raises the call's error where there is none."""
        wait = self._retry_wait_seconds(failed)
        while self.unresolved and (keeps_keys := (yield from self._server_keeps_keys())) is not True:
            if keeps_keys is False or wait is None:
                raise self._error(failed.error)
            yield Wait(wait)
            wait = self._back_off(None)
        if wait is None:
            raise self._error(failed.error)
        yield Wait(wait)

    def _retry_wait_seconds(self, failed: Failed) -> float | None:
        """Return the seconds to wait; None for no retry."""
        match failed.repeat:
            case Repeat.BACK_OFF:
                return self._back_off(failed.wait_seconds)
            case Repeat.AFTER_FIRST:
                return self._wait_for_first(failed.wait_seconds)
            case Repeat.AFTER_LIMIT if self.retry_policy.wait_for_limits and not self.unresolved:
                # Not with unresolved attempts: a limit can outlast the 24 hours for which a key is keeps_keys.
                wait = UNSTATED_LIMIT_SECONDS if failed.wait_seconds is None else failed.wait_seconds
                return wait + self.retry_policy.jitter()
            case _:
                return None

    def _back_off(self, asked_seconds: float | None) -> float | None:
        """Return an exponential backoff with jitter, at least what the server asked for; None for no retry."""
        if self.retries >= self.retry_policy.max_retries or (asked_seconds or 0) > LONGEST_WAIT_SECONDS:
            return None
        longest: float = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** min(self.retries, 9))
        self.retries += 1
        return max(asked_seconds or 0.0, longest * (1 + self.retry_policy.jitter()) / 2)

    def _wait_for_first(self, asked_seconds: float | None) -> float | None:
        wait = (1.0 if asked_seconds is None else asked_seconds) + self.retry_policy.jitter()
        self.first_wait_seconds += wait
        return wait if self.first_wait_seconds <= LONGEST_WAIT_SECONDS else None

    def _server_keeps_keys(self) -> Steps[bool | None]:
        """Query whether a retry of this send is safe; None where the server did not answer."""
        known = self.server.known_to_keep(self.call.described_path)
        if known is not None:
            return known
        result = yield _build_request(read_openapi(), self.server.address, self.request_id)
        if isinstance(result, HttpAnswer) and result.status not in (408, 429) and result.status < 500:
            self.server.keyed_paths = find_keyed_paths(result)
        return self.server.known_to_keep(self.call.described_path)

    def _error(self, error: ConfrereClientError) -> ConfrereClientError:
        """Return the error to raise; for a send, one that is true of all its attempts together."""
        if not self.call.is_send:
            return error
        keeps_keys = self.server.known_to_keep(self.call.described_path)
        unresolved = self.unresolved - {Evidence.NOT_TAKEN} if keeps_keys else self.unresolved
        if not unresolved:
            return error
        advice = {
            True: "repeat it with the same idempotency_key, and the server looks for it first",
            False: "this server keeps no Idempotency-Key: a repeat can send it twice",
            None: "the server could not be asked whether it keeps Idempotency-Keys",
        }[keeps_keys]
        unknown = OutcomeUnknown(f"LinkedIn may have the message ({error}); {advice}").with_context_of(error)
        unknown.idempotency_key, unknown.server_keeps_keys = self.call.idempotency_key, keeps_keys
        return unknown


def find_keyed_paths(result: HttpAnswer) -> frozenset[str]:
    """Return the paths whose POST takes an `Idempotency-Key`, by the OpenAPI document in the answer."""
    document = parse_json(result.content) if result.status == 200 else None
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
