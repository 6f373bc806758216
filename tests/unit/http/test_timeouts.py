"""Timeouts on how long something may take: as `asyncio.timeout`, with one timer for all."""

import asyncio
from collections.abc import Callable

import pytest

from confrere.http import timeouts
from confrere.http.timeouts import Timeouts


@pytest.fixture(autouse=True)
def fine_grain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred looks in a second."""
    monkeypatch.setattr(timeouts, "CHECK_SECONDS", 0.01)


async def test_what_takes_too_long_ends() -> None:
    """With a TimeoutError that is the bound's; the task goes on as if nobody had cancelled it."""
    bound = Timeouts().limit(0.02)
    with pytest.raises(TimeoutError), bound:
        await asyncio.sleep(10)
    assert bound.expired
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_what_ends_in_time_is_left_alone() -> None:
    """Also when its time would have been over."""
    bound = Timeouts().limit(0.01)
    with bound:
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    assert not bound.expired


async def test_only_what_is_late_ends() -> None:
    """Each in its own time, after a pause in which nothing was under way, too."""
    shared = Timeouts()

    async def take(seconds: float, at_most: float) -> bool:
        bound = shared.limit(at_most)
        try:
            with bound:
                await asyncio.sleep(seconds)
        except TimeoutError:
            pass
        return bound.expired

    late, in_time, later = await asyncio.gather(take(10, 0.02), take(0.1, 10), take(10, 0.05))
    assert (late, in_time, later) == (True, False, True)
    await asyncio.sleep(0.05)
    assert await take(10, 0.02)


async def test_the_inner_bound_ends_what_is_inside() -> None:
    """The outer one goes on."""
    shared = Timeouts()
    outer, inner = shared.limit(10), shared.limit(0.02)
    with outer:
        with pytest.raises(TimeoutError), inner:
            await asyncio.sleep(10)
        await asyncio.sleep(0)
    assert (inner.expired, outer.expired) == (True, False)


async def test_somebody_elses_timeout_is_theirs() -> None:
    """It passes through."""
    bound = Timeouts().limit(10)
    with pytest.raises(TimeoutError), bound:
        raise TimeoutError
    assert not bound.expired


@pytest.mark.parametrize("is_late", [False, True])
async def test_who_is_cancelled_is_cancelled(is_late: bool) -> None:
    """A cancellation by somebody else goes through, even where the time is over at the same time."""
    bound = Timeouts().limit(10)

    async def wait() -> None:
        with bound:
            await asyncio.sleep(10)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    if is_late:
        bound.expire()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_nothing_is_watched_where_nothing_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look is due however much begins and ends, and after it none: an idle server sleeps."""
    loop = asyncio.get_running_loop()
    call_later, calls = loop.call_later, 0

    def count(delay: float, call: Callable[[], object]) -> asyncio.TimerHandle:
        nonlocal calls
        calls += 1
        return call_later(delay, call)

    monkeypatch.setattr(loop, "call_later", count)
    shared = Timeouts()
    for _ in range(100):
        with shared.limit(1):
            pass
    sleep = asyncio.Event()
    call_later(0.05, sleep.set)
    await sleep.wait()
    assert calls == 1
