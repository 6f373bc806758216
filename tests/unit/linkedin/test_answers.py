import json
from typing import Any

import pytest

from confrere.domain.attempt import AccountProblem, Attempt, Unreadable
from confrere.domain.outcome import Accepted, NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.linkedin.answers import classify_read, classify_send
from confrere.linkedin.http.request import Answer
from confrere.linkedin.session.cookies import CookieChange

TOKEN = "7b0c0f5e-52a1-4d6c-9a3e-000000000001"
GOOD = {
    "value": {"entityUrn": "urn:li:msg_message:1", "conversationUrn": "urn:li:msg_conversation:1", "originToken": TOKEN}
}
ACCEPTED = Accepted("urn:li:msg_message:1", "urn:li:msg_conversation:1")
CSRF = b"CSRF check failed."
PAGE = b"\n<!DOCTYPE html><html></html>"

LOGGED_OUT = SessionDead("LinkedIn asks to log in; connect the account again")
NOT_TAKEN = SessionDead("LinkedIn no longer takes the session; connect the account again")
DELETED = SessionDead("LinkedIn deleted the session's cookie; connect the account again")
CHALLENGED = SessionDead(
    "LinkedIn asks for a security challenge; solve it in the browser, then connect the account again"
)


def _answer(
    status: int, body: Any = b"", *, ended: bool = False, cut: str | None = None, reason: str = "", **headers: Any
) -> Answer:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, reason, named, CookieChange({"lidc": "new"}, session_ended=ended), content, cut)


def _failed(status: int) -> Unknown:
    return Unknown(f"Request failed with status code {status}")


def _moved(status: int) -> NotSent:
    return NotSent(f"Request failed with status code {status}", protocol_moved=True)


ROWS: list[tuple[Answer, Outcome]] = [
    (_answer(200, GOOD), ACCEPTED),
    (_answer(201, GOOD), ACCEPTED),
    (_answer(200, {"data": GOOD, "included": []}), ACCEPTED),
    (_answer(200, GOOD, content_type="text/html"), ACCEPTED),
    (_answer(200, GOOD, cut="LinkedIn's answer was cut off"), ACCEPTED),
    (_answer(200, {"value": {"entityUrn": "urn:li:msg_message:1"}}), Accepted("urn:li:msg_message:1", None)),
    (_answer(200, {"value": {"originToken": TOKEN}}), Accepted(None, None)),
    (_answer(200, {"value": {**GOOD["value"], "entityUrn": "urn:\0"}}), Accepted(None, ACCEPTED.conversation_urn)),
    (_answer(200, {"value": {**GOOD["value"], "entityUrn": "u" * 1_001}}), Accepted(None, ACCEPTED.conversation_urn)),
    (
        _answer(200, {"value": {**GOOD["value"], "originToken": "another"}}),
        Unknown("LinkedIn answered with another message"),
    ),
    (_answer(200, {}), Unknown("LinkedIn's answer could not be understood")),
    (_answer(204), Unknown("LinkedIn's answer could not be understood")),
    (_answer(200, {"status": 403}), Unknown("LinkedIn's answer could not be understood")),
    (_answer(200, PAGE), Unknown("LinkedIn answered with a web page")),
    (_answer(200, b'{"value":', cut="LinkedIn's answer was cut off"), Unknown("LinkedIn's answer was cut off")),
    (_answer(302, location="/uas/login?session_redirect=x"), LOGGED_OUT),
    (_answer(302, location="https://www.linkedin.com/uas/login"), LOGGED_OUT),
    (_answer(303, location="/login"), LOGGED_OUT),
    (_answer(307, location="/authwall?trk=x"), LOGGED_OUT),
    (_answer(302, location="/checkpoint/lg/login"), LOGGED_OUT),
    (_answer(302, location="/uas/login", ended=True), LOGGED_OUT),
    (_answer(302, location="/voyager/api/same", ended=True), DELETED),
    (_answer(302, location="/checkpoint/challenge/AgF?ut=1"), CHALLENGED),
    (_answer(302, location="/checkpoint/challengesV2/AgF", ended=True), CHALLENGED),
    (_answer(302, location="/feed/"), _failed(302)),
    (_answer(302, location="/feed/?next=/login"), _failed(302)),
    (_answer(302, location="http://[broken"), _failed(302)),
    (_answer(304), _failed(304)),
    (_answer(308), _failed(308)),
    (_answer(400, {"status": 400}), Refused(400, "Bad Request", None, None)),
    (_answer(400, ended=True), DELETED),
    (_answer(401, {"data": {"status": 401}, "included": []}), NOT_TAKEN),
    (_answer(403, CSRF), _moved(403)),
    (_answer(403, b"\n" + CSRF + b"\n"), _moved(403)),
    (_answer(403, CSRF, ended=True), DELETED),
    (
        _answer(403, {"code": "UNAUTHORIZED_VIEWER", "message": "No"}),
        Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "No"),
    ),
    (_answer(403, {"message": CSRF.decode()}), Refused(403, "Forbidden", None, CSRF.decode())),
    (_answer(403, PAGE), Refused(403, "Forbidden", None, None)),
    (_answer(403, {"code": "X"}, ended=True), DELETED),
    (_answer(404), Refused(404, "Not Found", None, None)),
    (_answer(405), Refused(405, "Method Not Allowed", None, None)),
    (_answer(408), _failed(408)),
    (_answer(410), _moved(410)),
    (
        _answer(422, {"data": {"status": 422}}, reason=" Very Unprocessable "),
        Refused(422, "Very Unprocessable", None, None),
    ),
    (_answer(422, reason="x" * 300), Refused(422, "x" * 100, None, None)),
    (_answer(422, reason="a\x9bb\x7f"), Refused(422, "ab", None, None)),
    (_answer(404, {"code": 10**30, "message": "a\0b\x1b\n"}), Refused(404, "Not Found", str(10**30), "ab\n")),
    (_answer(425), _failed(425)),
    (_answer(429), Throttled(429, 3_600)),
    (_answer(499), Refused(499, "", None, None)),
    (_answer(500), _failed(500)),
    (_answer(502), _failed(502)),
    (_answer(503, PAGE, retry_after="5"), _failed(503)),
    (_answer(504), _failed(504)),
    (_answer(599, GOOD), _failed(599)),
    (_answer(600), _failed(600)),
    (_answer(998), _failed(998)),
    (_answer(999, PAGE), Throttled(999, 86_400)),
]


