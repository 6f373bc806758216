"""A site whose store fails for a while, clients that send meanwhile, and what must hold afterwards."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import Site, prepare_site

from verification.client import Response
from verification.crowd import Crowd
from verification.fleet import Fleet, fleet_of
from verification.intentions import Intention, Style, find_violations
from verification.ledgers import compare, grow_accounts, read_books, recipients_of, reconcile_everything
from verification.plan import Plan
from verification.report import Report
from verification.shapes import Shapes

ACCOUNTS = 3
ENVIRONMENT = {"CONFRERE_RECONCILE_GAP_SECONDS": "1.5"}

BreakStore = Callable[[], Awaitable[None]]


@dataclass
class Trial:
    """One failure of the store. Allowed answers while it lasts: 200, 503, 500 with an outcome, 409 for a key in use."""

    name: str
    report: Report
    sandbox: SandboxProcess
    site: Site
    fleet: Fleet
    crowd: Crowd
    statuses: Counter[str] = field(default_factory=Counter)

    async def send_through(self, break_store: BreakStore, *, count: int = 8, after_seconds: float = 0.0) -> None:
        """Start clients, then break the store; each client repeats until its answer is certain."""
        clients = [asyncio.create_task(self.crowd.carry_out(intention)) for intention in self._intentions(count)]
        await asyncio.sleep(after_seconds)
        await break_store()
        await asyncio.gather(*clients)

    def _intentions(self, count: int) -> list[Intention]:
        intentions = [self.crowd.new_intention() for _ in range(count)]
        for number, intention in enumerate(intentions):
            intention.style = Style.KEYED if number % 2 else Style.KEYLESS
            intention.key = f"{self.name}-{number}".replace(" ", "-") if number % 2 else None
        return intentions

    def check(self) -> None:
        """Check that every answer was a documented one, and that ledger and LinkedIn agree."""
        shapes = Shapes()
        for intention in self.crowd.intentions:
            for answer in intention.answers:
                if isinstance(answer, Response):
                    self.statuses[f"{answer.status} {answer.outcome or ''}".strip()] += 1
                    for wrong in shapes.complaints(answer):
                        self.report.violate(f"{self.name}: {wrong}")
                    if answer.status not in (200, 409, 503) and answer.outcome is None:
                        self.report.violate(f"{self.name}: answered {answer}")
            if not intention.was_reported_sent:
                self.report.violate(f"{self.name}: never answered 200: {intention}")
        reconcile_everything(self.site, self.sandbox)
        messages = self.sandbox.messages()
        violations = find_violations(self.crowd.intentions, [message["text"] for message in messages])
        self.report.count("store failures")
        self.report.figures[f"answers during {self.name}"] = ", ".join(
            f"{count} x {status}" for status, count in sorted(self.statuses.items())
        )
        self.report.count_wrong("messages doubled", violations.doubled)
        self.report.count_wrong("200s without a message", violations.sent_without_message)
        self.report.count_wrong("denied, but sent", violations.denied_but_sent)
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
    """Yield a trial on a new site with one server. database_url: None for the embedded store."""
    home = plan.folder / name.replace(" ", "-")
    home.mkdir()
    plan.log(name)
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
