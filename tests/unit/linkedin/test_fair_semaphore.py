"""Slots are shared fairly: no owner starves, none waits while a slot is free, and none is lost."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.linkedin.http.fair_semaphore import FairSemaphore

FAR = 1e12


class Crowd:
    """Owners who want slots, and the order in which they got them."""

    def __init__(self, slots: int) -> None:
        self.slots = FairSemaphore(slots)
        self.order: list[str] = []
        self.tasks: list[asyncio.Task[bool]] = []

    async def want(self, owner: str, count: int = 1) -> None:
        """Request this many slots, and let every owner that can have one get it."""
        self.tasks += [asyncio.create_task(self._want(owner)) for _ in range(count)]
        await self.settle()

    async def settle(self) -> None:
        """Let all tasks proceed as far as they can."""
        for _ in range(3):
            await asyncio.sleep(0)

    async def release(self, *owners: str) -> None:
        """Release these in order."""
        for owner in owners:
            self.slots.release(owner)
            await self.settle()

    async def _want(self, owner: str) -> bool:
        got = await self.slots.acquire(owner, until=asyncio.get_running_loop().time() + FAR)
        if got:
            self.order.append(owner)
        return got


async def test_an_owner_that_is_alone_uses_half_of_the_slots() -> None:
    """An owner alone gets half of the slots, more than a share, so that its burst is not slowed down."""
    crowd = Crowd(200)
    await crowd.want("a", 300)
    assert len(crowd.order) == 100


async def test_every_owner_gets_its_share_beside_one_that_holds_half() -> None:
    """Ten other owners get ten slots each while one owner holds half."""
    crowd = Crowd(200)
    await crowd.want("a", 300)
    for other in range(11):
        await crowd.want(f"b{other}", 30)
    assert Counter(crowd.order) == {"a": 100, **{f"b{other}": 10 for other in range(10)}}


async def test_those_who_wait_get_slots_in_turn_owner_by_owner() -> None:
    """Waiting owners get slots in turn, so that one owner's crowd does not delay another's single request."""
    crowd = Crowd(8)  # a share of two
    for owner in "wxyz":
        await crowd.want(owner, 2)
    await crowd.want("a", 3)
    await crowd.want("b", 2)
    await crowd.want("c", 1)
    crowd.order.clear()
    await crowd.release(*"wwxxyy")
    assert crowd.order == ["a", "b", "c", "a", "b"]  # no third one before "a" releases a slot


async def test_an_owner_that_holds_its_share_is_passed_over() -> None:
    """An owner that holds its share is passed over until it releases one of its own."""
    crowd = Crowd(8)  # a share of two
    await crowd.want("a", 9)
    await crowd.want("b", 3)
    await crowd.want("d", 2)
    await crowd.want("c", 1)
    assert crowd.order == [*"aaaabbdd"]
    crowd.order.clear()
    await crowd.release("d", "b", "a", "a")
    assert crowd.order == ["c", "b"]
    await crowd.release("a")
    assert crowd.order == ["c", "b", "a"]


async def test_who_gets_none_in_time_holds_none() -> None:
    """A request that gets no slot in time holds none and leaves the queue."""
    slots = FairSemaphore(1)
    assert slots.try_acquire("a")
    assert not await slots.acquire("b", until=asyncio.get_running_loop().time())
    assert (slots._held, slots._waiting) == ({"a": 1}, {})


async def test_closing_sends_everybody_away() -> None:
    """Closing rejects all waiting and later requests, and one that was given a slot at the same time."""
    crowd = Crowd(1)
    await crowd.want("a", 2)
    await crowd.want("b", 1)
    crowd.slots.release("a")
    crowd.slots.close()
    assert await asyncio.gather(*crowd.tasks) == [True, False, False]
    await crowd.want("c")
    assert not await crowd.tasks[-1]


async def test_one_release_can_serve_two() -> None:
    """Who releases may have a reserved slot again: it is not left to wait when the freed one goes to another."""
    crowd = Crowd(4)  # a share of one; two are reserved
    await crowd.want("a", 2)
    await crowd.want("b", 1)
    await crowd.want("b", 1)  # waits first
    await crowd.want("a", 1)
    await crowd.release("a", "a")
    assert Counter(crowd.order) == {"a": 3, "b": 2}


@pytest.mark.parametrize("is_given", [False, True])
async def test_a_cancelled_wait_passes_its_slot_on(is_given: bool) -> None:
    """A cancelled request passes its slot on, whether it was cancelled before or after it got the slot."""
    crowd = Crowd(1)
    await crowd.want("a", 1)
    await crowd.want("b", 1)
    await crowd.want("c", 1)
    if is_given:
        crowd.slots.release("a")
    crowd.tasks[1].cancel()
    if not is_given:
        crowd.slots.release("a")
    await crowd.settle()
    assert crowd.order == ["a", "c"]


@settings(max_examples=50)
@given(st.integers(1, 30), st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("wwrc")), max_size=80))
def test_no_slot_is_lost_and_nobody_waits_in_vain(slots: int, steps: list[tuple[str, str]]) -> None:
    """After any requests, releases and cancellations all slots are held or free, and no request waits needlessly."""

    async def play() -> None:
        crowd = Crowd(slots)
        held = crowd.slots._held
        for owner, step in steps:
            if step == "w":
                await crowd.want(owner, 2)
            elif step == "c" and crowd.tasks:
                crowd.tasks[len(steps) % len(crowd.tasks)].cancel()
            elif held.get(owner):
                await crowd.release(owner)
            await crowd.settle()
            assert crowd.slots._free + sum(held.values()) == slots
            assert crowd.slots._free >= 0
            assert not any(map(crowd.slots._may_have, crowd.slots._waiting))
        while held:
            await crowd.release(str(next(iter(held))))
        assert (crowd.slots._free, crowd.slots._waiting) == (slots, {})
        await asyncio.gather(*crowd.tasks, return_exceptions=True)

    asyncio.run(play())