@pytest.mark.parametrize(("answer", "outcome"), ROWS, ids=[f"{n}-{row[0].status}" for n, row in enumerate(ROWS)])
def test_every_row_of_the_table(answer: Answer, outcome: Outcome) -> None:
    """Every answer of LinkedIn to a send has its outcome, and its cookies are reported in any case."""
    attempt = classify_send(answer, TOKEN)
    assert attempt.outcome == outcome
    assert attempt.changed_cookies == {"lidc": "new"}


def test_only_a_4xx_or_999_is_certain() -> None:
    """Only a 4xx or 999 gives a unit back without a search."""
    outcomes = {status: classify_send(_answer(status), TOKEN).outcome for status in range(100, 1_000)}
    certain = {status for status, outcome in outcomes.items() if not isinstance(outcome, Unknown)}
    assert certain == {999, *range(400, 500)} - {408, 425}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (_answer(200, GOOD, ended=True), ACCEPTED),
        (_answer(200, PAGE, ended=True), Unknown("LinkedIn answered with a web page")),
        (_answer(500, ended=True), _failed(500)),
        (_answer(408, ended=True), _failed(408)),
        (_answer(429, ended=True), Throttled(429, 3_600)),
    ],
)
def test_a_session_may_end_with_another_outcome(answer: Answer, outcome: Outcome) -> None:
    """A session that ends with an answer is reported beside the outcome, which stays."""
    assert classify_send(answer, TOKEN) == Attempt(outcome, {"lidc": "new"}, session_ended=DELETED.why)


