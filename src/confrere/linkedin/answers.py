"""Classification of LinkedIn's answers: the one table of what each means.

| answer to a send                                             | outcome                                        |
|--------------------------------------------------------------|------------------------------------------------|
| 2xx with a readable message                                  | Accepted; li_at deleted: with `session_ended`  |
| 2xx otherwise: unreadable, HTML, cut off, another's token    | Unknown                                        |
| 3xx to `/checkpoint/challenge`                               | SessionDead: a security challenge              |
| 3xx to a login page, or with li_at deleted                   | SessionDead                                    |
| other 3xx, 408, 425, 5xx, anything else                      | Unknown                                        |
| 401, other 4xx with li_at deleted                            | SessionDead                                    |
| 429, 999, whatever else is in it                             | Throttled: Retry-After, else 1 hour, 24 hours  |
| 410, 403 with the text `CSRF check failed.`                  | NotSent, the protocol has changed              |
| other 4xx                                                    | Refused; 400, 403, 422 of unknown kind: needs_probe |

Whether a 400 concerns its recipient or our protocol takes more than one answer: see `bad_requests.py`.

A read is classified by the same signs; its body is used where the answer is a complete 200 and the session is alive.
No function here raises for any bytes: an exception would leave a throttled account without its hold.
Source: LinkedIn's web client, attested for the signs of a dead session; 5xx, 429, 999: public clients' rules.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from confrere.domain.attempt import AccountProblem, Attempt, Unreadable
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.linkedin.http.request import Answer
from confrere.linkedin.wire.decoding import NOT_UNDERSTOOD
from confrere.linkedin.wire.errors import CSRF_REFUSED, decode_error
from confrere.linkedin.wire.messages import decode_created

HOLD_SECONDS: Final[Mapping[int, int]] = {429: 3_600, 999: 86_400}
"""The hold by status where LinkedIn sends no Retry-After. Source: our design; LinkedIn publishes none."""

MAX_HOLD_SECONDS: Final = 30 * 86_400
"""The longest hold; a longer Retry-After is capped. It exceeds LinkedIn's own monthly allowances."""

_DATE_FORMATS = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
"""An HTTP date, and its two obsolete forms; all are in UTC. Source: RFC 9110, 5.6.7."""

_MAX_STATUS_TEXT = 100
_LOGIN_PATHS = ("/uas/", "/login", "/authwall", "/checkpoint/lg/")
_CHALLENGE_PATH = "/checkpoint/challenge"  # also challengesV2

_DELETED = SessionDead("LinkedIn deleted the session's cookie; connect the account again")
_LOGGED_OUT = SessionDead("LinkedIn asks to log in; connect the account again")
_REFUSED_SESSION = SessionDead("LinkedIn no longer takes the session; connect the account again")
_CHALLENGED = SessionDead(
    "LinkedIn asks for a security challenge; solve it in the browser, then connect the account again"
)


