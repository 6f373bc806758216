"""What every read of LinkedIn shares: which account may read, and what its result does to the account."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

import structlog

from confrere.domain.account import Account, Condition
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.errors import AccountDisabled, AccountHeld, InvalidField, NoSession, NotFound
from confrere.domain.limits import Action, Quota
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, Ledger
from confrere.sending.account_guard import AccountGuard
from confrere.telemetry import metrics

log = structlog.get_logger()

T = TypeVar("T")

READ_SECONDS = 20.0
"""The time for all reads of one call, since every answer of ours comes within 25 s."""

ReadResult: TypeAlias = T | Refused | AccountProblem | Unreadable


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The result of a read.

    result:      what was read, or LinkedIn's refusal, or why it could not be read.
    quota:       the state after it, of the action that it spends; of MESSAGE where it spends nothing.
    hold_until:  aware UTC; how long the account is held, where LinkedIn throttled it.
    """

    account_id: str
    result: T | Refused | AccountProblem | Unreadable
    quota: Quota
    hold_until: datetime | None = None


class AccountReads:
    """Admits an account to a read, and stops the account where LinkedIn objects to it."""

    def __init__(self, *, ledger: Ledger, accounts: Accounts, guard: AccountGuard, clock: Clock) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._guard = guard
        self._clock = clock

    async def admit(
        self, workspace_id: str, account_id: str | None, action: Action = Action.MESSAGE
    ) -> tuple[Account, Session, Quota]:
        """Return the account, its session, and the state of the action's quota.

        Raises InvalidField, NoSession, AccountHeld; StoreUnavailable.
        """
        try:
            account = await self._accounts.read_account(workspace_id, account_id)
        except NotFound as fault:
            if account_id is None:
                raise NoSession(None, None) from fault
            raise InvalidField("accountId", "must be an account of this workspace") from fault
        now = self._clock()
        quota = next(one for one in await self._ledger.read_quotas(account.id, now) if one.action is action)
        match account.condition(now):
            case Condition.DISABLED:
                raise AccountDisabled(account.id, quota)
            case Condition.HELD:
                assert account.hold_until is not None
                raise AccountHeld(quota, account.hold_until)
            case Condition.AVAILABLE:
                session = await self._accounts.read_session(account.id, account.session_version)
                if session is not None:
                    return account, session, quota
        raise NoSession(account.id, quota)

    async def finish(
        self, what: str, account: Account, session: Session, result: ReadResult[T], quota: Quota
    ) -> Reading[T]:
        """Count the read, and hold, stop or probe the account where its result calls for that."""
        metrics.READS.labels(what, _name_of(result)).inc()
        hold_until = None
        match result:
            case SessionDead() | Throttled():
                hold_until = await self._guard.stop(account.id, result, session)
            case Refused(_, _, None, None):  # without a reason: LinkedIn may object to the account next
                self._guard.probe_later(account.id, session)
            case Unreadable(why, protocol_moved):
                if protocol_moved:
                    metrics.PROTOCOL_MOVED.inc()
                log.warning("linkedin_not_readable", what=what, account_id=account.id, reason=why)
        return Reading(account.id, result, quota, hold_until)


def _name_of(result: object) -> str:
    return (
        type(result).__name__.lower() if isinstance(result, Refused | SessionDead | Throttled | Unreadable) else "read"
    )


async def in_time(reading: Awaitable[ReadResult[T]]) -> ReadResult[T]:
    """Await a read for at most READ_SECONDS."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await reading
    except TimeoutError:
        return Unreadable("LinkedIn did not answer in time")
