"""Holds, stops or probes an account when LinkedIn objects to it, or may be about to."""

from datetime import datetime
from typing import assert_never

import structlog

from confrere.domain.account import AccountStatus
from confrere.domain.attempt import AccountProblem, Attempt, Unreadable
from confrere.domain.outcome import NotSent, SessionDead, Throttled
from confrere.domain.session import Member, Session
from confrere.ports import Accounts, Clock, Upstream
from confrere.sending.background import BackgroundTasks
from confrere.telemetry import metrics

log = structlog.get_logger()


class AccountGuard:
    """Stops accounts to which LinkedIn objects, and asks LinkedIn where an answer leaves that open."""

    def __init__(self, *, accounts: Accounts, upstream: Upstream, clock: Clock, background: BackgroundTasks) -> None:
        self._accounts = accounts
        self._upstream = upstream
        self._clock = clock
        self._background = background

    async def stop(self, account_id: str, problem: AccountProblem, session: Session) -> datetime | None:
        """Hold the account, or make it ERROR until a person has connected it again. Returns until when it is held.

        session:  the one that LinkedIn objected to; where another was connected meanwhile, that one is not dead.
        """
        hold_until = None
        match problem:
            case SessionDead(why):
                version = session.version if session.account_id else None
                if not await self._accounts.set_status(account_id, AccountStatus.ERROR, why, session_version=version):
                    log.info("older_session_lost", account_id=account_id, reason=why)
                    return None
            case Throttled():
                hold_until = problem.until(self._clock())
                await self._accounts.hold_account(account_id, hold_until)
            case _:
                assert_never(problem)
        _log_problem(account_id, problem)
        return hold_until

    def stop_later(self, account_id: str, problem: AccountProblem, session: Session) -> None:
        """Stop it in the background."""
        self._background.start(self.stop(account_id, problem, session))

    async def probe(self, account_id: str, session: Session) -> Member | AccountProblem | Unreadable:
        """Ask LinkedIn whose session this is (`/me`), and stop the account if LinkedIn objects."""
        found = await self._upstream.read_member(session)
        metrics.PROBES.labels(type(found).__name__.lower()).inc()
        if isinstance(found, AccountProblem):
            await self.stop(account_id, found, session)
        elif isinstance(found, Unreadable) and found.protocol_moved:
            _log_protocol_moved(account_id, found.why)
        return found

    def probe_later(self, account_id: str, session: Session) -> None:
        """Probe in the background."""
        self._background.start(self.probe(account_id, session))

    def follow_up(self, account_id: str, attempt: Attempt, session: Session) -> None:
        """Log, stop or probe as the attempt requires, beyond what its settlement has written of the account."""
        outcome = attempt.outcome
        if isinstance(outcome, AccountProblem):
            _log_problem(account_id, outcome)
        elif isinstance(outcome, NotSent) and outcome.protocol_moved:
            _log_protocol_moved(account_id, outcome.why)
        if attempt.session_ended is not None:
            _log_problem(account_id, SessionDead(attempt.session_ended))
        changed = attempt.changed_cookies
        if changed and not isinstance(outcome, SessionDead):
            self._background.start(self._accounts.refresh_cookies(account_id, changed, session_version=session.version))
        if attempt.needs_probe:
            self.probe_later(account_id, session)


def _log_problem(account_id: str, problem: AccountProblem) -> None:
    match problem:
        case SessionDead(why):
            metrics.SESSIONS_LOST.inc()
            log.error("session_lost", account_id=account_id, reason=why)
        case Throttled(status, hold_seconds):
            metrics.ACCOUNTS_HELD.inc()
            log.error("account_held", account_id=account_id, status=status, hold_seconds=hold_seconds)
        case _:
            assert_never(problem)


def _log_protocol_moved(account_id: str, reason: str) -> None:
    """Count and log that LinkedIn did not understand our client; the account is not affected."""
    metrics.PROTOCOL_MOVED.inc()
    log.error("linkedin_protocol_moved", account_id=account_id, reason=reason)
