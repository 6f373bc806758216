"""The caller's side of a send: the connection that waits for the answer, and the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from confrere.domain.limits import Quota
from confrere.domain.outcome import Outcome, OutcomeName


class CallerConnection:
    """The connection of a caller who waits for an answer.

    poll:              asks the operating system whether it has ended, and sets `is_gone` before it returns.
    is_gone:           whether it ended before the answer was written.
    send_id:           of the send whose outcome the answer will be; None where there is none.
    reported_outcome:  what the answer says.
    """

    def __init__(self, poll: Callable[[], None] = lambda: None) -> None:
        self.poll = poll
        self.is_gone = False
        self.send_id: str | None = None
        self.reported_outcome = OutcomeName.UNKNOWN


@dataclass(frozen=True, slots=True)
class SendResult:
    """The answer to a request to send.

    outcome:      of the attempt, or of the earlier send that the request repeats.
    replayed:     whether it is the answer of an earlier request with the same Idempotency-Key.
    hold_until:   aware UTC; how long the account is held, where LinkedIn throttled it.
    signal_sent:  whether LinkedIn took the request's signal.
    """

    send_id: str
    outcome: Outcome
    quota: Quota
    replayed: bool = False
    hold_until: datetime | None = None
    signal_sent: bool = False
