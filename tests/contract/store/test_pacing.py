"""Invariant: Quota under pacing. No crowd of any number of processes breaks a rule, and every message gets through."""

import asyncio
import heapq
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from confrere.domain.errors import NotFound, QuotaUsedUp, TooFast
from confrere.domain.limits import Action
from confrere.domain.pacing import MINUTE
from confrere.domain.reservation import Claim, Repeats, Reserved
from confrere.store import SqlStore
from tests.contract.store.conftest import OpenStore
from tests.contract.store.pacing import MORNINGS, pace, refused
from tests.contract.store.scene import ACCEPTED, NOON, NOT_SENT, UNKNOWN, Scene, repeats


async def crowd(scene: Scene, stores: Sequence[SqlStore], claims: int, beside: int = 10) -> list[datetime]:
    """Send this many messages concurrently, retry each at the reported time, and return when they got through.

    beside:  the number of concurrent attempts, from alternating processes.
    """
    waiting = [(scene.now, number) for number in range(claims)]
    sent: list[datetime] = []
    tries = 0
    while waiting:
        scene.now = max(scene.now, waiting[0][0])
        due = [heapq.heappop(waiting) for _ in range(min(beside, len(waiting))) if waiting[0][0] <= scene.now]
        results = await asyncio.gather(
            *(
                stores[number % len(stores)].reserve(
                    scene.claim(recipient=f"urn:li:fsd_profile:ACoAAcrowd{number}", now=scene.now)
                )
                for _, number in due
            ),
            return_exceptions=True,
        )
        for (_, number), result in zip(due, results, strict=True):
            if isinstance(result, Reserved):
                sent.append(scene.now)
                continue
            assert isinstance(result, TooFast | QuotaUsedUp), result
            assert result.resets_at > scene.now
            heapq.heappush(waiting, (result.resets_at, number))
        tries += len(due)
        assert tries < 100 * claims, "somebody waits for ever"
    return sent


async def test_pacing_crowd_breaks_no_rolling_minute(scene: Scene, other: SqlStore) -> None:
    """Twelve messages at three a minute: every 60 seconds hold at most three, in the least possible time."""
    await pace(scene, writesPerMinute=3)
    sent = await crowd(scene, [scene.store, other], 12)
    assert all(beyond - first >= MINUTE for first, beyond in zip(sent, sent[3:], strict=False))
    assert sent[-1] == NOON + 3 * MINUTE


async def test_pacing_crowd_keeps_the_gap(scene: Scene, other: SqlStore) -> None:
    """Ten messages with a gap of 90 seconds are exactly 90 seconds apart."""
    await pace(scene, minGapSeconds=90)
    sent = await crowd(scene, [scene.store, other], 10)
    assert sent == [NOON + number * timedelta(seconds=90) for number in range(10)]


async def test_pacing_crowd_keeps_to_the_hours(scene: Scene, other: SqlStore) -> None:
    """Messages two hours apart go out on workday mornings in Berlin, across its clock change."""
    scene.now = datetime(2026, 3, 26, 12, tzinfo=UTC)  # a Thursday
    await pace(scene, sendingHours=MORNINGS, minGapSeconds=7_200)
    sent = await crowd(scene, [scene.store, other], 6)
    assert [f"{instant:%a %H:%M}" for instant in sent] == [
        "Fri 08:00",
        "Fri 10:00",
        "Mon 07:00",  # 9 o'clock in summer
        "Mon 09:00",
        "Tue 07:00",
        "Tue 09:00",
    ]


async def test_pacing_crowd_keeps_to_the_month(scene: Scene, other: SqlStore) -> None:
    """Seven first contacts are limited to three a month."""
    await pace(scene, firstContactsPerMonth=3)
    sent = await crowd(scene, [scene.store, other], 7)
    assert [instant.date() for instant in sent] == [NOON.date()] * 3 + [date(2026, 4, 1)] * 3 + [date(2026, 5, 1)]


async def test_pacing_crowd_warms_up(scene: Scene, other: SqlStore) -> None:
    """A warm-up allows two more messages each day, up to the daily limit of five."""
    await scene.connect(daily_limit=5)
    await pace(scene, warmUp={"startsOn": "2026-03-16", "firstDay": 2, "growthPerDay": 2})
    sent = await crowd(scene, [scene.store, other], 18)
    days = [instant.day for instant in sent]
    assert [days.count(day) for day in range(14, 22)] == [0, 0, 2, 4, 5, 5, 2, 0]


async def test_pacing_of_workspace_and_account_both_apply(scene: Scene, other: SqlStore) -> None:
    """The stricter rule of workspace and account applies; another account has the workspace's only."""
    await pace(scene, workspace=True, writesPerMinute=2, minGapSeconds=1)
    await pace(scene, writesPerMinute=4, minGapSeconds=10)
    sent = await crowd(scene, [scene.store, other], 5)
    assert [(instant - NOON).seconds for instant in sent] == [0, 10, 60, 70, 120]
    second = await scene.connect(2)
    scene.later(minutes=10)
    await scene.reserve(scene.to_another(account_id=second.id))
    scene.later(seconds=1)
    await scene.reserve(scene.to_another(account_id=second.id))
    assert (await refused(scene, account_id=second.id)).limit_name == "WRITES_PER_MINUTE"


