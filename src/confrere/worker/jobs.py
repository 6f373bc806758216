"""The table of background jobs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from confrere.services import Services

BEAT_SECONDS = 5.0
"""The seconds between two beats of a process; a worker that misses three counts as stopped."""

PROBE_SECONDS = 60.0
"""The longest pause between two sessions that are probed: however many accounts there are, the rate is low."""


LANES_SECONDS = 0.5
"""How often a worker claims lanes of campaigns that are due; where none is, that costs two reads."""

SCHEDULE_SECONDS = 5.0
"""How often scheduled campaigns are started."""

COLLECTION_SECONDS = 1.0
"""How often audiences are collected that are due; where none is, that costs one read."""

PURGE_SECONDS = 5.0
"""How often the people of deleted audiences are deleted."""

MAILBOXES_SECONDS = 1.0
"""How often a worker claims mailboxes that are due; where none is, that costs two reads."""

SENDERS_SECONDS = 60.0
"""How soon at the latest the mailbox of an account is polled that has sent for the first time."""


WEBHOOKS_SECONDS = 0.5
"""How often a worker looks for events and deliveries of webhooks that are due: three reads where none is."""

HOLDS_SECONDS = 5.0
"""How soon webhooks are sent the end of an account's hold; where none has ended, that costs one read."""

WEBHOOK_LOG_SECONDS = 60.0
"""How often deliveries are deleted that are kept no longer."""
RETENTION_SECONDS = 1.0
"""The pause between two steps of dropping old data, so that whoever writes comes first."""

ERASURES_SECONDS = 10.0
"""How often erasures that had to wait for a message are finished; where there are none, that costs one read."""


JOURNAL_SECONDS = 2.0
"""How soon changes are in the journal; where there are none, that costs one read."""


RESTORES_SECONDS = 300.0
"""How often accounts are found that need not look for messages any more that a restored backup lacks."""


@dataclass(frozen=True, slots=True)
class Job:
    """A function that runs again `interval_seconds` after it has ended."""

    name: str
    interval_seconds: float
    run: Callable[[], Awaitable[object]]


def server_jobs(services: Services, *, is_worker: bool) -> Sequence[Job]:
    """The jobs of every server: report that this process lives, and what its clock says; write the journal."""
    jobs = [Job("beat", BEAT_SECONDS, partial(services.health.beat, is_worker=is_worker))]
    if services.journal is not None:
        jobs.append(Job("write_journal", JOURNAL_SECONDS, services.journal.copy))
    return jobs


def worker_jobs(
    services: Services, *, reconcile_seconds: float, probe_hours: float, replies_seconds: float, replies_days: int
) -> Sequence[Job]:
    """The jobs of a worker.

    probe_hours:      how long an account is idle before its session is probed; 0 means never.
    replies_seconds:  between two polls of a mailbox for replies while something happens in it.
    replies_days:     how long a mailbox is polled after the account's last message; 0 means never.
    """
    idle_for = timedelta(hours=probe_hours)
    probe_seconds = min(PROBE_SECONDS, idle_for.total_seconds() / 100) or PROBE_SECONDS
    jobs = [
        *server_jobs(services, is_worker=True),
        Job("reconcile", reconcile_seconds, services.reconciler.reconcile_due),
        Job("run_lanes", LANES_SECONDS, services.lanes.run_due),
        Job("start_campaigns", SCHEDULE_SECONDS, services.lanes.start_scheduled),
        Job("collect_audiences", COLLECTION_SECONDS, services.collector.run_due),
        Job("purge_audiences", PURGE_SECONDS, services.collector.purge),
        Job("deliver_webhooks", WEBHOOKS_SECONDS, services.webhook_deliverer.run_due),
        Job("report_ended_holds", HOLDS_SECONDS, services.webhook_deliverer.report_ended_holds),
        Job("tidy_webhooks", WEBHOOK_LOG_SECONDS, services.webhook_deliverer.tidy),
        Job("drop_old_data", RETENTION_SECONDS, services.retention.run_step),
        Job("finish_erasures", ERASURES_SECONDS, services.personal_data.finish),
        Job("end_restores", RESTORES_SECONDS, services.accounts.end_restores),
        Job("count_accounts", probe_seconds, services.session_monitor.count_by_condition),
    ]
    if idle_for:
        jobs.append(Job("probe_session", probe_seconds, partial(services.session_monitor.probe_idle, idle_for)))
    if replies_days:
        poller, shortest, period = services.mailbox_poller, timedelta(seconds=replies_seconds), timedelta(replies_days)
        jobs.append(Job("add_senders", min(SENDERS_SECONDS, replies_seconds), partial(poller.add_senders, period)))
        jobs.append(Job("poll_mailboxes", MAILBOXES_SECONDS, partial(poller.poll_due, shortest, period)))
    return jobs
