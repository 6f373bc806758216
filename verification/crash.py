"""Crash: clients send through two servers and a worker, which are killed in turn; then everything is compared.

The killer's choices (times, victims, points in the code) come from the seed and are the same in every run with it;
what the processes are doing at those times depends on the machine.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

from verification.client import Response
from verification.crowd import Crowd, crowd_of
from verification.dying_process import POINTS
from verification.fleet import Fleet, Service, fleet_of
from verification.intentions import Intention, doubled_texts, find_violations, is_bug
from verification.ledgers import Book, compare, grow_accounts, read_books, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.weather import end_sessions, make_weather

CLIENTS = 40
SPARE_SECONDS = 12
"""The share of the part's time that is left for reconciling and comparing at its end."""

_REPLAYED = 60
ENVIRONMENT = {
    "CONFRERE_RECONCILE_GAP_SECONDS": "1.5",
    "CONFRERE_RECONCILE_EVERY_SECONDS": "0.3",
    "CONFRERE_LOG_LEVEL": "warning",
}


def _entry(point: str | None, times: int) -> Sequence[str]:
    return ("confrere",) if point is None else ("verification.dying_process", point, str(times))


@dataclass
class Killer:
    """Kills processes and restarts them.

    points:  returns those at which a process of this service may kill itself.
    entry:   returns the module and its arguments of a process that dies at a point, when it comes there so many times.
    pause_seconds:  between two, on average.
    patience_seconds:  how much longer a process lives that may still come to its point.
    passes:  how often at most a worker comes to its point before it dies there.
    deaths:  their number by place.
    """

    fleet: Fleet
    random: Random
    points: Callable[[Service], Sequence[str]] = lambda _: tuple(POINTS)
    entry: Callable[[str | None, int], Sequence[str]] = _entry
    pause_seconds: float = 0.5
    patience_seconds: float = 0.0
    passes: int = 3
    _armed: set[int] = field(default_factory=set)
    deaths: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Kill and restart until cancelled."""
        while True:
            service = self.random.choice(self.fleet.services)
            point, times = self._next_point(service)
            await asyncio.sleep(0.1 + self.random.expovariate(1 / self.pause_seconds))
            await self._wait_for_its_point(service)
            await asyncio.shield(asyncio.to_thread(self._end_and_restart, service, point, times))

    async def _wait_for_its_point(self, service: Service) -> None:
        until = asyncio.get_running_loop().time() + self.patience_seconds
        while id(service) in self._armed and service.is_alive and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)

    def _next_point(self, service: Service) -> tuple[str | None, int]:
        """Choose the point at which the restarted process kills itself, and at which passing of it."""
        point = self.random.choice([None, *self.points(service)])
        return point, self.random.randint(1, 12 if service.command == "serve" else self.passes)

    def _end_and_restart(self, service: Service, point: str | None, times: int) -> None:
        if service.is_alive:
            self.deaths["at a random time"] += 1
        else:
            self.deaths["at a named point"] += 1
        service.kill()
        if not self.fleet.start(service, module=self.entry(point, times)):
            point = None
            self.fleet.start(service, module=self.entry(None, 0))
        (self._armed.discard if point is None else self._armed.add)(id(service))


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("crash", plan.engine)
    with running_sandbox(members=3000, accounts=60) as sandbox:
        grow_accounts(sandbox, 60)
        count = max(12, min(60, int(plan.seconds)))
        site = prepare_site(plan.folder, sandbox, database_url=plan.databases.fresh_url(plan.engine), accounts=count)
        sandbox.accounts = sandbox.accounts[:count]
        limits = asyncio.run(lower_limits(site, plan.random("limits")))
        with fleet_of(site, "serve", "serve", "worker", environment=ENVIRONMENT) as fleet:
            crowd = crowd_of(fleet, site, sandbox, plan.random("crowd"), pause_seconds=0.1)
            killer = Killer(fleet, plan.random("killer"))
            asyncio.run(_storm(plan, site, sandbox, crowd, killer, report))
        _compare(report, site, sandbox, crowd, killer)
        report.figures["accounts at their limit"] = _count_full(site, sandbox, limits)
        _repeat_settled(report, site, sandbox, crowd)
    return report


async def lower_limits(site: Site, draw: Random) -> dict[str, int]:
    """Give a third of the accounts a low limit, so that clients compete for their units."""
    limits = {account_id: draw.randint(3, 25) for account_id in site.account_ids[::3]}
    async with OpenServices(site.settings) as services:
        for account_id, limit in limits.items():
            await services.accounts.update("default", account_id, daily_limit=limit)
    return limits


async def _storm(plan: Plan, site: Site, sandbox: SandboxProcess, crowd: Crowd, killer: Killer, report: Report) -> None:
    storm = [
        asyncio.create_task(killer.run()),
        asyncio.create_task(make_weather(sandbox, plan.random("weather"), every_seconds=0.25)),
        asyncio.create_task(end_sessions(site, sandbox, plan.random("sessions"), every_seconds=4)),
        asyncio.create_task(_watch_quota(site, sandbox, crowd, report)),
    ]
    try:
        await crowd.run(CLIENTS, seconds=max(3.0, plan.seconds - SPARE_SECONDS))
    finally:
        for task in storm:
            task.cancel()
        ended = await asyncio.gather(*storm, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception):
            raise fault


async def _watch_quota(site: Site, sandbox: SandboxProcess, crowd: Crowd, report: Report) -> None:
    """Check until cancelled that `used` is never less than what recipients had seen just before."""
    draw = Random(1)
    async with OpenServices(site.settings) as services:
        while True:
            number = draw.randrange(len(site.account_ids))
            account_id, urn = site.account_ids[number], sandbox.accounts[number].profile_urn
            seen = await asyncio.to_thread(sandbox.count_messages, account=urn)
            _, quotas = await services.accounts.read_quotas("default", account_id)
            report.count("quota readings while it stormed")
            used = quotas[0].used
            report.require(f"used {used} of account {account_id} is less than {seen} seen", holds=used >= seen)
            await asyncio.sleep(0.1)


def _compare(report: Report, site: Site, sandbox: SandboxProcess, crowd: Crowd, killer: Killer) -> None:
    reconcile_everything(site, sandbox)
    messages = sandbox.messages()
    violations = find_violations(crowd.intentions, [message["text"] for message in messages])
    report.figures["kills survived"] = sum(killer.deaths.values())
    for where, deaths in sorted(killer.deaths.items()):
        report.figures[f"kills {where}"] = deaths
    report.figures["intentions"] = len(crowd.intentions)
    report.figures["requests"] = sum(len(each.answers) for each in crowd.intentions)
    report.figures["messages seen"] = len(messages)
    report.figures["answers lost, or client disconnected"] = sum(
        not isinstance(answer, Response) and answer.reached for each in crowd.intentions for answer in each.answers
    )
    report.count_wrong("messages doubled", violations.doubled)
    report.count_wrong("200s without a message", violations.sent_without_message)
    report.count_wrong("denied, but sent", violations.denied_but_sent)
    report.count_wrong("internal errors", [str(answer) for answer in crowd.answers if is_bug(answer)])
    books = read_books(site)
    compare(report, books, messages)
    for text in doubled_texts(crowd.intentions, messages):
        report.violate(f"the rows of {text!r}: {_rows_of(text, books, messages)}")
    report.require("rows were left unknown although LinkedIn could be read", holds=report.figures["left unknown"] == 0)


def _rows_of(text: str, books: Sequence[Book], messages: Sequence[dict[str, Any]]) -> str:
    """Return the ledger's rows for this text as one line, to help find out why a message was doubled."""
    tokens = {message["originToken"] for message in messages if message["text"] == text}
    rows = sorted((send for book in books for send in book.sends if send.origin_token in tokens), key=lambda s: s.id)
    return "; ".join(
        f"{send.created_at:%T.%f} to {send.ended_at:%T.%f} {send.outcome} ({send.reason})"
        for send in rows
        if send.ended_at
    )


