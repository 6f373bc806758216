"""The load: prebuilt requests over raw connections, so that it costs a fraction of what it measures.

`python -m bench.load <specification as JSON>` runs once and prints what it saw as one line of JSON.
"""

import asyncio
import re
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import cast

import msgspec
import uvloop

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_PATIENCE_SECONDS = 5.0


class Load(msgspec.Struct, kw_only=True):
    """What to ask, of whom, for how long.

    urls:         `host:port` of each process; connections are spread over them.
    head:         the request's head with one `%d` for the body's length; body: with `%(account)s`, `%(number)s`.
    accounts:     a file of account ids, 24 characters each, used in turn.
    rate:         requests a second at fixed times; None: each connection asks again as soon as it is answered.
    first:        the number of the first request: every text and recipient is another one.
    """

    urls: list[str]
    head: str
    body: str
    accounts: str
    first: int
    connections: int = 64
    warm_seconds: float = 0.5
    seconds: float = 2.0
    rate: float | None = None


class Seen(msgspec.Struct, kw_only=True):
    """What came of it. Latencies in milliseconds; `asked` counts the warm-up too, `rate` only good answers after it."""

    rate: float
    p50: float
    p99: float
    worst: float
    asked: int
    good: int
    statuses: dict[str, int]
    last: int
    cpu_seconds: float


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.due_at = 0.0
        self.asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are not derived from asyncio's

    def ask(self, due_at: float) -> None:
        """Ask the next request; its latency counts from when it was due."""
        assert self._transport is not None
        self.due_at, self.asked = due_at, True
        self._transport.write(self._run.next_request())

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or (found := _LENGTH.search(data, 0, end)) is None or len(data) < end + 4 + int(found[1]):
            self._buffer = data
            return
        self._buffer = b""
        self.asked = False
        self._run.answered(self, data[9:12])

    def connection_lost(self, _exc: Exception | None) -> None:
        self._run.lost(self)


class Run:
    """One measurement."""

    def __init__(self, load: Load) -> None:
        self._load = load
        ids = Path(load.accounts).read_text("ascii")
        self._ids = [ids[start : start + 24] for start in range(0, len(ids), 24)]
        self._number = load.first
        sample = self._body()
        self._number = load.first
        self._head = (load.head % len(sample)).encode()
        self._connections: list[Connection] = []
        self._free: list[Connection] = []
        self._due: deque[float] = deque()
        self._waits: list[float] = []
        self._statuses: Counter[str] = Counter()
        self._from = self._until = 0.0
        self._good = 0

    def _body(self) -> bytes:
        number = self._number
        self._number += 1
        return (self._load.body % {"account": self._ids[number % len(self._ids)], "number": f"{number:012d}"}).encode()

    def next_request(self) -> bytes:
        """Head and body."""
        return self._head + self._body()

    def answered(self, connection: Connection, status: bytes) -> None:
        """Count it, and ask again where there is more to ask."""
        now = time.perf_counter()
        if self._from <= now < self._until:
            self._waits.append(now - connection.due_at)
            self._good += status == b"200"
        self._statuses[status.decode()] += 1
        if self._load.rate is None:
            if now < self._until:
                connection.ask(now)
        elif self._due:
            connection.ask(self._due.popleft())
        else:
            self._free.append(connection)

    def lost(self, connection: Connection) -> None:
        """A connection that ends under a request is a failure; the server may end an idle one."""
        if connection.asked:
            self._statuses["lost"] += 1
        if connection in self._free:
            self._free.remove(connection)
        self._connections.remove(connection)

    async def measure(self) -> Seen:
        """Connect, warm up, measure, wait for what is under way."""
        load, loop = self._load, asyncio.get_running_loop()
        for number in range(load.connections):
            host, _, port = load.urls[number % len(load.urls)].rpartition(":")
            _, connection = await loop.create_connection(lambda: Connection(self), host, int(port))
            self._connections.append(connection)
        began = time.perf_counter()
        cpu = time.process_time()
        self._from = began + load.warm_seconds
        self._until = self._from + load.seconds
        if load.rate is None:
            for connection in list(self._connections):
                connection.ask(time.perf_counter())
            await asyncio.sleep(self._until - began)
        else:
            self._free = list(self._connections)
            await self._keep_pace(began, load.rate)
        patience = time.perf_counter() + _PATIENCE_SECONDS
        while any(one.asked for one in self._connections) and time.perf_counter() < patience:  # noqa: ASYNC110  # the end
            await asyncio.sleep(0.01)
        cpu = time.process_time() - cpu
        self._waits.sort()
        return Seen(
            rate=self._good / load.seconds,
            p50=self._percentile(0.5),
            p99=self._percentile(0.99),
            worst=self._percentile(1),
            asked=self._number - load.first,
            good=self._statuses["200"],
            statuses=dict(self._statuses),
            last=self._number,
            cpu_seconds=cpu,
        )

    async def _keep_pace(self, began: float, rate: float) -> None:
        asked = 0
        while (now := time.perf_counter()) < self._until:
            while asked / rate <= now - began:
                due_at = began + asked / rate
                asked += 1
                if self._free:
                    # The timer has a grain of a millisecond, which is ours and not the server's: it does not count.
                    self._free.pop().ask(max(due_at, time.perf_counter()))
                else:
                    self._due.append(due_at)
            await asyncio.sleep(0.001)

    def _percentile(self, part: float) -> float:
        if not self._waits:
            return float("nan")
        return self._waits[min(len(self._waits) - 1, int(len(self._waits) * part))] * 1_000


def main() -> None:
    """One run as the argument says."""
    load = msgspec.json.decode(sys.argv[1], type=Load)
    seen = uvloop.run(Run(load).measure())
    print(msgspec.json.encode(seen).decode())


if __name__ == "__main__":
    main()
