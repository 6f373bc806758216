"""Timeouts that share one timer: an answer's 24 s are cancelled, hardly ever reached."""

import asyncio
from types import TracebackType

ANSWER_SECONDS = 24.0
"""Every answer is given within this; clients give up at 25 s. Source: the HTTP contract, section 1."""

CHECK_SECONDS = 0.1


class Timeouts:
    """The timeouts that are running, checked ten times a second by one timer.

    `asyncio.timeout` makes a timer of its own each time, twice a request, and cancelled timers stay in the event
    loop's heap until their time: thousands at full load, where this saves 20 µs of a send's 440.
    """

    def __init__(self) -> None:
        self._running: set[Timeout] = set()
        self._is_checking = False

    def limit(self, seconds: float) -> "Timeout":
        """Return a timeout for a `with` block: after so many seconds, or up to 0.1 more, it raises TimeoutError."""
        return Timeout(self, seconds)

    def add(self, timeout: "Timeout") -> None:
        """Check this timeout from now on."""
        self._running.add(timeout)
        if not self._is_checking:
            self._is_checking = True
            asyncio.get_running_loop().call_later(CHECK_SECONDS, self._check)

    def discard(self, timeout: "Timeout") -> None:
        """Stop checking this timeout."""
        self._running.discard(timeout)

    def _check(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for timeout in [timeout for timeout in self._running if timeout.ends_at <= now]:
            timeout.expire()
        self._is_checking = bool(self._running)
        if self._is_checking:
            loop.call_later(CHECK_SECONDS, self._check)


class Timeout:
    """A timeout of the task that enters it, as `asyncio.timeout` is one.

    expired:  whether its time passed; a TimeoutError without it has another origin.
    """

    __slots__ = ("_cancelling", "_seconds", "_task", "_timeouts", "ends_at", "expired")

    def __init__(self, timeouts: Timeouts, seconds: float) -> None:
        self._timeouts = timeouts
        self._seconds = seconds
        self.expired = False

    def __enter__(self) -> "Timeout":
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self.ends_at = asyncio.get_running_loop().time() + self._seconds
        self._timeouts.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timeouts.discard(self)
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancel the task."""
        self._timeouts.discard(self)
        self.expired = True
        self._task.cancel()
