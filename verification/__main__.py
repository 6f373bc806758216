"""The proof: `script/prove`. See docs/guarantees.md."""

import argparse
import importlib
import json
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from confrere.telemetry.logs import configure_logs
from verification.databases import open_databases
from verification.plan import DEFAULT_MINUTES, ENGINES, SHARES, Plan, seconds_of
from verification.report import Report

_MODULES = {"time": "clocks"}
_ONCE = frozenset({"connections", "mutants"})
"""Parts that run once, whatever engines are chosen: they choose engines themselves, or need none."""


def main() -> int:
    """Run the chosen parts. Returns 0 if every promise was kept, else 1."""
    options = _options()
    configure_logs(level="error", form="text")
    screen = Console(stderr=True, highlight=False)
    parts = [options.only] if options.only else list(SHARES)
    engines = [options.engine] if options.engine else list(ENGINES)
    screen.print(f"proof with seed {options.seed}: {', '.join(parts)} on {' and '.join(engines)}")
    reports: list[Report] = []
    started = time.monotonic()
    with open_databases() as databases, tempfile.TemporaryDirectory(prefix="confrere-proof-") as folder:
        for part in parts:
            chosen = engines[:1] if part in _ONCE else engines
            for engine in chosen:
                own = Path(folder) / f"{part}-{engine}"
                own.mkdir()
                seconds = seconds_of(part, options.minutes) / len(chosen)
                plan = Plan(options.seed, engine, seconds, own, databases, lambda text: screen.print(f"    {text}"))
                screen.print(f"{part} on {engine}, about {seconds:.0f} s …")
                report = _prove(part, plan)
                reports.append(report)
                screen.print(
                    f"  {'kept' if report.kept else 'BROKEN'}, {time.monotonic() - started:.0f} s since the start"
                )
                for text in report.violations:
                    screen.print(f"  ! {text}", markup=False)
    if options.json:
        sys.stdout.write(json.dumps(_document(options.seed, reports), indent=2) + "\n")
    else:
        _show(reports, options.seed)
    return 0 if all(report.kept for report in reports) else 1


def _prove(part: str, plan: Plan) -> Report:
    """Run a part and return its report; an exception in it counts as a violation."""
    module = importlib.import_module(f"verification.{_MODULES.get(part, part)}")
    started = time.monotonic()
    try:
        report: Report = module.prove(plan)
    except Exception as fault:  # noqa: BLE001 (a proof that cannot be made proves nothing; the others go on)
        report = Report(part, plan.engine)
        report.violate(f"the part did not come to its end: {fault!r}\n{traceback.format_exc()}")
    report.figures["seconds"] = round(time.monotonic() - started)
    return report


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/prove", description="Try to break every guarantee of Confrere.")
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="about how long, in all")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--only", choices=list(SHARES), help="one part instead of all")
    parser.add_argument("--engine", choices=ENGINES, help="one engine instead of both")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of as a table")
    options = parser.parse_args()
    if options.minutes <= 0:
        parser.error("--minutes must be more than 0")
    return options


def _document(seed: int, reports: Sequence[Report]) -> dict[str, object]:
    return {
        "seed": seed,
        "kept": all(report.kept for report in reports),
        "parts": [
            {
                "part": report.part,
                "engine": report.engine,
                "kept": report.kept,
                "figures": report.figures,
                "violationCount": report.violation_count,
                "violations": report.violations,
            }
            for report in reports
        ],
    }


def _show(reports: Sequence[Report], seed: int) -> None:
    table = Table("part", "engine", "figure", "value", title=f"script/prove, seed {seed}")
    for report in reports:
        name, engine = report.part, report.engine
        for figure, value in report.figures.items():
            table.add_row(name, engine, figure, f"{value:,}" if isinstance(value, int) else str(value))
            name = engine = ""
        table.add_row("", "", "violations", str(report.violation_count), end_section=True)
    Console(file=sys.stdout, width=110, highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main())
