"""A cache of decrypted sessions: decrypting one costs a tenth of a send."""

from collections import OrderedDict
from typing import Final

from confrere.domain.session import Session

MOST_BYTES: Final = 32_000_000
"""Memory for the sessions of one process: about 20,000 of them."""

_BYTES_BESIDE: Final = 600
_BYTES_BESIDE_EACH: Final = 64
"""What Python needs in addition to the characters: for a session, and for each of its cookies and headers."""


class SessionCache:
    """The most recently used sessions, one an account, in about `most_bytes` of memory."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[Session, int]] = OrderedDict()

    def get(self, account_id: str, version: int) -> Session | None:
        """Return the account's session of this version or a later one. Version 0 matches none."""
        found = self._entries.get(account_id)
        if found is None or not found[0].version >= version > 0:
            return None
        self._entries.move_to_end(account_id)
        return found[0]

    def put(self, session: Session) -> None:
        """Replace the account's session; the least recently used ones are evicted where memory is short."""
        self.remove(session.account_id)
        size = _bytes_of(session)
        self._entries[session.account_id] = (session, size)
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, (_, freed) = self._entries.popitem(last=False)
            self._bytes -= freed

    def remove(self, account_id: str) -> None:
        """Remove the account's session, where there is one."""
        _, freed = self._entries.pop(account_id, (None, 0))
        self._bytes -= freed


def _bytes_of(session: Session) -> int:
    """Estimate its memory. Its names are shared with other sessions, as is the user agent, mostly."""
    values = (*session.cookies.values(), *session.headers.values())
    return _BYTES_BESIDE + len(values) * _BYTES_BESIDE_EACH + sum(map(len, values))
