"""Limits how many calls a minute an API key may make."""

from collections import deque
from datetime import datetime

from confrere.domain.errors import TooFast
from confrere.domain.keys import Caller
from confrere.domain.pacing import MINUTE, LimitName


class CallLimiter:
    """The calls of each key in the last minute, as far as this process answered them.

    They are not in the store: a limit of calls protects this server, and a write for each read would cost it more than
    the read. So a key may make as many calls at each process.
    """

    def __init__(self) -> None:
        self._made: dict[str, deque[datetime]] = {}

    def count(self, caller: Caller, now: datetime) -> None:
        """Count a call; one that is refused does not count. Raises TooFast."""
        limit = caller.calls_per_minute
        if limit is None:
            if self._made:
                self._made.pop(caller.key_id, None)
            return
        made = self._made.setdefault(caller.key_id, deque())
        while made and not now - MINUTE < made[0] <= now:  # one of the future: the clock was set back
            made.popleft()
        if len(made) >= limit:
            raise TooFast(LimitName.CALLS_PER_MINUTE, len(made), limit, made[len(made) - limit] + MINUTE)
        made.append(now)
