"""Classification of one attempt: a result, or an error with what it proves about the message. No I/O."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from confrere_client.calls import Call, Facts
from confrere_client.decoding import Unreadable, decode, parse_time
from confrere_client.errors import (
    Conflict,
    ConfrereClientError,
    ConnectionFailed,
    InvalidRequest,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerError,
    Unauthorized,
)
from confrere_client.http import HttpAnswer, NoAnswer
from confrere_client.models import RateLimit, Refusal

T = TypeVar("T")

NO_CREDENTIALS = "Failed to get LinkedIn authentication credentials"
"""The documented 500 of an account without a usable session: nothing was sent, and no retry helps."""

LINKEDIN_ANSWERED = "Request failed with status code"
"""Part of the error text where LinkedIn rejected the request, and would do so again."""

MAY_BE_DONE = "it may have been carried out: see what the server has before you repeat it"

LEAST_HIDDEN_CHARACTERS = 12
"""A shorter message occurs in ordinary sentences, as "hi" in "this"; hiding it would garble LinkedIn's reason."""

_ERROR_DESCRIPTION = re.compile(r'error_description="([^"]*)"')
"""The reason why the key was rejected. Source: RFC 6750, section 3."""

OUTCOME_OF_PROBLEM: Mapping[str | None, str] = {"notSent": "not_sent", "outcomeUnknown": "unknown"}
"""The outcomes of sends under /v1, as the other API names them."""

REFUSALS = frozenset({"messageRefused", "recipientOptedOut"})
"""Problems of sends that every other attempt with the key has, too."""

_NAMED_ERRORS: Mapping[int, type[ConfrereClientError]] = {
    401: Unauthorized,
    403: Refused,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}


class Evidence(Enum):
    """What a failed attempt of a send proves about its message.

    NOTHING:    this attempt sent nothing; earlier ones may have.
    SETTLED:    no attempt with this key that has reached the server sent anything; one still on its way may.
    FINAL:      the key's send was refused, and every other attempt with the key is answered alike.
    NOT_TAKEN:  this attempt sent nothing if the server is Confrere, which was stopping or without its store.
    UNKNOWN:    an attempt reached the server, and LinkedIn may have the message.
    LOST:       the attempt may still be on its way, or in progress.
    """

    NOTHING = "nothing"
    SETTLED = "settled"
    FINAL = "final"
    NOT_TAKEN = "not taken"
    UNKNOWN = "unknown"
    LOST = "lost"


class Repeat(Enum):
    """Whether a retry can help, and what it has to wait for."""

    NEVER = "never"
    BACK_OFF = "back off"
    AFTER_LIMIT = "after the limit"
    AFTER_FIRST = "after the first request with this key"


@dataclass(frozen=True, slots=True)
class Succeeded(Generic[T]):
    """The attempt succeeded."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed. wait_seconds: the wait that the server stated; None if it stated none."""

    error: ConfrereClientError
    evidence: Evidence
    repeat: Repeat
    wait_seconds: float | None = None


def classify(
    call: Call[T], result: HttpAnswer | NoAnswer, *, request_id: str, now: datetime, private: Sequence[str] = ()
) -> Succeeded[T] | Failed:
    """Classify an attempt. private: texts that no error may contain, besides those of the call."""
    if isinstance(result, NoAnswer):
        return _classify_no_answer(call, result, request_id)
    facts = read_facts(result, request_id)
    body = parse_json(result.content)
    if 200 <= result.status < 300:
        try:
            return Succeeded(call.read(body, facts))
        except Unreadable as fault:
            error = ServerError(f"{result.status}: the answer cannot be understood: {fault}")
            return _failed(error, result, facts, repeat=Repeat.BACK_OFF if call.is_send else Repeat.NEVER)
    fields = body if isinstance(body, Mapping) else {}
    sentence = _sentence(result, fields, [*call.private, *private])
    if result.status >= 500:
        return _classify_5xx(call, result, facts, fields, sentence, now)
    return _classify_4xx(call, result, facts, fields, sentence, now)


