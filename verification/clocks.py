"""Time: midnight under load, clocks that jump or are wrong, a process that is suspended past its lease."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

from verification.client import Response, ask
from verification.clocked_process import WRONG_MACHINE, MovedClock
from verification.crowd import Crowd
from verification.fleet import Fleet, Service, fleet_of
from verification.intentions import find_violations
from verification.ledgers import compare, grow_accounts, read_books, recipients_of, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.suspension import outlive_leases

ACCOUNTS = 3
LIMIT = 15
CLIENTS = 24
WRONG_BY_DAYS = (-400, -1, 1, 30)
BEATS_SECONDS = 12.0
"""After this time the clock of a process that has ended no longer counts."""


@dataclass
class Scene:
    """A site whose processes share a clock that can be moved."""

    sandbox: SandboxProcess
    site: Site
    fleet: Fleet
    clock: MovedClock
    crowd: Crowd


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("time", plan.engine)
    with _scene(plan, "midnight") as scene:
        _pass_midnight(report, scene)
    with _scene(plan, "clock that is set") as scene:
        _set_clock(report, scene)
    send_by_wrong_clocks(plan, report)
    outlive_leases(plan, report)
    return report


@contextmanager
def _scene(plan: Plan, name: str) -> Iterator[Scene]:
    plan.log(name)
    folder = plan.folder / name.replace(" ", "-")
    folder.mkdir()
    clock = MovedClock(folder / "clock")
    with running_sandbox(members=500, accounts=ACCOUNTS) as sandbox:
        grow_accounts(sandbox, ACCOUNTS)
        url = plan.databases.fresh_url(plan.engine)
        site = prepare_site(folder, sandbox, database_url=url, accounts=ACCOUNTS)
        asyncio.run(_limit(site))
        with fleet_of(site) as fleet:
            start_clocked(fleet, folder / "clock", 2)
            crowd = Crowd(
                urls=lambda: fleet.urls,
                api_key=site.key,
                group_id=sandbox.group_id,
                account_ids=site.account_ids,
                recipients=recipients_of(sandbox, 40),
                random=plan.random(name),
                name=name,
            )
            yield Scene(sandbox, site, fleet, clock, crowd)


def start_clocked(fleet: Fleet, clock: Path, servers: int, *, point: str = "-") -> None:
    """Start servers that use the clock in the file. Raises RuntimeError."""
    for _ in range(servers):
        fleet.add("serve", module=("verification.clocked_process", str(clock), point))


async def _limit(site: Site) -> None:
    async with OpenServices(site.settings) as services:
        for account_id in site.account_ids:
            await services.accounts.update("default", account_id, daily_limit=LIMIT)


def _pass_midnight(report: Report, scene: Scene) -> None:
    """Demand exceeds the limit before and after midnight: each day gets exactly its limit, and no unit is lost."""
    now = datetime.now(UTC)
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=2)
    scene.sandbox.faults(
        [
            {"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 0.4, "times": 40},
            {"match": {"path": "createMessage"}, "effect": "status", "status": 404, "times": 10},
        ]
    )
    scene.clock.set(midnight - now - timedelta(seconds=2))
    asyncio.run(scene.crowd.run(CLIENTS, seconds=4))
    scene.sandbox.clear_faults()
    asyncio.run(_fill_up(scene))
    days = _finish(report, scene)
    for account_id in scene.site.account_ids:
        seen = [days[account_id, midnight - timedelta(days=1)], days[account_id, midnight]]
        report.require(f"around midnight account {account_id} sent {seen} of {LIMIT} a day", holds=seen == [LIMIT] * 2)
    report.figures["days filled to their limit around midnight"] = 2 * ACCOUNTS


async def _fill_up(scene: Scene) -> None:
    """Use the remaining units of both days, so that a missing unit is detected too."""
    scene.clock.move(seconds=-60)
    await scene.crowd.run(8, most=len(scene.crowd.intentions) + 60)
    scene.clock.move(seconds=120)
    await scene.crowd.run(8, most=len(scene.crowd.intentions) + 60)


def _set_clock(report: Report, scene: Scene) -> None:
    """Set the clock back by an hour and a day, and forwards again, under load."""

    async def jump() -> None:
        crowd = asyncio.create_task(scene.crowd.run(CLIENTS, seconds=4))
        for hours in (-1, 1, -24, 24, 0.01, -0.01):
            await asyncio.sleep(0.5)
            scene.clock.move(hours=hours)
        await crowd

    asyncio.run(jump())
    _finish(report, scene)
    report.count("times that the clock was set", 6)


def send_by_wrong_clocks(plan: Plan, report: Report) -> None:
    """Run servers whose clocks are days or years off, beside a correct one and alone: one real day gets one limit."""
    plan.log("wrong clocks")
    folder = plan.folder / "wrong-clocks"
    folder.mkdir()
    with running_sandbox(members=500, accounts=ACCOUNTS) as sandbox:
        grow_accounts(sandbox, ACCOUNTS)
        site = prepare_site(folder, sandbox, database_url=plan.databases.fresh_url(plan.engine), accounts=ACCOUNTS)
        asyncio.run(_limit(site))
        with fleet_of(site, "serve") as fleet:
            right = fleet.services[0]
            crowd = Crowd(
                lambda: fleet.urls,
                site.key,
                sandbox.group_id,
                site.account_ids,
                recipients_of(sandbox, 40),
                plan.random("wrong clocks"),
                "wrong clocks",
            )
            wrong = [_start_wrong(fleet, folder, days) for days in WRONG_BY_DAYS]
            asyncio.run(crowd.run(CLIENTS, seconds=4))
            _require_limit(report, sandbox, "beside wrong clocks", exactly=False)
            for service in wrong:
                response = asyncio.run(ask(service.url or "", "GET", "/ready", {}, b""))
                is_reported = (
                    isinstance(response, Response)
                    and response.status == 503
                    and b"The clock is wrong" in response.content
                )
                report.require(f"the readiness of a wrong clock is {response}", holds=is_reported)
                service.kill()
            asyncio.run(crowd.run(CLIENTS, seconds=BEATS_SECONDS))
            _require_limit(report, sandbox, "after wrong clocks", exactly=True)
            right.kill()
            # Alone, a clock that is ahead can be found by PostgreSQL only; one that is behind, by what was used.
            for days in WRONG_BY_DAYS:
                if days < 0 or plan.engine == "postgresql":
                    service = _start_wrong(fleet, folder, days)
                    asyncio.run(crowd.run(CLIENTS, seconds=1))
                    service.kill()
            _require_limit(report, sandbox, "by wrong clocks alone", exactly=True)
    report.count("wrong clocks", len(WRONG_BY_DAYS))


def _start_wrong(fleet: Fleet, folder: Path, days: int) -> Service:
    file = folder / f"clock {days}"
    MovedClock(file).set(timedelta(days=days))
    return fleet.add("serve", module=("verification.clocked_process", f"{WRONG_MACHINE}{file}", "-"))


def _require_limit(report: Report, sandbox: SandboxProcess, when: str, *, exactly: bool) -> None:
    seen = sandbox.count_messages()
    most = ACCOUNTS * LIMIT
    report.require(f"{when} {seen} messages of {most} were seen", holds=seen == most if exactly else seen <= most)


def _finish(report: Report, scene: Scene) -> Counter[tuple[str, datetime]]:
    """Reconcile and compare everything. Returns the number of messages seen, by account and day of the unit."""
    ahead = max(timedelta(), scene.clock.ahead)
    scene.fleet.kill_all()
    reconcile_everything(scene.site, scene.sandbox, ahead=ahead)
    messages = scene.sandbox.messages()
    violations = find_violations(scene.crowd.intentions, [message["text"] for message in messages])
    report.count("intentions", len(scene.crowd.intentions))
    report.count_wrong("messages doubled", violations.doubled)
    report.count_wrong("200s without a message", violations.sent_without_message)
    report.count_wrong("denied, but sent", violations.denied_but_sent)
    books = read_books(scene.site)
    compare(report, books, messages)
    tokens = {message["originToken"] for message in messages}
    return Counter(
        (book.account_id, send.window_start) for book in books for send in book.sends if send.origin_token in tokens
    )
