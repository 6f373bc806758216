"""Soak: a steady load with connections that come and go; memory, descriptors and latency must not grow."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import prepare_site

from verification.client import Response
from verification.clocked_process import MovedClock
from verification.clocks import start_clocked
from verification.crowd import Crowd, crowd_of
from verification.fleet import Service, fleet_of
from verification.intentions import find_violations
from verification.ledgers import compare, grow_accounts, read_books, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.weather import make_weather

CLIENTS = 6
ACCOUNTS = 100
_PAUSE_SECONDS = 0.15
_WARM_UP = 0.3
"""The share of the time until which memory may grow."""

_MOST_GROWTH = 1.25
_ALLOWED_BYTES = 16 << 20
_MOST_DRIFT = 3.0
_ALLOWED_DESCRIPTORS = 10


@dataclass(frozen=True)
class Sample:
    """A measurement of the server's process."""

    resident_bytes: int
    descriptors: int


@dataclass
class Watch:
    """The measurements over time."""

    samples: list[Sample] = field(default_factory=list)

    async def run(self, service: Service, *, every_seconds: float) -> None:
        """Measure until cancelled."""
        while True:
            assert service.process is not None
            self.samples.append(sample(service.process.pid))
            await asyncio.sleep(every_seconds)


def sample(pid: int) -> Sample:
    """Measure the process, from /proc (Linux)."""
    resident_pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (a directory that changes while it is read)
    return Sample(resident_pages * os.sysconf("SC_PAGE_SIZE"), descriptors)


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("soak", plan.engine)
    seconds = max(4.0, plan.seconds - 6)
    with running_sandbox(members=2000, accounts=ACCOUNTS) as sandbox:
        grow_accounts(sandbox, ACCOUNTS)
        url = plan.databases.fresh_url(plan.engine)
        site = prepare_site(plan.folder, sandbox, database_url=url, accounts=ACCOUNTS)
        site.environment["CONFRERE_LOG_LEVEL"] = "error"
        clock = MovedClock(plan.folder / "clock")
        with fleet_of(site) as fleet:
            start_clocked(fleet, plan.folder / "clock", 1)
            crowd = crowd_of(fleet, site, sandbox, plan.random("soak"), pause_seconds=_PAUSE_SECONDS, name="soak")
            watch = Watch()
            asyncio.run(_load(sandbox, crowd, watch, fleet.services[0], clock, plan.random("weather"), seconds))
        check_samples(report, watch.samples)
        _check_latency(report, crowd)
        reconcile_everything(site, sandbox, ahead=clock.ahead)
        messages = sandbox.messages()
        violations = find_violations(crowd.intentions, [message["text"] for message in messages])
        report.figures["intentions"] = len(crowd.intentions)
        report.figures["messages seen"] = len(messages)
        report.count_wrong("messages doubled", violations.doubled)
        report.count_wrong("200s without a message", violations.sent_without_message)
        report.count_wrong("denied, but sent", violations.denied_but_sent)
        compare(report, read_books(site), messages)
    return report


async def _load(
    sandbox: SandboxProcess,
    crowd: Crowd,
    watch: Watch,
    service: Service,
    clock: MovedClock,
    draw: Random,
    seconds: float,
) -> None:
    """Send, each request on its own connection. The clock moves on by days, so that quota is always left."""
    around = [
        asyncio.create_task(make_weather(sandbox, draw, every_seconds=1.0)),
        asyncio.create_task(watch.run(service, every_seconds=max(0.2, seconds / 200))),
        asyncio.create_task(_pass_days(clock)),
    ]
    try:
        await crowd.run(CLIENTS, seconds=seconds)
    finally:
        for task in around:
            task.cancel()
        await asyncio.gather(*around, return_exceptions=True)


async def _pass_days(clock: MovedClock) -> None:
    while True:
        await asyncio.sleep(60)
        clock.move(days=1)


def check_samples(report: Report, samples: Sequence[Sample]) -> None:
    """Compare the last third with the first one after the warm-up."""
    warm = samples[int(len(samples) * _WARM_UP) :]
    third = max(1, len(warm) // 3)
    early, late = warm[:third], warm[-third:]
    resident = [median(each.resident_bytes for each in part) for part in (early, late)]
    descriptors = [median(each.descriptors for each in part) for part in (early, late)]
    report.figures["resident MB, early and late"] = f"{resident[0] / 1e6:.1f}, {resident[1] / 1e6:.1f}"
    report.figures["descriptors, early and late"] = f"{descriptors[0]:.0f}, {descriptors[1]:.0f}"
    report.require(
        f"resident memory grew from {resident[0]} to {resident[1]}",
        holds=resident[1] < max(resident[0] * _MOST_GROWTH, resident[0] + _ALLOWED_BYTES),
    )
    report.require(
        f"descriptors grew from {descriptors[0]} to {descriptors[1]}",
        holds=descriptors[1] <= descriptors[0] + _ALLOWED_DESCRIPTORS,
    )


def _check_latency(report: Report, crowd: Crowd) -> None:
    times = [
        until - since
        for each in crowd.intentions
        for (since, until, _), response in zip(each.timings, each.answers, strict=True)
        if isinstance(response, Response) and response.status == 200
    ]
    if len(times) < 30:
        report.violate(f"only {len(times)} messages were sent")
        return
    size = len(times) // 3
    first, last = median(times[:size]), median(times[-size:])
    report.figures["latency ms, median of first and last third"] = f"{first * 1000:.1f}, {last * 1000:.1f}"
    report.figures["latency ms, 99th percentile"] = round(quantiles(times, n=100)[98] * 1000, 1)
    report.require(f"the latency drifted from {first:.4f} to {last:.4f} s", holds=last < first * _MOST_DRIFT + 0.02)
