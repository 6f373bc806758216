"""The compatible API's tables: from our errors, and from the outcomes of sends and reads, to status and body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, assert_never

from confrere.api.compatible import bodies
from confrere.api.shared_bodies import PlainSent, plain_sent
from confrere.domain import errors
from confrere.domain.account import describe_hold
from confrere.domain.attempt import Unreadable
from confrere.domain.credentials import PLAIN
from confrere.domain.limits import Quota, iso_z
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.http.answer import STORE_RETRY_SECONDS, Answer, retry_after, seconds_until
from confrere.http.request import BodyEncoded, BodyTooLarge, BodyTooSlow
from confrere.sending import Reading

SEND_ERROR = "Error sending group context message: "
PLAIN_SEND_PATH = "/linkedin/conversations/send"
PLAIN_SEND_ERROR = "Error sending message: "
NOT_REACHABLE = (
    "LinkedIn takes no message to this person from this account; it lets an account begin conversations with its "
    "connections only. POST /linkedin/messaging/send-group writes to somebody who is in a group with the account"
)
NO_CREDENTIALS = bodies.Limited(error="Failed to get LinkedIn authentication credentials")
INTERNAL_ERROR = bodies.Limited(error="Internal server error")

_STATUS: Mapping[type[errors.ConfrereError], int] = {
    errors.Forbidden: 403,
    errors.NotFound: 404,
    BodyTooSlow: 408,
    BodyTooLarge: 413,
    BodyEncoded: 415,
    errors.KeyReused: 422,
}
"""Of the errors whose text is all that there is to say."""


@dataclass(frozen=True, slots=True)
class Echo:
    """The fields of a send that its answer repeats, as the caller gave them."""

    recipient: str
    group: str | int
    error = SEND_ERROR

    def sent(self, _: Accepted) -> bodies.Sent:
        """Return the body of a 200."""
        return bodies.Sent(recipient_profile_urn=self.recipient, group_id=self.group)

    def refused(self, outcome: Refused) -> bodies.SendRefused:
        """Return the body of a 403."""
        return bodies.SendRefused(
            message=f"{self.error}Request failed with status code {outcome.status}",
            recipient_profile_urn=self.recipient,
            group_id=self.group,
            error_details=_details(outcome),
        )


@dataclass(frozen=True, slots=True)
class PlainEcho:
    """The recipient of a plain message, and the conversation that the caller named, if any."""

    recipient: str
    conversation_urn: str | None
    error = PLAIN_SEND_ERROR

    def sent(self, outcome: Accepted) -> PlainSent:
        """Return the body of a 200."""
        return plain_sent(self.recipient, outcome)

    def refused(self, outcome: Refused) -> bodies.PlainSendRefused:
        """Return the body of a 403."""
        why = f"Request failed with status code {outcome.status}"
        is_unexplained = outcome.status == HTTPStatus.UNPROCESSABLE_ENTITY and outcome.code is None
        if is_unexplained and self.conversation_urn is None:
            why = f"{why}: {NOT_REACHABLE}"
        return bodies.PlainSendRefused(
            message=self.error + why, recipient_profile_urn=self.recipient, error_details=_details(outcome)
        )


def answer_for_error(error: errors.ConfrereError, now: datetime, challenge: bytes = PLAIN) -> Answer:
    """Answer a request that was rejected before LinkedIn was asked. challenge: of a 401. Source: contract §1.

    Raises `error` where the table does not know it.
    """
    quota = error.quota
    if (status := _STATUS.get(type(error))) is not None:
        return Answer(status, bodies.Failure(error=str(error)), quota)
    match error:
        case errors.MissingFields(missing=[_, *_] as missing):
            return Answer(400, bodies.Failure(error=str(error), missing=list(missing)), quota)
        case errors.InvalidField():
            return Answer(400, bodies.Failure(error=str(error).strip()), quota)
        case errors.Unauthorized():
            return Answer(401, bodies.Unauthorized(), quota, ((b"www-authenticate", challenge),))
        case errors.KeyInUse():
            return Answer(409, bodies.Failure(error=str(error)), quota, retry_after(1))
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
    outcome: Outcome, echo: Echo | PlainEcho, quota: Quota, *, hold_until: datetime | None, now: datetime
) -> Answer:
    """Answer a send by its outcome. Source: contract §1."""
    match outcome:
        case Accepted():
            return Answer(200, echo.sent(outcome), quota)
        case Refused():
            return Answer(403, echo.refused(outcome), quota)
        case Throttled():
            return held_answer(hold_until or now, quota, now)
        case SessionDead():
            return Answer(500, NO_CREDENTIALS, quota)
        case NotSent(why) | Unknown(why):
            return Answer(500, bodies.SendFailed(error=echo.error + why, outcome=outcome.name), quota)
        case _:
            assert_never(outcome)


def answer_for_failed_read(reading: Reading[Any], prefix: str, now: datetime) -> Answer:
    """Answer a read that failed, with LinkedIn's reason. prefix: what was being read."""
    match reading.result:
        case Refused(status):
            error = f"{prefix}Request failed with status code {status}"
            body = bodies.ReadRefused(error=error, error_details=_details(reading.result))
            return Answer(403, body, reading.quota)
        case Throttled():
            return held_answer(reading.hold_until or now, reading.quota, now)
        case SessionDead():
            return Answer(500, NO_CREDENTIALS, reading.quota)
        case Unreadable(why):
            return Answer(500, bodies.Limited(error=prefix + why), reading.quota)
        case _:
            raise AssertionError(type(reading.result))


def _details(refused: Refused) -> bodies.ErrorDetails:
    data = bodies.RefusalData(code=refused.code, message=refused.text)
    return bodies.ErrorDetails(status=refused.status, status_text=refused.status_text, data=data)


def held_answer(hold_until: datetime, quota: Quota, now: datetime) -> Answer:
    """Answer 429: the account is on hold until `hold_until`."""
    until = iso_z(hold_until.replace(microsecond=0))
    error = f"Rate limit exceeded for {quota.action}: {describe_hold(hold_until)}"
    body = bodies.Held(error=error, hold_until=until)
    return Answer(429, body, quota, retry_after(seconds_until(hold_until, now)))


def not_found() -> Answer:
    """Answer 404 for an unknown path."""
    return Answer(404, bodies.Failure(error="There is nothing at this path; the API is described at /docs"))


def method_not_allowed(method: str, allow: str) -> Answer:
    """Answer 405. allow: the methods that the path takes, with commas."""
    error = f"{method} is not allowed here; use {allow}"
    return Answer(405, bodies.Failure(error=error), headers=((b"allow", allow.encode()),))
