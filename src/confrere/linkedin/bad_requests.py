"""Whose fault LinkedIn's 400s to sends are: a recipient's whom it does not know, or its protocol has moved."""

from dataclasses import replace

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import Accepted, NotSent, Refused


class BadRequests:
    """Attributes each 400 to its recipient, until a different recipient or the probe meets one, too.

    An accepted message shows that the protocol has not moved, and everything starts anew. Kept per process.
    Source: the HTTP contract; that LinkedIn answers 400 to an id that it cannot parse is assumed.
    """

    def __init__(self) -> None:
        self._recipient_urn: str | None = None
        self._has_moved = False

    def attribute(self, attempt: Attempt, recipient_urn: str) -> Attempt:
        """The attempt; NotSent with `protocol_moved` where its 400 is not its recipient's fault.

        The first 400 needs a probe, which can confirm it. A code that is known to concern the recipient says
        nothing of the protocol.
        """
        match attempt.outcome:
            case Accepted():
                if self._recipient_urn is not None:
                    self._recipient_urn, self._has_moved = None, False
            case Refused(400) if attempt.needs_probe:
                if self._recipient_urn not in (None, recipient_urn):
                    self._has_moved = True
                if self._has_moved:
                    moved = NotSent("Request failed with status code 400", protocol_moved=True)
                    return replace(attempt, outcome=moved, needs_probe=False)
                is_first, self._recipient_urn = self._recipient_urn is None, recipient_urn
                return replace(attempt, needs_probe=is_first)
        return attempt

    def confirm(self) -> None:
        """The probe was not understood either: a 400 that was met by a send is nobody's fault."""
        self._has_moved = self._recipient_urn is not None
