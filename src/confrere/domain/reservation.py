"""The input and results of `Ledger.reserve` and `Ledger.settle`."""

from dataclasses import dataclass
from datetime import datetime

from confrere.domain.account import LostSends
from confrere.domain.attempt import OutgoingMessage, OutgoingReply
from confrere.domain.limits import Action, Quota
from confrere.domain.outcome import Outcome, Throttled
from confrere.domain.send import Send
from confrere.domain.send_request import SendRequest


@dataclass(frozen=True, slots=True)
class Claim:
    """The input of a reservation: the request, the ids generated for this attempt, and its lease.

    origin_token:  the message's own token, by which it is found in LinkedIn's conversations.
    lease_until:   when, without a settlement, the attempt must be over.
    wait_for_ids:  the identical sends of other processes that the claim may still wait for; None means any.
    """

    request: SendRequest
    send_id: str
    origin_token: str
    now: datetime
    lease_until: datetime
    wait_for_ids: frozenset[str] | None = None

    def message(self, sender_urn: str) -> OutgoingMessage | OutgoingReply:
        """Return the message to send for it: into the conversation that the request names, else to the recipient."""
        request = self.request
        if request.conversation_urn is not None:
            return self.reply(sender_urn, request.conversation_urn)
        return OutgoingMessage(
            sender_urn=sender_urn,
            recipient_urn=str(request.recipient),
            group_urn=None if request.group_id is None else request.group_id.urn,
            text=str(request.text),
            origin_token=self.origin_token,
        )

    def reply(self, sender_urn: str, conversation_urn: str) -> OutgoingReply:
        """Return the message to send for it into this conversation."""
        return OutgoingReply(
            sender_urn=sender_urn,
            conversation_urn=str(conversation_urn),
            text=str(self.request.text),
            origin_token=self.origin_token,
        )

    def __repr__(self) -> str:
        return f"<Claim {self.send_id}>"


@dataclass(frozen=True, slots=True)
class Reserved:
    """A unit was taken and the row is `in_flight`, durably. `quota` is the state after it.

    lost:  where a backup was restored: the message may have been sent in this time.
    """

    account_id: str
    profile_urn: str
    session_version: int
    quota: Quota
    lost: LostSends | None = None


@dataclass(frozen=True, slots=True)
class Repeats:
    """The claim is a repeat of this earlier send; nothing was taken. `quota` is the state of its account.

    keyed:     by Idempotency-Key, or within the workspace's repeat window: its answer is given again, and marked so.
               Otherwise the earlier one's answer reached nobody.
    """

    send: Send
    quota: Quota
    keyed: bool


@dataclass(frozen=True, slots=True)
class InFlightElsewhere:
    """Identical sends of other live processes that have not recorded yet whether their callers were answered.

    Claim again after a pause, and wait for these only: what began later is no predecessor.
    """

    send_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The recipient is on the do-not-contact list: the row was written as `refused` and took no unit."""

    quota: Quota


Reservation = Reserved | Repeats | InFlightElsewhere | OptedOut


@dataclass(frozen=True, slots=True)
class Settlement:
    """The outcome of a send, and what is to be written with it.

    caller_gone:    the caller disconnected before the answer was written.
    session_ended:  why the account's session is dead, None while it lives.
    session_version:  of the session that was used: one that was connected since is not dead.
    sent_at:        of a message that was sent before a backup was restored: its unit belongs to that day.
    """

    send_id: str
    outcome: Outcome
    now: datetime
    caller_gone: bool = False
    session_ended: str | None = None
    session_version: int | None = None
    sent_at: datetime | None = None

    @property
    def hold_until(self) -> datetime | None:
        """The time until which a throttled account is held; None for other outcomes."""
        return self.outcome.until(self.now) if isinstance(self.outcome, Throttled) else None


@dataclass(frozen=True, slots=True)
class Settled:
    """The row after settling, which differs from the settlement where another process settled it first."""

    send: Send
    quota: Quota


@dataclass(frozen=True, slots=True)
class TakenUnits:
    """Units of one window that were taken, durably, before LinkedIn is read. `quota` is the state after it."""

    account_id: str
    action: Action
    window_start: datetime
    count: int
    quota: Quota
