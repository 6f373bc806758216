"""The settings decide which jobs a worker has, and how often they run."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.services import Services
from confrere.worker.jobs import Job, worker_jobs
from tests.unit.sending.conftest import clock, services, upstream

__all__ = ["clock", "services", "upstream"]


def jobs_of(services: Services, **settings: Any) -> dict[str, Job]:
    """Return a worker's jobs by name."""
    values = {"reconcile_seconds": 5, "probe_hours": 12, "replies_seconds": 300, "replies_days": 30, **settings}
    return {job.name: job for job in worker_jobs(services, **values)}


async def test_mailboxes_are_polled_as_the_settings_want_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So often, and for so many days after an account's last message."""
    given: list[tuple[timedelta, ...]] = []

    async def record(*values: timedelta) -> int:
        given.append(values)
        return 0

    monkeypatch.setattr(services.mailbox_poller, "add_senders", record)
    monkeypatch.setattr(services.mailbox_poller, "poll_due", record)
    jobs = jobs_of(services, replies_seconds=90, replies_days=7)
    await jobs["add_senders"].run()
    await jobs["poll_mailboxes"].run()
    assert given == [(timedelta(days=7),), (timedelta(seconds=90), timedelta(days=7))]
    assert jobs["add_senders"].interval_seconds == 60
    assert jobs_of(services, replies_seconds=2)["add_senders"].interval_seconds == 2


async def test_mailboxes_are_not_polled_for_zero_days(services: Services) -> None:
    """Then a worker has no such job."""
    without = jobs_of(services, replies_days=0)
    assert set(jobs_of(services)) - set(without) == {"add_senders", "poll_mailboxes"}