def _count_full(site: Site, sandbox: SandboxProcess, limits: dict[str, int]) -> int:
    urns = dict(zip(site.account_ids, (account.profile_urn for account in sandbox.accounts), strict=False))
    return sum(sandbox.count_messages(account=urns[account_id]) == limit for account_id, limit in limits.items())


def _repeat_settled(report: Report, site: Site, sandbox: SandboxProcess, crowd: Crowd) -> None:
    """Repeat settled requests with their keys: each is answered as before, and nothing is sent."""
    settled = [each for each in crowd.intentions if each.key is not None and each.was_reported_sent][-_REPLAYED:]
    before = sandbox.count_messages()

    async def repeat(intention: Intention) -> None:
        answer = await crowd.send(intention)
        replayed = isinstance(answer, Response) and answer.headers.get("idempotency-replayed") == "true"
        if not (isinstance(answer, Response) and answer.status == 200 and replayed):
            report.violate(f"a key that was answered 200 is now answered {answer}: {json.dumps(intention.text)}")

    async def repeat_all() -> None:
        for intention in settled:
            await repeat(intention)

    with fleet_of(site, "serve", environment=ENVIRONMENT) as fleet:
        crowd.urls = lambda: fleet.urls
        asyncio.run(repeat_all())
    report.figures["stored answers given again"] = len(settled)
    report.require("repeats of settled keys sent something", holds=sandbox.count_messages() == before)
