"""Once: the ledger records an answer as delivered if and only if the caller got it, whenever it disconnects."""

import asyncio
import json
import socket
import struct
from typing import Any

import pytest

from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api


class Caller:
    """A caller on a bare socket, so that its disconnect is known to the operating system at once."""

    def __init__(self, api: Api, text: str) -> None:
        body = json.dumps({"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": text}).encode()
        lines = [f"POST {SEND_PATH} HTTP/1.1", "Host: test", f"Authorization: Bearer {api.key}", "Connection: close"]
        self.request = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
        self._address = ("127.0.0.1", api.port)
        self._socket = socket.socket()
        self._socket.setblocking(False)

    async def ask(self) -> None:
        """Send the whole request."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, self._address)
        await loop.sock_sendall(self._socket, self.request)

    def hang_up(self) -> None:
        """Close the sending side, which the operating system knows at once."""
        self._socket.shutdown(socket.SHUT_WR)

    def leave(self, *, resets: bool) -> None:
        """Close both sides: with a reset, or in order like a caller who has read everything."""
        if resets:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    async def read(self) -> bytes:
        """Return what the server sent up to the end of the connection."""
        loop, parts = asyncio.get_running_loop(), [b""]
        while part := await loop.sock_recv(self._socket, 65_536):
            parts.append(part)
        self._socket.close()
        return b"".join(parts)


@pytest.mark.parametrize("turns", range(8))
async def test_once_an_answer_counts_as_delivered_only_if_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """A caller that disconnects at any turn of the event loop around its answer is recorded as it experienced it."""
    settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    send = api.services.sender.send

    async def send_and_report(*arguments: Any) -> Any:
        result = await send(*arguments)
        settled.set_result(result.send_id)
        return result

    monkeypatch.setattr(api.services.sender, "send", send_and_report)
    caller = Caller(api, f"after {turns} turns")
    await caller.ask()
    send_id = await settled
    for _ in range(turns):
        await asyncio.sleep(0)
    caller.hang_up()
    received = await caller.read()
    history = await api.delivery(send_id)
    assert history.answer_delivered is (b'"success":true' in received)


@pytest.mark.parametrize("resets", [False, True])
async def test_once_an_answer_to_a_caller_who_left_is_lost(
    api: Api, monkeypatch: pytest.MonkeyPatch, resets: bool
) -> None:
    """An answer is recorded as lost if the caller disconnects in the turn in which it would be written."""
    settled: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    send = api.services.sender.send
    caller = Caller(api, "left")

    async def send_and_be_left(*arguments: Any) -> Any:
        result = await send(*arguments)
        settled.set_result(result.send_id)
        caller.leave(resets=resets)
        return result

    monkeypatch.setattr(api.services.sender, "send", send_and_be_left)
    await caller.ask()
    history = await api.delivery(await settled)
    assert history.answer_delivered is False
