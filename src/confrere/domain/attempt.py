"""Attempts and searches at LinkedIn: their input and their results."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from confrere.domain.outcome import Outcome, Refused, SessionDead, Throttled
from confrere.domain.remedies import UPDATE_CONFRERE, UPDATE_QUERY_ID


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one person, in the context of a group, or of none (None). The text is secret."""

    sender_urn: str
    recipient_urn: str
    group_urn: str | None
    text: str
    origin_token: str

    def __repr__(self) -> str:
        return f"<OutgoingMessage {self.origin_token}>"


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """One message into an existing conversation of the sender's mailbox. The text is secret."""

    sender_urn: str
    conversation_urn: str
    text: str
    origin_token: str

    def __repr__(self) -> str:
        return f"<OutgoingReply {self.origin_token}>"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one attempt to send.

    changed_cookies:  cookies that LinkedIn set meanwhile.
    session_ended:    why the session is dead although the message was accepted, else None.
    needs_probe:      a refusal after which LinkedIn may object to the account itself: probe it.
    """

    outcome: Outcome
    changed_cookies: Mapping[str, str]
    session_ended: str | None = None
    needs_probe: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """LinkedIn has the message."""

    message_urn: str | None
    conversation_urn: str | None


@dataclass(frozen=True, slots=True)
class Absent:
    """LinkedIn was read, and does not show the message."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """LinkedIn could not be read. `why` is one clause for people.

    protocol_moved:  LinkedIn did not understand our client: a query id is old, or its protocol has moved.
    """

    why: str
    protocol_moved: bool = False


@dataclass(frozen=True, slots=True)
class ProtocolFault:
    """A kind of request that LinkedIn does not understand, for whatever account. `why` is one clause for people."""

    kind: str
    why: str
    since: datetime
    seen_at: datetime

    @property
    def is_renewed_id(self) -> bool:
        """Whether it is an entry of `protocol.toml`, whose id LinkedIn has renewed."""
        return "." in self.kind

    @property
    def remedy(self) -> str:
        """What an operator has to do."""
        return UPDATE_QUERY_ID if self.is_renewed_id else UPDATE_CONFRERE


AccountProblem = SessionDead | Throttled
"""LinkedIn's objections to an account, which is then stopped."""

SearchResult = Found | Absent | Unreadable | AccountProblem


def why_not_read(problem: Refused | AccountProblem | Unreadable) -> str:
    """Return why LinkedIn was not read, in one clause."""
    match problem:
        case Refused(status, _, code, text):
            return f"LinkedIn does not show this to the account: {text or code or f'status {status}'}"
        case Throttled():
            return "LinkedIn throttles the account"
        case SessionDead():
            return "LinkedIn no longer takes the session of the account"
        case Unreadable(why):
            return f"LinkedIn could not be read: {why}"
        case _:
            assert_never(problem)
