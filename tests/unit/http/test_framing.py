"""Requests are parsed as HTTP/1.1 however they are cut, and malformed ones are rejected in the API's shape."""

from random import Random

import pytest
from starlette.types import Receive, Scope, Send

from confrere.http.connections import MAX_FRAMING_BYTES, MAX_HEADERS, ConnectionLimits
from tests.unit.http.protocol import Line, assert_refused, echo, echoed

GET = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED_HEADERS = {"host": "a", "transfer-encoding": "chunked"}
TRAILERS = b"Authorization: Bearer k\r\nIdempotency-Key: i\r\nX-Request-Id: r\r\nOrigin: o\r\nHost: b\r\nempty:\r\n\r\n"

FROM_JAVA = (
    b"POST / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 19\r\nHost: a\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\nUpgrade: h2c\r\n"
    b'User-Agent: Java-http-client/17.0.15\r\nContent-Type: application/json\r\n\r\n{"message":"Hello"}'
)
FROM_CURL = (
    b"POST / HTTP/1.1\r\nHost: a\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Type: application/json\r\n"
    b'Content-Length: 19\r\n\r\n{"message":"Hello"}'
)


REQUESTS = [
    GET,
    b"GET / HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
    b"GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    CHUNKED + b"2;a=b\r\n{}\r\n0\r\n" + TRAILERS,
    FROM_JAVA,
    FROM_CURL,
]
INSERTIONS = [b"\r\n", b"\r\n\r\n", b"\0", b"Upgrade: a\r\n", b"Host: b\r\n", b" ", b"0\r\n", b"GET "]


def damaged(draw: Random) -> bytes:
    """Build pipelined requests, some of them damaged."""
    data = bytearray(b"".join(draw.choices(REQUESTS, k=draw.randint(1, 4))))
    for _ in range(draw.choice([0, 1, 2, 5])):
        at = draw.randrange(len(data))
        match draw.randrange(3):
            case 0:
                data[at] = draw.randrange(256)
            case 1:
                data[at : at + draw.randint(0, 20)] = draw.choice(INSERTIONS)
            case _:
                data[at:at] = draw.choice(INSERTIONS)
    return bytes(data)


async def test_no_trailer_counts_as_a_header_wherever_the_request_is_cut() -> None:
    """A trailer is not among the headers of its request or of the next one, wherever the request is cut."""
    request = CHUNKED + b"2\r\n{}\r\n0\r\n" + TRAILERS + GET
    for cut in range(len(request)):
        written = b"".join(await Line(echo).feed(request[:cut], request[cut:]))
        first, second = (b"HTTP/1.1 200 OK" + part for part in written.split(b"HTTP/1.1 200 OK")[1:])
        assert echoed(first) == {"path": "/", "headers": CHUNKED_HEADERS, "body": "{}"}
        assert echoed(second) == {"path": "/next", "headers": {"host": "a"}, "body": ""}


@pytest.mark.parametrize("request_bytes", [FROM_JAVA, FROM_CURL])
async def test_an_offer_of_http_2_is_ignored_wherever_the_request_is_cut(request_bytes: bytes) -> None:
    """An offer of HTTP/2 is answered in HTTP/1.1 with body and other headers, and so is the next request."""
    for cut in range(0, len(request_bytes), 7):
        line = Line(echo)
        [first, second] = await line.feed(request_bytes[:cut], request_bytes[cut:], GET)
        given = echoed(first)
        assert given["body"] == '{"message":"Hello"}'
        assert "upgrade" not in given["headers"]
        assert given["headers"]["connection"] == "Upgrade, HTTP2-Settings"
        assert given["headers"]["content-type"] == "application/json"
        assert len(given["headers"]) == request_bytes.partition(b"\r\n\r\n")[0].count(b"\r\n") - 1
        assert echoed(second)["path"] == "/next"


async def test_offers_of_http_2_may_be_pipelined() -> None:
    """Each of several requests with offers of HTTP/2 in one read is answered with its own body."""
    written = await Line(echo).feed(FROM_JAVA + FROM_CURL + FROM_JAVA)
    assert [echoed(each)["body"] for each in written] == ['{"message":"Hello"}'] * 3


