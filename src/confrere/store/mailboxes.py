"""The mailboxes port on SQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.domain.limits import Action, window_start
from confrere.domain.reply import PolledMailbox
from confrere.ports import Mailboxes
from confrere.store.engine import Engine
from confrere.store.lanes import free_leases_of_the_dead
from confrere.store.rows import Row, from_micros, to_micros
from confrere.store.script import Query, Script, run_query

_MICROSECOND: Final = timedelta(microseconds=1)


class SqlMailboxes(Mailboxes):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add_mailboxes(self, sent_since: datetime, now: datetime) -> int:
        rows = await self._engine.read_many("list_new_senders", _first_day(sent_since))
        if rows:
            await self._engine.transact(partial(_add, rows, to_micros(now)))
        return len(rows)

    async def claim_mailboxes(
        self, now: datetime, *, sent_since: datetime, count: int, lease_until: datetime
    ) -> Sequence[PolledMailbox]:
        """Most of the time nothing is due, which is seen without a transaction."""
        await free_leases_of_the_dead(self._engine, "list_leased_mailboxes", "free_mailbox", to_micros(now))
        if not await self._engine.read("is_mailbox_due", to_micros(now)):
            return []
        due = (to_micros(now), count, _first_day(sent_since))
        rows = await self._engine.transact(partial(_claim, due, self._engine.instance, to_micros(lease_until)))
        return [_mailbox_of(row, lease_until) for row in rows]

    async def release_mailbox(self, mailbox: PolledMailbox, next_at: datetime | None) -> None:
        values = {
            "account_id": mailbox.account_id,
            "owner": self._engine.instance,
            "lease_until": to_micros(mailbox.lease_until),
            "next_at": to_micros(next_at),
            "sync_token": mailbox.sync_token,
            "interval_us": mailbox.interval // _MICROSECOND,
            "polled_at": to_micros(mailbox.polled_at),
            "failing_since": to_micros(mailbox.failing_since),
            "last_error": mailbox.last_error,
        }
        await self._engine.transact(partial(run_query, "release_mailbox", values))

    async def count_failing_mailboxes(self, since: datetime) -> int:
        return int((await self._engine.read_many("count_failing_mailboxes", to_micros(since)))[0][0])


def _first_day(since: datetime) -> int:
    """The beginning of the first day whose units count."""
    return to_micros(window_start(Action.MESSAGE, since))


def _mailbox_of(row: Row, lease_until: datetime) -> PolledMailbox:
    account_id, workspace_id, is_active, sync_token, interval, polled_at, failing_since, last_error = row
    return PolledMailbox(
        account_id=account_id,
        workspace_id=workspace_id,
        lease_until=lease_until,
        is_active=bool(is_active),
        sync_token=sync_token,
        interval=interval * _MICROSECOND,
        polled_at=from_micros(polled_at),
        failing_since=from_micros(failing_since),
        last_error=last_error,
    )


def _add(rows: Sequence[Row], now: int) -> Script[None]:
    for account_id, workspace_id in rows:
        yield Query("add_mailbox", (account_id, workspace_id, now))


def _claim(due: tuple[int, int, int], instance: str, lease_until: int) -> Script[Sequence[Row]]:
    rows = yield Query("find_due_mailboxes", due)
    for row in rows:
        yield Query("lease_mailbox", (row[0], instance, lease_until))
    return rows
