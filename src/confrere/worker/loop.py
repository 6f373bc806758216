"""Runs jobs side by side until cancelled."""

import asyncio
from collections.abc import Sequence

import structlog

from confrere.domain.errors import StoreUnavailable
from confrere.worker.jobs import Job

log = structlog.get_logger()


async def run_jobs(jobs: Sequence[Job]) -> None:
    """Run all of them, each at its interval, until cancelled. One that fails is logged and run again."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_repeat(job), name=job.name)


async def _repeat(job: Job) -> None:
    while True:
        try:
            await job.run()
        except StoreUnavailable as fault:
            log.warning("job_waits_for_store", job=job.name, reason=str(fault))
        except Exception:  # a bug in one job must not stop the others
            log.exception("job_failed", job=job.name)
        await asyncio.sleep(job.interval_seconds)
