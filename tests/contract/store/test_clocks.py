"""Invariant: Quota, whatever clocks say. A clock that contradicts what the store knows begins nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.errors import ClockWrong
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, Action
from confrere.domain.outcome import OutcomeName
from confrere.store import SqlStore, Vault, open_store
from confrere.store.vitals import _UNCHANGED_BEATS
from tests.contract.store.scene import LEASE, NOT_SENT, UNKNOWN, Scene

AHEAD_OR_BEHIND = [timedelta(days=-400), timedelta(minutes=-2), timedelta(minutes=2), timedelta(days=30)]
LIMIT = 3


class Process:
    """An open store whose clock is off by so much, as another process has it."""

    def __init__(self, store: SqlStore, off_by: timedelta) -> None:
        self.store = store
        self.off_by = off_by

    @property
    def now(self) -> datetime:
        """What its clock says."""
        return datetime.now(UTC) + self.off_by

    async def try_to_send(self, scene: Scene) -> bool:
        """Whether a message got through."""
        now = self.now
        try:
            await self.store.reserve(scene.to_another(now=now, lease_until=now + LEASE))
        except ClockWrong:
            return False
        return True


StartProcess = Callable[[timedelta], Awaitable[Process]]


@pytest.fixture
async def start_process(url: str, vault: Vault) -> AsyncIterator[StartProcess]:
    """Opens stores whose clocks are off; they are closed at the end."""
    async with AsyncExitStack() as stack:

        async def start(off_by: timedelta) -> Process:
            store = await open_store(url, vault=vault, clock=lambda: datetime.now(UTC) + off_by)
            stack.push_async_callback(store.close)
            return Process(store, off_by)

        yield start


@pytest.fixture
async def right(scene: Scene, start_process: StartProcess) -> Process:
    """A process whose clock is right and that has beaten, on a store with one account of a low limit."""
    process = await start_process(timedelta())
    scene.now = process.now
    assert scene.account is not None
    await process.store.update_account("default", scene.account.id, daily_limit=LIMIT)
    await process.store.beat(is_worker=True)
    return process


@pytest.mark.parametrize("off_by", AHEAD_OR_BEHIND)
async def test_a_wrong_clock_sends_nothing_beside_a_right_one(
    scene: Scene, right: Process, start_process: StartProcess, off_by: timedelta
) -> None:
    """A claim by a clock that is more than a minute off is refused, and the refusal names the difference."""
    wrong = await start_process(off_by)
    where = "ahead of" if off_by > timedelta() else "behind"
    with pytest.raises(ClockWrong, match=f"s {where} ") as refusal:
        await wrong.store.reserve(scene.to_another(now=wrong.now, lease_until=wrong.now + LEASE))
    assert refusal.value.remedy is not None
    assert await right.try_to_send(scene)


async def test_quota_one_real_day_has_one_limit_whatever_the_clocks(
    scene: Scene, right: Process, start_process: StartProcess
) -> None:
    """Of a crowd of processes with clocks from 400 days behind to 30 days ahead, exactly the limit gets through."""
    scene.store = right.store
    assert [await right.try_to_send(scene) for _ in range(LIMIT)] == [True] * LIMIT
    for off_by in AHEAD_OR_BEHIND:
        wrong = await start_process(off_by)
        assert not any([await wrong.try_to_send(scene) for _ in range(LIMIT)])


async def test_quota_a_clock_that_went_back_sells_no_day_again(scene: Scene) -> None:
    """Where an account has used a day, a claim of an earlier one is refused, though no other process is there."""
    await scene.reserve(scene.to_another())
    scene.later(days=-1)
    with pytest.raises(
        ClockWrong, match=r"The clock went back: it says 2026-03-13T12:00:00Z, .* 2026-03-14"
    ) as refusal:
        await scene.store.reserve(scene.to_another())
    assert "confrere accept-clock" in refusal.value.advice
    assert scene.account is not None
    with pytest.raises(ClockWrong, match="The clock went back"):
        await read_members(scene, await read_members(scene, scene.later(days=1)) - timedelta(days=1))


async def read_members(scene: Scene, now: datetime) -> datetime:
    """Take a unit of reading at this moment."""
    assert scene.account is not None
    await scene.store.take_units(scene.account.id, Action.GROUP_MEMBERS, limit=GROUP_MEMBERS_PER_DAY, count=1, now=now)
    return now


async def test_quota_around_midnight_clocks_need_not_agree(scene: Scene) -> None:
    """A claim of the last second of a day gets through though the next day has begun at another process."""
    scene.now = datetime(2026, 3, 15, tzinfo=UTC)
    await scene.reserve(scene.to_another())
    scene.later(seconds=-1)
    await scene.reserve(scene.to_another())


@pytest.mark.parametrize("off_by", AHEAD_OR_BEHIND)
async def test_once_a_wrong_clock_judges_no_absence_and_no_age(
    scene: Scene, right: Process, start_process: StartProcess, off_by: timedelta
) -> None:
    """It ends no lease, forgets no key, and notes no message as absent."""
    now = right.now
    claim = scene.claim(now=now, lease_until=now + LEASE, idempotency_key="key")
    await right.store.reserve(claim)
    wrong = await start_process(off_by)
    with pytest.raises(ClockWrong):
        await wrong.store.claim_unknown(wrong.now, count=10)
    assert (await right.store.read_send("default", claim.send_id)).outcome is OutcomeName.IN_FLIGHT
    scene.now = now
    await scene.settle(claim, UNKNOWN, right.store)
    with pytest.raises(ClockWrong):
        await wrong.store.record_absent(claim.send_id, wrong.now)
    assert (await right.store.read_send("default", claim.send_id)).absent_at is None


async def test_a_wrong_clock_is_reported(right: Process, start_process: StartProcess) -> None:
    """Asked for the state of its clock, each process says what contradicts it."""
    await right.store.check_clock(with_accounts=True)
    wrong = await start_process(timedelta(days=2))
    with pytest.raises(ClockWrong, match="ahead of"):
        await wrong.store.check_clock()


async def test_accounts_that_used_a_later_day_are_reported(scene: Scene) -> None:
    """They would be refused, so the state of the clock counts them."""
    scene.now = datetime.now(UTC) + timedelta(days=3)
    await scene.reserve(scene.to_another())
    await scene.store.check_clock()
    with pytest.raises(ClockWrong, match="accounts that used a later day: 1"):
        await scene.store.check_clock(with_accounts=True)


async def test_a_beat_of_the_future_is_no_living_worker(store: SqlStore, start_process: StartProcess) -> None:
    """Nor is one that is old; one that has just been is."""
    for off_by, lives in ((timedelta(days=30), False), (timedelta(minutes=-1), False), (timedelta(seconds=-5), True)):
        process = await start_process(off_by)
        await process.store.beat(is_worker=True)
        assert await store.has_worker() is lives
        await process.store.close()
        assert not await store.has_worker()


async def test_a_server_that_is_no_worker_is_not_taken_for_one(store: SqlStore) -> None:
    """Its beat tells of its clock only."""
    await store.beat(is_worker=False)
    assert not await store.has_worker()


async def test_a_process_that_hangs_keeps_nobody_from_sending(
    scene: Scene, right: Process, start_process: StartProcess
) -> None:
    """Where another process's beat stays the same for several of ours, its clock is no witness any more."""
    hanging = await start_process(timedelta(minutes=-5))
    await hanging.store.beat(is_worker=False)
    for _ in range(_UNCHANGED_BEATS + 1):
        await right.store.beat(is_worker=True)
    assert await right.try_to_send(scene)


async def test_quota_an_accepted_clock_counts_the_days_that_have_not_come_as_today(scene: Scene) -> None:
    """After a clock that was ahead, a person's word lets the account go on; what it used then is used today."""
    assert scene.account is not None
    scene.now = datetime.now(UTC)
    await scene.reserve(scene.to_another())
    ahead = scene.later(days=40)
    refused = await scene.reserve(scene.to_another())
    await scene.reserve(scene.to_another())
    scene.now = ahead - timedelta(days=40)
    with pytest.raises(ClockWrong):
        await scene.store.reserve(scene.to_another())
    assert await scene.store.accept_clock() == 1
    await scene.reserve(scene.to_another())
    assert await scene.used() == 4
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 4
    await scene.settle(refused, NOT_SENT)
    assert await scene.used() == 3
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 3
    assert await scene.store.accept_clock() == 0


async def test_a_clock_that_another_contradicts_is_not_accepted(right: Process, start_process: StartProcess) -> None:
    """A person's word is not enough against PostgreSQL's clock, or that of a process beside."""
    wrong = await start_process(timedelta(days=-2))
    with pytest.raises(ClockWrong):
        await wrong.store.accept_clock()
