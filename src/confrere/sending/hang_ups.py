"""Whether a caller is still there: a connection tells those who wait for its end, and can be asked."""

from collections.abc import Callable, Mapping
from typing import Any, Final

EXTENSION: Final = "confrere.hang_ups"
"""The extension of the ASGI scope that holds the connection's HangUps: it spares a task for each request."""


class HangUps:
    """Those who want to know that a connection has ended.

    end_if_over:  asks the operating system whether the other side has ended it, and ends it then.
    """

    def __init__(self, end_if_over: Callable[[], bool]) -> None:
        self._end_if_over = end_if_over
        self._watchers: set[Callable[[], None]] = set()
        self._has_ended = False

    def add(self, watcher: Callable[[], None]) -> None:
        """Call it when the connection ends, now where it has."""
        if self._has_ended:
            watcher()
        else:
            self._watchers.add(watcher)

    def discard(self, watcher: Callable[[], None]) -> None:
        """It need not know any more."""
        self._watchers.discard(watcher)

    def look(self) -> None:
        """Tell at once where the connection is over, of which the event loop may not have heard yet."""
        if not self._has_ended and self._end_if_over():
            self.tell()

    def tell(self) -> None:
        """The connection has ended."""
        self._has_ended = True
        watchers, self._watchers = self._watchers, set()
        for watcher in watchers:
            watcher()


def hang_ups_of(scope: Mapping[str, Any]) -> HangUps | None:
    """Those of the request's connection; None on another server than ours."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return None if extension is None else extension["connection"]
