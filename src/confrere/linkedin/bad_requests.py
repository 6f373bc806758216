"""Attribution of LinkedIn's 400s to sends: to a recipient it does not know, or to a change of its protocol."""

from dataclasses import replace

from confrere.domain.attempt import Attempt
from confrere.domain.outcome import Accepted, NotSent, Refused


class BadRequests:
    """Attributes each 400 to its recipient, until a second recipient or the probe gets one too.

    An accepted message shows that the protocol has not changed, and resets the state. Kept per process.
    Source: the HTTP contract; that LinkedIn answers 400 to an id that it cannot parse is assumed.
    """

    def __init__(self) -> None:
        self._recipient_urn: str | None = None
        self._has_changed = False

    def attribute(self, attempt: Attempt, recipient_urn: str) -> Attempt:
        """Return the attempt; as NotSent with `protocol_moved` where its 400 is attributed to the protocol.

        The first 400 needs a probe, which can confirm the change. A code that is known to concern the recipient is
        no sign of one.
        """
        match attempt.outcome:
            case Accepted():
                if self._recipient_urn is not None:
                    self._recipient_urn, self._has_changed = None, False
            case Refused(400) if attempt.needs_probe:
                if self._recipient_urn not in (None, recipient_urn):
                    self._has_changed = True
                if self._has_changed:
                    moved = NotSent("Request failed with status code 400", protocol_moved=True)
                    return replace(attempt, outcome=moved, needs_probe=False)
                is_first, self._recipient_urn = self._recipient_urn is None, recipient_urn
                return replace(attempt, needs_probe=is_first)
        return attempt

    def confirm(self) -> None:
        """Record that the probe failed likewise: the protocol has changed if a send got a 400 before."""
        self._has_changed = self._recipient_urn is not None
