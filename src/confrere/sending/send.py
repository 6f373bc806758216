"""A send: reserve, attempt once, settle; and what a repeat of it gets."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from confrere.domain.attempt import Attempt, OutgoingMessage, Unreadable
from confrere.domain.errors import ConfrereError, Draining, OptedOut, StoreUnavailable
from confrere.domain.ids import new_origin_token, new_send_id
from confrere.domain.limits import Quota
from confrere.domain.message import MessageText
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, OutcomeName, SessionDead, Throttled, Unknown
from confrere.domain.reservation import Claim, InFlightElsewhere, Repeats, Reserved, Settled, Settlement
from confrere.domain.send import Send
from confrere.domain.session import Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import Accounts, Clock, Ledger, Upstream
from confrere.sending.account_guard import log_problem, log_protocol_moved, stop_account
from confrere.sending.chat_signals import ChatSignal, send_signal
from confrere.sending.reconcile import Reconciler
from confrere.telemetry import metrics

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""How long an attempt may take, its settling included, before others count it as dead: three times its 20 s."""

REPEAT_WAIT_SECONDS = 20.0
"""How long a repeat waits for the send that it joins."""

ELSEWHERE_BACKOFF_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The waits for another process to say whether the caller of an identical send was answered or hung up."""

_POLL_SECONDS = 0.05
_SETTLE_RETRY_SECONDS = 0.5
_NOTHING_SENT = frozenset({OutcomeName.NOT_SENT, OutcomeName.THROTTLED, OutcomeName.SESSION_DEAD})


class Books(Ledger, Accounts, Protocol):
    """The parts of the store that a send needs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller asks for. account_id None: the workspace's default account.

    signal:  what to do in the conversation before the message goes out; a repeat that sends nothing does not do it.
    """

    request_id: str
    workspace_id: str
    account_id: str | None
    recipient: ProfileUrn
    group_id: GroupId
    text: MessageText
    idempotency_key: str | None = None
    signal: ChatSignal | None = None


class CallerConnection:
    """The line to the caller who waits for an answer; open until the door says that it was hung up.

    look:  has the door say so now, where it has heard nothing but could ask.
    """

    def __init__(self, look: Callable[[], None] = lambda: None) -> None:
        self.look = look
        self.gone = False
        self.send_id: str | None = None
        self.told = OutcomeName.UNKNOWN


@dataclass(frozen=True, slots=True)
class SendResult:
    """What to answer. `replayed`: it is the answer of an earlier request with the same Idempotency-Key.

    outcome:     of the attempt, or what the ledger knows of the send that this one repeats.
    hold_until:  aware UTC; how long the account is held, where LinkedIn throttled it.
    signal_sent:  whether LinkedIn took the signal that the wish asked for.
    """

    send_id: str
    outcome: Outcome
    quota: Quota
    replayed: bool = False
    hold_until: datetime | None = None
    signal_sent: bool = False


class GroupSender:
    """Sends messages in the context of a group: never one too many, never twice, and says truthfully what happened."""

    def __init__(self, *, books: Books, upstream: Upstream, reconciler: Reconciler, clock: Clock) -> None:
        self._books = books
        self._upstream = upstream
        self._reconciler = reconciler
        self._clock = clock
        self._tasks: set[asyncio.Task[Any]] = set()
        self._draining = False

    async def send(self, wish: Wish, line: CallerConnection) -> SendResult:
        """Send once within quota, or join the send that this one repeats.

        Goes on to its end even if the caller of this coroutine is cancelled.
        Raises: Draining; InvalidField, NoSession, OptedOut, AccountHeld, QuotaUsedUp, KeyInUse, KeyReused, and then
        LinkedIn was not asked; StoreUnavailable, and then either it was not asked or the row is found by reconciling.
        """
        if self._draining:
            raise Draining
        result: SendResult = await asyncio.shield(self._start(self._carry_out(wish, line)))
        line.told = result.outcome.name
        return result

    def hang_up(self, line: CallerConnection) -> None:
        """The caller is gone and its answer was not written: an identical request is a repeat of this one."""
        line.gone = True
        if line.send_id is not None:
            self._books.mark_caller_gone(line.send_id)

    def answered(self, line: CallerConnection) -> None:
        """The answer was handed to the caller's connection."""
        if line.send_id is not None:
            self._books.mark_answered(line.send_id, line.told)

    async def drain(self) -> None:
        """Begin nothing new; return when all that was begun has been settled."""
        self._draining = True
        await self.wait_until_idle()

    async def wait_until_idle(self) -> None:
        """Return when nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) and not isinstance(fault, ConfrereError):
            log.error("send_task_failed", exc_info=fault)

    async def _carry_out(self, wish: Wish, line: CallerConnection) -> SendResult:
        wait_for_ids: frozenset[str] | None = None
        pauses = iter(ELSEWHERE_BACKOFF_SECONDS)
        while True:
            claim = self._claim(wish, wait_for_ids)
            try:
                reservation = await self._reserve(claim, line)
            except OptedOut as refusal:
                return SendResult(refusal.send_id, OPTED_OUT, refusal.quota)
            match reservation:
                case Reserved() as reserved:
                    return await self._attempt(claim, reserved, line, wish.signal)
                case InFlightElsewhere(send_ids):
                    wait_for_ids = frozenset()
                    if (pause := next(pauses, None)) is not None:
                        await asyncio.sleep(pause)
                        wait_for_ids = send_ids
                case Repeats() as repeats:
                    result = await self._join(repeats, line)
                    if line.gone or result.outcome.name not in _NOTHING_SENT:
                        return result  # for a caller who is gone nothing new is sent

    def _claim(self, wish: Wish, wait_for_ids: frozenset[str] | None) -> Claim:
        now = self._clock()
        return Claim(
            send_id=new_send_id(),
            request_id=wish.request_id,
            workspace_id=wish.workspace_id,
            account_id=wish.account_id,
            recipient=str(wish.recipient),
            group_id=str(wish.group_id),
            text=str(wish.text),
            origin_token=new_origin_token(),
            idempotency_key=wish.idempotency_key,
            now=now,
            lease_until=now + LEASE,
            wait_for_ids=wait_for_ids,
        )

    async def _reserve(self, claim: Claim, line: CallerConnection) -> Reserved | Repeats | InFlightElsewhere:
        line.send_id = claim.send_id
        try:
            return await self._books.reserve(claim)
        except ConfrereError as refusal:
            line.send_id = refusal.send_id if isinstance(refusal, OptedOut) else None
            metrics.REFUSED_LOCALLY.labels(type(refusal).__name__).inc()
            raise

    async def _attempt(
        self, claim: Claim, reserved: Reserved, line: CallerConnection, signal: ChatSignal | None
    ) -> SendResult:
        metrics.SENDS_IN_FLIGHT.inc()
        try:
            shown = signal is not None and not line.gone and await self._show(signal, claim, reserved)
            attempt, session = await self._ask(claim, reserved, line)
        except Exception:
            # A bug of ours, after the unit was taken: nobody can say how far it got.
            await self._settle(claim, line, Attempt(Unknown("an internal error"), {}), None)
            raise
        finally:
            metrics.SENDS_IN_FLIGHT.dec()
        settled, hold_until = await self._settle(claim, line, attempt, session)
        if session is not None:
            self._follow_up(reserved.account_id, attempt, session)
        return SendResult(claim.send_id, attempt.outcome, settled.quota, hold_until=hold_until, signal_sent=shown)

    async def _show(self, signal: ChatSignal, claim: Claim, reserved: Reserved) -> bool:
        """Whether LinkedIn took the signal. The send goes on in any case; a throttling holds the account after it."""
        try:
            session = await self._books.read_session(reserved.account_id, reserved.session_version)
        except StoreUnavailable:
            return False
        if session is None:
            return False
        said = await send_signal(
            self._upstream,
            session,
            signal,
            sender_urn=reserved.profile_urn,
            recipient_urn=claim.recipient,
        )
        if isinstance(said, Throttled):
            self._start(stop_account(self._books, reserved.account_id, said, self._clock()))
        return said is True

    async def _ask(self, claim: Claim, reserved: Reserved, line: CallerConnection) -> tuple[Attempt, Session | None]:
        """What came of it, and with which session LinkedIn was asked; None where it was not."""
        try:
            session = await self._books.read_session(reserved.account_id, reserved.session_version)
        except StoreUnavailable:
            return Attempt(NotSent("the store did not give the account's session"), {}), None
        if session is None:
            return Attempt(NotSent("the account was disconnected meanwhile"), {}), None
        line.look()
        if line.gone:
            # While this process could not go on, the caller may have given up and been served by another one.
            return Attempt(NotSent("the caller hung up before anything was sent"), {}), None
        if self._clock() >= claim.lease_until:
            # This process slept past its lease: others may already have looked for the message and not found it.
            return Attempt(NotSent("the server was suspended before it could send"), {}), None
        message = OutgoingMessage(
            sender_urn=reserved.profile_urn,
            recipient_urn=claim.recipient,
            group_urn=GroupId(claim.group_id).urn,
            text=claim.text,
            origin_token=claim.origin_token,
        )
        return await self._upstream.send_group_message(session, message), session

    async def _settle(
        self, claim: Claim, line: CallerConnection, attempt: Attempt, session: Session | None
    ) -> tuple[Settled, datetime | None]:
        """Write what happened. A store that is away for a moment is asked again until the lease is over."""
        outcome, now = attempt.outcome, self._clock()
        hold_until = now + timedelta(seconds=outcome.hold_seconds) if isinstance(outcome, Throttled) else None
        while True:
            try:
                settled = await self._books.settle(
                    Settlement(
                        send_id=claim.send_id,
                        outcome=outcome,
                        now=now,
                        hold_until=hold_until,
                        caller_gone=line.gone,
                        session_ended=outcome.why if isinstance(outcome, SessionDead) else attempt.session_ended,
                        session_version=None if session is None else session.version,
                    )
                )
            except StoreUnavailable:
                if self._clock() >= claim.lease_until:
                    log.exception("send_not_settled", send_id=claim.send_id, outcome=outcome.name)
                    raise
                await asyncio.sleep(_SETTLE_RETRY_SECONDS)
            else:
                _tell(claim, settled.send, attempt)
                return settled, hold_until

    def _follow_up(self, account_id: str, attempt: Attempt, session: Session) -> None:
        changed = attempt.changed_cookies
        if changed and not isinstance(attempt.outcome, SessionDead):
            self._start(self._books.refresh_cookies(account_id, changed, session_version=session.version))
        if attempt.needs_probe:
            self._start(self._probe(account_id, session))

    async def _probe(self, account_id: str, session: Session) -> None:
        """Ask LinkedIn whose session this is, after an answer that can be the first sign of trouble."""
        found = await self._upstream.read_member(session)
        if isinstance(found, SessionDead | Throttled):
            await stop_account(self._books, account_id, found, self._clock(), session=session)
        elif isinstance(found, Unreadable) and found.protocol_moved:
            log_protocol_moved(account_id, found.why)

    async def _join(self, repeats: Repeats, line: CallerConnection) -> SendResult:
        """The outcome of the send that this one repeats, waited for or looked up in LinkedIn."""
        metrics.JOINED.inc()
        line.send_id = repeats.send.id
        send, quota = await self._wait_for(repeats.send), repeats.quota
        if send.outcome is OutcomeName.UNKNOWN:
            settled = await self._reconciler.look(send)
            if settled is not None:
                send, quota = settled.send, settled.quota
        return SendResult(send.id, send.as_outcome(), quota, replayed=repeats.keyed)

    async def _wait_for(self, send: Send) -> Send:
        loop = asyncio.get_running_loop()
        until = loop.time() + REPEAT_WAIT_SECONDS
        while send.outcome is OutcomeName.IN_FLIGHT and loop.time() < until:
            await asyncio.sleep(_POLL_SECONDS)
            send = await self._books.read_send(send.workspace_id, send.id)
        return send


def _tell(claim: Claim, send: Send, attempt: Attempt) -> None:
    """Count what became of a send, and log it, never its text. The door's line about the request tells of a success."""
    outcome = attempt.outcome
    metrics.note_outcome(outcome.name)
    if isinstance(outcome, NotSent) and outcome.protocol_moved:
        log_protocol_moved(send.account_id, outcome.why)
    if isinstance(outcome, SessionDead | Throttled):
        log_problem(send.account_id, outcome)
    if attempt.session_ended is not None:
        log_problem(send.account_id, SessionDead(attempt.session_ended))
    tell = log.debug if isinstance(outcome, Accepted) else log.info
    tell("send_settled", send_id=claim.send_id, account_id=send.account_id, outcome=outcome.name, reason=send.reason)


__all__ = ["Books", "CallerConnection", "GroupSender", "SendResult", "Wish"]