async def test_pacing_of_several_concurrent_processes(scene: Scene, open_another: OpenStore) -> None:
    """Of sixty concurrent claims from three processes, exactly as many succeed as the rule allows."""
    await pace(scene, writesPerMinute=7)
    stores = [scene.store, await open_another(), await open_another()]
    claims = [scene.to_another() for _ in range(60)]
    tries = [stores[number % 3].reserve(claim) for number, claim in enumerate(claims)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, Reserved | TooFast) for result in results), results
    assert sum(isinstance(result, Reserved) for result in results) == 7
    assert await scene.used() == 7


async def test_pacing_error_has_the_rule_and_the_quota(scene: Scene) -> None:
    """The error names the rule, and its quota is the day's."""
    await pace(scene, minGapSeconds=5)
    await scene.reserve()
    scene.later(seconds=2)
    refusal = await refused(scene)
    assert str(refusal) == "Rate limit exceeded for MIN_GAP: 1/1 used"
    assert refusal.resets_at == NOON + timedelta(seconds=5)
    assert refusal.quota is not None
    assert (refusal.quota.action, refusal.quota.used, refusal.quota.limit) == (Action.MESSAGE, 1, 150)


async def test_pacing_counts_what_holds_a_unit(scene: Scene) -> None:
    """Sends in flight and unknown count for a rule, and certainly failed ones do not."""
    await pace(scene, writesPerMinute=2)
    not_sent = await scene.reserve(scene.to_another())
    unknown = await scene.reserve(scene.to_another())
    assert (await refused(scene)).limit_name == "WRITES_PER_MINUTE"
    await scene.settle(unknown, UNKNOWN)
    await refused(scene)
    await scene.settle(not_sent, NOT_SENT)
    await scene.reserve(scene.to_another())
    await refused(scene)


async def test_pacing_counts_what_was_sent_before_it_was_set(scene: Scene) -> None:
    """A new rule counts the sends from before it was set."""
    await scene.reserve(scene.to_another())
    await pace(scene, minGapSeconds=600)
    scene.later(minutes=9)
    assert (await refused(scene)).resets_at == NOON + timedelta(minutes=10)


async def test_pacing_sees_through_sends_that_came_to_nothing(scene: Scene) -> None:
    """Failed sends do not count for a rule, however many there are."""
    await pace(scene, minGapSeconds=600)
    await scene.reserve(scene.to_another())
    for _ in range(3):
        scene.later(minutes=10)
        await scene.send(NOT_SENT, text="in vain", recipient="urn:li:fsd_profile:ACoAAvain")
    await scene.send(ACCEPTED, text="at last")
    assert (await refused(scene)).limit_name == "MIN_GAP"


async def test_pacing_refusal_leaves_no_trace(scene: Scene) -> None:
    """A rejected claim takes no unit, no row and no key, and a fast repeat of a sent message is still a repeat."""
    await pace(scene, minGapSeconds=60)
    first = await scene.reserve(idempotency_key="first")
    await scene.settle(first, ACCEPTED)
    refused_claim = scene.to_another(idempotency_key="second")
    with pytest.raises(TooFast):
        await scene.store.reserve(refused_claim)
    with pytest.raises(NotFound):
        await scene.row(refused_claim)
    repeats(await scene.store.reserve(scene.claim(idempotency_key="first")), first, keyed=True)
    scene.later(minutes=1)
    await scene.reserve(scene.to_another(idempotency_key="second"))
    assert await scene.used() == 2


async def test_pacing_lets_a_repeat_without_a_key_join(scene: Scene) -> None:
    """A repeat without a key joins despite the rules; a send after a search is checked against them again."""
    await pace(scene, minGapSeconds=60)
    claim = await scene.send(UNKNOWN)
    assert isinstance(await scene.store.reserve(scene.claim()), Repeats)
    await scene.settle(claim, NOT_SENT)
    await scene.reserve()


async def test_pacing_waits_for_every_rule_at_a_used_up_day(scene: Scene) -> None:
    """With a used-up day and closed hours the wait is that of both, and the header has the quota's reset."""
    await scene.connect(daily_limit=1)
    scene.now = datetime(2026, 3, 16, 9, tzinfo=UTC)
    await pace(scene, sendingHours=MORNINGS)
    await scene.reserve(scene.to_another())
    with pytest.raises(QuotaUsedUp) as refusal:
        await scene.store.reserve(scene.to_another())
    assert str(refusal.value) == "Rate limit exceeded for MESSAGE: 1/1 used"
    assert refusal.value.resets_at == datetime(2026, 3, 17, 8, tzinfo=UTC)
    assert refusal.value.quota.resets_at == datetime(2026, 3, 17, tzinfo=UTC)


async def test_pacing_claims_of_a_cancelled_caller_leave_no_unit(scene: Scene) -> None:
    """A cancelled claim leaves no unit taken, on the slow path and on the fast one."""
    await pace(scene, writesPerMinute=100)
    claims: list[Claim] = [scene.to_another() for _ in range(20)]
    tasks = [asyncio.ensure_future(scene.store.reserve(claim)) for claim in claims]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        while await scene.used():
            await asyncio.sleep(0.01)
