"""What can befall the embedded store: another process's lock, a full disk, a file that may not be written."""

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
"""How long the store waits for another process's lock."""

_LINKEDIN_SLOW = {"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 1.5, "times": 8}


def prove(plan: Plan, report: Report) -> None:
    """All of it."""
    with trial_of("lock of another process", plan, report) as trial:
        asyncio.run(trial.send_through(lambda: _lock(trial, _PATIENCE_SECONDS + 1.5)))
        trial.check()
        report.require("nobody was told 503 of a locked file", holds=any("503" in answer for answer in trial.statuses))
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
    """No file of the server's can grow for two seconds; its log goes elsewhere."""
    with trial_of("full disk", plan, report) as trial:
        asyncio.run(trial.send_through(lambda: _fill_disk(trial, 2.0)))
        trial.check()
        report.require("nobody was told 503 of a full disk", holds=any("503" in answer for answer in trial.statuses))


async def _lock(trial: Trial, seconds: float) -> None:
    """Another process writes, and takes its time."""
    other = apsw.Connection(str(_database(trial)))
    other.set_busy_timeout(2_000)
    other.execute("BEGIN IMMEDIATE")
    try:
        await asyncio.sleep(seconds)
    finally:
        other.execute("ROLLBACK")
        other.close()


async def _fill_disk(trial: Trial, seconds: float) -> None:
    """The server's files can grow no more: each write past their first byte fails."""
    [service] = trial.fleet.services
    assert service.process is not None
    soft, hard = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        await asyncio.sleep(seconds)
    finally:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


def _start_on_read_only(trial: Trial) -> None:
    """A server refuses to start and says why, or starts and answers 503; it never sends."""
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
    trial.report.figures[f"told of a {trial.name}"] = answer
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
            if line:
                return _ask_one(trial, json.loads(line)["url"])
            _, output = process.communicate(timeout=10)
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
    trial.report.require(f"told {answer}", holds=isinstance(answer, Response) and answer.status == 503)
    return str(answer)


def _bow_to_permissions() -> Callable[[], None] | None:
    """Root may write whatever a file's mode says, unless it gives that up (Linux)."""
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
