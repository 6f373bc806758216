"""`script/bench`: everything side by side in one run, in interleaved rounds, told as ratios with their spread."""

import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.postgres import PostgresServer, running_postgres

from bench.campaigns import measure_campaigns
from bench.console import measure_console
from bench.growth import measure_growth
from bench.measure import Measured, measure
from bench.peers import processes as peers
from bench.processes import Contestant, gateway, seconds_to_first_answer, upstream
from bench.profiled import profile
from bench.report import Report
from bench.shares import in_turns
from bench.stores import CACHE, BenchStore, make_store

EVERYDAY_RATES = (100, 500)
"""Sends a second that a busy user makes, far below what the machine can do."""

ACCOUNTS = 2_000
"""Few enough that the warm-up has opened each one's session, as in a server that runs; growth has many more."""
_POSTGRES = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "listen_addresses": "",
    "logging_collector": "off",
    "jit": "off",
}
"""Everything else as PostgreSQL has it: fsync and synchronous_commit are on."""


@dataclass
class Plan:
    """How long and how often. Seconds are of one measurement."""

    rounds: int = 3
    seconds: float = 2.0
    warm_seconds: float = 0.5
    everyday_seconds: float = 4.0
    starts: int = 5
    sends_for_memory: int = 100_000
    many_accounts: int = 100_000
    ledger_rows: int = 5_000_000
    lanes: int = 10_000
    waiting: int = 1_000_000
    frozen: int = 100_000
    console_members: int = 100_000

    @classmethod
    def quick(cls) -> "Plan":
        """About a minute, with more noise."""
        return cls(
            rounds=1,
            seconds=0.8,
            warm_seconds=0.3,
            everyday_seconds=2.0,
            starts=2,
            sends_for_memory=4_000,
            many_accounts=20_000,
            ledger_rows=200_000,
            lanes=500,
            waiting=10_000,
            frozen=2_000,
            console_members=2_000,
        )


