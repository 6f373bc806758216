"""A semaphore whose slots are shared fairly between owners, so that one owner cannot starve the others."""

import asyncio
from asyncio import Future
from collections import OrderedDict
from typing import Final

Owner = str | int
"""What slots are counted by: an account's id, or the identity of a session that has no account."""

SHARE: Final = 10
"""Slots that an owner may always hold, in a semaphore of at least four times as many."""


class FairSemaphore:
    """At most `slots` are held at once. Waiters are served round-robin by owner, each owner's oldest first.

    An owner may always hold its share. Beyond that it may use idle slots, but never the last half, which is reserved
    for the shares of others. So an owner whose calls all hang takes at most half, and one that is alone is not
    limited to its share.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._reserve = slots // 2
        self._share = max(1, min(SHARE, slots // 4))
        self._held: dict[Owner, int] = {}
        self._waiting: OrderedDict[Owner, OrderedDict[Future[bool], None]] = OrderedDict()
        self._is_closed = False

    def try_acquire(self, owner: Owner) -> bool:
        """Take a slot if the owner may have one now. This overtakes no waiter: those may not have one now."""
        if not self._may_have(owner):
            return False
        self._take(owner)
        return True

    async def acquire(self, owner: Owner, *, until: float) -> bool:
        """Wait for a slot; False where none came before `until` (event loop's time), or the semaphore was closed."""
        if self._is_closed:
            return False
        if self.try_acquire(owner):
            return True
        loop = asyncio.get_running_loop()
        waiting: Future[bool] = loop.create_future()
        self._waiting.setdefault(owner, OrderedDict())[waiting] = None
        timer = loop.call_at(until, self._time_out, owner, waiting)
        try:
            return await waiting and not self._is_closed
        except asyncio.CancelledError:
            if not waiting.cancelled() and waiting.result():
                self.release(owner)  # the slot was assigned just before the cancellation
            self._remove(owner, waiting)
            raise
        finally:
            timer.cancel()

    def release(self, owner: Owner) -> None:
        """Give a slot back; the next waiters that may have one get one."""
        held = self._held[owner] - 1
        if held:
            self._held[owner] = held
        else:
            del self._held[owner]
        self._free += 1
        if self._waiting:
            self._assign_free_slots()

    def close(self) -> None:
        """Assign no more slots; every `acquire` that waits returns False."""
        self._is_closed = True
        for queue in self._waiting.values():
            for waiting in queue:
                if not waiting.done():
                    waiting.set_result(False)
        self._waiting.clear()

    def _may_have(self, owner: Owner) -> bool:
        return self._free > self._reserve or (self._free > 0 and self._held.get(owner, 0) < self._share)

    def _take(self, owner: Owner) -> None:
        self._free -= 1
        self._held[owner] = self._held.get(owner, 0) + 1

    def _assign_free_slots(self) -> None:
        """Assign free slots to owners in turn, as long as one of them may have one.

        That can be two after one release: who released holds less than a share again, and may have a reserved slot.
        Few are skipped: only owners that hold a whole share, and there can be no more than `slots / share` of those.
        """
        while self._free and (owner := next(filter(self._may_have, self._waiting), None)) is not None:
            queue = self._waiting[owner]
            waiting, _ = queue.popitem(last=False)
            if queue:
                self._waiting.move_to_end(owner)
            else:
                del self._waiting[owner]
            if not waiting.done():  # else it was cancelled, and has not removed itself yet
                self._take(owner)
                waiting.set_result(True)

    def _time_out(self, owner: Owner, waiting: "Future[bool]") -> None:
        self._remove(owner, waiting)
        if not waiting.done():
            waiting.set_result(False)

    def _remove(self, owner: Owner, waiting: "Future[bool]") -> None:
        queue = self._waiting.get(owner)
        if queue is not None and queue.pop(waiting, waiting) is None and not queue:
            del self._waiting[owner]
