"""A process that is suspended past its lease at three points of a send, and then continues."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import OpenServices, Site, prepare_site

from verification.client import NoResponse, Response
from verification.clocked_process import MovedClock
from verification.crowd import Crowd
from verification.fleet import Fleet, Service, fleet_of
from verification.intentions import Intention, Style
from verification.ledgers import compare, read_books, reconcile_everything
from verification.plan import Plan
from verification.report import Report

_PATIENCE_SECONDS = 20
_CLIENT_GIVES_UP_SECONDS = 0.2


@dataclass
class Sleeper:
    """A site with a server that suspends itself at its first send, and another one that does not."""

    sandbox: SandboxProcess
    site: Site
    clock: MovedClock
    fleet: Fleet
    asleep: Service
    awake: Service
    crowd: Crowd

    async def send(self, service: Service, *, disconnect: bool = False) -> Response | NoResponse:
        """Send the message, from a client without a key."""
        assert service.url is not None
        url = service.url
        self.crowd.urls = lambda: [url]
        style = Style.KEYLESS_DISCONNECTS if disconnect else Style.KEYLESS
        intention = Intention("hello", 0, self.sandbox.recipient, style)
        return await self.crowd.send(intention, give_up_after=_CLIENT_GIVES_UP_SECONDS if disconnect else None)

    async def until_asleep(self) -> None:
        """Wait until the first server has suspended itself."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not self.asleep.is_stopped:
                await asyncio.sleep(0.01)

    async def work(self) -> None:
        """Run a worker that finds the lease ended and searches twice, minutes apart."""
        async with OpenServices(self.site.settings, clock=lambda: self.clock.now(UTC)) as services:
            for _ in range(3):
                self.clock.move(minutes=3)
                await services.reconciler.reconcile_due()

    async def wake(self) -> None:
        """Resume the first server, let it finish, and stop it."""
        self.asleep.signal(signal.SIGCONT)
        self.asleep.signal(signal.SIGTERM)
        assert self.asleep.process is not None
        code = await asyncio.to_thread(self.asleep.process.wait, _PATIENCE_SECONDS)
        assert code == 0, f"the server that had slept ended with {code}"


def outlive_leases(plan: Plan, report: Report) -> None:
    """Run all three points."""
    with _sleeper(plan, "after reserving") as sleeper:
        response = asyncio.run(_sleep_through(sleeper))
        _finish(report, sleeper, response, messages=1)
    with _sleeper(plan, "after LinkedIn's answer") as sleeper:
        response = asyncio.run(_sleep_through(sleeper))
        _finish(report, sleeper, response, messages=1)
    # The one limit that no check of a clock can close: a suspension between the last check and the first byte.
    with _sleeper(plan, "before asking LinkedIn") as sleeper:
        response = asyncio.run(_sleep_through(sleeper))
        _finish(report, sleeper, response, messages=None)
        report.figures["messages of a process suspended after its last check of the clock"] = (
            sleeper.sandbox.count_messages()
        )


@contextmanager
def _sleeper(plan: Plan, point: str) -> Iterator[Sleeper]:
    plan.log(f"suspended {point}")
    folder = plan.folder / point.replace(" ", "-").replace("'", "")
    folder.mkdir()
    clock = folder / "clock"
    with running_sandbox(members=300) as sandbox:
        site = prepare_site(folder, sandbox, database_url=plan.databases.fresh_url(plan.engine))
        with fleet_of(site) as fleet:
            moved = MovedClock(clock)
            asleep = fleet.add("serve", module=("verification.clocked_process", str(clock), point))
            awake = fleet.add("serve", module=("verification.clocked_process", str(clock), "-"))
            crowd = Crowd(lambda: fleet.urls, site.key, sandbox.group_id, site.account_ids, [], plan.random(point))
            yield Sleeper(sandbox, site, moved, fleet, asleep, awake, crowd)


async def _sleep_through(sleeper: Sleeper) -> Response | NoResponse:
    """Return the answer to a client that gave up on the suspended server and repeats at the other one."""
    first = asyncio.create_task(sleeper.send(sleeper.asleep, disconnect=True))
    await sleeper.until_asleep()
    await sleeper.work()
    response = await sleeper.send(sleeper.awake)
    await sleeper.wake()
    await first
    return response


def _finish(report: Report, sleeper: Sleeper, response: Response | NoResponse, *, messages: int | None) -> None:
    reconcile_everything(sleeper.site, sleeper.sandbox, ahead=sleeper.clock.ahead)
    seen = sleeper.sandbox.messages()
    report.count("leases outlived")
    if messages is not None:
        report.require(f"after a suspension {len(seen)} messages were seen", holds=len(seen) == messages)
    report.require(
        f"after a suspension the repeat was answered {response}",
        holds=isinstance(response, Response) and response.status == 200,
    )
    compare(report, read_books(sleeper.site), seen, limits=messages is not None)
