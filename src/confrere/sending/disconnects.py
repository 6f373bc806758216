"""Whether a caller is still there: a connection tells those who wait for its end, and can be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""ASGI's: the next event of a request."""

EXTENSION: Final = "confrere.disconnects"
"""The extension of the ASGI scope that holds the connection's DisconnectWatch: it spares a task for each request."""


class DisconnectWatch:
    """Those who want to know that a connection has ended.

    close_if_ended:  asks the operating system whether the other side has ended it, and ends it then.
    """

    def __init__(self, close_if_ended: Callable[[], bool]) -> None:
        self._close_if_ended = close_if_ended
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
        if not self._has_ended and self._close_if_ended():
            self.tell()

    def tell(self) -> None:
        """The connection has ended."""
        self._has_ended = True
        watchers, self._watchers = self._watchers, set()
        for watcher in watchers:
            watcher()


def disconnect_watch_of(scope: Mapping[str, Any]) -> DisconnectWatch | None:
    """Those of the request's connection; None on another server than ours."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return None if extension is None else extension["connection"]


def on_disconnect(scope: Mapping[str, Any], receive: Receive, watcher: Callable[[], None]) -> Callable[[], object]:
    """Call `watcher` if the request's connection ends; only after its body was read. Returns what ends the watch."""
    disconnects = disconnect_watch_of(scope)
    if disconnects is None:
        return asyncio.create_task(_wait_for_end(receive, watcher)).cancel
    disconnects.add(watcher)
    return partial(disconnects.discard, watcher)


async def _wait_for_end(receive: Receive, watcher: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watcher()
