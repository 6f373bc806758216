"""Whether a caller is still there: a connection tells those who wait for its end, and can be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""ASGI's: the next event of a request."""

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


def watch_end(scope: Mapping[str, Any], receive: Receive, watcher: Callable[[], None]) -> Callable[[], object]:
    """Call `watcher` if the request's connection ends; only after its body was read. Returns what ends the watch."""
    hang_ups = hang_ups_of(scope)
    if hang_ups is None:
        return asyncio.create_task(_wait_for_end(receive, watcher)).cancel
    hang_ups.add(watcher)
    return partial(hang_ups.discard, watcher)


async def _wait_for_end(receive: Receive, watcher: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher()
