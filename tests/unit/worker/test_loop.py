"""Jobs run concurrently, and none can end another."""

import asyncio

import pytest
from structlog.testing import capture_logs

from confrere.domain.errors import StoreUnavailable
from confrere.worker.jobs import Job
from confrere.worker.loop import run_jobs


@pytest.mark.parametrize(
    ("fault", "event", "level"),
    [
        (StoreUnavailable("sqlite: disk is full"), "job_waits_for_store", "warning"),
        (ZeroDivisionError("a bug"), "job_failed", "error"),
    ],
)
async def test_a_job_that_fails_is_logged_and_runs_again_beside_the_others(
    fault: Exception, event: str, level: str
) -> None:
    """An unavailable store or a bug in a job stops neither this job nor the others."""
    runs = {"failing": 0, "healthy": 0}
    all_ran_thrice = asyncio.Event()

    async def run(name: str, raised: Exception | None) -> None:
        runs[name] += 1
        if min(runs.values()) >= 3:
            all_ran_thrice.set()
        if raised is not None:
            raise raised

    jobs = [Job("failing", 0.001, lambda: run("failing", fault)), Job("healthy", 0.001, lambda: run("healthy", None))]
    with capture_logs() as logs:
        running = asyncio.create_task(run_jobs(jobs))
        async with asyncio.timeout(5):
            await all_ran_thrice.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert {(entry["event"], entry["log_level"], entry["job"]) for entry in logs} == {(event, level, "failing")}
