"""Mutants: each guard of the product is removed in turn, and some check has to fail."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import confrere
from verification.checks import CHECKS, ROOT
from verification.mutation import Mutation
from verification.mutations import MUTATIONS
from verification.plan import Plan
from verification.report import Report

AT_A_TIME = 2
_CHECK_SECONDS = 600
_LEFT_OUT = shutil.ignore_patterns("__pycache__")
_DATABASES = 3
"""The most that one check needs."""


class DoesNotApply(Exception):
    """The text that a mutation replaces is not in the source exactly once: the mutation is outdated."""


@dataclass(frozen=True)
class MutantResult:
    """The result of a mutation. check: the one that failed, None where it survived."""

    mutation: Mutation
    check: str | None
    seconds: float


def prove(plan: Plan) -> Report:
    """Run every mutation on its engine."""
    report = Report("mutants", "both")
    _ = plan.databases.server  # started here: it ends with the thread that started it
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(lambda number: _try(plan, report, number), range(len(MUTATIONS))))
    killed = [result for result in results if result and result.check]
    report.figures["mutants"] = len(results)
    report.figures["killed"] = len(killed)
    for result in killed:
        report.figures[f"  {result.mutation.name}"] = f"killed by {result.check}"
    used = sorted({(result.mutation.engine, result.check) for result in killed if result.check})
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        list(pool.map(lambda pair: _try_without(plan, report, *pair), used))
    report.figures["checks that pass without a mutation"] = len(used)
    return report


def source() -> Path:
    """Return the folder of the imported product."""
    return Path(confrere.__file__).parent


def mutate(mutation: Mutation, folder: Path) -> None:
    """Copy the product to the folder and apply the mutation to it. Raises DoesNotApply."""
    copy = folder / "confrere"
    shutil.copytree(source(), copy, ignore=_LEFT_OUT)
    file = copy / mutation.file
    text = file.read_text("utf-8")
    if text.count(mutation.old) != 1 or mutation.old == mutation.new:
        raise DoesNotApply(f"{mutation.name}: found {text.count(mutation.old)} times in {mutation.file}")
    file.write_text(text.replace(mutation.old, mutation.new), "utf-8")


def run_check(plan: Plan, name: str, engine: str, copy: Path) -> str | None:
    """Run the check on the product in this folder. Returns its output where it fails, else None."""
    work = copy / f"work-{name.replace('/', '-')}"
    work.mkdir()
    urls = [url for _ in range(_DATABASES) if (url := plan.databases.fresh_url(engine))]
    command = [sys.executable, "-m", "verification.checks", name, engine, str(plan.seed), str(work), *urls]
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=_CHECK_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # a check's own processes, too
            return "it came to no end"
    return None if process.returncode == 0 else output


def _try(plan: Plan, report: Report, number: int) -> MutantResult | None:
    mutation, started = MUTATIONS[number], monotonic()
    folder = plan.folder / str(number)
    try:
        mutate(mutation, folder)
    except DoesNotApply as why:
        report.violate(f"a mutation does not apply: {why}")
        return None
    for name in _in_order(mutation.checks):
        if run_check(plan, name, mutation.engine, folder) is not None:
            plan.log(f"{mutation.name}: killed by {name}")
            return MutantResult(mutation, name, monotonic() - started)
    report.violate(f"a mutant survived: {mutation.name}")
    return MutantResult(mutation, None, monotonic() - started)


def _try_without(plan: Plan, report: Report, engine: str, check: str) -> None:
    """Require that the check passes on the product as it is: otherwise it proves nothing about a mutant."""
    folder = plan.folder / f"{check.replace('/', '-')}-{engine}"
    shutil.copytree(source(), folder / "confrere", ignore=_LEFT_OUT)
    complaint = run_check(plan, check, engine, folder)
    if complaint is not None:
        report.violate(f"the check {check} on {engine} fails without a mutation: {complaint[-600:]}")


def _in_order(first: Sequence[str]) -> list[str]:
    return [*first, *(name for name in CHECKS if name not in first)]
