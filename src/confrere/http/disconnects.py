"""Whether a client is still connected: a connection notifies those who wait for its end, and can be polled."""

import asyncio
import select
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, Final

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""ASGI's: the next event of a request."""

EXTENSION: Final = "confrere.disconnects"
"""The extension of the ASGI scope that holds the connection's DisconnectWatch: it saves a task for each request."""

_ENDED = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
"""The events of a connection whose other side has ended it; the last is Linux's."""


class DisconnectWatch:
    """The callbacks for the end of one connection.

    close_if_ended:  asks the operating system whether the client has ended the connection, and closes it then.
    """

    def __init__(self, close_if_ended: Callable[[], bool]) -> None:
        self._close_if_ended = close_if_ended
        self._callbacks: set[Callable[[], None]] = set()
        self._has_ended = False

    def add(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the connection ends; at once where it has ended."""
        if self._has_ended:
            callback()
        else:
            self._callbacks.add(callback)

    def discard(self, callback: Callable[[], None]) -> None:
        """Remove a callback, if it is still there."""
        self._callbacks.discard(callback)

    def poll(self) -> None:
        """Notify now if the connection has ended and the event loop has not reported it yet."""
        if not self._has_ended and self._close_if_ended():
            self.notify()

    def notify(self) -> None:
        """Report that the connection has ended."""
        self._has_ended = True
        callbacks, self._callbacks = self._callbacks, set()
        for callback in callbacks:
            callback()


def close_if_ended(transport: asyncio.Transport) -> bool:
    """Close the connection where the client has ended its side, which the event loop may not have reported yet.

    Returns whether it is closing.
    """
    if transport.is_closing():
        return True  # its descriptor may soon be another's
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN | _ENDED)
    has_ended = any(events & _ENDED for _, events in poll.poll(0))
    if has_ended:
        transport.close()
    return has_ended


def disconnect_watch_of(scope: Mapping[str, Any]) -> DisconnectWatch | None:
    """Return the watch of the request's connection; None on another server than ours."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return None if extension is None else extension["connection"]


def on_disconnect(scope: Mapping[str, Any], receive: Receive, callback: Callable[[], None]) -> Callable[[], object]:
    """Call `callback` if the request's connection ends; only after its body was read. Returns what ends the watch."""
    disconnects = disconnect_watch_of(scope)
    if disconnects is None:
        return asyncio.create_task(_wait_for_disconnect(receive, callback)).cancel
    disconnects.add(callback)
    return partial(disconnects.discard, callback)


async def _wait_for_disconnect(receive: Receive, callback: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    callback()
