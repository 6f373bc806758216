"""Model: random histories of the real store beside a simple model, and every order of short ones."""

import shutil
import tempfile
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from verification.interleavings import explore_postgresql, explore_sqlite
from verification.machine import StoreMachine
from verification.plan import Plan
from verification.report import Report

STEPS = 40
_EXAMPLES_AT_A_TIME = 20


def prove(plan: Plan) -> Report:
    """Run the part on one engine: 30 % of the time for random histories, the rest for short ones."""
    report = Report("model", plan.engine)
    run_machine(report, plan, seconds=plan.seconds * 0.3)
    if plan.engine == "sqlite":
        explore_sqlite(report, seconds=plan.seconds * 0.7)
    else:
        url = plan.databases.fresh_url(plan.engine)
        assert url is not None
        explore_postgresql(report, url, seconds=plan.seconds * 0.7)
    return report


def run_machine(report: Report, plan: Plan, *, seconds: float, most: int | None = None) -> None:
    """Run batches of examples, each with a seed of its own, until the time or the number is reached."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="confrere-", dir=memory if memory.is_dir() else None))
    url = plan.databases.fresh_url(plan.engine) or f"sqlite://{folder / 'confrere.db'}"

    class Machine(StoreMachine):
        def fresh_url(self) -> str:
            return url

    until, batch = monotonic() + seconds, 0
    try:
        while monotonic() < until and (most is None or batch * _EXAMPLES_AT_A_TIME < most):
            examples = min(_EXAMPLES_AT_A_TIME, most or _EXAMPLES_AT_A_TIME)
            machine = seed(f"{plan.seed}/{batch}")(Machine)
            _run(report, machine, examples)
            batch += 1
            report.count("random histories", examples)
            if not report.kept:
                break
    finally:
        shutil.rmtree(folder)
    report.figures["steps of a random history, at most"] = STEPS


def _run(report: Report, machine: type[StoreMachine], examples: int) -> None:
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                verbosity=Verbosity.quiet,
                print_blob=False,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
    except AssertionError as broken:
        notes = "\n".join(getattr(broken, "__notes__", []))
        report.violate(f"a random history broke a promise: {broken}\n{notes}")
