"""Events to many endpoints of which some hang: `python -m bench.webhooks [EVENTS] [STORE_URL]`.

Every endpoint wants every event, so that 200 events to 50 endpoints are 10,000 deliveries. One worker delivers; the
receiver is a process of its own. The delay of a delivery is the time from the event's commit to its arrival.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from statistics import quantiles

import uvloop

from confrere.domain.opt_out import OptOut
from confrere.domain.webhooks import EventType
from confrere.store import SqlStore, Vault, open_store
from confrere.telemetry.logs import configure_logs
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory

ENDPOINTS = 50
HANGING = 5
_ANSWER = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


async def receive() -> None:
    """Answer at once, but never under /hangs; GET returns the times of all arrivals."""
    arrivals: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST /hangs"):
                await reader.read()
            elif head.startswith(b"POST"):
                arrivals.append(time.time())
                writer.write(_ANSWER)
            else:
                body = json.dumps(arrivals).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
                )
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def arrivals_of(port: int) -> list[float]:
    """Ask the receiver."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    text = await reader.read()
    writer.close()
    times: list[float] = json.loads(text.partition(b"\r\n\r\n")[2])
    return times


async def measure(store: SqlStore, port: int, events: int, hanging: int) -> tuple[float, float, list[float]]:
    """Return how many reached the endpoints that work, a second and a CPU second, and their delays, sorted."""
    rule = TargetRule(allow_private=True)
    directory = WebhookDirectory(store=store, rule=rule, clock=lambda: datetime.now(UTC))
    workspace = f"hanging-{hanging}"
    for number in range(ENDPOINTS):
        path = f"hangs/{number}" if number < hanging else f"works/{number}"
        url = f"http://127.0.0.1:{port}/{path}"
        await directory.create(workspace, url=url, events=[EventType.RECIPIENT_OPTED_OUT])
    before = len(await arrivals_of(port))
    wanted = events * (ENDPOINTS - hanging)
    now = datetime.now(UTC)
    await store.add_opt_outs(workspace, [OptOut(f"{workspace}:{one}", None, "bench", now) for one in range(events)])
    began, cpu = time.time(), time.process_time()
    deliverer = WebhookDeliverer(store=store, poster=Poster(rule), clock=lambda: datetime.now(UTC))
    running = asyncio.create_task(deliverer.run_due())
    while len(arrived := (await arrivals_of(port))[before:]) < wanted:  # noqa: ASYNC110  # another process's state
        await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await deliverer.close()
    rates = wanted / (max(arrived) - began), wanted / (time.process_time() - cpu)
    return *rates, sorted(at - began for at in arrived)


async def main(arguments: Sequence[str]) -> None:
    """Measure without and with endpoints that hang."""
    configure_logs(level="error", form="text")
    events = int(arguments[0]) if arguments else 200
    receiver = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.webhooks", "receive", stdout=asyncio.subprocess.PIPE
    )
    assert receiver.stdout is not None
    port = int(await receiver.stdout.readline())
    with tempfile.TemporaryDirectory() as folder:
        url = arguments[1] if len(arguments) > 1 else f"sqlite://{folder}/confrere.db"
        store = await open_store(url, vault=Vault([Vault.new_key()]), migrate=True)
        for hanging in (0, HANGING):
            rate, of_cpu, delays = await measure(store, port, events, hanging)
            cuts = quantiles(delays, n=100)
            print(
                f"{events} events to {ENDPOINTS} endpoints, {hanging} hang: {rate:,.0f} deliveries a second, "
                f"{of_cpu:,.0f} a CPU second of the worker; delay median {cuts[49]:.2f} s, 99 % {cuts[98]:.2f} s, "
                f"last {delays[-1]:.2f} s"
            )
        await store.close()
    receiver.kill()
    await receiver.wait()


if __name__ == "__main__":
    uvloop.run(receive() if sys.argv[1:] == ["receive"] else main(sys.argv[1:]))
