"""Probes idle sessions before they are needed, keeps the cookies that reads bring, counts accounts by condition."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import structlog

from confrere.domain.account import Account, Condition
from confrere.domain.attempt import Unreadable
from confrere.domain.remedies import CONNECT_THOSE_IN_ERROR
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.background import BackgroundTasks
from confrere.telemetry import metrics

log = structlog.get_logger()


class SessionMonitor:
    """Monitors the sessions of all accounts."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        upstream: Upstream,
        guard: AccountGuard,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._guard = guard
        self._background = background
        self._clock = clock
        self._gathered: dict[int, dict[str, str]] = {}
        self._in_error = 0
        upstream.on_cookies(self._keep_cookies)

    async def probe_idle(self, idle_for: timedelta) -> Account | None:
        """Probe one account that was idle for about that long, and return it; None where there is none.

        One at a time: however many accounts were connected together, LinkedIn is asked about them one after the other.
        """
        for account in await self._accounts.claim_probes(self._clock(), idle_for, count=1):
            session = await self._accounts.read_session(account.id, account.session_version)
            if session is not None:
                found = await self._guard.probe(account.id, session)
                if isinstance(found, Unreadable):
                    log.warning("session_not_probed", account_id=account.id, reason=found.why)
            return account
        return None

    async def count_by_condition(self) -> Mapping[Condition, int]:
        """Count the accounts in each condition, set the metric, and log an error where more are in ERROR now."""
        counts = await self._accounts.count_accounts(self._clock())
        for condition, count in counts.items():
            metrics.ACCOUNTS.labels(condition.value).set(count)
        before, self._in_error = self._in_error, counts[Condition.ERROR]
        if self._in_error > before:
            log.error("accounts_need_attention", count=self._in_error, remedy=CONNECT_THOSE_IN_ERROR)
        return counts

    @contextmanager
    def gather_cookies(self, session: Session) -> Iterator[Mapping[str, str]]:
        """Collect the cookies that LinkedIn sets meanwhile for a session that is not stored yet."""
        gathered = self._gathered[id(session)] = {}
        try:
            yield gathered
        finally:
            del self._gathered[id(session)]

    def _keep_cookies(self, session: Session, changed: Mapping[str, str]) -> None:
        if session.account_id:
            self._background.start(
                self._accounts.refresh_cookies(session.account_id, changed, session_version=session.version)
            )
        elif (gathered := self._gathered.get(id(session))) is not None:
            gathered.update(changed)
