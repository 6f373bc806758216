"""What a connection carries, on a real server: offers of HTTP/2, trailers, requests in a row."""

import asyncio
import json

import pytest

from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api

TEXT = "Hello fellow group member!"
BODY = json.dumps({"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT}).encode()
SENT = json.dumps(
    {
        "success": True,
        "message": "Group context message sent successfully",
        "recipientProfileUrn": RECIPIENT,
        "groupId": GROUP,
    },
    separators=(",", ":"),
).encode()
UNAUTHORIZED = b'{"error":"Unauthorized - Invalid credentials"}'

JAVA = """POST {path} HTTP/1.1
Connection: Upgrade, HTTP2-Settings
Content-Length: {length}
Host: 127.0.0.1:8080
HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA
Upgrade: h2c
User-Agent: Java-http-client/17.0.15
Authorization: Bearer {key}
Content-Type: application/json

"""
CURL = """POST {path} HTTP/1.1
Host: 127.0.0.1:8080
User-Agent: curl/7.88.1
Accept: */*
Connection: Upgrade, HTTP2-Settings
Upgrade: h2c
HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA
Authorization: Bearer {key}
Content-Type: application/json
Content-Length: {length}

"""
PLAIN = "POST {path} HTTP/1.1\nHost: a\nAuthorization: Bearer {key}\nContent-Length: {length}\n\n"


def request(api: Api, head: str) -> bytes:
    """The reference page's request with this head."""
    return head.format(path=SEND_PATH, key=api.key, length=len(BODY)).replace("\n", "\r\n").encode() + BODY


async def ask(api: Api, *parts: bytes, answers: int = 1) -> list[tuple[int, bytes]]:
    """Status and body of so many answers to these bytes, which arrive one part after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0)
    read = []
    async with asyncio.timeout(20):
        for _ in range(answers):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            read.append((int(head.split(b" ")[1]), await reader.readexactly(length)))
    writer.close()
    return read


@pytest.mark.parametrize("head", [JAVA, CURL])
async def test_clients_that_offer_http_2_send_in_http_1(api: Api, head: str) -> None:
    """The very bytes of Java's HttpClient and of `curl --http2` send one message each."""
    assert await ask(api, request(api, head)) == [(200, SENT)]
    assert [seen.text for seen in api.upstream.seen] == [TEXT]


async def test_a_key_in_a_trailer_opens_nothing(api: Api) -> None:
    """Wherever TCP cuts the request."""
    head = f"POST {SEND_PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    body = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
    trailers = f"Authorization: Bearer {api.key}\r\nX-API-Key: {api.key}\r\n\r\n".encode()
    for parts in ([head + body + trailers], [head, body + trailers], [head + body, trailers]):
        assert await ask(api, *parts) == [(401, UNAUTHORIZED)]
    assert api.upstream.seen == []


async def test_requests_in_a_row_are_answered_in_order(api: Api) -> None:
    """A fault behind a message costs neither the message nor its answer."""
    [(first, sent), (second, error)] = await ask(api, request(api, PLAIN) + b"noise\r\n\r\n", answers=2)
    assert (first, sent, second) == (200, SENT, 400)
    assert json.loads(error)["success"] is False
    assert len(api.upstream.seen) == 1


async def test_endless_headers_are_refused(api: Api) -> None:
    """A header of a million characters is not read to its end."""
    [(status, error)] = await ask(api, request(api, PLAIN.replace("\n\n", "\nX-Long: " + "a" * 1_000_000 + "\n\n")))
    assert status == 431
    assert error == b'{"success":false,"error":"The request line and headers must be at most 64 KiB"}'


async def test_what_is_not_http_is_refused(api: Api) -> None:
    """Noise on the port gets a 400, not a stack trace."""
    [(status, error)] = await ask(api, b"\x16\x03\x01 noise\r\n\r\n")
    assert status == 400
    assert json.loads(error)["success"] is False
