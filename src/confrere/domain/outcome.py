"""The outcome of one attempt, a value of one of six types, so that `match` covers all.

| outcome      | what it means                                       | unit       |
|--------------|-----------------------------------------------------|------------|
| Accepted     | LinkedIn answered 2xx with a message                | kept       |
| Refused      | LinkedIn said no to this message (4xx)              | given back |
| Throttled    | 429 or 999                                          | given back |
| SessionDead  | 401, redirect to login, deleted cookie, challenge   | given back |
| NotSent      | certainly nothing was sent                          | given back |
| Unknown      | anything else: LinkedIn may have it                 | kept       |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class OutcomeName(StrEnum):
    """The name under which the ledger, the API and the metrics know an outcome."""

    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    THROTTLED = "throttled"
    SESSION_DEAD = "session_dead"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


HOLDS_UNIT: Final = frozenset({OutcomeName.IN_FLIGHT, OutcomeName.ACCEPTED, OutcomeName.UNKNOWN})
"""The outcomes that keep the unit."""

NOTHING_SENT: Final = frozenset({OutcomeName.NOT_SENT, OutcomeName.THROTTLED, OutcomeName.SESSION_DEAD})
"""The outcomes after which the Idempotency-Key is free again, so that a repeat sends."""

UNCERTAIN: Final = frozenset({OutcomeName.IN_FLIGHT, OutcomeName.UNKNOWN})
"""The outcomes under which it is not known whether LinkedIn has the message."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """LinkedIn has the message. The URNs are LinkedIn's, None where its answer lacked them."""

    message_urn: str | None
    conversation_urn: str | None
    name = OutcomeName.ACCEPTED


@dataclass(frozen=True, slots=True)
class Refused:
    """LinkedIn, or our do-not-contact list (`code` RECIPIENT_OPTED_OUT), said no to this message."""

    status: int
    status_text: str
    code: str | None
    text: str | None
    name = OutcomeName.REFUSED


@dataclass(frozen=True, slots=True)
class Throttled:
    """LinkedIn throttles the account; it should rest for `hold_seconds`."""

    status: int
    hold_seconds: int
    name = OutcomeName.THROTTLED

    def until(self, now: datetime) -> datetime:
        """Return when a hold that begins now ends."""
        return now + timedelta(seconds=self.hold_seconds)


@dataclass(frozen=True, slots=True)
class SessionDead:
    """LinkedIn no longer takes the session; a person must act. `why` is one clause for people."""

    why: str
    name = OutcomeName.SESSION_DEAD


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly nothing was sent. `protocol_moved`: LinkedIn did not understand our client."""

    why: str
    protocol_moved: bool = False
    name = OutcomeName.NOT_SENT


@dataclass(frozen=True, slots=True)
class Unknown:
    """LinkedIn may or may not have the message. `why` is one clause for people."""

    why: str
    name = OutcomeName.UNKNOWN


Outcome = Accepted | Refused | Throttled | SessionDead | NotSent | Unknown

OPTED_OUT = Refused(
    403, "Forbidden", "RECIPIENT_OPTED_OUT", "The recipient has asked not to be contacted by this workspace"
)
"""The outcome of a send to somebody on the do-not-contact list. Source: the HTTP contract, section 1."""
