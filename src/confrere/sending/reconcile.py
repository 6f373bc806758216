"""Searches LinkedIn's conversations for messages whose outcome is unknown."""

from datetime import timedelta

import structlog

from confrere.domain.account import Condition
from confrere.domain.attempt import Absent, AccountProblem, Found, SearchResult, Unreadable
from confrere.domain.outcome import Accepted, NotSent
from confrere.domain.reservation import Settled, Settlement
from confrere.domain.send import Send
from confrere.ports import Accounts, Clock, Ledger, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.telemetry import metrics

log = structlog.get_logger()


class Reconciler:
    """Finds out the outcome of sends that ended `unknown`. It never sends.

    gap:  how far apart the two reads must be that show a message to be absent. A conversation can appear in LinkedIn's
          reads some time after the message was accepted, so one read without it proves nothing.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        accounts: Accounts,
        upstream: Upstream,
        guard: AccountGuard,
        clock: Clock,
        gap: timedelta,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._guard = guard
        self._upstream = upstream
        self._clock = clock
        self._gap = gap

    async def reconcile(self, send: Send) -> Settled | None:
        """Read LinkedIn once for this `unknown` send. Settles and returns what is certain then, else returns None."""
        if send.message_urn is not None:  # it was found after a restore, and its process ended before it was settled
            return await self._settle(send, Accepted(send.message_urn, send.conversation_urn))
        asked_at = self._clock()
        found = await self._find(send)
        metrics.SEARCHES.labels(type(found).__name__.lower()).inc()
        match found:
            case Found(message_urn, conversation_urn):
                return await self._settle(send, Accepted(message_urn, conversation_urn))
            case Absent() if send.absent_at is not None and asked_at - send.absent_at >= self._gap:
                return await self._settle(send, NotSent("LinkedIn was read twice and does not have the message"))
            case Absent():
                await self._ledger.record_absent(send.id, asked_at)
            case Unreadable(why):
                log.warning("send_not_readable", send_id=send.id, account_id=send.account_id, reason=why)
        return None

    async def reconcile_due(self, *, count: int = 20) -> int:
        """Reconcile at most `count` sends that are due. Returns how many there were."""
        due = await self._ledger.claim_unknown(self._clock(), count=count)
        for send in due:
            await self.reconcile(send)
        metrics.UNKNOWN_SENDS.set(await self._ledger.count_unknown())
        return len(due)

    async def _find(self, send: Send) -> SearchResult:
        """Search LinkedIn, and stop the account if it objects."""
        account = await self._accounts.read_account(send.workspace_id, send.account_id)
        session = None
        match account.condition_if_enabled(self._clock()):
            case Condition.HELD:
                return Unreadable("the account is on hold")
            case Condition.AVAILABLE:
                session = await self._accounts.read_session(account.id, account.session_version)
        if session is None:
            return Unreadable("the account has no usable session")
        found = await self._upstream.find_message(
            session, account.profile_urn, send.recipient, send.origin_token, send.created_at, send.conversation_urn
        )
        if isinstance(found, AccountProblem):
            await self._guard.stop(account.id, found, session)
        return found

    async def _settle(self, send: Send, outcome: Accepted | NotSent) -> Settled:
        settled = await self._ledger.settle(Settlement(send_id=send.id, outcome=outcome, now=self._clock()))
        log.info("send_reconciled", send_id=send.id, account_id=send.account_id, outcome=settled.send.outcome)
        return settled
