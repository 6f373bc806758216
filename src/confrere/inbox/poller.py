"""Polls the mailboxes of accounts that have sent lately, for what their recipients have answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.errors import AccountDisabled, AccountHeld, InvalidField, NoSession
from confrere.domain.reply import PolledMailbox
from confrere.inbox.mailbox_poll import MailboxPoll, PollStopped, ReadFailed
from confrere.ports import Clock, Store, Upstream
from confrere.sending.account_reads import AccountReads
from confrere.sending.background import BackgroundTasks

log = structlog.get_logger()

MOST_MAILBOXES: Final = 32
"""Mailboxes that one worker polls at once."""

POLL_LEASE: Final = timedelta(minutes=10)
"""A poll that does not end within its lease goes on at the next one."""

LONGEST_INTERVAL: Final = timedelta(hours=1)
"""Between two polls of a mailbox in which nothing happens, unless the shortest is longer."""

SLOWEST: Final = 12
"""How many times the shortest interval a mailbox in which nothing happens waits at most: an hour by default."""

_LAST_READ: Final = timedelta(minutes=1)
"""Before the lease ends, no read begins any more: one takes at most 20 s."""


class MailboxPoller:
    """The worker's part of replies. It marks nothing as read.

    is_draining:  whether the process is about to end.
    """

    def __init__(
        self,
        *,
        store: Store,
        upstream: Upstream,
        reads: AccountReads,
        background: BackgroundTasks,
        clock: Clock,
        is_draining: Callable[[], bool],
    ) -> None:
        self._store = store
        self._upstream = upstream
        self._reads = reads
        self._background = background
        self._clock = clock
        self._is_draining = is_draining
        self._running = 0

    async def add_senders(self, period: timedelta) -> int:
        """Let the mailboxes be polled of accounts that have sent within the period; return how many are new."""
        now = self._clock()
        return await self._store.add_mailboxes(now - period, now)

    async def poll_due(self, shortest: timedelta, period: timedelta) -> int:
        """Claim mailboxes that are due, as far as there is room, and poll them in the background.

        shortest:  the time between two polls of a mailbox while something happens in it.
        period:    how long an account's mailbox is polled after its last message.
        Returns how many are polled.
        """
        room = MOST_MAILBOXES - self._running
        if room <= 0 or self._is_draining():
            return 0
        now = self._clock()
        mailboxes = await self._store.claim_mailboxes(
            now, sent_since=now - period, count=room, lease_until=now + POLL_LEASE
        )
        for mailbox in mailboxes:
            self._running += 1
            self._background.start(self._run(mailbox, shortest, now - period))
        return len(mailboxes)

    async def _run(self, mailbox: PolledMailbox, shortest: timedelta, sent_since: datetime) -> None:
        """Poll one mailbox, and release it."""
        after: PolledMailbox = mailbox
        next_at: datetime | None = self._clock() + shortest  # where the store fails meanwhile
        try:
            after, next_at = await self._poll(mailbox, shortest, sent_since)
        finally:
            self._running -= 1
            await self._store.release_mailbox(after, next_at)

    async def _poll(
        self, mailbox: PolledMailbox, shortest: timedelta, sent_since: datetime
    ) -> tuple[PolledMailbox, datetime | None]:
        """Return what to store of the mailbox, and when it is due again."""
        now = self._clock()
        unasked = replace(mailbox, failing_since=None, last_error=None)
        if not mailbox.is_active:
            return unasked, None
        try:
            account, session, quota = await self._reads.admit(mailbox.workspace_id, mailbox.account_id)
        except AccountHeld as held:
            if held.resets_at >= UNTIL_RELEASED:  # a person releases it at any time
                return unasked, now + LONGEST_INTERVAL
            return unasked, max(held.resets_at, now + shortest)
        except (AccountDisabled, NoSession, InvalidField):
            return unasked, now + shortest
        poll = MailboxPoll(
            store=self._store,
            upstream=self._upstream,
            reads=self._reads,
            may_go_on=lambda: not self._is_draining() and self._clock() < mailbox.lease_until - _LAST_READ,
            clock=self._clock,
            account=account,
            session=session,
            quota=quota,
        )
        slower = max(shortest, min(mailbox.interval * 2, shortest * SLOWEST, LONGEST_INTERVAL))
        try:
            sync_token, has_changed = await poll.run(mailbox.sync_token, mailbox.polled_at or sent_since)
        except PollStopped:
            return mailbox, now + shortest
        except ReadFailed as failure:
            log.warning("mailbox_not_read", account_id=account.id, reason=str(failure))
            after = replace(
                mailbox,
                sync_token=None if failure.drops_token else mailbox.sync_token,
                interval=slower,
                failing_since=mailbox.failing_since or now,
                last_error=str(failure),
            )
            return after, max(failure.hold_until or now, now + slower)
        interval = shortest if has_changed else slower
        return replace(unasked, sync_token=sync_token, interval=interval, polled_at=now), now + interval
