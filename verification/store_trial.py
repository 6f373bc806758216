"""A site whose store is about to get into trouble, some clients, and what must hold when the trouble is over."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import Site, prepare_site

from verification.client import Told
from verification.crowd import Crowd
from verification.fleet import Fleet, fleet_of
from verification.intentions import Intention, Style, judge
from verification.ledgers import compare, grow_accounts, read_books, recipients_of, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.shapes import Shapes

ACCOUNTS = 3
ENVIRONMENT = {"CONFRERE_RECONCILE_GAP_SECONDS": "1.5"}

AccountProblem = Callable[[], Awaitable[None]]


@dataclass
class Trial:
    """One kind of trouble. May-be answers while it lasts: 200, 503, 500 with an outcome, 409 for a key in use."""

    name: str
    report: Report
    sandbox: SandboxProcess
    site: Site
    fleet: Fleet
    crowd: Crowd
    statuses: Counter[str] = field(default_factory=Counter)

    async def send_through(self, trouble: AccountProblem, *, count: int = 8, after_seconds: float = 0.0) -> None:
        """Clients begin, and after a while the trouble; each client goes on until it is told something certain."""
        clients = [asyncio.create_task(self.crowd.carry_out(intention)) for intention in self._intentions(count)]
        await asyncio.sleep(after_seconds)
        await trouble()
        await asyncio.gather(*clients)

    def _intentions(self, count: int) -> list[Intention]:
        intentions = [self.crowd.new_intention() for _ in range(count)]
        for number, intention in enumerate(intentions):
            intention.style = Style.KEYED if number % 2 else Style.KEYLESS
            intention.key = f"{self.name}-{number}".replace(" ", "-") if number % 2 else None
        return intentions

    def judge(self) -> None:
        """Every answer was a documented one, and everything agrees."""
        shapes = Shapes()
        for intention in self.crowd.intentions:
            for answer in intention.told:
                if isinstance(answer, Told):
                    self.statuses[f"{answer.status} {answer.outcome or ''}".strip()] += 1
                    for wrong in shapes.complaints(answer):
                        self.report.violate(f"{self.name}: {wrong}")
                    if answer.status not in (200, 409, 503) and answer.outcome is None:
                        self.report.violate(f"{self.name}: told {answer}")
            if not intention.was_told_sent:
                self.report.violate(f"{self.name}: never told 200: {intention}")
        reconcile_everything(self.site, self.sandbox)
        messages = self.sandbox.messages()
        verdict = judge(self.crowd.intentions, [message["text"] for message in messages])
        self.report.count("store troubles")
        self.report.figures[f"told during {self.name}"] = ", ".join(
            f"{count} x {status}" for status, count in sorted(self.statuses.items())
        )
        self.report.count_wrong("messages doubled", verdict.doubled)
        self.report.count_wrong("200s without a message", verdict.sent_without_message)
        self.report.count_wrong("denied, but sent", verdict.denied_but_sent)
        compare(self.report, read_books(self.site), messages)


@contextmanager
def trial_of(
    name: str,
    plan: Plan,
    report: Report,
    *,
    database_url: str | None = None,
    log_level: str = "error",
    log_to_file: bool = False,
) -> Iterator[Trial]:
    """A fresh site with one server. `database_url`: None is the embedded store in a folder of its own."""
    home = plan.folder / name.replace(" ", "-")
    home.mkdir()
    plan.say(name)
    with running_sandbox(members=500, accounts=ACCOUNTS) as sandbox:
        grow_accounts(sandbox, ACCOUNTS)
        site = prepare_site(home, sandbox, database_url=database_url, accounts=ACCOUNTS)
        if not log_to_file:
            site.log = Path(os.devnull)
        with fleet_of(site, "serve", environment={**ENVIRONMENT, "CONFRERE_LOG_LEVEL": log_level}) as fleet:
            crowd = Crowd(
                urls=lambda: fleet.urls,
                api_key=site.key,
                group_id=sandbox.group_id,
                account_ids=site.account_ids,
                recipients=recipients_of(sandbox, 40),
                random=plan.random(name),
                name=name,
            )
            yield Trial(name, report, sandbox, site, fleet, crowd)
