"""A fuzzer of the request's body and its framing: every request, of any bytes, gets a documented answer."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.server_process import SEND_PATH

from verification.client import send_raw
from verification.report import Report
from verification.shapes import Shapes

AT_A_TIME = 8
_ANSWER_SECONDS = 0.4
"""The longest wait for an answer to an incomplete request, which the server may be right not to give."""

_SAMPLE = {"recipientProfileUrn": "urn:li:fsd_profile:ACoAAfuzz", "groupId": "12345678", "message": "Hello"}
_ODD_VALUES: list[object] = [
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    "",
    " ",
    "\0",
    "x" * 9_000,
    "\ud800",
    [],
    {},
    [[]],
    {"a": {"b": None}},
    "urn:li:member:1",
    "ACoAA" + "x" * 60,
    "https://www.linkedin.com/groups/12345678/",
    "١٢٣",
]

Body = Callable[[Random], bytes]


def _odd_field(draw: Random) -> bytes:
    fields: dict[str, object] = dict(_SAMPLE)
    for name in draw.sample([*fields, "accountId", "recipientProfileId", "other"], draw.randint(1, 3)):
        fields[name] = draw.choice(_ODD_VALUES)
    return json.dumps(fields).encode("utf-8", "surrogatepass")


def _flipped(draw: Random) -> bytes:
    body = bytearray(json.dumps(_SAMPLE).encode())
    for _ in range(draw.randint(1, 6)):
        body[draw.randrange(len(body))] = draw.randrange(256)
    return bytes(body)


def _cut(draw: Random) -> bytes:
    body = json.dumps(_SAMPLE).encode()
    return body[: draw.randrange(len(body))]


def _noise(draw: Random) -> bytes:
    return draw.randbytes(draw.randint(0, 400))


def _deep(draw: Random) -> bytes:
    depth = draw.choice([10, 1_000, 60_000])
    return draw.choice([b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth])


def _special(draw: Random) -> bytes:
    return draw.choice(
        [
            b"NaN",
            b"[NaN]",
            b'{"message": Infinity}',
            b'{"message": "\\ud800"}',
            b'\xef\xbb\xbf{"message": "a"}',
            b'{"groupId": 1e999}',
            b'{"a": 1, "a": 2}',
            b"null",
            b'"text"',
            b"\xff\xfe{\x00}\x00",
            b"{" + b" " * 100_000 + b"}",
            b'{"message": "' + b"x" * 200_000 + b'"}',
        ]
    )


_BODIES: list[Body] = [_odd_field, _flipped, _cut, _noise, _deep, _special]


def _request(draw: Random, api_key: str) -> tuple[bytes, bool]:
    """Draw a request. Returns its bytes, and whether it is complete and so has to be answered."""
    body = draw.choice(_BODIES)(draw)
    head = f"POST {SEND_PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {api_key}\r\n"
    framing = draw.random()
    if framing < 0.7:
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, True
    if framing < 0.85:
        parts = [body[i : i + 500] for i in range(0, len(body), 500)]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n", True
    wrong = draw.choice(
        [
            f"Content-Length: {len(body) + 10}",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Content-Length: x",
            "Transfer-Encoding: chunked",
            "Content-Length: 5\r\nContent-Length: 6",
        ]
    )
    return f"{head}{wrong}\r\n\r\n".encode() + body, False


async def fuzz(
    report: Report, url: str, api_key: str, draw: Random, *, seconds: float, most: int | None = None
) -> None:
    """Send generated requests until the time or the number is reached."""
    shapes, statuses = Shapes(), Counter[int]()
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    count = 0

    async def keep_asking() -> None:
        nonlocal count
        while loop.time() < until and (most is None or count < most):
            count += 1
            request, whole = _request(draw, api_key)
            response = await send_raw(url, request, seconds=30 if whole else _ANSWER_SECONDS)
            if response is None:
                report.require(f"a whole request was not answered: {request[-200:]!r}", holds=not whole)
                continue
            statuses[response.status] += 1
            for wrong in shapes.complaints(response):
                report.violate(f"{wrong} to {request[-200:]!r}")
            if response.status >= 500 and response.outcome is None:
                report.violate(f"answered {response} to {request[-200:]!r}")

    await asyncio.gather(*(keep_asking() for _ in range(AT_A_TIME)))
    report.figures["fuzzed requests"] = count
    report.figures["answers to them"] = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