def read_facts(result: HttpAnswer, request_id: str) -> Facts:
    """Read the values of an answer's headers."""
    headers = result.headers
    return Facts(
        headers.get("x-request-id") or request_id,
        _read_rate_limit(headers),
        headers.get("idempotency-replayed") == "true",
    )


def _classify_no_answer(call: Call[Any], result: NoAnswer, request_id: str) -> Failed:
    may_be_done = call.changes and result.may_have_left
    advice = f"; {MAY_BE_DONE}" if may_be_done else ""
    error = ConnectionFailed(f"No answer: {result.why}{advice}", request_id=request_id)
    evidence = Evidence.LOST if result.may_have_left else Evidence.NOTHING
    return Failed(error, evidence, Repeat.NEVER if may_be_done else Repeat.BACK_OFF)


def _classify_5xx(
    call: Call[Any], result: HttpAnswer, facts: Facts, fields: Mapping[str, Any], sentence: str, now: datetime
) -> Failed:
    """Classify a 5xx."""
    wait = _retry_after(result, now)
    if fields.get("error") == NO_CREDENTIALS:
        error = NotSent(sentence) if call.is_send else ServerError(sentence)
        return _failed(error, result, facts, Evidence.NOTHING)
    if call.changes:
        return _failed(ServerError(f"{sentence}; {MAY_BE_DONE}"), result, facts, Evidence.NOTHING, wait_seconds=wait)
    if not call.is_send:
        return _failed(ServerError(sentence), result, facts, Evidence.NOTHING, Repeat.BACK_OFF, wait)
    problem = _read_problem(result, fields)
    match fields.get("outcome") or OUTCOME_OF_PROBLEM.get(problem):
        case "not_sent":
            repeat = Repeat.NEVER if LINKEDIN_ANSWERED in sentence else Repeat.BACK_OFF
            return _failed(NotSent(sentence), result, facts, Evidence.SETTLED, repeat, wait)
        case "unknown":
            return _failed(OutcomeUnknown(sentence), result, facts, Evidence.UNKNOWN, Repeat.BACK_OFF, wait)
    if result.status == 503 and (fields.get("success") is False or problem in ("stopping", "storeUnavailable")):
        return _failed(NotSent(sentence), result, facts, Evidence.NOT_TAKEN, Repeat.BACK_OFF, wait)
    return _failed(OutcomeUnknown(sentence), result, facts, Evidence.LOST, Repeat.BACK_OFF, wait)


def _classify_4xx(
    call: Call[Any], result: HttpAnswer, facts: Facts, fields: Mapping[str, Any], sentence: str, now: datetime
) -> Failed:
    """Classify a 4xx, or a 3xx, which this API never sends."""
    wait = _retry_after(result, now)
    if result.status < 400:
        return _failed(ServerError(f"{sentence}; base_url must be where that leads"), result, facts)
    if result.status == 409 and call.is_send:
        return _failed(OutcomeUnknown(sentence), result, facts, Evidence.UNKNOWN, Repeat.AFTER_FIRST, wait)
    problem = _read_problem(result, fields)
    if problem == "sessionRefused" and call.is_send:
        return _failed(NotSent(sentence), result, facts, Evidence.NOTHING)
    error = _NAMED_ERRORS.get(result.status, InvalidRequest)(sentence)
    repeat, evidence = Repeat.NEVER, Evidence.NOTHING
    if isinstance(error, RateLimited):
        error.hold_until = parse_time(fields.get("holdUntil"))
        error.retry_after = wait = _seconds_to_wait(wait, error.hold_until, facts.rate_limit, now)
        repeat = Repeat.AFTER_LIMIT
    elif isinstance(error, Refused):
        error.details = _read_refusal(fields.get("errorDetails"))
        error.code = error.details.code if error.details else None
        evidence = Evidence.FINAL if error.details or problem in REFUSALS else Evidence.NOTHING
    elif isinstance(error, InvalidRequest):
        missing = fields.get("missing")
        error.missing = tuple(map(str, missing)) if isinstance(missing, list) else ()
        error.field = _text_or_none(fields.get("field"))
    if result.status == 408:
        repeat = Repeat.BACK_OFF
    return _failed(error, result, facts, evidence, repeat, wait)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _failed(
    error: ConfrereClientError,
    result: HttpAnswer,
    facts: Facts,
    evidence: Evidence = Evidence.LOST,
    repeat: Repeat = Repeat.NEVER,
    wait_seconds: float | None = None,
) -> Failed:
    error.status, error.request_id, error.rate_limit = result.status, facts.request_id, facts.rate_limit
    error.problem = _read_problem(result, parse_json(result.content))
    return Failed(error, evidence, repeat, wait_seconds)


