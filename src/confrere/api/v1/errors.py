"""The management API's errors: problem details, and the tables that lead to them. Source: RFC 9457."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, assert_never

from msgspec import UNSET, Meta, UnsetType

from confrere.api.shared_bodies import Body
from confrere.campaigns import StillRunning
from confrere.domain import errors
from confrere.domain.account import describe_hold
from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.audience import AudienceInUse, AudienceNotReady
from confrere.domain.campaigns.campaign import ContentChanged, WrongStatus
from confrere.domain.campaigns.saved_template import TemplateInUse
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.credentials import PLAIN
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.webhooks import DeliveryInProgress, WebhookDisabled
from confrere.http.answer import STORE_RETRY_SECONDS, Answer, Headers, retry_after, seconds_until
from confrere.http.request import BodyEncoded, BodyTooLarge, BodyTooSlow
from confrere.sending import Reading

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem-type:confrere:"
MOST_FAULTS = 100
"""The most faults of one request that an answer lists; the detail says how many there are."""


class Fault(Body, frozen=True, kw_only=True):
    """One of several values, or lines of a table, that cannot be used."""

    field: str | UnsetType = UNSET
    line: int | UnsetType = UNSET
    detail: str


class UnknownVariableBody(Body, frozen=True, kw_only=True):
    """A variable of a template that is none."""

    name: str
    nearest: Annotated[str | None, Meta(description="The known name that is most like it; null if none is.")]


class Problem(Body, frozen=True, kw_only=True):
    """What kept a request from being carried out, for programs (`type`) and for people (`detail`)."""

    type: Annotated[str, Meta(description="What kind of problem it is: this never changes.")]
    title: Annotated[str, Meta(description="The kind in words.")]
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="The problem with this request, in one sentence.")]
    field: Annotated[str | UnsetType, Meta(description="The field or parameter with the problem.")] = UNSET
    errors: Annotated[
        list[Fault] | UnsetType,
        Meta(description=f"Where there are several faults: the first {MOST_FAULTS} of them."),
    ] = UNSET
    unknown_variables: Annotated[
        list[UnknownVariableBody] | UnsetType,
        Meta(description="Of a text in Liquid: the variables that do not exist."),
    ] = UNSET
    request_id: Annotated[str, Meta(description="The request's name, as in `X-Request-Id`.")]


class Kind(NamedTuple):
    """A kind of problem, by which programs tell one from another."""

    name: str
    status: int
    title: str


INVALID_FIELD = Kind("invalidField", 400, "A value cannot be used")
INVALID_ROWS = Kind("invalidRows", 400, "Some rows cannot be used, so none was taken")
UNAUTHORIZED = Kind("unauthorized", 401, "There is no valid API key")
SCOPE_MISSING = Kind("scopeMissing", 403, "The API key may not do this")
NOT_FOUND = Kind("notFound", 404, "There is no such thing")
RECIPIENT_OPTED_OUT = Kind("recipientOptedOut", 403, "The recipient is on the do-not-contact list")
MESSAGE_REFUSED = Kind("messageRefused", 403, "LinkedIn refused the message")
LINKEDIN_REFUSES = Kind("linkedinRefuses", 403, "LinkedIn refuses this account the read")
METHOD_NOT_ALLOWED = Kind("methodNotAllowed", 405, "This path takes another method")
BODY_TOO_SLOW = Kind("bodyTooSlow", 408, "The body did not arrive in time")
CONTENT_CHANGED = Kind("contentChanged", 409, "The campaign is not what was checked")
TEMPLATE_IN_USE = Kind("templateInUse", 409, "A draft campaign uses the template")
WRONG_STATUS = Kind("wrongStatus", 409, "The campaign's status does not allow this")
AUDIENCE_NOT_READY = Kind("audienceNotReady", 409, "The audience is still being collected")
AUDIENCE_IN_USE = Kind("audienceInUse", 409, "A campaign needs the audience")
WEBHOOK_DISABLED = Kind("webhookDisabled", 409, "The webhook is disabled")
DELIVERY_IN_PROGRESS = Kind("deliveryInProgress", 409, "The delivery has not ended")
KEY_IN_USE = Kind("keyInUse", 409, "The first request with this Idempotency-Key is still running")
BODY_TOO_LARGE = Kind("bodyTooLarge", 413, "The body is too large")
BODY_ENCODED = Kind("bodyEncoded", 415, "The body is compressed")
SESSION_REFUSED = Kind("sessionRefused", 422, "LinkedIn does not take this session")
KEY_REUSED = Kind("keyReused", 422, "The Idempotency-Key belongs to another request")
LINKEDIN_THROTTLES = Kind("linkedinThrottles", 429, "LinkedIn throttles this account")
LIMIT_REACHED = Kind("limitReached", 429, "A limit is reached")
INTERNAL_ERROR = Kind("internalError", 500, "A bug of the server")
LINKEDIN_UNREADABLE = Kind("linkedinUnreadable", 502, "LinkedIn could not be asked")
NOT_SENT = Kind("notSent", 502, "The message was not sent")
OUTCOME_UNKNOWN = Kind("outcomeUnknown", 502, "It is not known whether LinkedIn has the message")
STORE_UNAVAILABLE = Kind("storeUnavailable", 503, "The store is not available")
STOPPING = Kind("stopping", 503, "The server is stopping")
NOT_IN_TIME = Kind("notInTime", 504, "The request was not answered in time")

KINDS: Sequence[Kind] = (
    INVALID_FIELD,
    INVALID_ROWS,
    UNAUTHORIZED,
    SCOPE_MISSING,
    RECIPIENT_OPTED_OUT,
    MESSAGE_REFUSED,
    LINKEDIN_REFUSES,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    BODY_TOO_SLOW,
    CONTENT_CHANGED,
    TEMPLATE_IN_USE,
    WRONG_STATUS,
    AUDIENCE_NOT_READY,
    AUDIENCE_IN_USE,
    WEBHOOK_DISABLED,
    DELIVERY_IN_PROGRESS,
    KEY_IN_USE,
    BODY_TOO_LARGE,
    BODY_ENCODED,
    SESSION_REFUSED,
    KEY_REUSED,
    LINKEDIN_THROTTLES,
    LIMIT_REACHED,
    INTERNAL_ERROR,
    LINKEDIN_UNREADABLE,
    NOT_SENT,
    OUTCOME_UNKNOWN,
    STORE_UNAVAILABLE,
    STOPPING,
    NOT_IN_TIME,
)
"""All of them; the guide lists them too, by test."""


_KIND_OF: Mapping[type[errors.ConfrereError], Kind] = {
    AudienceInUse: AUDIENCE_IN_USE,
    AudienceNotReady: AUDIENCE_NOT_READY,
    BodyEncoded: BODY_ENCODED,
    BodyTooSlow: BODY_TOO_SLOW,
    BodyTooLarge: BODY_TOO_LARGE,
    ContentChanged: CONTENT_CHANGED,
    TemplateInUse: TEMPLATE_IN_USE,
    WrongStatus: WRONG_STATUS,
    WebhookDisabled: WEBHOOK_DISABLED,
    DeliveryInProgress: DELIVERY_IN_PROGRESS,
    errors.Forbidden: SCOPE_MISSING,
    errors.KeyReused: KEY_REUSED,
    errors.NoSession: SESSION_REFUSED,
    errors.NotFound: NOT_FOUND,
}


class ManyFaults(errors.ConfrereError):
    """Several values or lines of one request cannot be used; nothing was done."""

    def __init__(self, kind: Kind, text: str, faults: Sequence[Fault]) -> None:
        super().__init__(text)
        self.kind = kind
        self.faults = faults


def problem(
    kind: Kind,
    detail: str,
    request_id: str,
    *,
    field: str | UnsetType = UNSET,
    faults: Sequence[Fault] | None = None,
    unknown: Sequence[UnknownVariable] | None = None,
    headers: Headers = (),
) -> Answer:
    """Answer with this problem."""
    body = Problem(
        type=TYPE_PREFIX + kind.name,
        title=kind.title,
        status=kind.status,
        detail=detail,
        field=field,
        errors=UNSET if faults is None else list(faults[:MOST_FAULTS]),
        unknown_variables=UNSET
        if unknown is None
        else [UnknownVariableBody(name=one.name, nearest=one.nearest) for one in unknown],
        request_id=request_id,
    )
    return Answer(kind.status, body, headers=headers, media_type=MEDIA_TYPE)


def problem_for(error: errors.ConfrereError, request_id: str, now: datetime, challenge: bytes = PLAIN) -> Answer:
    """Answer an error by the one table. challenge: of a 401. Raises `error` where the table does not know it."""
    text = str(error).strip()
    match error:
        case ManyFaults(kind=kind, faults=faults):
            return problem(kind, text, request_id, faults=faults)
        case StillRunning():
            detail = f"{text}. It goes on: repeat the same request to wait for its end"
            return problem(NOT_IN_TIME, detail, request_id)
        case errors.SessionNotTaken():
            return _session_problem(error, text, request_id)
        case UnknownVariables(field=field, unknown=unknown):
            return problem(INVALID_FIELD, text, request_id, field=field, unknown=unknown)
        case errors.InvalidField(field=field):
            return problem(INVALID_FIELD, text, request_id, field=UNSET if " " in field else field)
        case errors.Unauthorized():
            detail = "Send a valid API key as `Authorization: Bearer <key>`"
            return problem(UNAUTHORIZED, detail, request_id, headers=((b"www-authenticate", challenge),))
        case _ if type(error) in _KIND_OF:
            return problem(_KIND_OF[type(error)], text, request_id)
        case errors.KeyInUse():
            return problem(KEY_IN_USE, text, request_id, headers=retry_after(1))
        case errors.Draining():
            detail = "The server is stopping; repeat the request in a moment"
            return problem(STOPPING, detail, request_id, headers=retry_after(1))
        case errors.LimitIsZero():  # waiting does not help: without Retry-After
            return problem(LIMIT_REACHED, text, request_id)
        case errors.LimitReached():
            return _limit_problem(error, text, request_id, now)
        case errors.StoreUnavailable():
            detail = error.advice if error.remedy else "The store did not answer; repeat the request in a moment"
            return problem(STORE_UNAVAILABLE, detail, request_id, headers=retry_after(STORE_RETRY_SECONDS))
        case _:
            raise error


def _session_problem(error: errors.SessionNotTaken, text: str, request_id: str) -> Answer:
    match error.objection:
        case SessionDead():
            return problem(SESSION_REFUSED, text, request_id, field="pasted")
        case Throttled(_, hold_seconds):
            return problem(LINKEDIN_THROTTLES, text, request_id, headers=retry_after(max(1, hold_seconds)))
        case None:
            return problem(LINKEDIN_UNREADABLE, text, request_id)


def problem_for_read(reading: Reading[Any], request_id: str, now: datetime) -> Answer:
    """Answer a read that failed, with LinkedIn's reason."""
    match reading.result:
        case Refused(status, _, code, text):
            words = ": ".join(word for word in (code, text) if word) or "without a reason"
            return problem(LINKEDIN_REFUSES, f"LinkedIn refused it with status {status}: {words}", request_id)
        case Throttled():
            return _throttled(reading.hold_until or now, request_id, now)
        case SessionDead(why):
            return problem(SESSION_REFUSED, why, request_id)
        case Unreadable(why):
            return problem(LINKEDIN_UNREADABLE, why, request_id)
        case _:
            raise AssertionError(type(reading.result))