@pytest.mark.parametrize(
    ("answer", "needs_probe"),
    [
        (_answer(403, {"code": "UNAUTHORIZED_VIEWER"}), False),
        (_answer(403, {"exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException"}), False),
        (_answer(422, {"data": {"code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"}}), False),
        (_answer(403, {"code": "SOMETHING_NEW"}), True),
        (_answer(403), True),
        (_answer(400, {"status": 400}), True),
        (_answer(400, {"code": "UNAUTHORIZED_VIEWER"}), False),
        (_answer(403, b'{"code":"UNAUTH', cut="x"), True),
        (_answer(422, {"data": {"status": 422}}), True),
        (_answer(403, CSRF), False),
        (_answer(404), False),
        (_answer(500), False),
        (_answer(200, GOOD), False),
    ],
)
def test_refusals_of_unknown_kind_are_doubtful(answer: Answer, needs_probe: bool) -> None:
    """A refusal of unknown kind needs a probe, since it can be the first sign of an account problem."""
    assert classify_send(answer, TOKEN).needs_probe is needs_probe


DATE = "Tue, 24 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 3_600),
        ({"retry_after": "120"}, 120),
        ({"retry_after": " 120 "}, 120),
        ({"retry_after": "0"}, 3_600),
        ({"retry_after": "0" * 5_000 + "120"}, 120),
        ({"retry_after": "9" * 5_000}, 2_592_000),
        ({"retry_after": "-5"}, 3_600),
        ({"retry_after": "1e3"}, 3_600),
        ({"retry_after": "\u0661"}, 3_600),
        ({"retry_after": "soon", "date": DATE}, 3_600),
        ({"retry_after": "Tue, 24 Nov 2026 10:05:00 GMT", "date": DATE}, 300),
        ({"retry_after": "Tuesday, 24-Nov-26 10:05:00 GMT", "date": "Tue Nov 24 10:00:00 2026"}, 300),
        ({"retry_after": "Fri, 31 Dec 9999 23:59:59 GMT", "date": "Mon, 01 Jan 0001 00:00:00 GMT"}, 2_592_000),
        ({"retry_after": "Fri, 01 Jan 2027 00:00:00 +99999999999999999999", "date": DATE}, 3_600),
        ({"retry_after": "Tue, 24 Nov 2026 09:00:00 GMT", "date": DATE}, 3_600),
        ({"retry_after": "Tue, 24 Nov 2026 10:05:00 GMT", "date": "Tue, 24 Nov 99999999999 10:00:00 GMT"}, 3_600),
        ({"retry_after": "Tue, 24 Nov 2026 10:05:00 GMT"}, 3_600),
        ({"retry_after": "Tue, 24 Nov 2026 10:05:00 -0000", "date": DATE}, 3_600),
        ({"retry_after": "Tue, 99 Nov 2026 10:05:00 GMT", "date": DATE}, 3_600),
    ],
)
def test_a_hold_lasts_as_long_as_linkedin_asks(headers: dict[str, Any], seconds: int) -> None:
    """A hold lasts for Retry-After in seconds or as a date, at most 30 days, and an hour if unreadable or past."""
    assert classify_send(_answer(429, **headers), TOKEN).outcome == Throttled(429, seconds)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        (_answer(200, b"{}"), b"{}"),
        (_answer(200, b"{}", ended=True), DELETED),
        (_answer(200, PAGE), Unreadable("LinkedIn answered with a web page")),
        (_answer(200, b"{", cut="LinkedIn's answer was cut off"), Unreadable("LinkedIn's answer was cut off")),
        (_answer(201, b"{}"), Unreadable("Request failed with status code 201")),
        (_answer(302, location="/uas/login"), LOGGED_OUT),
        (_answer(302, location="/checkpoint/challenge/1"), CHALLENGED),
        (_answer(302, location="/feed/"), Unreadable("Request failed with status code 302")),
        (_answer(401), NOT_TAKEN),
        (_answer(403, CSRF), Unreadable("Request failed with status code 403")),
        (_answer(403, ended=True), DELETED),
        (_answer(404), Unreadable("Request failed with status code 404")),
        (_answer(429), Throttled(429, 3_600)),
        (_answer(999), Throttled(999, 86_400)),
        (_answer(429, ended=True), Throttled(429, 3_600)),
        (_answer(500), Unreadable("Request failed with status code 500")),
    ],
)
def test_a_read_meets_the_same_signs(answer: Answer, read: bytes | AccountProblem | Unreadable) -> None:
    """A read detects a dead session, a challenge and a throttle, and accepts nothing but a complete 200."""
    assert classify_read(answer) == read
