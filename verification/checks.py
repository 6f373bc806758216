"""Checks that are run on a mutated copy of the product.

`python -m verification.checks NAME ENGINE SEED FOLDER [URL …]`: each is a small piece of the proof in a process of its
own, which tries the copy on its PYTHONPATH. Exit code 1: it noticed something.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from confrere.telemetry.logs import configure_logs
from verification import campaign, linkedin_faults, restore, suspension
from verification.databases import Databases
from verification.interleavings import HISTORIES, explore
from verification.model import run_machine
from verification.plan import Plan
from verification.report import Report

ROOT = Path(__file__).parents[1]
_ORDERS_OF_EACH = 400
_SECONDS = 40.0
_EFFECTS = frozenset(
    {
        "nothing",
        "status 404",
        "status 400",
        "status 401",
        "status 429",
        "status 500",
        "reset_before_read",
        "reset_after_accept",
        "truncate",
        "html",
        "read_lag_seconds",
    }
)
_ROOMS = (
    "tests/contract/store",
    "tests/unit/sending",
    "tests/unit/linkedin",
    "tests/unit/campaigns",
    "tests/unit/webhooks",
    "tests/contract/webhooks",
    "tests/contract/linkedin",
    "verification/test_unanswered.py",
    "verification/test_disconnects.py",
    "verification/test_key_race.py",
)


class GivenDatabases(Databases):
    """Databases that the caller has made."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__()
        self._urls = iter(urls)

    def fresh_url(self, engine: str) -> str | None:
        """Return the next of them; None where none is left."""
        return next(self._urls, None)


def orders(plan: Plan, report: Report) -> None:
    """Play some hundred orders of each short history."""
    url = plan.databases.fresh_url(plan.engine)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        asyncio.run(
            explore(report, url or f"sqlite://{folder}/confrere.db", HISTORIES, seconds=_SECONDS, most=_ORDERS_OF_EACH)
        )


def histories(plan: Plan, report: Report) -> None:
    """Play random histories."""
    run_machine(report, plan, seconds=_SECONDS, most=200)


def faults(plan: Plan, report: Report) -> None:
    """Run LinkedIn's faults, each against clients that repeat."""
    cases = [
        case
        for case in linkedin_faults.all_cases(slow=False)
        if case.effect.name in _EFFECTS and case.repeats and not case.old_thread
    ]
    linkedin_faults.prove(plan, report, cases)


def sleep(plan: Plan, report: Report) -> None:
    """Suspend a process past its lease."""
    suspension.outlive_leases(plan, report)


def contract(plan: Plan, report: Report, *files: str) -> None:
    """Run these test files, or all tests of the rooms that have guards."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        *(files or _ROOMS),
        "-k",
        f"not {_other(plan)}",
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report.require(ended.stdout[-300:], holds=ended.returncode == 0)


def kill_in_campaigns(plan: Plan, report: Report) -> None:
    """Kill workers and servers while short campaigns run."""
    report.add(campaign.prove(plan, people=60))


def repeat_after_a_restore(plan: Plan, report: Report) -> None:
    """Restore an older backup, and repeat everything."""
    report.add(restore.prove(replace(plan, seconds=0.0)))


CHECKS: dict[str, Callable[..., None]] = {
    "orders": orders,
    "histories": histories,
    "faults": faults,
    "sleep": sleep,
    "contract": contract,
    "campaign": kill_in_campaigns,
    "restore": repeat_after_a_restore,
}
"""By name, in the order in which they run after those that a mutation names. `contract:FILE` runs one test file."""


def _other(plan: Plan) -> str:
    return "postgresql" if plan.engine == "sqlite" else "sqlite"


def _memory() -> Path | None:
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


def main(name: str, engine: str, seed: str, folder: str, *urls: str) -> int:
    """Run one check."""
    configure_logs(level="error", form="text")
    report = Report(name, engine)
    plan = Plan(int(seed), engine, _SECONDS, Path(folder), GivenDatabases(urls), lambda _: None)
    check, *files = name.split(":")
    CHECKS[check](plan, report, *files)
    for text in report.violations:
        sys.stdout.write(f"{text}\n")
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
