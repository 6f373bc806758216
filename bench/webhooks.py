"""Events to many endpoints of which some hang: `python -m bench.webhooks [EVENTS] [STORE_URL]`.

Every endpoint wants every event: 1,000 events to 50 endpoints are 50,000 deliveries. One worker delivers; the receiver
is a process of its own. The delay of a delivery is the time from the event's commit to its arrival.

First all events are committed at once, which shows how many a worker delivers. Then some are committed at a steady
pace, without and with endpoints that hang: the difference of the delays is what these cost the others.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles

import uvloop

from bench.processes import rss_bytes
from confrere.domain.opt_out import OptOut
from confrere.domain.webhooks import EventType, public_event_id
from confrere.store import SqlStore, Vault, open_store
from confrere.store.rows import to_micros
from confrere.telemetry.logs import configure_logs
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory

EVENTS = 1_000
ENDPOINTS = 50
HANGING = 5
STEADY_EVENTS = 60
STEADY_RATE = 4.0
"""Events a second; times 50 that is a small part of what one worker can deliver."""

MOST_MORE_BYTES = 64_000_000
"""By how much the worker's memory may grow, however many events wait."""

_BATCH = 500
_ANSWER = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"


async def receive() -> None:
    """Answer at once, but never under /hangs. GET /count returns how many arrived, GET /N all from that number on."""
    arrivals: list[tuple[str, float]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST /hangs"):
                await reader.read()
            elif head.startswith(b"POST"):
                event_id = head.partition(b"\r\nWebhook-Id: ")[2].partition(b"\r\n")[0]
                arrivals.append((event_id.decode(), time.time()))
                writer.write(_ANSWER % (0, b""))
            else:
                path = head.split(b" ")[1][1:]
                body = json.dumps(len(arrivals) if path == b"count" else arrivals[int(path) :]).encode()
                writer.write(_ANSWER % (len(body), body))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def ask(port: int, path: str) -> str:
    """Ask the receiver."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /{path} HTTP/1.1\r\n\r\n".encode())
    text = await reader.read()
    writer.close()
    return text.partition(b"\r\n\r\n")[2].decode()


@dataclass(frozen=True)
class Measured:
    """What reached the endpoints that work. delays: seconds, sorted. more_bytes: by how much the worker grew."""

    events: int
    seconds: float
    cpu_seconds: float
    delays: Sequence[float]
    more_bytes: int

    def __str__(self) -> str:
        cuts = quantiles(self.delays, n=100)
        return f"delay p50 {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s, last {self.delays[-1]:.2f} s"

    @property
    def rates(self) -> str:
        """Events and deliveries a second, and the memory."""
        deliveries = len(self.delays)
        return (
            f"{self.events / self.seconds:,.1f} events and {deliveries / self.seconds:,.0f} deliveries a second, "
            f"{deliveries / self.cpu_seconds:,.0f} deliveries a CPU second; memory {self.more_bytes / 1e6:.1f} MB more"
        )


async def measure(store: SqlStore, port: int, name: str, events: int, hanging: int, rate: float | None) -> Measured:
    """Deliver so many events. rate: how many are committed a second; None: all at once."""
    rule = TargetRule(allow_private=True)
    directory = WebhookDirectory(store=store, rule=rule, clock=lambda: datetime.now(UTC))
    for number in range(ENDPOINTS):
        path = f"hangs/{number}" if number < hanging else f"works/{number}"
        url = f"http://127.0.0.1:{port}/{path}"
        await directory.create(name, url=url, events=[EventType.RECIPIENT_OPTED_OUT])
    before = int(await ask(port, "count"))
    deliverer = WebhookDeliverer(store=store, poster=Poster(rule), clock=lambda: datetime.now(UTC))
    pause, at_once = (0.0, _BATCH) if rate is None else (1 / rate, 1)
    writing = asyncio.create_task(_commit(store, name, events, pause, at_once=at_once))
    if rate is None:
        await writing
    began, cpu, first = time.time(), time.process_time(), rss_bytes(os.getpid())
    most = first
    running = asyncio.create_task(_deliver(deliverer))
    while int(await ask(port, "count")) - before < events * (ENDPOINTS - hanging):
        await asyncio.sleep(0.2)
        most = max(most, rss_bytes(os.getpid()))
    spent = time.process_time() - cpu
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await deliverer.close()
    committed = await writing
    arrived = json.loads(await ask(port, str(before)))
    delays = sorted(at - committed[event_id] for event_id, at in arrived)
    return Measured(events, max(at for _, at in arrived) - began, spent, delays, most - first)


async def _commit(store: SqlStore, name: str, events: int, pause: float, *, at_once: int) -> dict[str, float]:
    """Put people on the list, each of which is an event; return when each was committed."""
    committed: dict[str, float] = {}
    for start in range(0, events, at_once):
        now = datetime.now(UTC)
        people = [OptOut(f"{name}:{one}", None, "bench", now) for one in range(start, min(events, start + at_once))]
        await store.add_opt_outs(name, people)
        at, ids = time.time(), [f"{name}.{one.recipient}.{to_micros(now)}" for one in people]
        committed |= {public_event_id(one): at for one in ids}
        await asyncio.sleep(pause)
    return committed


async def _deliver(deliverer: WebhookDeliverer) -> None:
    """Be a worker, which looks every half second."""
    while True:
        await deliverer.run_due()
        await asyncio.sleep(0.5)


async def main(arguments: Sequence[str]) -> int:
    """Measure, print, and return 1 where the memory has grown too much."""
    configure_logs(level="error", form="text")
    events = int(arguments[0]) if arguments else EVENTS
    receiver = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.webhooks", "receive", stdout=asyncio.subprocess.PIPE
    )
    assert receiver.stdout is not None
    port = int(await receiver.stdout.readline())
    with tempfile.TemporaryDirectory() as folder:
        url = arguments[1] if len(arguments) > 1 else f"sqlite://{folder}/confrere.db"
        store = await open_store(url, vault=Vault([Vault.new_key()]), migrate=True)
        for hanging in (0, HANGING):
            steady = await measure(store, port, f"steady-{hanging}", STEADY_EVENTS, hanging, STEADY_RATE)
            print(f"{STEADY_RATE:g} events a second to {ENDPOINTS} endpoints, {hanging} hang: {steady}")
        full = await measure(store, port, "full", events, HANGING, None)
        print(f"{events:,} events at once to {ENDPOINTS} endpoints, {HANGING} hang: {full.rates}; {full}")
        await store.close()
    receiver.kill()
    await receiver.wait()
    return int(full.more_bytes > MOST_MORE_BYTES)


if __name__ == "__main__":
    if sys.argv[1:] == ["receive"]:
        uvloop.run(receive())
    else:
        sys.exit(uvloop.run(main(sys.argv[1:])))
