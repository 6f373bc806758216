"""Workers and receivers killed at each point of a delivery: what was committed is reported, and nothing else."""

import asyncio
import json
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from confrere.domain.outcome import OutcomeName
from confrere.domain.send import SendFilter
from confrere.domain.webhooks import EventType
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory
from tests.faults.dying_worker import WEBHOOK_POINTS
from tests.faults.test_campaign_crash import finish, recipients_of, run_worker, sandbox, site, start_campaigns
from tests.sandbox_process import SandboxProcess
from tests.server_process import OpenServices, Site

__all__ = ["sandbox", "site"]

RULE = TargetRule(allow_private=True)
PRIVATE = {"CONFRERE_WEBHOOK_PRIVATE": "1"}


class Bodies:
    """What a receiver got, by the events' ids; it refuses the first try of every third event."""

    def __init__(self) -> None:
        self.of_event: defaultdict[str, list[bytes]] = defaultdict(list)
        self.deliveries = 0

    def take(self, event_id: str, body: bytes) -> int:
        """Record a request; return the status of its answer."""
        self.of_event[event_id].append(body)
        self.deliveries += 1
        is_refused = len(self.of_event[event_id]) == 1 and len(self.of_event) % 3 == 0
        return 500 if is_refused else 200


@contextmanager
def receiving(port: int, bodies: Bodies) -> Iterator[None]:
    """Run a receiver until it is killed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(bodies.take(self.headers["Webhook-Id"], body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    """Choose a port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def add_webhook(site: Site, port: int) -> None:
    """Report everything to this port."""
    async with OpenServices(site.settings) as services:
        directory = WebhookDirectory(store=services.store, rule=RULE, clock=services.clock)
        await directory.create("default", url=f"http://127.0.0.1:{port}/", events=list(EventType))


async def deliver_rest(site: Site) -> None:
    """Be the worker on a clock that runs ahead, until nothing is due any more."""
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    async with OpenServices(site.settings, clock=clock) as services:
        deliverer = WebhookDeliverer(store=services.store, poster=Poster(RULE), clock=clock)
        for _ in range(4):
            await deliverer.run_due()
            ahead += timedelta(hours=1)
        await deliverer.close()


async def committed(site: Site) -> tuple[set[tuple[str, str]], int]:
    """Return the accepted sends as events report them, and how many campaigns are finished."""
    async with OpenServices(site.settings) as services:
        which = SendFilter(outcome=OutcomeName.ACCEPTED)
        sends = await services.history.search("default", None, which, before_id=None, count=1000)
        campaigns = await services.campaigns.list_page("default", count=10)
        return {("send.accepted", send.id) for send in sends}, len(campaigns)


def test_what_is_committed_is_reported_whatever_is_killed(site: Site, sandbox: SandboxProcess) -> None:
    """Every accepted send and every finished campaign reaches the receiver, each time with the same bytes."""
    port, bodies = free_port(), Bodies()
    asyncio.run(add_webhook(site, port))
    campaign_ids = asyncio.run(start_campaigns(site, sandbox, recipients_of(sandbox)))
    deaths = [run_worker(site, "before settling", 3, **PRIVATE)]  # nobody receives
    for point in list(WEBHOOK_POINTS):
        with receiving(port, bodies):  # killed with each worker
            deaths.append(run_worker(site, point, 1, **PRIVATE))
    assert deaths == [-9] * (1 + len(WEBHOOK_POINTS))
    asyncio.run(finish(site, campaign_ids))
    with receiving(port, bodies):
        asyncio.run(deliver_rest(site))
    sends, campaigns = asyncio.run(committed(site))
    assert all(len(set(of_one)) == 1 for of_one in bodies.of_event.values())
    assert bodies.deliveries > len(bodies.of_event)
    reported = [json.loads(of_one[0]) for of_one in bodies.of_event.values()]
    accepted = [(body["event"], body["data"]["sendId"]) for body in reported if body["event"] == "send.accepted"]
    assert len(accepted) == len(set(accepted))
    assert set(accepted) == sends
    assert sum(body["event"] == "campaign.finished" for body in reported) == campaigns == len(campaign_ids)
