"""Whose connection has ended when the answer is written has not been answered."""

import json
import socket
from datetime import UTC, datetime

from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api

BODY = json.dumps(
    {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": "Hello fellow group member!"}
).encode()


async def test_a_hang_up_just_before_the_answer_counts(api: Api) -> None:
    """The event loop has not been told of it yet, the operating system has: the repeat joins, and sends nothing."""
    caller = socket.create_connection(("127.0.0.1", api.port))
    moments = 0

    def clock() -> datetime:
        """Asked for authentication, for the calls of the key, and when the send has settled and is to be answered."""
        nonlocal moments
        moments += 1
        if moments == 3:
            caller.close()
        return datetime.now(UTC)

    api.product.clock = clock
    head = f"POST {SEND_PATH} HTTP/1.1\r\nHost: host\r\nAuthorization: Bearer {api.key}\r\nContent-Length: {len(BODY)}"
    caller.sendall(head.encode() + b"\r\n\r\n" + BODY)
    while moments < 3:
        assert (await api.http.get("/health")).status == 200
    async with api.http.post(SEND_PATH, data=BODY) as response:
        assert response.status == 200
    assert len(api.upstream.seen) == 1
