"""Sends, as the ledger records them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from confrere.domain.outcome import (
    OPTED_OUT,
    Accepted,
    NotSent,
    Outcome,
    OutcomeName,
    Refused,
    SessionDead,
    Throttled,
    Unknown,
)

REPEAT_WINDOW = timedelta(minutes=10)
"""How long after its end a send whose answer reached nobody is joined by an identical request. Source: contract §3."""

IDEMPOTENCY_WINDOW = timedelta(hours=24)
"""How long an Idempotency-Key is kept. Source: the HTTP contract, section 3."""


@dataclass(frozen=True, slots=True)
class Send:
    """A ledger row without the message's text.

    origin_token:  the message's own token, by which it is found in LinkedIn's conversations.
    group_id:      None for a plain message.
    reason:        one clause for people on why the outcome is what it is.
    refusal:       LinkedIn's own answer, where the outcome is refused.
    window_start:  the day whose unit the send took.
    created_at:    when the unit was taken.  ended_at: when the attempt ended, or was found dead.
    settled_at:    when the present outcome was known; None while in flight.
    absent_at:     when LinkedIn's conversation was first read without the message in it.
    """

    id: str
    request_id: str
    workspace_id: str
    account_id: str
    recipient: str
    group_id: str | None
    origin_token: str
    outcome: OutcomeName
    reason: str | None
    refusal: Refused | None
    message_urn: str | None
    conversation_urn: str | None
    window_start: datetime
    created_at: datetime
    ended_at: datetime | None
    settled_at: datetime | None
    absent_at: datetime | None

    def as_outcome(self) -> Outcome:
        """Return the row's outcome as a value; Unknown for a send in flight."""
        match self.outcome:
            case OutcomeName.ACCEPTED:
                return Accepted(self.message_urn, self.conversation_urn)
            case OutcomeName.REFUSED:
                return self.refusal or OPTED_OUT
            case OutcomeName.THROTTLED:
                return Throttled(429, 0)
            case OutcomeName.SESSION_DEAD:
                return SessionDead(self.reason or "the session is dead")
            case OutcomeName.NOT_SENT:
                return NotSent(self.reason or "nothing was sent")
            case OutcomeName.IN_FLIGHT:
                return Unknown("the message is still being sent")
            case OutcomeName.UNKNOWN:
                return Unknown(self.reason or "LinkedIn may have the message")
            case _:
                assert_never(self.outcome)


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger records of a send beside the send itself.

    answer_delivered:  whether a certain answer was handed to a caller's connection; None where that is not known yet,
                       or where it does not matter because nothing was sent.
    looks, look_at:    how often LinkedIn was searched for it, and when it is due again; None unless it is unknown.
    holds_unit:        whether a unit of the day `window_start` is spent on it.
    """

    answer_delivered: bool | None
    looks: int
    look_at: datetime | None
    holds_unit: bool
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class SendFilter:
    """Which sends of an account, or of a workspace, to list; None means any."""

    outcome: OutcomeName | None = None
    group_id: str | None = None
    recipient: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many sends of an account have this outcome, of those that took, or would have taken, a unit of the day."""

    day: datetime
    account_id: str
    outcome: OutcomeName
    count: int
