"""One table from our errors, and from what became of a send, to status and body."""

import math
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from confrere.api import bodies
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.limits import Quota, iso_z
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.sending import Reading

SEND_ERROR = "Error sending group context message: "
NO_CREDENTIALS = bodies.Limited(error="Failed to get LinkedIn authentication credentials")
INTERNAL_ERROR = bodies.Limited(error="Internal server error")
STORE_RETRY_SECONDS = 5
Headers = tuple[tuple[bytes, bytes], ...]


class Chunks:
    """A body that is written part by part, however long it is; what is not written is let go of."""

    def __init__(self, parts: AsyncGenerator[bytes, None]) -> None:
        self.parts = parts

    async def close(self) -> None:
        """Nobody reads on."""
        await self.parts.aclose()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back.

    body:        None where the status says it all.
    quota:       the state after the request, None where no account is known.
    media_type:  of the body.
    """

    status: int
    body: bodies.Body | list[bodies.AccountItem] | bytes | Chunks | str | None
    quota: Quota | None = None
    headers: Headers = ()
    media_type: str = "application/json"


def content_of(answer: Answer) -> bytes:
    """The body as it is written, where it is written as a whole."""
    match answer.body:
        case None:
            return b""
        case bytes(content):
            return content
        case str(text):
            return text.encode()
        case _:
            return bodies.encode(answer.body)


@dataclass(frozen=True, slots=True)
class Echo:
    """The fields of a send that its answer repeats, as the caller gave them."""

    recipient: str
    group: str | int


def answer_for_error(error: errors.ConfrereError, now: datetime) -> Answer:
    """The answer to a request that was refused before anything was asked of LinkedIn. Source: contract §1."""
    quota = error.quota
    match error:
        case errors.MissingFields(missing=[_, *_] as missing):
            return Answer(400, bodies.Failure(error=str(error), missing=list(missing)), quota)
        case errors.InvalidField():
            return Answer(400, bodies.Failure(error=str(error).strip()), quota)
        case errors.Unauthorized():
            return Answer(401, bodies.Unauthorized(), quota, ((b"www-authenticate", b"Bearer"),))
        case errors.Forbidden():
            return Answer(403, bodies.Failure(error=str(error)), quota)
        case errors.NotFound():
            return Answer(404, bodies.Failure(error=str(error)), quota)
        case errors.KeyInUse():
            return Answer(409, bodies.Failure(error=str(error)), quota, retry_after(1))
        case errors.KeyReused():
            return Answer(422, bodies.Failure(error=str(error)), quota)
        case errors.NoSession():
            return Answer(500, NO_CREDENTIALS, quota)
        case errors.AccountHeld():
            return held_answer(error.resets_at, error.quota, now)
        case errors.LimitIsZero():
            return Answer(429, bodies.Limited(error=str(error)), quota)
        case errors.LimitReached():
            wait = seconds_until(error.resets_at, now)
            return Answer(429, bodies.Limited(error=str(error)), quota, retry_after(wait))
        case errors.Draining():
            text = "The server is stopping; repeat the request in a moment"
            return Answer(503, bodies.Limited(error=text), quota, retry_after(1))
        case errors.StoreUnavailable():
            text = (
                f"{error.advice}; nothing was sent" if error.remedy else "The store is not available; nothing was sent"
            )
            return Answer(503, bodies.Limited(error=text), quota, retry_after(STORE_RETRY_SECONDS))
        case _:
            raise error


def answer_for_outcome(
    outcome: Outcome, echo: Echo, quota: Quota, *, hold_until: datetime | None, now: datetime
) -> Answer:
    """The answer to a send, from what became of it. Source: contract §1."""
    match outcome:
        case Accepted():
            return Answer(200, bodies.Sent(recipient_profile_urn=echo.recipient, group_id=echo.group), quota)
        case Refused(status):
            return Answer(
                403,
                bodies.SendRefused(
                    message=f"{SEND_ERROR}Request failed with status code {status}",
                    recipient_profile_urn=echo.recipient,
                    group_id=echo.group,
                    error_details=_details(outcome),
                ),
                quota,
            )
        case Throttled():
            return held_answer(hold_until or now, quota, now)
        case SessionDead():
            return Answer(500, NO_CREDENTIALS, quota)
        case NotSent(why) | Unknown(why):
            return Answer(500, bodies.SendFailed(error=SEND_ERROR + why, outcome=outcome.name), quota)
        case _:
            assert_never(outcome)


def answer_for_failed_read(reading: Reading[Any], prefix: str, now: datetime) -> Answer:
    """The answer to a read that brought nothing back, as LinkedIn said it. prefix: what was being read."""
    match reading.said:
        case Refused(status):
            error = f"{prefix}Request failed with status code {status}"
            body = bodies.ReadRefused(error=error, error_details=_details(reading.said))
            return Answer(403, body, reading.quota)
        case Throttled():
            return held_answer(reading.hold_until or now, reading.quota, now)
        case SessionDead():
            return Answer(500, NO_CREDENTIALS, reading.quota)
        case Unreadable(why):
            return Answer(500, bodies.Limited(error=prefix + why), reading.quota)
        case _:
            raise AssertionError(type(reading.said))


def _details(refused: Refused) -> bodies.ErrorDetails:
    data = bodies.RefusalData(code=refused.code, message=refused.text)
    return bodies.ErrorDetails(status=refused.status, status_text=refused.status_text, data=data)


def held_answer(hold_until: datetime, quota: Quota, now: datetime) -> Answer:
    """429: LinkedIn throttles the account until `hold_until`."""
    until = iso_z(hold_until.replace(microsecond=0))
    body = bodies.Held(
        error=f"Rate limit exceeded for {quota.action}: LinkedIn throttles this account until {until}", hold_until=until
    )
    return Answer(429, body, quota, retry_after(seconds_until(hold_until, now)))


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds after which `moment` has surely passed; at least 1."""
    return max(1, math.ceil((moment - now).total_seconds()))


def retry_after(seconds: int) -> Headers:
    """The header that says when to come again."""
    return ((b"retry-after", str(seconds).encode()),)
