"""Faults of PostgreSQL: it is killed and restarts, or a connection ends between a statement and its answer."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager

from verification.databases import MortalPostgres, mortal_postgres
from verification.plan import Plan
from verification.report import Report
from verification.store_trial import Trial, trial_of
from verification.tcp_proxy import Proxy, What, running_proxy

_LINKEDIN_SLOW = {"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 1.5, "times": 8}

Cut = tuple[str, What, int]

CUTS: list[Cut] = [
    ("reserve_send", "cut before", 3),
    ("reserve_send", "cut after", 3),
    ("settle_send", "cut before", 3),
    ("settle_send", "cut after", 3),
    ("reserve_send", "cut after", 60),
    ("settle_send", "cut after", 60),
]
"""A few cuts are hidden from the caller by retries; sixty exceed the number of retries."""


def prove(plan: Plan, report: Report) -> None:
    """Run all faults."""
    with mortal_postgres() as postgres:
        with trial_of("server killed", plan, report, database_url=postgres.url) as trial:
            asyncio.run(trial.send_through(lambda: _kill(postgres, 3.0), after_seconds=0.02))
            trial.check()
        url = postgres.server.url(postgres.server.create_database())
        with trial_of("server killed while LinkedIn is asked", plan, report, database_url=url) as trial:
            trial.sandbox.faults([_LINKEDIN_SLOW])
            asyncio.run(trial.send_through(lambda: _kill(postgres, 3.0), after_seconds=0.7))
            trial.check()
    cut(plan, report, CUTS)
    with (
        running_proxy(plan.databases.server.home / ".s.PGSQL.5432") as proxy,
        _trial_behind(proxy, "answer held longer than is waited for", plan, report) as trial,
    ):
        for word in ("reserve_send", "settle_send"):
            proxy.plan(word, "hold", times=3, seconds=6)
        asyncio.run(trial.send_through(_nothing))
        trial.check()


def cut(plan: Plan, report: Report, cuts: Sequence[Cut]) -> None:
    """Cut connections before or after these statements."""
    with running_proxy(plan.databases.server.home / ".s.PGSQL.5432") as proxy:
        for word, what, times in cuts:
            with _trial_behind(proxy, f"{what} {word} {times} times", plan, report) as trial:
                proxy.plan(word, what, times=times)
                asyncio.run(trial.send_through(_nothing))
                trial.check()
                report.require(f"{trial.name}: no statement came by", holds=proxy.applied > 0)
                proxy.planned.clear()
                proxy.applied = 0


def _trial_behind(proxy: Proxy, name: str, plan: Plan, report: Report) -> AbstractContextManager[Trial]:
    database = plan.databases.server.create_database()
    url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}?sslmode=disable"
    return trial_of(name, plan, report, database_url=url)


async def _kill(postgres: MortalPostgres, seconds: float) -> None:
    """Kill all processes of the server; after a while start it again."""
    await asyncio.to_thread(postgres.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(postgres.start)


async def _nothing() -> None:
    pass