@dataclass
class Bench:
    """One run."""

    plan: Plan
    python: Path
    folder: Path
    report: Report = field(default_factory=Report)

    def run(self) -> Report:
        """All of it, in turn."""
        with ExitStack() as stack:
            direct = stack.enter_context(upstream(self.folder))
            linkedin = f"http://{direct.urls[0]}"
            server = stack.enter_context(running_postgres(_POSTGRES))
            self._tell("filling the stores")
            on_sqlite = make_store(self.folder / "sqlite", accounts=ACCOUNTS)
            on_postgres = self._on_postgres(server)
            direct.accounts = on_sqlite.accounts
            self._tell("starting")
            self._starts(on_sqlite, linkedin)
            contestants = [direct, *self._contestants(stack, on_sqlite, on_postgres, server, linkedin)]
            self._full_load(contestants, direct)
            self._half_load(contestants, direct)
            self._everyday_load(contestants, direct)
            self._shared(contestants, direct)
            self._public_client(linkedin)
            plan = self.plan
            self._tell("campaigns")
            self.report.campaigns = measure_campaigns(
                self.folder,
                server.url(server.create_database()),
                lanes=plan.lanes,
                waiting=plan.waiting,
                frozen=plan.frozen,
                rounds=plan.rounds,
                seconds=plan.seconds,
            )
        with ExitStack() as stack:
            direct = stack.enter_context(upstream(self.folder))
            linkedin = f"http://{direct.urls[0]}"
            direct.accounts = on_sqlite.accounts
            self._tell("memory")
            self._memory(on_sqlite, linkedin, direct)
            self._tell("profile")
            self.report.stages = profile(on_sqlite, linkedin, direct, self.folder, seconds=2 * self.plan.seconds)
            self._tell("growth: accounts and rows")
            self.report.growth = measure_growth(
                self.folder,
                linkedin,
                direct,
                many_accounts=plan.many_accounts,
                ledger_rows=plan.ledger_rows,
                rounds=plan.rounds,
                seconds=plan.seconds,
                warm_seconds=plan.warm_seconds,
            )
            self._tell("console")
            self.report.console = measure_console(linkedin, sends=plan.ledger_rows, members=plan.console_members)
            self.report.console_sizes = plan.ledger_rows, plan.console_members
        return self.report

    def _contestants(
        self, stack: ExitStack, on_sqlite: BenchStore, on_postgres: BenchStore, server: PostgresServer, linkedin: str
    ) -> Iterator[Contestant]:
        for name, store, processes in (
            ("sqlite_1", on_sqlite, 1),
            ("sqlite_2", on_sqlite, 2),
            ("postgres_1", on_postgres, 1),
            ("postgres_2", on_postgres, 2),
        ):
            yield stack.enter_context(gateway(name, store, linkedin, processes=processes))
        of_peers = server.url(server.create_database())
        peers.fill_postgresql(of_peers, ACCOUNTS)
        peers.fill_sqlite(self.folder / "plain.db", ACCOUNTS)
        for name, more in (
            ("tutorial", {"DATABASE_URL": of_peers.replace("postgresql://", "postgresql+asyncpg://")}),
            ("plain", {"DATABASE_PATH": str(self.folder / "plain.db")}),
            ("ceiling", {}),
        ):
            settings = {"LINKEDIN_URL": linkedin, **more}
            yield stack.enter_context(peers.peer(name, name, self.python, self.folder, ACCOUNTS, settings))
        proxy = stack.enter_context(peers.nginx(linkedin, self.folder, ACCOUNTS))
        if proxy is None:
            self.report.notes.append("nginx is not installed here, so it is left out")
        else:
            yield proxy

    def _on_postgres(self, server: PostgresServer) -> BenchStore:
        url = server.url(server.create_database())
        return make_store(self.folder / "postgres", accounts=ACCOUNTS, url=url)

    def _starts(self, store: BenchStore, linkedin: str) -> None:
        seconds_to_first_answer(store, linkedin)  # compiles the modules, as an installation has done
        self.report.start_seconds = [seconds_to_first_answer(store, linkedin) for _ in range(self.plan.starts)]

    def _full_load(self, contestants: list[Contestant], direct: Contestant) -> None:
        for number in range(self.plan.rounds):
            self._tell(f"full load, round {number + 1} of {self.plan.rounds}")
            for contestant in contestants:
                self._note("full", contestant, self._measured(contestant, direct))

    def _half_load(self, contestants: list[Contestant], direct: Contestant) -> None:
        """Each at half of what it can do; LinkedIn directly at half of what the gateway can."""
        rates = {name: median(seen.rate for seen in all_seen) / 2 for name, all_seen in self.report.full.items()}
        rates["direct"] = rates["sqlite_1"]
        for number in range(self.plan.rounds):
            self._tell(f"half load, round {number + 1} of {self.plan.rounds}")
            for contestant in contestants:
                if contestant.name in ("direct", "sqlite_1", "postgres_1", "plain", "ceiling"):
                    seen = self._measured(contestant, direct, rate=rates[contestant.name])
                    self._note("half", contestant, seen)

    def _everyday_load(self, contestants: list[Contestant], direct: Contestant) -> None:
        """Fixed rates, the gateway on both stores and the bare proxy in turn."""
        chosen = [one for one in contestants if one.name in ("direct", "sqlite_1", "postgres_1", "ceiling")]
        for number in range(self.plan.rounds):
            self._tell(f"everyday load, round {number + 1} of {self.plan.rounds}")
            for rate in EVERYDAY_RATES:
                for contestant in chosen:
                    seen = self._measured(contestant, direct, rate=rate, seconds=self.plan.everyday_seconds)
                    self.report.everyday.setdefault(rate, {}).setdefault(contestant.name, []).append(seen)

    def _shared(self, contestants: list[Contestant], direct: Contestant) -> None:
        """Two processes against one, each with a quarter of the time: two cores do not hold two whole ones."""
        one, two = (next(c for c in contestants if c.name == name) for name in ("postgres_1", "postgres_2"))
        for _ in range(self.plan.rounds):
            for contestant in (one, two):
                with in_turns(contestant.pids):
                    each = 64 * len(contestant.pids)
                    self._note("quarter", contestant, self._measured(contestant, direct, connections=each))

    def _public_client(self, linkedin: str) -> None:
        self.report.public_client = peers.public_client(self.python, linkedin, self.plan.seconds)

    def _memory(self, store: BenchStore, linkedin: str, direct: Contestant) -> None:
        with gateway("memory", store, linkedin) as contestant:
            time.sleep(0.5)
            idle = contestant.rss_bytes()
            measure(contestant, direct, seconds=0.5)  # connections and caches
            warm, sent = contestant.rss_bytes(), 0
            rate = median(seen.rate for seen in self.report.full["sqlite_1"])
            while sent < self.plan.sends_for_memory:
                seconds = min((self.plan.sends_for_memory - sent) / rate, 10) + 0.2
                sent += measure(contestant, direct, seconds=seconds, warm_seconds=0).good
            self.report.memory = (idle, warm, contestant.rss_bytes(), sent)

    def _measured(
        self,
        contestant: Contestant,
        direct: Contestant,
        *,
        rate: float | None = None,
        connections: int = 64,
        seconds: float | None = None,
    ) -> Measured:
        return measure(
            contestant,
            direct,
            seconds=seconds or self.plan.seconds,
            warm_seconds=self.plan.warm_seconds,
            rate=rate,
            connections=connections,
        )

    def _note(self, load: str, contestant: Contestant, seen: Measured) -> None:
        measured: dict[str, list[Measured]] = getattr(self.report, load)
        measured.setdefault(contestant.name, []).append(seen)

    @staticmethod
    def _tell(what: str) -> None:
        print(f"bench: {what} ...", file=sys.stderr, flush=True)


@contextmanager
def _folder() -> Iterator[Path]:
    """On the checkout's own disk: a temporary folder may be memory, where nothing is durable."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Run and tell."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure the gateway beside its peers.")
    parser.add_argument("--quick", action="store_true", help="about a minute, smaller and noisier")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--peers-python", type=Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    began = time.monotonic()
    with _folder() as folder:
        report = Bench(Plan.quick() if options.quick else Plan(), options.peers_python, folder).run()
    report.notes.append(f"the run took {time.monotonic() - began:.0f} seconds")
    print(json.dumps(report.as_json()) if options.json else report.as_text())


if __name__ == "__main__":
    main()
