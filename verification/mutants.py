"""Mutants: each guard of the product is taken away in turn, and some check of the proof has to notice."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import confrere
from verification.checks import CHECKS, ROOT
from verification.mutations import MUTATIONS, Mutation
from verification.plan import Plan
from verification.report import Report

AT_A_TIME = 2
_CHECK_SECONDS = 150
_LEFT_OUT = shutil.ignore_patterns("__pycache__")
_DATABASES = 3
"""That a check needs at most."""


class DoesNotApply(Exception):
    """What a mutation replaces is not in the source, or more than once: the mutation is out of date."""


@dataclass(frozen=True)
class MutantResult:
    """What became of a mutant. check: the one that noticed, None where none did."""

    mutation: Mutation
    check: str | None
    seconds: float


def prove(plan: Plan) -> Report:
    """All mutations, on the engine that each is about."""
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
    report.figures["checks that notice nothing without a mutation"] = len(used)
    return report


def source() -> Path:
    """The product that is in use."""
    return Path(confrere.__file__).parent


def mutate(mutation: Mutation, folder: Path) -> None:
    """A copy of the product in the folder, with its guard taken away. Raises DoesNotApply."""
    copy = folder / "confrere"
    shutil.copytree(source(), copy, ignore=_LEFT_OUT)
    file = copy / mutation.file
    text = file.read_text("utf-8")
    if text.count(mutation.old) != 1 or mutation.old == mutation.new:
        raise DoesNotApply(f"{mutation.name}: found {text.count(mutation.old)} times in {mutation.file}")
    file.write_text(text.replace(mutation.old, mutation.new), "utf-8")


def run_check(plan: Plan, name: str, engine: str, copy: Path) -> str | None:
    """What the check says of the product in this folder; None where it notices nothing."""
    work = copy / f"work-{name.replace('/', '-')}"
    work.mkdir()
    urls = [url for _ in range(_DATABASES) if (url := plan.databases.fresh_url(engine))]
    command = [sys.executable, "-m", "verification.checks", name, engine, str(plan.seed), str(work), *urls]
    environment = {**os.environ, "PYTHONPATH": f"{copy}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_CHECK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return "it came to no end"
    return None if ended.returncode == 0 else f"{ended.stdout}{ended.stderr}"


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
    """A check that notices something in the product as it is kills nothing."""
    folder = plan.folder / f"{check.replace('/', '-')}-{engine}"
    shutil.copytree(source(), folder / "confrere", ignore=_LEFT_OUT)
    complaint = run_check(plan, check, engine, folder)
    if complaint is not None:
        report.violate(f"the check {check} on {engine} notices something without any mutation: {complaint[-600:]}")


def _in_order(first: Sequence[str]) -> list[str]:
    return [*first, *(name for name in CHECKS if name not in first)]
