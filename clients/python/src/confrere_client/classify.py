"""What one attempt means: a result, or an error with what it says of the message's fate. Pure."""

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
"""The documented 500 of an account without a working session: nothing was sent, and no repeat helps."""

LINKEDIN_ANSWERED = "Request failed with status code"
"""In the sentence of a failure where LinkedIn was asked and said no: it would say so again."""

LEAST_HIDDEN_CHARACTERS = 12
"""A shorter message is part of ordinary sentences, as "hi" is of "this": to hide it would hide LinkedIn's reason."""

_ERROR_DESCRIPTION = re.compile(r'error_description="([^"]*)"')
"""What is wrong with the key. Source: RFC 6750, section 3."""

_NAMED_ERRORS: Mapping[int, type[ConfrereClientError]] = {
    401: Unauthorized,
    403: Refused,
    404: NotFound,
    429: RateLimited,
}


class Fate(Enum):
    """What a failed attempt of a send says of its message.

    NOTHING:    this attempt sent nothing; of an earlier one it says nothing.
    SETTLED:    the server's word for the key: no attempt that has arrived sent anything; one still on its way would.
    FINAL:      the server's word for the key: refused, and every other attempt with it hears the same.
    NOT_TAKEN:  this attempt sent nothing if the server is Confrere: it was stopping, or without its store.
    UNKNOWN:    an attempt arrived and LinkedIn may have the message.
    LOST:       the attempt may still be on its way, or under way.
    """

    NOTHING = "nothing"
    SETTLED = "settled"
    FINAL = "final"
    NOT_TAKEN = "not taken"
    UNKNOWN = "unknown"
    LOST = "lost"


class Repeat(Enum):
    """Whether a repeat can help, and what it waits for."""

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
    """The attempt failed. wait_seconds: what the server asked for; None if it did not."""

    error: ConfrereClientError
    fate: Fate
    repeat: Repeat
    wait_seconds: float | None = None


def judge(
    call: Call[T], came: HttpAnswer | NoAnswer, *, request_id: str, now: datetime, private: Sequence[str] = ()
) -> Succeeded[T] | Failed:
    """What an attempt means. private: what no error's text may hold, beside the call's own."""
    if isinstance(came, NoAnswer):
        return _judge_silence(came, request_id)
    facts = read_facts(came, request_id)
    body = parse_json(came.content)
    if 200 <= came.status < 300:
        try:
            return Succeeded(call.read(body, facts))
        except Unreadable as fault:
            error = ServerError(f"{came.status}: the answer cannot be understood: {fault}")
            return _failed(error, came, facts, repeat=Repeat.BACK_OFF if call.is_send else Repeat.NEVER)
    fields = body if isinstance(body, Mapping) else {}
    sentence = _sentence(came, fields, [*call.private, *private])
    if came.status >= 500:
        return _judge_failure(call, came, facts, fields, sentence, now)
    return _judge_refusal(call, came, facts, fields, sentence, now)


def read_facts(came: HttpAnswer, request_id: str) -> Facts:
    """What an answer's headers tell."""
    headers = came.headers
    return Facts(
        headers.get("x-request-id") or request_id,
        _read_rate_limit(headers),
        headers.get("idempotency-replayed") == "true",
    )


def _judge_silence(came: NoAnswer, request_id: str) -> Failed:
    error = ConnectionFailed(f"No answer: {came.why}", request_id=request_id)
    return Failed(error, Fate.LOST if came.may_have_left else Fate.NOTHING, Repeat.BACK_OFF)


def _judge_failure(
    call: Call[Any], came: HttpAnswer, facts: Facts, fields: Mapping[str, Any], sentence: str, now: datetime
) -> Failed:
    """A 5xx."""
    wait = _retry_after(came, now)
    if fields.get("error") == NO_CREDENTIALS:
        error = NotSent(sentence) if call.is_send else ServerError(sentence)
        return _failed(error, came, facts, Fate.NOTHING)
    if not call.is_send:
        return _failed(ServerError(sentence), came, facts, Fate.NOTHING, Repeat.BACK_OFF, wait)
    match fields.get("outcome"):
        case "not_sent":
            repeat = Repeat.NEVER if LINKEDIN_ANSWERED in sentence else Repeat.BACK_OFF
            return _failed(NotSent(sentence), came, facts, Fate.SETTLED, repeat, wait)
        case "unknown":
            return _failed(OutcomeUnknown(sentence), came, facts, Fate.UNKNOWN, Repeat.BACK_OFF, wait)
    if came.status == 503 and fields.get("success") is False:
        return _failed(NotSent(sentence), came, facts, Fate.NOT_TAKEN, Repeat.BACK_OFF, wait)
    return _failed(OutcomeUnknown(sentence), came, facts, Fate.LOST, Repeat.BACK_OFF, wait)


