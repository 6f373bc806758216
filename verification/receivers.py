"""Receivers of webhooks that fail, each in its own way, while it storms, and record every request."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from hashlib import sha256
from random import Random
from unittest.mock import patch

import standardwebhooks
from standardwebhooks import webhooks as library

from verification.clocked_process import MovedClock

ASKED_UNTIL_GONE = 5
_SHARE_OF_FAILURES = 0.4
_FOLLOWED = "/followed"


class Conduct(StrEnum):
    """How a receiver behaves. All but the last two receive everything once the storm is over."""

    STEADY = "answers 200"
    FAILS = "answers 500 at times"
    HANGS = "does not answer at times"
    RESETS = "resets the connection at times"
    DIES = "is killed and started again"
    REDIRECTS = "redirects"
    GONE = "answers 410 from some time on"

    @property
    def can_receive(self) -> bool:
        """Whether every event has to reach it in the end."""
        return self not in (Conduct.REDIRECTS, Conduct.GONE)


@dataclass(frozen=True)
class Request:
    """One request that was read to its end. status: of the answer; None where it got none."""

    event_id: str
    body: bytes
    status: int | None


@dataclass
class Receiver:
    """One receiver on a loopback port, which it keeps when it is started again."""

    conduct: Conduct
    random: Random
    webhook_id: str = ""
    secret: str = ""
    port: int = 0
    is_storming: bool = True
    requests: list[Request] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    kills: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The webhook's address."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def start(self) -> None:
        """Listen, on the port that it had before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1000)
        self.port = self._server.sockets[0].getsockname()[1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it; it is killed afterwards."""
        await self.start()
        try:
            yield
        finally:
            self.kill()

    def kill(self) -> None:
        """Close the port and reset all connections, as the end of its process does."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def die_and_restart(self) -> None:
        """Be killed and started again until cancelled."""
        while True:
            await asyncio.sleep(0.3 + self.random.expovariate(1))
            self.kill()
            self.kills += 1
            try:
                await asyncio.sleep(0.2 + self.random.random())
            finally:
                await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self._check(head[0], headers, body)
            status = self._choose_status()
            self.requests.append(Request(headers["webhook-id"], body, status))
            if status is not None:
                more = f"Location: http://127.0.0.1:{self.port}{_FOLLOWED}\r\n" if status == 307 else ""
                writer.write(f"HTTP/1.1 {status} Some\r\n{more}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
            elif self.conduct is Conduct.HANGS:
                await reader.read()  # until the client gives up
            else:
                writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # cancelled at the end: asyncio would log it otherwise
        finally:
            self._writers.discard(writer)
            writer.close()

    def _choose_status(self) -> int | None:
        if self.conduct is Conduct.REDIRECTS:
            return 307
        if self.conduct is Conduct.GONE and len(self.requests) >= ASKED_UNTIL_GONE:
            return 410
        if self.is_storming and self.random.random() < _SHARE_OF_FAILURES:
            if self.conduct is Conduct.FAILS:
                return 500
            if self.conduct in (Conduct.HANGS, Conduct.RESETS):
                return None
        return 200

    def _check(self, first_line: str, headers: dict[str, str], body: bytes) -> None:
        """Record what is wrong with the request's address and its signatures."""
        if first_line != "POST /hook HTTP/1.1":
            self.wrongs.append(f"{self.conduct}: {first_line}")
        try:
            document = standardwebhooks.Webhook(self.secret).verify(body, headers)
        except standardwebhooks.WebhookVerificationError as fault:
            self.wrongs.append(f"{self.conduct}: {fault}: {headers}")
            return
        if document["id"] != headers["webhook-id"]:
            self.wrongs.append(f"{self.conduct}: {headers['webhook-id']} is {document['id']}")
        if headers["x-webhook-signature"] != f"sha256={hmac.new(self.secret.encode(), body, sha256).hexdigest()}":
            self.wrongs.append(f"{self.conduct}: the hosted API's signature of {document['id']} is wrong")


@contextmanager
def verifying_at(clock: MovedClock) -> Iterator[None]:
    """Have the library that verifies read this clock: it takes no timestamp that is five minutes away."""

    class MovedDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.now(tz or UTC)

    with patch.object(library, "datetime", MovedDatetime):
        yield
