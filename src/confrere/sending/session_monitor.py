"""The care of sessions: a dead one is known before it is needed, and what LinkedIn refreshes is kept."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog

from confrere.domain.account import Account, Condition
from confrere.domain.attempt import Unreadable
from confrere.domain.errors import StoreUnavailable
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, Upstream
from confrere.sending.account_guard import stop_account
from confrere.telemetry import metrics

log = structlog.get_logger()

CONNECT_AGAIN = "`confrere accounts list` shows which; log in with a browser and run `confrere accounts connect`"


class SessionMonitor:
    """Asks LinkedIn about sessions that were silent for long, and keeps the cookies that reads bring."""

    def __init__(self, *, books: Accounts, upstream: Upstream, clock: Clock) -> None:
        self._books = books
        self._upstream = upstream
        self._clock = clock
        self._gathered: dict[int, dict[str, str]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._in_error = 0
        upstream.on_cookies(self._keep)

    async def probe_idle(self, silence: timedelta) -> Account | None:
        """Ask about one account of which nothing was heard for about that long, where there is one; a dead one stops.

        One at a time: however many accounts were connected together, LinkedIn is asked about them one after the other.
        """
        for account in await self._books.claim_probes(self._clock(), silence, count=1):
            session = await self._books.read_session(account.id, account.session_version)
            if session is not None:
                await self._probe(account, session)
            return account
        return None

    async def count_by_condition(self) -> Mapping[Condition, int]:
        """How many accounts there are in each condition; the metric says so too, and the log where it got worse."""
        counts = await self._books.count_accounts(self._clock())
        for condition, count in counts.items():
            metrics.ACCOUNTS.labels(condition.value).set(count)
        before, self._in_error = self._in_error, counts[Condition.ERROR]
        if self._in_error > before:
            log.error("accounts_need_attention", count=self._in_error, remedy=CONNECT_AGAIN)
        return counts

    @contextmanager
    def gather_cookies(self, session: Session) -> Iterator[Mapping[str, str]]:
        """What LinkedIn sets meanwhile for a session that is not stored yet."""
        gathered = self._gathered[id(session)] = {}
        try:
            yield gathered
        finally:
            del self._gathered[id(session)]

    async def wait_until_idle(self) -> None:
        """Return when nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _probe(self, account: Account, session: Session) -> None:
        found = await self._upstream.read_member(session)
        metrics.PROBES.labels(type(found).__name__.lower()).inc()
        match found:
            case SessionDead() | Throttled():
                await stop_account(self._books, account.id, found, self._clock(), session=session)
            case Unreadable(why):
                log.warning("session_not_probed", account_id=account.id, reason=why)

    def _keep(self, session: Session, changed: Mapping[str, str]) -> None:
        if session.account_id:
            self._start(self._refresh(session, changed))
        elif (gathered := self._gathered.get(id(session))) is not None:
            gathered.update(changed)

    async def _refresh(self, session: Session, changed: Mapping[str, str]) -> None:
        try:
            await self._books.refresh_cookies(session.account_id, changed, session_version=session.version)
        except StoreUnavailable as fault:  # LinkedIn sets them again
            log.warning("cookies_not_kept", account_id=session.account_id, reason=str(fault))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log.error("cookies_not_kept", exc_info=fault)