def classify_send(answer: Answer, origin_token: str) -> Attempt:
    """Classify the answer to a send."""
    classify = _BY_STATUS.get(answer.status) or _BY_HUNDREDS.get(answer.status // 100, _classify_unclear)
    outcome = classify(answer, origin_token)
    ended = answer.cookies.session_ended and not isinstance(outcome, SessionDead)
    return Attempt(
        outcome,
        answer.cookies.changed,
        session_ended=_DELETED.why if ended else None,
        needs_probe=isinstance(outcome, Refused) and _is_ambiguous(answer),
    )


def classify_read(answer: Answer) -> bytes | AccountProblem | Unreadable:
    """Return the body of a read, or why it failed. The body may still hold an error of the query's."""
    if answer.status in HOLD_SECONDS:
        return Throttled(answer.status, hold_seconds(answer))
    if dead := find_end_of_session(answer):
        return dead
    if answer.status != HTTPStatus.OK:
        return Unreadable(_failed(answer))
    if answer.cut:
        return Unreadable(answer.cut)
    if _is_page(answer):
        return Unreadable(_PAGE)
    return answer.body


def classify_refusable_read(answer: Answer) -> bytes | Refused | AccountProblem | Unreadable:
    """Classify a read that LinkedIn can refuse to this viewer, which it does with a 403 in its own words."""
    result = classify_read(answer)
    if answer.status != HTTPStatus.FORBIDDEN or not isinstance(result, Unreadable):
        return result
    if answer.body.strip().startswith(CSRF_REFUSED):
        return Unreadable(result.why, protocol_moved=True)
    error = decode_error(answer.body)
    return Refused(answer.status, _status_text(answer), error.code, error.text)


def find_end_of_session(answer: Answer) -> SessionDead | None:
    """Return why the session is dead, if the answer's status, cookies or redirect show it."""
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return _REFUSED_SESSION
    if answer.status // 100 == 3:
        path = _location_path(answer)
        if path.startswith(_CHALLENGE_PATH):
            return _CHALLENGED
        if path.startswith(_LOGIN_PATHS):
            return _LOGGED_OUT
    return _DELETED if answer.cookies.session_ended else None


def _location_path(answer: Answer) -> str:
    try:
        return urlsplit(answer.headers.get("location", "")).path
    except ValueError:
        return ""


def _classify_success(answer: Answer, origin_token: str) -> Outcome:
    message = decode_created(answer.body)
    if message is None:
        return Unknown(answer.cut or (_PAGE if _is_page(answer) else NOT_UNDERSTOOD.why))
    if message.origin_token not in (None, origin_token):
        return Unknown("LinkedIn answered with another message")
    return Accepted(message.message_urn, message.conversation_urn)


def _classify_redirect(answer: Answer, origin_token: str) -> Outcome:
    return find_end_of_session(answer) or _classify_unclear(answer, origin_token)


def _classify_unclear(answer: Answer, _: str) -> Outcome:
    return Unknown(_failed(answer))


def _classify_throttle(answer: Answer, _: str) -> Outcome:
    return Throttled(answer.status, hold_seconds(answer))


def _classify_protocol_error(answer: Answer, _: str) -> Outcome:
    return find_end_of_session(answer) or NotSent(_failed(answer), protocol_moved=True)


def _classify_forbidden(answer: Answer, origin_token: str) -> Outcome:
    if answer.body.strip().startswith(CSRF_REFUSED):
        return _classify_protocol_error(answer, origin_token)
    return _classify_refusal(answer, origin_token)


def _classify_refusal(answer: Answer, _: str) -> Outcome:
    if dead := find_end_of_session(answer):
        return dead
    error = decode_error(answer.body)
    return Refused(answer.status, _status_text(answer), error.code, error.text)


_Classify = Callable[[Answer, str], Outcome]

_BY_STATUS: Final[Mapping[int, _Classify]] = {
    401: _classify_redirect,
    403: _classify_forbidden,
    408: _classify_unclear,
    410: _classify_protocol_error,
    425: _classify_unclear,
    429: _classify_throttle,
    999: _classify_throttle,
}
_BY_HUNDREDS: Final[Mapping[int, _Classify]] = {2: _classify_success, 3: _classify_redirect, 4: _classify_refusal}


def hold_seconds(answer: Answer) -> int:
    """Return the hold in seconds: Retry-After, else HOLD_SECONDS by status; at most MAX_HOLD_SECONDS.

    A Retry-After that is unreadable or not in the future is ignored.
    """
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        seconds = int(value[-12:]) if not value[:-12].strip("0") else MAX_HOLD_SECONDS
    else:
        seconds = _seconds_between(answer.headers.get("date", ""), value)
    return min(seconds, MAX_HOLD_SECONDS) if seconds > 0 else HOLD_SECONDS[answer.status]


def _seconds_between(date: str, until: str) -> int:
    """Return the seconds from the answer's own Date, so that our clock does not matter; 0 if one is unreadable."""
    start, end = _parse_date(date), _parse_date(until)
    return 0 if start is None or end is None else int((end - start).total_seconds())


def _parse_date(value: str) -> datetime | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value.strip(), form)  # noqa: DTZ007  # two of them are subtracted, both in UTC
        except ValueError:
            continue
    return None


def _is_ambiguous(answer: Answer) -> bool:
    """Whether the refusal could concern the account rather than the recipient."""
    return answer.status in (400, 403, 422) and not decode_error(answer.body).about_recipient


_PAGE = "LinkedIn answered with a web page"


def _is_page(answer: Answer) -> bool:
    return answer.body.lstrip()[:1] == b"<"


def _failed(answer: Answer) -> str:
    """Describe a failure as the HTTP contract does. Source: the reference page."""
    return f"Request failed with status code {answer.status}"


def _status_text(answer: Answer) -> str:
    if text := "".join(filter(str.isprintable, answer.status_text)).strip():
        return text[:_MAX_STATUS_TEXT]
    try:
        return HTTPStatus(answer.status).phrase
    except ValueError:
        return ""
