"""LinkedIn objects: the account stops, and says so."""

from datetime import datetime, timedelta
from typing import assert_never

import structlog

from confrere.domain.account import AccountStatus
from confrere.domain.attempt import AccountProblem
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.session import Session
from confrere.ports import Accounts
from confrere.telemetry import metrics

log = structlog.get_logger()


async def stop_account(
    accounts: Accounts, account_id: str, trouble: AccountProblem, now: datetime, *, session: Session | None = None
) -> None:
    """Hold the account, or make it ERROR until a person has connected it again.

    session:  the one that LinkedIn objected to; where another was connected meanwhile, that one is not dead.
    """
    match trouble:
        case SessionDead(why):
            version = session.version if session is not None and session.account_id else None
            if not await accounts.set_status(account_id, AccountStatus.ERROR, why, session_version=version):
                log.info("older_session_lost", account_id=account_id, reason=why)
                return
        case Throttled(_, hold_seconds):
            await accounts.hold_account(account_id, now + timedelta(seconds=hold_seconds))
        case _:
            assert_never(trouble)
    log_problem(account_id, trouble)


def log_problem(account_id: str, trouble: AccountProblem) -> None:
    """Count and log it."""
    match trouble:
        case SessionDead(why):
            metrics.SESSIONS_LOST.inc()
            log.error("session_lost", account_id=account_id, reason=why)
        case Throttled(status, hold_seconds):
            metrics.ACCOUNTS_HELD.inc()
            log.error("account_held", account_id=account_id, status=status, hold_seconds=hold_seconds)
        case _:
            assert_never(trouble)


def log_protocol_moved(account_id: str, reason: str) -> None:
    """Count and log that LinkedIn did not understand our client; the account is not at fault."""
    metrics.PROTOCOL_MOVED.inc()
    log.error("linkedin_protocol_moved", account_id=account_id, reason=reason)
