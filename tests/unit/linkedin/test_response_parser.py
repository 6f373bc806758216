"""Answers are parsed from any pieces, and are complete only when all of them has arrived."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.linkedin.http.response_parser import CUT_OFF, NOT_HTTP, TOO_LARGE, RawAnswer, ResponseParser

BODY = b'{"value": {"entityUrn": "urn:m"}}'
PLAIN = b"HTTP/1.1 200 OK\r\nDate: now\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Other: x\r\n"
ZIPPED = gzip.compress(BODY)
BY_LENGTH = PLAIN + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
IN_CHUNKS = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:]
IN_CHUNKS += b"\r\n0\r\nSet-Cookie: late=1\r\n\r\n"
WITH_GZIP = PLAIN + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED
ANNOUNCED = b"HTTP/1.1 103 Early Hints\r\nLocation: /login\r\nSet-Cookie: z=9\r\n\r\n" + BY_LENGTH
FORMS = {"by length": BY_LENGTH, "in chunks": IN_CHUNKS, "zipped": WITH_GZIP, "announced": ANNOUNCED}
TO_THE_END = PLAIN + b"\r\n" + BODY


def read(*parts: bytes, max_bytes: int = 10_000) -> ResponseParser:
    """Build a reader that was given these pieces."""
    reader = ResponseParser(max_bytes)
    for part in parts:
        if reader.is_complete or reader.fault:
            break
        reader.feed(part)
    return reader


def check_whole(answer: RawAnswer) -> None:
    """Check that exactly the whole answer was read."""
    assert (answer.status, answer.status_text, answer.body, answer.cut) == (200, "OK", BODY, None)
    assert answer.set_cookies == ("a=1", "b=2")
    assert answer.headers["date"] == "now"
    assert not answer.headers.keys() & {"x-other", "location"}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_an_answer_is_read_however_it_is_cut_into_pieces(text: bytes) -> None:
    """An answer is the same in one piece, byte by byte, and in two pieces at every place."""
    cuts = [[text], [text[place : place + 1] for place in range(len(text))]]
    cuts += [[text[:place], text[place:]] for place in range(1, len(text))]
    for parts in cuts:
        reader = read(*parts)
        assert (reader.is_complete, reader.is_last, reader.fault) == (True, False, None)
        check_whole(reader.answer())


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_what_breaks_off_anywhere_is_not_whole(text: bytes) -> None:
    """An answer that breaks off anywhere is incomplete, even if the connection ends in order."""
    for length in range(len(text)):
        reader = read(text[:length])
        reader.end()
        assert not reader.is_complete


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    """A body without a length is complete only at the end of the connection."""
    reader = read(TO_THE_END)
    assert not reader.is_complete
    reader.end()
    assert reader.is_complete
    assert reader.is_last
    check_whole(reader.answer())


@pytest.mark.parametrize("more", [b"\0", b"HTTP/1.1 500 No\r\nContent-Length: 1\r\nDate: x\r\n\r\n!", b"HTTP/1.1 5"])
def test_what_follows_an_answer_changes_nothing_but_ends_the_connection(more: bytes) -> None:
    """Bytes after an answer do not change it and end the connection."""
    reader = read(BY_LENGTH + more)
    assert (reader.is_complete, reader.is_last, reader.fault) == (True, True, None)
    check_whole(reader.answer())


@pytest.mark.parametrize(
    "text",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"\0",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 600_000,
    ],
)
def test_what_is_not_http_is_a_fault(text: bytes) -> None:
    """Bytes that are not HTTP are a fault before there is a head."""
    reader = read(text)
    assert (reader.status, reader.fault, reader.is_complete) == (0, NOT_HTTP, False)


def test_a_connection_that_is_to_be_closed_is_not_used_again() -> None:
    """A connection is not reused if its header or its age forbids that."""
    assert read(BY_LENGTH.replace(b"X-Other: x", b"Connection: close")).is_last
    assert read(BY_LENGTH.replace(b"HTTP/1.1", b"HTTP/1.0")).is_last


@pytest.mark.parametrize("status", [b"999", b"999 ", b"200"])
def test_a_reason_may_be_missing(status: bytes) -> None:
    """A status line without a reason, like LinkedIn's 999, is parsed."""
    reader = read(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    assert (reader.is_complete, reader.status, reader.answer().status_text) == (True, int(status), "")


def test_more_than_is_wanted_is_cut() -> None:
    """A body over the limit is truncated, compressed or not."""
    reader = read(BY_LENGTH, max_bytes=5)
    assert reader.fault == TOO_LARGE
    assert reader.answer(reader.fault).body == BODY[:5]
    bomb = gzip.compress(b" " * 1_000_000)
    answer = read(PLAIN + b"Content-Encoding: GZIP\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb).answer()
    assert (len(answer.body), answer.cut) == (10_000, TOO_LARGE)


@pytest.mark.parametrize(
    "body", [b"not gzip", ZIPPED[:-1], ZIPPED[:-8] + b"xxxx" + ZIPPED[-4:]], ids=["text", "torn", "wrong checksum"]
)
def test_what_does_not_unzip_is_cut_off(body: bytes) -> None:
    """A body that cannot be decompressed is cut off, and the head is kept."""
    text = PLAIN + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answer = read(text).answer()
    assert (answer.status, answer.cut) == (200, CUT_OFF)


@pytest.mark.parametrize(
    "more",
    [
        b"5\r\nhello\r\n0\r\n" + b"a: b\r\n" * 100_000,
        b"5\r\nhello\r\n0\r\na: " + b"b" * 600_000,
        b"5;" + b"x" * 600_000,
        b"0" * 600_000,
    ],
    ids=["trailers", "one trailer", "chunk extension", "chunk size"],
)
def test_framing_without_end_is_a_fault(more: bytes) -> None:
    """Endless framing is a fault, so that a peer cannot fill the memory with it."""
    head = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
    reader = read(head, *(more[place : place + 10_000] for place in range(0, len(more), 10_000)))
    assert (reader.status, reader.fault, reader.is_complete) == (200, NOT_HTTP, False)


@given(st.binary(max_size=200), st.integers(0, len(ANNOUNCED)))
def test_no_bytes_are_too_much_for_it(noise: bytes, place: int) -> None:
    """Any bytes are parsed without an exception, and a complete answer has a head and no fault."""
    reader = read(ANNOUNCED[:place], noise)
    assert not reader.is_complete or (reader.status == 200 and reader.fault is None)
