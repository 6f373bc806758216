"""Any bytes of LinkedIn are classified as an outcome, and never raise."""

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from confrere.domain.outcome import Outcome, Throttled
from confrere.linkedin.answers import (
    HOLD_SECONDS,
    MAX_HOLD_SECONDS,
    classify_read,
    classify_refusable_read,
    classify_send,
)
from confrere.linkedin.http.request import read_answer
from confrere.linkedin.http.response_parser import ResponseParser
from confrere.linkedin.session.cookies import read_cookie_change
from confrere.linkedin.wire import errors, member, messages

TOKEN = "7b0c0f5e-52a1-4d6c-9a3e-000000000001"
CURRENT = {"li_at": "AQED1", "JSESSIONID": '"ajax:1"'}

NUMBERS = st.integers(-(10**30), 10**30).map(str) | st.just("9" * 5_000) | st.floats().map(str)
DATES = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Tue", "Friday", "x"]),
    st.integers(-1, 40),
    st.sampled_from(["Nov", "Jan", "Foo"]),
    st.sampled_from([0, 1, 70, 1970, 2026, 9999, 10_000, 10**20]),
    st.integers(0, 25),
    st.integers(0, 61),
    st.integers(0, 61),
    st.sampled_from(["GMT", "-0000", "+99999999999999999999", "-9999", "Z", ""]),
)
NOISE = st.binary(max_size=60)
VALUES = NOISE | (NUMBERS | DATES).map(str.encode)
NAMES = st.sampled_from([b"Retry-After", b"Date", b"Location", b"Content-Encoding", b"Connection"]) | NOISE
COOKIES = st.builds(
    b"; ".join,
    st.lists(
        NOISE | st.builds(b"=".join, st.tuples(st.sampled_from([b"li_at", b"lidc", b"Max-Age", b"Expires"]), VALUES)),
        max_size=4,
    ),
)
LINES = st.tuples(NAMES, VALUES) | st.tuples(st.just(b"Set-Cookie"), COOKIES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["value", "data", "included", "*value", "entityUrn", "code", "message", "deliveredAt", "errors"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=9,
)
BODIES = NOISE | JSON.map(msgspec.json.encode) | st.just(b"[" * 9_000) | st.just(b'{"code":' + b"9" * 5_000 + b"}")
STATUSES = st.sampled_from([200, 302, 400, 401, 403, 422, 429, 999]) | st.integers(200, 999)


def _feed(text: bytes) -> ResponseParser:
    reader = ResponseParser(10_000)
    reader.feed(text)
    reader.end()
    return reader


def _judge(reader: ResponseParser) -> Outcome:
    """Return the outcome of a send, after all other classifications of the same answer."""
    answer = read_answer(reader.answer(reader.fault), CURRENT)
    classify_read(answer)
    classify_refusable_read(answer)
    return classify_send(answer, TOKEN).outcome


@given(STATUSES, NOISE, st.lists(LINES, max_size=5), BODIES)
@example(429, b"", [(b"Retry-After", b"Fri, 01 Jan 2027 00:00:00 +99999999999999999999"), (b"Date", b"x")], b"")
def test_judging_an_answer_never_raises_and_a_throttle_always_holds(
    status: int, reason: bytes, lines: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """A send and a read that are answered 429 or 999 hold the account for a second to 30 days."""
    head = b"HTTP/1.1 %d %s\r\n" % (status, reason)
    reader = _feed(head + b"".join(b"%s: %s\r\n" % line for line in lines) + b"\r\n" + body)
    if not reader.status:
        return
    outcome = _judge(reader)
    if reader.status in HOLD_SECONDS:
        read = classify_read(read_answer(reader.answer(reader.fault), CURRENT))
        assert isinstance(outcome, Throttled)
        assert read == outcome
        assert 1 <= outcome.hold_seconds <= MAX_HOLD_SECONDS


@given(STATUSES, st.lists(st.tuples(st.sampled_from(["retry-after", "date"]), VALUES), max_size=3))
def test_a_hold_is_readable_from_any_value(status: int, headers: list[tuple[str, bytes]]) -> None:
    """Any value of a header gives a hold, also those that an HTTP parser would reject."""
    named = {name: value.decode("latin-1") for name, value in headers}
    reader = _feed(b"HTTP/1.1 %d\r\n\r\n" % status)
    answer = read_answer(reader.answer(), CURRENT)
    outcome = classify_send(type(answer)(status, "", named, answer.cookies, b""), TOKEN).outcome
    assert isinstance(outcome, Throttled) == (status in HOLD_SECONDS)
    assert not isinstance(outcome, Throttled) or 1 <= outcome.hold_seconds <= MAX_HOLD_SECONDS


@given(st.lists(COOKIES, max_size=4))
def test_no_cookie_is_too_much_to_read(lines: list[bytes]) -> None:
    """Any cookies of LinkedIn are read without an exception, and none is kept that no header could carry."""
    change = read_cookie_change([line.decode("latin-1") for line in lines], CURRENT)
    assert all(text.isascii() and text.isprintable() for pair in change.changed.items() for text in pair)


@given(BODIES)
def test_no_body_is_too_much_to_decode(body: bytes) -> None:
    """Every decoder returns a result for a body that it cannot read."""
    messages.decode_created(body)
    member.decode_member(body)
    messages.decode_conversations(body, "value")
    messages.decode_messages(body, "value")
    error = errors.decode_error(body)
    assert all("\0" not in text for text in (error.code, error.text) if text)
