"""Faults of the embedded store: another process's lock, a full disk, a read-only file."""

import asyncio
import ctypes
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw

from verification.client import Response
from verification.fleet import first_line
from verification.plan import Plan
from verification.report import Report
from verification.store_trial import Trial, trial_of

_PATIENCE_SECONDS = 5.0
"""The time for which the store waits for another process's lock."""

_LINKEDIN_SLOW = {"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 1.5, "times": 8}


def prove(plan: Plan, report: Report) -> None:
    """Run all faults."""
    with trial_of("lock of another process", plan, report) as trial:
        asyncio.run(trial.send_through(lambda: _lock(trial, _PATIENCE_SECONDS + 1.5)))
        trial.check()
        report.require("nobody was answered 503 for a locked file", holds=any("503" in each for each in trial.statuses))
    with trial_of("lock while LinkedIn is asked", plan, report) as trial:
        trial.sandbox.faults([_LINKEDIN_SLOW])
        asyncio.run(trial.send_through(lambda: _lock(trial, _PATIENCE_SECONDS + 2), after_seconds=0.7))
        trial.check()
    fill_disk(plan, report)
    with trial_of("full disk, the log on it too", plan, report, log_level="info", log_to_file=True) as trial:
        asyncio.run(trial.send_through(lambda: _fill_disk(trial, 2.0)))
        trial.check()
    with trial_of("full disk while LinkedIn is asked", plan, report) as trial:
        trial.sandbox.faults([_LINKEDIN_SLOW])
        asyncio.run(trial.send_through(lambda: _fill_disk(trial, 3.0), after_seconds=0.7))
        trial.check()
    with trial_of("file that may not be written", plan, report) as trial:
        _start_on_read_only(trial)


def fill_disk(plan: Plan, report: Report) -> None:
    """Keep the server's files from growing for two seconds; its log is elsewhere."""
    with trial_of("full disk", plan, report) as trial:
        asyncio.run(trial.send_through(lambda: _fill_disk(trial, 2.0)))
        trial.check()
        report.require("nobody was answered 503 for a full disk", holds=any("503" in each for each in trial.statuses))


async def _lock(trial: Trial, seconds: float) -> None:
    """Hold the write lock from another process for a while."""
    other = apsw.Connection(str(_database(trial)))
    other.set_busy_timeout(2_000)
    other.execute("BEGIN IMMEDIATE")
    try:
        await asyncio.sleep(seconds)
    finally:
        other.execute("ROLLBACK")
        other.close()


async def _fill_disk(trial: Trial, seconds: float) -> None:
    """Keep the server's files from growing: each write past the first byte fails."""
    [service] = trial.fleet.services
    assert service.process is not None
    soft, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        await asyncio.sleep(seconds)
    finally:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


def _start_on_read_only(trial: Trial) -> None:
    """Start a server on a read-only file: it refuses to start and reports why, or answers 503; it never sends."""
    [service] = trial.fleet.services
    service.kill()
    files = [_database(trial), *_database(trial).parent.glob(f"{_database(trial).name}-*")]
    modes = [path.stat().st_mode for path in files]
    for path in files:
        path.chmod(0o400)
    try:
        answer = _try_to_start(trial)
    finally:
        for path, mode in zip(files, modes, strict=True):
            path.chmod(mode)
    trial.report.figures[f"result of a {trial.name}"] = answer
    trial.fleet.start(service)
    asyncio.run(trial.send_through(_nothing, count=2))
    trial.check()


def _try_to_start(trial: Trial) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    with subprocess.Popen(
        [sys.executable, "-m", "confrere", "serve", "--json", "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**variables, **trial.site.environment},
        preexec_fn=_bow_to_permissions(),
    ) as process:
        try:
            line = first_line(process)
            if "url" in (ready := json.loads(line or "{}")):
                return _ask_one(trial, ready["url"])
            output = line + process.communicate(timeout=10)[1]  # an error is an object on standard output
        finally:
            process.kill()
    trial.report.require(f"the start ended with exit code {process.returncode}: {output}", holds=process.returncode > 0)
    trial.report.require(f"the start printed a traceback: {output}", holds="Traceback" not in output)
    return f"exit code {process.returncode}: {output.strip()[:120]}"


def _ask_one(trial: Trial, url: str) -> str:
    before = trial.sandbox.count_messages()
    intention = trial.crowd.new_intention()
    trial.crowd.urls = lambda: [url]
    answer = asyncio.run(trial.crowd.send(intention))
    trial.crowd.urls = lambda: trial.fleet.urls
    trial.crowd.intentions.remove(intention)
    trial.report.require("a message went out without a row", holds=trial.sandbox.count_messages() == before)
    trial.report.require(f"answered {answer}", holds=isinstance(answer, Response) and answer.status == 503)
    return str(answer)


def _bow_to_permissions() -> Callable[[], None] | None:
    """Drop root's right to write to read-only files (Linux)."""
    if os.geteuid() != 0:
        return None
    libc = ctypes.CDLL(None)
    prctl_drop_from_bounding_set, override_permissions = 24, 1

    def drop() -> None:
        libc.prctl(prctl_drop_from_bounding_set, override_permissions, 0, 0, 0)

    return drop


async def _nothing() -> None:
    pass


def _database(trial: Trial) -> Path:
    return trial.site.settings.data_dir / "confrere.db"