def parse_json(content: bytes) -> object:
    """Parse JSON; None where it is invalid."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _sentence(result: HttpAnswer, fields: Mapping[str, Any], private: Sequence[str]) -> str:
    """Join the server's sentence and LinkedIn's own text, without private texts."""
    parts: list[str] = [text for text in _sentences(result, fields) if isinstance(text, str) and text]
    if not parts and 300 <= result.status < 400:
        parts = ["a redirection"]
    text = ": ".join(parts) or "an answer without a reason"
    for secret in private:
        if len(secret) >= LEAST_HIDDEN_CHARACTERS:
            text = text.replace(secret, "[not shown]")
    return f"{result.status}: {text}"


def _sentences(result: HttpAnswer, fields: Mapping[str, Any]) -> Sequence[object]:
    error, refusal = fields.get("error"), _read_refusal(fields.get("errorDetails"))
    if isinstance(error, Mapping):  # an object in one place of the reference page
        error = error.get("message")
    words = [refusal.code, refusal.message] if refusal else []
    mistake = _ERROR_DESCRIPTION.search(result.headers.get("www-authenticate", ""))
    return [error or fields.get("message") or fields.get("detail"), *words, mistake[1] if mistake else None]


def _read_problem(result: HttpAnswer, body: object) -> str | None:
    """Return the kind of a problem document, without what all of them begin with. Source: RFC 9457."""
    if not result.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    kind = body.get("type") if isinstance(body, Mapping) else None
    return kind.rpartition(":")[2] or None if isinstance(kind, str) else None


def _read_refusal(details: object) -> Refusal | None:
    if not isinstance(details, Mapping):
        return None
    data = details.get("data")
    words = data if isinstance(data, Mapping) else {}
    return decode(Refusal, {**details, "code": words.get("code"), "message": words.get("message")})


def _read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    limit, used, remaining = (
        _parse_integer(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "used", "remaining")
    )
    if limit is None or used is None or remaining is None:
        return None
    return RateLimit(
        action=headers.get("x-ratelimit-action", ""),
        limit=limit,
        used=used,
        remaining=remaining,
        reset_at=parse_time(headers.get("x-ratelimit-reset")),
    )


def _retry_after(result: HttpAnswer, now: datetime) -> float | None:
    """Read the header, in seconds or as a date."""
    text = result.headers.get("retry-after", "")
    seconds = _parse_integer(text)
    if seconds is not None:
        return float(seconds)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return _seconds_until(moment if moment.tzinfo else moment.replace(tzinfo=UTC), now)


def _seconds_to_wait(
    wait: float | None, hold_until: datetime | None, rate_limit: RateLimit | None, now: datetime
) -> float | None:
    """Return the wait by the header, else by the body, else by the quota's reset."""
    if wait is not None:
        return wait
    if hold_until is not None:
        return _seconds_until(hold_until, now)
    if rate_limit is not None and rate_limit.remaining == 0 and rate_limit.reset_at is not None:
        return _seconds_until(rate_limit.reset_at, now)
    return None


def _seconds_until(moment: datetime, now: datetime) -> float:
    return float(max(0, math.ceil((moment - now).total_seconds())))


def _parse_integer(text: str | None) -> int | None:
    """Parse an integer of at most 9 digits."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
