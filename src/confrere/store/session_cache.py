"""Sessions that have been decrypted, kept for the next send: to open one costs as much as a tenth of a send."""

from collections import OrderedDict
from typing import Final

from confrere.domain.session import Session

MOST_BYTES: Final = 32_000_000
"""Memory for opened sessions of one process: about 20,000 of them."""

_BYTES_BESIDE: Final = 600
_BYTES_BESIDE_EACH: Final = 64
"""What Python needs beside the characters: for a session, and for each of its cookies and headers."""


class OpenedSessions:
    """The latest used ones by account, in about `most_bytes` of memory."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Session, int]] = OrderedDict()

    def find(self, account_id: str, version: int) -> Session | None:
        """The account's session of this version or a later one; the version 0 names none."""
        found = self._kept.get(account_id)
        if found is None or not found[0].version >= version > 0:
            return None
        self._kept.move_to_end(account_id)
        return found[0]

    def keep(self, session: Session) -> None:
        """Keep it in place of the one before; those that were used longest ago make room."""
        self.forget(session.account_id)
        size = _bytes_of(session)
        self._kept[session.account_id] = (session, size)
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, (_, freed) = self._kept.popitem(last=False)
            self._bytes -= freed

    def forget(self, account_id: str) -> None:
        """The account has no session any more, or another one."""
        _, freed = self._kept.pop(account_id, (None, 0))
        self._bytes -= freed


def _bytes_of(session: Session) -> int:
    """About the memory that it takes. Its names are shared with other sessions, as is the user agent, mostly."""
    values = (*session.cookies.values(), *session.headers.values())
    return _BYTES_BESIDE + len(values) * _BYTES_BESIDE_EACH + sum(map(len, values))
