"""Looking in LinkedIn's conversations for the messages whose fate is not known."""

from datetime import timedelta
from typing import Protocol

import structlog

from confrere.domain.account import AccountStatus
from confrere.domain.attempt import Absent, Found, Look, Unreadable
from confrere.domain.outcome import Accepted, NotSent, SessionDead, Throttled
from confrere.domain.reservation import Settled, Settlement
from confrere.domain.send import Send
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, Ledger, Upstream
from confrere.sending.account_guard import stop_account
from confrere.telemetry import metrics

log = structlog.get_logger()


class ReconcileBooks(Ledger, Accounts, Protocol):
    """The parts of the store that reconciling needs."""


class Reconciler:
    """Finds out what became of sends that ended `unknown`. It never sends.

    gap:  how far apart the two reads must be that show a message to be absent. A conversation can appear in LinkedIn's
          reads some time after the message was accepted, so one look without it proves nothing.
    """

    def __init__(self, *, books: ReconcileBooks, upstream: Upstream, clock: Clock, gap: timedelta) -> None:
        self._books = books
        self._upstream = upstream
        self._clock = clock
        self._gap = gap

    async def look(self, send: Send) -> Settled | None:
        """Read LinkedIn once for this `unknown` send. What is certain then is settled and returned, else None."""
        asked_at = self._clock()
        found, session = await self._find(send)
        metrics.LOOKS.labels(type(found).__name__.lower()).inc()
        match found:
            case Found(message_urn, conversation_urn):
                return await self._settle(send, Accepted(message_urn, conversation_urn))
            case Absent() if send.absent_at is not None and asked_at - send.absent_at >= self._gap:
                return await self._settle(send, NotSent("LinkedIn was read twice and does not have the message"))
            case Absent():
                await self._books.note_absent(send.id, asked_at)
            case SessionDead() | Throttled() as trouble:
                await stop_account(self._books, send.account_id, trouble, asked_at, session=session)
            case Unreadable(why):
                log.warning("send_not_readable", send_id=send.id, account_id=send.account_id, reason=why)
        return None

    async def look_at_due(self, *, count: int = 20) -> int:
        """Look at the sends that are due; returns how many there were."""
        due = await self._books.claim_looks(self._clock(), count=count)
        for send in due:
            await self.look(send)
        metrics.UNKNOWN_SENDS.set(await self._books.count_unknown())
        return len(due)

    async def _find(self, send: Send) -> tuple[Look, Session | None]:
        """What LinkedIn shows, and with which session."""
        account = await self._books.read_account(send.workspace_id, send.account_id)
        if account.hold_until is not None and account.hold_until > self._clock():
            return Unreadable("LinkedIn throttles the account"), None
        session = None
        if account.status is not AccountStatus.ERROR:
            session = await self._books.read_session(account.id, account.session_version)
        if session is None:
            return Unreadable("the account has no usable session"), None
        look = await self._upstream.find_message(
            session, account.profile_urn, send.recipient, send.origin_token, send.created_at
        )
        return look, session

    async def _settle(self, send: Send, outcome: Accepted | NotSent) -> Settled:
        settled = await self._books.settle(Settlement(send_id=send.id, outcome=outcome, now=self._clock()))
        log.info("send_reconciled", send_id=send.id, account_id=send.account_id, outcome=settled.send.outcome)
        return settled
