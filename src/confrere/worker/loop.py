"""The worker: looks for the messages whose fate is not known, and says that it lives."""

import asyncio
from datetime import timedelta

import structlog

from confrere.domain.errors import StoreUnavailable
from confrere.services import Services

log = structlog.get_logger()

BEAT_SECONDS = 5.0
"""How often a process reports that it lives; three missed beats and a worker counts as gone."""

PROBE_REST_SECONDS = 60.0
"""The longest rest between two sessions that are probed."""


async def run_worker(services: Services, *, look_seconds: float, probe_hours: float) -> None:
    """Work until cancelled: beat, look at the sends that are due, probe silent sessions, rest for `look_seconds`.

    probe_hours:  how long an account is silent before its session is probed; 0 is never.
    """
    beating = asyncio.create_task(keep_beating(services, is_worker=True))
    probing = asyncio.create_task(_keep_probing(services, timedelta(hours=probe_hours)))
    try:
        while True:
            try:
                await services.reconciler.reconcile_due()
            except StoreUnavailable as fault:
                log.warning("worker_waits_for_store", reason=str(fault))
            await asyncio.sleep(look_seconds)
    finally:
        beating.cancel()
        probing.cancel()


async def keep_beating(services: Services, *, is_worker: bool) -> None:
    """Report every few seconds, until cancelled, that this process lives and what its clock says."""
    while True:
        try:
            await services.health.beat(is_worker=is_worker)
        except StoreUnavailable as fault:
            log.warning("beat_not_written", reason=str(fault))
        await asyncio.sleep(BEAT_SECONDS)


async def _keep_probing(services: Services, silence: timedelta) -> None:
    """One session at a time, with a rest between two of them: however many accounts there are, the rate is low."""
    rest_seconds = min(PROBE_REST_SECONDS, silence.total_seconds() / 100) or PROBE_REST_SECONDS
    while True:
        try:
            await services.session_monitor.count_by_condition()
            if silence:
                await services.session_monitor.probe_idle(silence)
        except StoreUnavailable as fault:
            log.warning("worker_waits_for_store", reason=str(fault))
        await asyncio.sleep(rest_seconds)
