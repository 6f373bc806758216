"""API: generated requests to every operation of the OpenAPI document, and a fuzzer of the body, on a real server."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.sandbox_process import running_sandbox
from tests.server_process import Site, prepare_site

from verification.fleet import fleet_of
from verification.fuzz import fuzz
from verification.ledgers import compare, read_books, reconcile_everything
from verification.plan import Plan
from verification.report import Report

CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
"""Schemathesis' checks. Not its "not_a_server_error": 500 and 503 are documented answers. Bugs are found in the log."""

_MOST_LINES = 20


def prove(plan: Plan) -> Report:
    """Run the part on one engine."""
    report = Report("api", plan.engine)
    with running_sandbox(members=500) as sandbox:
        site = prepare_site(plan.folder, sandbox, database_url=plan.databases.fresh_url(plan.engine), accounts=3)
        with fleet_of(site, "serve", "worker", environment={"CONFRERE_LOG_LEVEL": "error"}) as fleet:
            [url] = fleet.urls
            generate(report, plan, url, site.key, seconds=plan.seconds * 0.65)
            asyncio.run(fuzz(report, url, site.key, plan.random("fuzz"), seconds=plan.seconds * 0.2))
        report.count_wrong("internal errors", internal_errors(site))
        reconcile_everything(site, sandbox)
        compare(report, read_books(site), sandbox.messages())
    return report


def generate(report: Report, plan: Plan, url: str, api_key: str, *, seconds: float) -> None:
    """Run Schemathesis: examples, coverage, fuzzing, and sequences of calls along the document's links."""
    folder = plan.folder / "generated"
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{url}/linkedin/openapi.json",
        f"--header=Authorization: Bearer {api_key}",
        f"--max-time={max(1, int(seconds))}",
        f"--seed={plan.seed}",
        f"--checks={','.join(CHECKS)}",
        "--continue-on-failure",
        "--report=json",
        f"--report-dir={folder}",
        "--no-color",
    ]
    ended = subprocess.run(command, cwd=plan.folder, capture_output=True, text=True, check=False, timeout=seconds + 120)
    results: dict[str, Any] = json.loads(next(folder.glob("*.json")).read_text())
    report.figures["generated requests"] = results["test_cases"]["generated"]
    report.figures["operations tried"] = results["operations"]["tested"]
    if results["exit_code"] != 0 or ended.returncode != 0:
        for failure in results["failures"]:
            report.violate(f"{failure['title']}: {', '.join(failure['operations'])}")
        start = ended.stdout.find("FAILURES")
        report.violate("\n".join(ended.stdout[max(start, 0) :].splitlines()[:_MOST_LINES]))


def internal_errors(site: Site) -> list[str]:
    """Return the internal errors that the server has logged."""
    return [line[:300] for line in site.log.read_text().splitlines() if "internal_error" in line or "Traceback" in line]
