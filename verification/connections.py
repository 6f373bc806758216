"""Connections: hostile clients without a key cost neither memory nor the answers to others, and smuggle nothing."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from urllib.parse import urlsplit

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import SEND_PATH, Site, prepare_site

from verification.client import Response, ask, parse_response, send_raw
from verification.fleet import Service, fleet_of
from verification.hostile import ATTACKS
from verification.ledgers import recipients_of
from verification.plan import Plan
from verification.report import Report
from verification.shapes import Shapes
from verification.soak import Sample, sample

ACCOUNTS = 3
_MOST_GROWTH_BYTES = 60 << 20
_MOST_LEFT_DESCRIPTORS = 10

_MOST_SECONDS = 5.0
"""The longest time for an answer that should take well under a second: the machine may be busy with other work."""

_CALM_SECONDS = 10.0


@dataclass
class Bystander:
    """Another client of the server, which calls /health, sends messages, and measures how long each takes."""

    url: str
    site: Site
    recipients: Sequence[str]
    group_id: str
    health: list[float] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    async def run(self) -> None:
        """Call until cancelled."""
        while True:
            for _ in range(5):
                await self._measure(self.health, "GET", "/health", b"")
                await asyncio.sleep(0.05)
            await self.send()

    async def send(self) -> None:
        """Send a message to a recipient who has had none."""
        number = next(self.numbers)
        body = {
            "recipientProfileUrn": self.recipients[number],
            "groupId": self.group_id,
            "message": f"beside hostile clients {number}",
            "accountId": self.site.account_ids[number % ACCOUNTS],
        }
        if await self._measure(self.sends, "POST", SEND_PATH, json.dumps(body).encode()):
            self.sent.append(str(body["message"]))

    async def _measure(self, times: list[float], method: str, path: str, body: bytes) -> bool:
        loop = asyncio.get_running_loop()
        since = loop.time()
        response = await ask(self.url, method, path, {"Authorization": f"Bearer {self.site.key}"}, body)
        times.append(loop.time() - since)
        is_good = isinstance(response, Response) and response.status == 200
        if not is_good:
            self.wrong.append(f"{method} {path}: {response}")
        return is_good


def prove(plan: Plan, names: Sequence[str] = tuple(ATTACKS)) -> Report:
    """Run the part on one engine. names: the attacks to run."""
    report = Report("connections", plan.engine)
    with running_sandbox(members=1_000, accounts=ACCOUNTS) as sandbox:
        site = prepare_site(plan.folder, sandbox, database_url=plan.databases.fresh_url(plan.engine), accounts=ACCOUNTS)
        site.environment["CONFRERE_LOG_LEVEL"] = "error"
        with fleet_of(site) as fleet:
            service = fleet.add("serve", module=("verification.impatient_process",))
            assert service.url is not None
            bystander = Bystander(service.url, site, recipients_of(sandbox, 500), sandbox.group_id)
            asyncio.run(_prove(plan, report, service, bystander, names))
        _check_messages(report, bystander, sandbox)
    return report


async def _prove(plan: Plan, report: Report, service: Service, bystander: Bystander, names: Sequence[str]) -> None:
    assert service.process is not None
    for _ in range(ACCOUNTS * 5):
        await bystander.send()
    before = sample(service.process.pid)
    seconds = max(0.6, plan.seconds / len(names))
    for name in names:
        await _attack(report, service, bystander, name, seconds, before.resident_bytes)
    after = await _calm(service, before.descriptors + _MOST_LEFT_DESCRIPTORS)
    megabytes = [each.resident_bytes / 1e6 for each in (before, after)]
    report.figures["resident MB, before and after"] = f"{megabytes[0]:.1f}, {megabytes[1]:.1f}"
    report.figures["descriptors, before and after"] = f"{before.descriptors}, {after.descriptors}"
    report.require(
        f"{after.descriptors} descriptors stay open after {before.descriptors}",
        holds=after.descriptors <= before.descriptors + _MOST_LEFT_DESCRIPTORS,
    )
    for what, times in (("health", bystander.health), ("send", bystander.sends)):
        report.figures[f"{what} ms under attack, median and most"] = (
            f"{median(times) * 1e3:.1f}, {max(times) * 1e3:.0f}"
        )
        report.require(f"{what} took {max(times):.1f} s", holds=max(times) < _MOST_SECONDS)
    report.count_wrong("other clients' answers that were wrong", bystander.wrong)
    report.count_wrong("trailers that count as headers", await _smuggle(bystander))


async def _attack(
    report: Report, service: Service, bystander: Bystander, name: str, seconds: float, before: int
) -> None:
    """Run one attack beside another client; report its cost and its answers."""
    assert service.url is not None
    assert service.process is not None
    address = urlsplit(service.url)
    command = ["-m", "verification.hostile", name, str(address.hostname), str(address.port), str(seconds)]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    slowest = len(bystander.health), len(bystander.sends)
    beside = asyncio.create_task(bystander.run())
    ending = asyncio.create_task(process.communicate())
    peak = 0
    while not ending.done():
        peak = max(peak, sample(service.process.pid).resident_bytes)
        await asyncio.wait([ending], timeout=0.05)
    beside.cancel()
    await asyncio.gather(beside, return_exceptions=True)
    spent = json.loads(ending.result()[0])
    statuses = Counter(_check_answer(report, name, text) for text in spent["answers"])
    answers = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    report.figures[name] = (
        f"{spent['connections']:,} connections, {spent['sent_bytes'] / 1e6:.1f} MB sent, "
        f"{(peak - before) / 1e6:+.1f} MB at most, health {_most_ms(bystander.health[slowest[0] :])} ms "
        f"and send {_most_ms(bystander.sends[slowest[1] :])} ms at most" + (f"; {answers}" if answers else "")
    )
    report.require(f"{name}: resident memory grew from {before} to {peak}", holds=peak < before + _MOST_GROWTH_BYTES)
    report.require(f"{name}: it reached nobody", holds=spent["connections"] > 0)


def _most_ms(seconds: Sequence[float]) -> str:
    return f"{max(seconds) * 1000:.0f}" if seconds else "no"


def _check_answer(report: Report, name: str, text: str) -> int:
    """Check that this is a documented response. Returns its status, 0 where it is incomplete."""
    response = parse_response(text.encode("latin-1"))
    if response is None:
        report.violate(f"{name}: a torn answer: {text[:200]!r}")
        return 0
    for wrong in Shapes().complaints(response):
        report.violate(f"{name}: {wrong}")
    report.require(f"{name}: no X-Request-Id in {response}", holds="x-request-id" in response.headers)
    return response.status


async def _calm(service: Service, enough: int) -> Sample:
    """Wait until the server has few open descriptors, or the time is up. Returns a sample of its process."""
    assert service.process is not None
    loop = asyncio.get_running_loop()
    until = loop.time() + _CALM_SECONDS
    while (seen := sample(service.process.pid)).descriptors > enough and loop.time() < until:
        await asyncio.sleep(0.1)
    return seen


async def _smuggle(bystander: Bystander) -> list[str]:
    """Send requests with headers in trailers, cut at many places. Returns those whose trailer counted as a header."""
    body = json.dumps({"recipientProfileUrn": "x"}).encode()
    head = f"POST {SEND_PATH} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    trailers = (
        f"Authorization: Bearer {bystander.site.key}\r\nX-Request-Id: smuggled\r\nIdempotency-Key: smuggled\r\n\r\n"
    )
    request = head + b"%x\r\n%b\r\n0\r\n" % (len(body), body) + trailers.encode()
    wrong = []
    for cut in (None, *range(len(head) - 4, len(request), 9)):
        response = await send_raw(bystander.url, request, seconds=10, cut=cut)
        if response is None or response.status != 401 or response.headers["x-request-id"] == "smuggled":
            wrong.append(f"cut at {cut}: {response}")
    return wrong


def _check_messages(report: Report, bystander: Bystander, sandbox: SandboxProcess) -> None:
    seen = Counter(message["text"] for message in sandbox.messages())
    report.figures["messages sent meanwhile"] = len(bystander.sent)
    report.count_wrong("messages doubled", [text for text, times in seen.items() if times > 1])
    report.count_wrong("200s without a message", [text for text in bystander.sent if not seen[text]])
