"""Faults of LinkedIn and of the store: each has a documented answer, and the promises hold after it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from verification import linkedin_faults, postgres_faults, sqlite_faults
from verification.plan import Plan
from verification.report import Report


def prove(plan: Plan) -> Report:
    """Run the part on one engine: LinkedIn's faults, which mostly wait, in parallel with the store's."""
    report, beside = Report("faults", plan.engine), Report("faults", plan.engine)
    if plan.engine == "postgresql":
        _ = plan.databases.server  # started here: it ends with the thread that started it
    folder = plan.folder / "linkedin"
    folder.mkdir()
    cases = list(linkedin_faults.all_cases())
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(linkedin_faults.prove, replace(plan, folder=folder), beside, cases)
        store_faults = sqlite_faults if plan.engine == "sqlite" else postgres_faults
        store_faults.prove(plan, report)
        running.result()
    report.add(beside)
    return report
