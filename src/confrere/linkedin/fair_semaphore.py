"""A semaphore whose slots are shared fairly between owners, so that one owner cannot starve the others."""

import asyncio
from asyncio import Future
from collections import OrderedDict
from typing import Final

Owner = str | int
"""Who slots are counted for: an account's id, or something that stands for a session without an account."""

SHARE: Final = 10
"""Slots that an owner may hold whatever the others do, where there are enough."""


class FairSemaphore:
    """At most `slots` held at once; those who wait get them in turn, owner by owner, each owner's oldest first.

    An owner always may hold its share. Beyond that it may use what is idle, but never the last half of the slots: that
    half is for the shares of others. So an owner whose calls all hang takes at most half, and one that is alone
    is not slowed down to its share.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._reserve = slots // 2
        self._share = max(1, min(SHARE, slots // 4))
        self._held: dict[Owner, int] = {}
        self._waiting: OrderedDict[Owner, OrderedDict[Future[bool], None]] = OrderedDict()
        self._is_closed = False

    def try_acquire(self, owner: Owner) -> bool:
        """Take a slot if the owner may have one now. Who waits already is not overtaken: it may not have one now."""
        if not self._may_have(owner):
            return False
        self._take(owner)
        return True

    async def acquire(self, owner: Owner, *, until: float) -> bool:
        """Take a slot; False where there was none until the event loop's time `until`, or the semaphore was closed."""
        if self._is_closed:
            return False
        if self.try_acquire(owner):
            return True
        loop = asyncio.get_running_loop()
        waiting: Future[bool] = loop.create_future()
        self._waiting.setdefault(owner, OrderedDict())[waiting] = None
        timer = loop.call_at(until, self._give_up, owner, waiting)
        try:
            return await waiting and not self._is_closed
        except asyncio.CancelledError:
            if not waiting.cancelled() and waiting.result():
                self.release(owner)  # it was given a slot in the same moment
            self._remove(owner, waiting)
            raise
        finally:
            timer.cancel()

    def release(self, owner: Owner) -> None:
        """Give a slot back; the next who may have one gets it."""
        held = self._held[owner] - 1
        if held:
            self._held[owner] = held
        else:
            del self._held[owner]
        self._free += 1
        if self._waiting:
            self._pass_on()

    def close(self) -> None:
        """Give nobody a slot any more; those who wait go without."""
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

    def _pass_on(self) -> None:
        """Give the slot that has become free to the first owner in turn who may have it.

        Few are passed over: only who holds a whole share, and no more than `slots / share` owners can.
        """
        while (owner := next(filter(self._may_have, self._waiting), None)) is not None:
            queue = self._waiting[owner]
            waiting, _ = queue.popitem(last=False)
            if queue:
                self._waiting.move_to_end(owner)
            else:
                del self._waiting[owner]
            if not waiting.done():  # else it was cancelled, and has not removed itself yet
                self._take(owner)
                waiting.set_result(True)
                return

    def _give_up(self, owner: Owner, waiting: "Future[bool]") -> None:
        self._remove(owner, waiting)
        if not waiting.done():
            waiting.set_result(False)

    def _remove(self, owner: Owner, waiting: "Future[bool]") -> None:
        queue = self._waiting.get(owner)
        if queue is not None and queue.pop(waiting, waiting) is None and not queue:
            del self._waiting[owner]