def problem_for_send(
    outcome: Outcome, request_id: str, *, hold_until: datetime | None, now: datetime, headers: Headers = ()
) -> Answer:
    """Answer a send that was not accepted. headers: added to those of a refusal."""
    match outcome:
        case Refused(status, _, code, text):
            if outcome == OPTED_OUT:
                return problem(RECIPIENT_OPTED_OUT, text or "", request_id, headers=headers)
            words = ": ".join(word for word in (code, text) if word) or "without a reason"
            detail = f"LinkedIn refused it with status {status}: {words}"
            return problem(MESSAGE_REFUSED, detail, request_id, headers=headers)
        case Throttled():
            return _throttled(hold_until or now, request_id, now)
        case SessionDead(why):
            return problem(SESSION_REFUSED, why, request_id)
        case NotSent(why):
            return problem(NOT_SENT, why, request_id)
        case Unknown(why):
            return problem(OUTCOME_UNKNOWN, why, request_id)
        case Accepted():
            raise AssertionError("it was accepted")
        case _:
            assert_never(outcome)


def _limit_problem(error: errors.LimitReached, text: str, request_id: str, now: datetime) -> Answer:
    match error:
        case errors.AccountHeld():
            return _throttled(error.resets_at, request_id, now)
        case _:
            wait = retry_after(seconds_until(error.resets_at, now))
            return problem(LIMIT_REACHED, text, request_id, headers=wait)


def _throttled(until: datetime, request_id: str, now: datetime) -> Answer:
    return problem(LINKEDIN_THROTTLES, describe_hold(until), request_id, headers=retry_after(seconds_until(until, now)))


def timed_out(request_id: str) -> Answer:
    """Answer 504: what was begun may have been carried out."""
    detail = "There was no answer in time; look at what has changed before you repeat the request"
    return problem(NOT_IN_TIME, detail, request_id)


def internal_error(request_id: str) -> Answer:
    """Answer the fixed 500."""
    return problem(INTERNAL_ERROR, "The server's log tells more under this request's id", request_id)


def method_not_allowed(method: str, allow: str, request_id: str) -> Answer:
    """Answer 405. allow: the methods that the path takes, with commas."""
    detail = f"{method} is not allowed here; use {allow}"
    return problem(METHOD_NOT_ALLOWED, detail, request_id, headers=((b"allow", allow.encode()),))
