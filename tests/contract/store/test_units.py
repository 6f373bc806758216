"""Invariant: Quota of reads. Units are taken before the read, never beyond the limit."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.errors import QuotaUsedUp
from confrere.domain.limits import Action
from confrere.domain.reservation import TakenUnits
from confrere.store import SqlStore
from tests.contract.store.conftest import OpenStore
from tests.contract.store.scene import Scene

LIMIT = 1_000


async def take(scene: Scene, count: int = 50, *, limit: int = LIMIT, store: SqlStore | None = None) -> TakenUnits:
    """Take units of the scene's account at its present time."""
    assert scene.account is not None
    taking = (store or scene.store).take_units(
        scene.account.id, Action.GROUP_MEMBERS, limit=limit, count=count, now=scene.now
    )
    return await taking


async def used(scene: Scene) -> int:
    """Return the members used today."""
    return (await scene.quota(Action.GROUP_MEMBERS)).used


async def test_units_are_taken_and_settled_to_what_came(scene: Scene) -> None:
    """Taking and settling units return the same state that the account's quotas report."""
    taken = await take(scene)
    assert (taken.count, taken.quota.used, taken.quota.limit) == (50, 50, LIMIT)
    assert taken.quota.action is Action.GROUP_MEMBERS
    assert taken.quota.resets_at == datetime(2026, 3, 15, tzinfo=UTC)
    assert await used(scene) == 50
    settled = await scene.store.settle_units(taken, spent=47, now=scene.now)
    assert (settled.count, settled.quota.used) == (47, 47)
    assert await used(scene) == 47


async def test_units_what_is_left_is_given_and_no_more(scene: Scene) -> None:
    """A claim beyond what is left gets what is left, and the next one finds the quota used up."""
    await take(scene, 990)
    assert (await take(scene, 50)).count == 10
    last = scene.now
    scene.later(minutes=1)
    with pytest.raises(QuotaUsedUp, match="GROUP_MEMBERS: 1000/1000 used") as refusal:
        await take(scene, 1)
    assert refusal.value.quota.used == LIMIT
    assert refusal.value.quota.reached_at == last
    assert refusal.value.resets_at == datetime(2026, 3, 15, tzinfo=UTC)


async def test_units_a_limit_of_none_gives_none(scene: Scene) -> None:
    """A limit of zero gives no units and writes nothing."""
    with pytest.raises(QuotaUsedUp):
        await take(scene, limit=0)
    assert await used(scene) == 0


async def test_units_exactly_the_limit_whatever_the_crowd(scene: Scene, open_another: OpenStore) -> None:
    """Of 3,000 units claimed by three concurrent stores, 1,000 are given."""
    stores = [scene.store, await open_another(), await open_another()]
    asking = [take(scene, store=stores[number % 3]) for number in range(60)]
    results = await asyncio.gather(*asking, return_exceptions=True)
    given = [result for result in results if isinstance(result, TakenUnits)]
    assert all(isinstance(result, TakenUnits | QuotaUsedUp) for result in results), results
    assert sum(units.count for units in given) == LIMIT == await used(scene)
    assert sorted(units.quota.used for units in given) == list(range(50, LIMIT + 1, 50))


async def test_units_settled_by_a_crowd_add_up(scene: Scene, other: SqlStore) -> None:
    """Concurrent settlements of two stores add up: each of twenty gives back three of its fifty units."""
    taken = [await take(scene) for _ in range(20)]
    stores = [scene.store, other] * 10
    await asyncio.gather(
        *(store.settle_units(units, spent=47, now=scene.now) for store, units in zip(stores, taken, strict=True))
    )
    assert await used(scene) == 20 * 47


async def test_units_of_yesterday_are_given_back_to_yesterday(scene: Scene) -> None:
    """Units of yesterday are given back to yesterday, and the returned state is today's."""
    scene.now = datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)
    taken = await take(scene, 100)
    scene.later(seconds=2)
    await take(scene, 7)
    settled = await scene.store.settle_units(taken, spent=0, now=scene.now)
    assert settled.quota.used == 7
    assert settled.quota.resets_at == datetime(2026, 3, 16, tzinfo=UTC)
    scene.later(seconds=-2)
    assert await used(scene) == 0


async def test_units_come_back_at_midnight(scene: Scene) -> None:
    """At midnight all units are free again, also those of a process that did not settle."""
    await take(scene, LIMIT)
    scene.now += timedelta(days=1)
    assert (await take(scene, 5)).quota.used == 5


async def test_units_spending_all_gives_nothing_back(scene: Scene) -> None:
    """Spending all units, or more than were taken, gives none back."""
    taken = await take(scene, 10)
    assert (await scene.store.settle_units(taken, spent=10, now=scene.now)).quota.used == 10
    assert (await scene.store.settle_units(taken, spent=12, now=scene.now)).quota.used == 10


async def test_units_of_a_read_are_no_messages(scene: Scene) -> None:
    """Units of reads change neither the day's messages nor the account's last use."""
    await take(scene)
    assert await scene.used() == 0
    assert (await scene.store.read_account("default", None)).last_used_at is None


async def test_units_of_accounts_are_apart(scene: Scene) -> None:
    """Units of one account do not count for another."""
    await take(scene, LIMIT)
    scene.account = await scene.connect(2)
    assert (await take(scene, 5)).quota.used == 5
