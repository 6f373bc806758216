"""A LinkedIn that only takes messages: as fast as one Python process can, so that it is not what is measured.

It reads a request's length, finds the message's own token and answers as LinkedIn does. `GET /count` tells how many
messages it has taken: what a run counts must agree with it. It is the same one for every contestant.
"""

import asyncio
import re
import socket
from typing import cast

import uvloop

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_TOKEN = b'"originToken":"'
_MESSAGE = (
    b'{"value":{"entityUrn":"urn:li:msg_message:(urn:li:fsd_profile:ACoAAAAAAAA,2-%012d)","backendUrn":'
    b'"urn:li:messagingMessage:2-%012d","conversationUrn":"urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAAAAAAA,2-'
    b'%012d)","backendConversationUrn":"urn:li:messagingThread:2-%012d","originToken":"%s","deliveredAt":1767225600000}}'
)
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncache-control: no-cache, no-store\r\n"
    b"x-li-fabric: prod\r\nx-restli-protocol-version: 2.0.0\r\ncontent-length: %d\r\n\r\n"
)
_NUMBER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%d"

_taken = 0


class Upstream(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from asyncio's

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._waiting) < whole:
                return
            body, self._waiting = self._waiting[end + 4 : whole], self._waiting[whole:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        global _taken
        assert self._transport is not None
        if head.startswith(b"GET /count"):
            self._transport.write(_NUMBER % (len(str(_taken)), _taken))
            return
        _taken += 1
        at = body.find(_TOKEN) + len(_TOKEN)
        answer = _MESSAGE % (_taken, _taken, _taken, _taken, body[at : body.find(b'"', at)])
        self._transport.write(_HEAD % len(answer) + answer)


async def main() -> None:
    """Say the URL, then answer until killed."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        server = await asyncio.get_running_loop().create_server(Upstream, sock=listener)
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