@pytest.mark.parametrize(
    ("request_bytes", "status", "error"),
    [
        (b"\x16\x03\x01 noise\r\n\r\n", 400, "The request is not valid HTTP/1.1: Invalid method encountered"),
        (b"GET / HTTP/1.2\r\n\r\n", 400, "The request is not valid HTTP/1.1: Invalid HTTP version"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "The request is not valid HTTP/1.1: Pause on PRI/Upgrade"),
        (b"GET /\r\n\r\n", 400, "HTTP/0.9 is not served; use HTTP/1.1"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "A request must have one Host header, not 0"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "A request must have one Host header, not 2"),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "A request must have one Host header, not 2"),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "CONNECT is not served; this is not a proxy"),
        (b"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "The request line must hold a path"),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n", 400, "The request is not valid HTTP/1.1: Invalid char in url path"),
        (
            CHUNKED.replace(b"chunked", b"xchunked") + b"2\r\n{}\r\n0\r\n\r\n",
            400,
            "The request is not valid HTTP/1.1: Request has invalid `Transfer-Encoding`",
        ),
        (
            CHUNKED.replace(b"chunked", b"chunked\r\nContent-Length: 2"),
            400,
            "The request is not valid HTTP/1.1: Content-Length can't be present with Transfer-Encoding",
        ),
        (CHUNKED + b"1" * 17, 400, "The request is not valid HTTP/1.1: Chunk size overflow"),
        (CHUNKED + b"x\r\n", 400, "The request is not valid HTTP/1.1: Invalid character in chunk size"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            400,
            "The request is not valid HTTP/1.1: Content-Length overflow",
        ),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000, 431, "The request line and headers must be at most 64 KiB"),
        (b"GET /" + b"a" * 70_000, 431, "The request line and headers must be at most 64 KiB"),
        (b"\r\n" * 33_000, 431, "The request line and headers must be at most 64 KiB"),
        (b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 300, 431, f"A request must have at most {MAX_HEADERS} headers"),
        *(
            (CHUNKED + sent, 400, "Chunk sizes, chunk extensions and trailers must be at most 64 KiB")
            for sent in (
                b"2\r\n{}\r\n0\r\n" + b"a:\r\n" * 20_000,
                b"2\r\n{}\r\n0\r\na: " + b"a" * 80_000,
                b"2;" + b"a" * 80_000,
                b"1;a=b\r\n{\r\n" * 20_000,
                b"1\r\n{\r\n" * 20_000,
            )
        ),
    ],
)
@pytest.mark.parametrize("in_pieces", [False, True])
async def test_what_is_no_request_is_refused(request_bytes: bytes, status: int, error: str, in_pieces: bool) -> None:
    """Malformed bytes get one whole answer with the reason, also behind a good head, and the connection closes."""
    line = Line(echo)
    size = 1_000 if in_pieces else len(request_bytes)
    written = await line.feed(*(request_bytes[at : at + size] for at in range(0, len(request_bytes), size)))
    assert len(written) == 1
    assert_refused(written[0], status, error)
    line.loop.pass_time(ConnectionLimits().linger_seconds)
    assert line.transport.closed


async def test_http_1_0_needs_no_host() -> None:
    """A request in HTTP/1.0 needs no Host header."""
    [written] = await Line(echo).feed(b"GET / HTTP/1.0\r\n\r\n")
    assert echoed(written)["headers"] == {}


async def test_a_body_is_not_framing() -> None:
    """A body many times as long as the limit to framing is read, in one part or in ordinary chunks."""
    body = b"x" * (4 * MAX_FRAMING_BYTES)
    whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    chunks = b"".join(b"64\r\n" + body[at : at + 100] + b"\r\n" for at in range(0, len(body) - 44, 100))
    for request in (whole, CHUNKED + chunks + b"0\r\n\r\n"):
        line = Line(echo)
        assert len(await line.feed(*(request[at : at + 50_000] for at in range(0, len(request), 50_000)))) == 1
        assert not line.transport.closed


async def test_a_fault_after_the_answer_gets_no_second_answer() -> None:
    """An answer that did not wait for the body stays the only one after a fault, and the connection closes."""

    async def answer_at_once(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    line = Line(answer_at_once)
    assert len(await line.feed(CHUNKED, b"x\r\n")) == 1
    line.loop.pass_time(ConnectionLimits().linger_seconds)
    assert line.transport.closed


async def test_nothing_is_read_behind_a_refusal() -> None:
    """A whole request behind malformed bytes is not run."""
    line = Line(echo)
    assert len(await line.feed(b"noise\r\n\r\n" + GET, GET)) == 1


async def test_a_request_that_breaks_off_is_not_carried_out() -> None:
    """The application gets a disconnect in place of the rest of a malformed body."""
    events: list[str] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        events.append((await receive())["type"])
        events.append((await receive())["type"])

    line = Line(app)
    await line.feed(CHUNKED + b"2\r\n{}\r\n", b"x\r\n")
    assert events == ["http.request", "http.disconnect"]


@pytest.mark.parametrize("seed", range(150))
async def test_answers_do_not_depend_on_where_the_bytes_are_cut(seed: int) -> None:
    """Any bytes give the same requests, answers and faults in one part and byte by byte."""
    data = damaged(Random(seed))
    answers = []
    for size in (len(data), 1):
        line = Line(echo)
        for at in range(0, len(data), size):
            line.protocol.data_received(data[at : at + size])
        for _ in REQUESTS:
            await line.settle()
        answers.append([each for each in line.transport.written if not each.startswith(b"HTTP/1.1 100")])
    for one, other in zip(*answers, strict=True):
        assert one.partition(b"x-request-id")[0] == other.partition(b"x-request-id")[0]
        assert one.rpartition(b"\r\n")[2] == other.rpartition(b"\r\n")[2]