def _judge_refusal(
    call: Call[Any], came: HttpAnswer, facts: Facts, fields: Mapping[str, Any], sentence: str, now: datetime
) -> Failed:
    """A 4xx, or a 3xx, which this API never answers."""
    wait = _retry_after(came, now)
    if came.status < 400:
        return _failed(ServerError(f"{sentence}; base_url must be where that leads"), came, facts)
    if came.status == 409 and call.is_send:
        return _failed(OutcomeUnknown(sentence), came, facts, Fate.UNKNOWN, Repeat.AFTER_FIRST, wait)
    error = _NAMED_ERRORS.get(came.status, InvalidRequest)(sentence)
    repeat, fate = Repeat.NEVER, Fate.NOTHING
    if isinstance(error, RateLimited):
        error.hold_until = parse_time(fields.get("holdUntil"))
        error.retry_after = wait = _seconds_to_wait(wait, error.hold_until, facts.rate_limit, now)
        repeat = Repeat.AFTER_LIMIT
    elif isinstance(error, Refused):
        error.details = _read_refusal(fields.get("errorDetails"))
        error.code = error.details.code if error.details else None
        fate = Fate.FINAL if error.details else Fate.NOTHING
    elif isinstance(error, InvalidRequest):
        missing = fields.get("missing")
        error.missing = tuple(map(str, missing)) if isinstance(missing, list) else ()
    if came.status == 408:
        repeat = Repeat.BACK_OFF
    return _failed(error, came, facts, fate, repeat, wait)


def _failed(
    error: ConfrereClientError,
    came: HttpAnswer,
    facts: Facts,
    fate: Fate = Fate.LOST,
    repeat: Repeat = Repeat.NEVER,
    wait_seconds: float | None = None,
) -> Failed:
    error.status, error.request_id, error.rate_limit = came.status, facts.request_id, facts.rate_limit
    return Failed(error, fate, repeat, wait_seconds)


def parse_json(content: bytes) -> object:
    """The JSON; None where it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _sentence(came: HttpAnswer, fields: Mapping[str, Any], private: Sequence[str]) -> str:
    """The server's sentence with LinkedIn's own words, without what must not be shown."""
    told: list[str] = [text for text in _sentences(came, fields) if isinstance(text, str) and text]
    if not told and 300 <= came.status < 400:
        told = ["a redirection"]
    text = ": ".join(told) or "an answer without a reason"
    for secret in private:
        if len(secret) >= LEAST_HIDDEN_CHARACTERS:
            text = text.replace(secret, "[not shown]")
    return f"{came.status}: {text}"


def _sentences(came: HttpAnswer, fields: Mapping[str, Any]) -> Sequence[object]:
    error, refusal = fields.get("error"), _read_refusal(fields.get("errorDetails"))
    if isinstance(error, Mapping):  # the reference page has it as an object in one place
        error = error.get("message")
    words = [refusal.code, refusal.message] if refusal else []
    mistake = _ERROR_DESCRIPTION.search(came.headers.get("www-authenticate", ""))
    return [error or fields.get("message"), *words, mistake[1] if mistake else None]


def _read_refusal(details: object) -> Refusal | None:
    if not isinstance(details, Mapping):
        return None
    data = details.get("data")
    words = data if isinstance(data, Mapping) else {}
    return decode(Refusal, {**details, "code": words.get("code"), "message": words.get("message")})


def _read_rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    limit, used, remaining = (_whole(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "used", "remaining"))
    if limit is None or used is None or remaining is None:
        return None
    return RateLimit(
        action=headers.get("x-ratelimit-action", ""),
        limit=limit,
        used=used,
        remaining=remaining,
        reset_at=parse_time(headers.get("x-ratelimit-reset")),
    )


def _retry_after(came: HttpAnswer, now: datetime) -> float | None:
    """The header in either of its forms."""
    text = came.headers.get("retry-after", "")
    seconds = _whole(text)
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
    """From the header, else from the body, else from the quota's own reset."""
    if wait is not None:
        return wait
    if hold_until is not None:
        return _seconds_until(hold_until, now)
    if rate_limit is not None and rate_limit.remaining == 0 and rate_limit.reset_at is not None:
        return _seconds_until(rate_limit.reset_at, now)
    return None


def _seconds_until(moment: datetime, now: datetime) -> float:
    return float(max(0, math.ceil((moment - now).total_seconds())))


def _whole(text: str | None) -> int | None:
    """A whole number of a size that a header can mean."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
