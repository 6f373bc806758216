"""A send: reserve, attempt once, settle."""

from confrere.domain.attempt import Attempt, OutgoingReply
from confrere.domain.errors import Draining
from confrere.domain.outcome import NotSent, SessionDead, Throttled, Unknown
from confrere.domain.reservation import Claim, Settlement
from confrere.domain.send_request import SendRequest
from confrere.domain.session import Session
from confrere.ports import Accounts, Clock, DoNotContact, Ledger, Upstream
from confrere.sending.account_guard import AccountGuard
from confrere.sending.background import BackgroundTasks
from confrere.sending.caller import CallerConnection, SendResult
from confrere.sending.chat_signals import ChatSignals
from confrere.sending.join import Joiner
from confrere.sending.lost_sends import FoundSend, LostSendSearch
from confrere.sending.reconcile import Reconciler
from confrere.sending.reserved_session import read_reserved_session
from confrere.sending.settle import Settler
from confrere.sending.thread_search import Addressed, ThreadSearch
from confrere.telemetry import metrics

_NO_ADDRESS = (NotSent, SessionDead, Throttled)


class GroupSender:
    """Sends messages, in a group's context or plain: never one too many, never twice, and reports what happened."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        accounts: Accounts,
        opt_outs: DoNotContact,
        upstream: Upstream,
        guard: AccountGuard,
        reconciler: Reconciler,
        background: BackgroundTasks,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._settler = Settler(ledger=ledger, clock=clock)
        self._accounts = accounts
        self._upstream = upstream
        self._guard = guard
        self._joiner = Joiner(ledger=ledger, reconciler=reconciler, clock=clock)
        self._signals = ChatSignals(accounts=accounts, upstream=upstream, guard=guard)
        self._threads = ThreadSearch(upstream)
        self._lost_sends = LostSendSearch(
            ledger=ledger, accounts=accounts, upstream=upstream, opt_outs=opt_outs, clock=clock
        )
        self._background = background
        self._clock = clock
        self.is_draining = False

    async def send(self, request: SendRequest, caller: CallerConnection) -> SendResult:
        """Send once within quota, or join the send that this one repeats.

        Goes on to its end even if the caller of this coroutine is cancelled.
        Raises: Draining; InvalidField, NoSession, AccountHeld, QuotaUsedUp, KeyInUse, KeyReused, and then LinkedIn was
        not asked; StoreUnavailable, and then either it was not asked or the row is found by reconciling.
        """
        if self.is_draining:
            raise Draining
        result = await self._background.finish(self._send(request, caller))
        caller.reported_outcome = result.outcome.name
        return result

    def record_disconnect(self, caller: CallerConnection) -> None:
        """Record that the caller disconnected before its answer was written: an identical request repeats this one."""
        caller.is_gone = True
        if caller.send_id is not None:
            self._ledger.mark_caller_gone(caller.send_id)

    def record_answered(self, caller: CallerConnection) -> None:
        """Record that the answer was handed to the caller's connection."""
        if caller.send_id is not None:
            self._ledger.mark_answered(caller.send_id, caller.reported_outcome)

    async def drain(self) -> None:
        """Refuse new sends; return when those in flight are settled."""
        self.is_draining = True
        await self._background.wait_until_idle()

    async def _send(self, request: SendRequest, caller: CallerConnection) -> SendResult:
        # 1. Reserve: one transaction takes the unit and writes the row as `in_flight`.
        reservation = await self._joiner.reserve_or_join(request, caller)
        if isinstance(reservation, SendResult):
            return reservation  # of the send that this one repeats, or for a recipient who has opted out
        claim, reserved = reservation
        signal_sent = False
        metrics.SENDS_IN_FLIGHT.inc()
        try:
            # 2. Attempt once. Between the checks and the attempt nothing is awaited.
            earlier = None if reserved.lost is None else await self._lost_sends.find(claim, reserved, reserved.lost)
            if request.signal is not None and not caller.is_gone and earlier is None:
                signal_sent = await self._signals.send(request.signal, reserved, request.recipient)
            session = await read_reserved_session(self._accounts, reserved)
            message: Addressed = claim.message(reserved.profile_urn)
            if request.seeks_conversation and isinstance(session, Session) and earlier is None:
                message = await self._threads.address(claim, reserved, session)
            if earlier is not None:
                attempt = Attempt(earlier.outcome if isinstance(earlier, FoundSend) else earlier, {})
            elif isinstance(session, NotSent):
                attempt = Attempt(session, {})
            elif isinstance(message, _NO_ADDRESS):
                attempt = Attempt(message, {})
            elif (obstacle := self._find_obstacle(claim, caller)) is not None:
                attempt = Attempt(obstacle, {})
            elif isinstance(message, OutgoingReply):
                attempt = await self._upstream.send_reply(session, message)
            else:
                attempt = await self._upstream.send_group_message(session, message)
        except Exception:
            # A bug of ours, after the unit was taken: nobody can say how far it got.
            await self._settler.settle(
                claim, caller, Settlement(claim.send_id, Unknown("an internal error"), self._clock())
            )
            raise
        finally:
            metrics.SENDS_IN_FLIGHT.dec()
        # 3. Settle: one transaction writes the outcome and all that follows from it.
        settlement = Settlement(
            send_id=claim.send_id,
            outcome=attempt.outcome,
            now=self._clock(),
            session_ended=attempt.session_ended,
            session_version=None if isinstance(session, NotSent) else session.version,
            sent_at=earlier.sent_at if isinstance(earlier, FoundSend) else None,
        )
        settled = await self._settler.settle(claim, caller, settlement)
        if not isinstance(session, NotSent):
            self._guard.follow_up(reserved.account_id, attempt, session)
        return SendResult(
            send_id=claim.send_id,
            outcome=attempt.outcome,
            quota=settled.quota,
            hold_until=settlement.hold_until,
            signal_sent=signal_sent,
            replayed=isinstance(earlier, FoundSend),
        )

    def _find_obstacle(self, claim: Claim, caller: CallerConnection) -> NotSent | None:
        caller.poll()
        if caller.is_gone:
            # While this process could not go on, the caller may have given up and been served by another one.
            return NotSent("the caller disconnected before anything was sent")
        if self._clock() >= claim.lease_until:
            # This process slept past its lease: others may already have searched for the message in vain.
            return NotSent("the server was suspended before it could send")
        return None
