"""Pacing rules are stored, seen by every process, and predicted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.limits import Action
from confrere.domain.pacing import Pacing, WarmUp
from confrere.domain.pacing_json import changed
from confrere.domain.reservation import Reserved
from confrere.domain.sending_hours import SendingHours
from confrere.store import SqlStore
from tests.contract.store.pacing import MORNINGS, SECOND, pace, refused
from tests.contract.store.scene import ACCEPTED, NOON, Scene


async def test_pacing_shows_in_the_quotas(scene: Scene) -> None:
    """The quota shows the limit of a warm-up if it is lower, and the smaller cap of first contacts."""
    await pace(scene, workspace=True, firstContactsPerMonth=9)
    await pace(scene, firstContactsPerMonth=20, warmUp={"startsOn": "2026-03-14", "firstDay": 4, "growthPerDay": 1})
    reservation = await scene.store.reserve(claim := scene.to_another())
    assert isinstance(reservation, Reserved)
    settled = await scene.settle(claim, ACCEPTED)
    assert [reservation.quota.limit, settled.quota.limit, (await scene.quota()).limit] == [4, 4, 4]
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).limit == 9
    scene.later(days=1)
    assert (await scene.quota()).limit == 5
    scene.later(days=1_000)
    assert (await scene.quota()).limit == 150


async def test_pacing_is_kept_and_taken_away(scene: Scene, other: SqlStore) -> None:
    """Rules are seen by every process, and removing them restores the account."""
    assert scene.account is not None
    whole = Pacing(
        writes_per_minute=2,
        min_gap=timedelta(seconds=1.5),
        sending_hours=SendingHours("Europe/Berlin", frozenset({0, 6}), 0, 1440),
        first_contacts_per_month=3,
        warm_up=WarmUp(date(2026, 3, 1), 4, 5),
    )
    for account_id in (None, scene.account.id):
        await scene.store.change_pacing("default", account_id, lambda _: whole, scene.now)
        assert await other.read_pacing("default", account_id) == whole
        cleared = await other.change_pacing("default", account_id, lambda _: Pacing(), scene.now)
        assert cleared == await scene.store.read_pacing("default", account_id) == Pacing()
    for _ in range(5):
        await scene.reserve(scene.to_another())


async def test_pacing_changes_of_two_processes_lose_nothing(scene: Scene, other: SqlStore) -> None:
    """Concurrent changes by two processes are both kept."""
    changes: list[dict[str, Any]] = [
        {"writesPerMinute": 3},
        {"callsPerMinute": 60},
        {"minGapSeconds": 2},
        {"firstContactsPerMonth": 9},
    ]

    def apply(change: dict[str, Any]) -> Callable[[Pacing], Pacing]:
        return lambda before: changed(before, change, of_account=False)

    await asyncio.gather(
        *(
            store.change_pacing("default", None, apply(change), NOON)
            for store, change in zip([scene.store, other] * 2, changes, strict=True)
        )
    )
    assert await scene.store.read_pacing("default", None) == Pacing(3, 60, 2 * SECOND, None, 9)


async def test_pacing_of_a_workspace_holds_for_accounts_to_come(scene: Scene, other: SqlStore) -> None:
    """A workspace's rules apply to accounts that are connected later or concurrently, and to no other workspace."""
    await asyncio.gather(
        *(scene.connect(number) for number in range(2, 7)),
        other.change_pacing("default", None, lambda _: Pacing(writes_per_minute=1), scene.now),
        *(scene.connect(number) for number in range(7, 12)),
    )
    elsewhere = await scene.connect(12, workspace_id="another")
    for account in await scene.store.list_accounts("default"):
        await scene.reserve(scene.to_another(account_id=account.id))
        assert (await refused(scene, account_id=account.id)).limit_name == "WRITES_PER_MINUTE"
    for _ in range(3):
        await scene.reserve(scene.to_another(account_id=elsewhere.id, workspace_id="another"))


async def test_pacing_stays_when_a_member_is_connected_again(scene: Scene) -> None:
    """An account keeps its rules when its member connects again."""
    await pace(scene, minGapSeconds=60)
    await scene.connect(1)
    await scene.reserve(scene.to_another())
    await refused(scene)


async def test_pacing_hours_that_never_meet_are_refused(scene: Scene) -> None:
    """Hours of workspace and account without overlap are rejected from either side, and nothing changes."""
    evenings = {**MORNINGS, "from": "18:00", "to": "22:00"}
    await pace(scene, sendingHours=MORNINGS)
    with pytest.raises(InvalidField, match="sendingHours must have hours in common with those of each account"):
        await pace(scene, workspace=True, sendingHours=evenings)
    assert await scene.store.read_pacing("default", None) == Pacing()
    await pace(scene)
    await pace(scene, workspace=True, sendingHours=evenings)
    with pytest.raises(InvalidField, match="sendingHours must have hours in common with those of the workspace"):
        await pace(scene, sendingHours=MORNINGS)


async def test_pacing_of_what_is_not_there(scene: Scene) -> None:
    """Another workspace's account is not found, and an unused workspace has no rules."""
    assert scene.account is not None
    for workspace_id, account_id in (("another", scene.account.id), ("default", "0" * 24)):
        with pytest.raises(NotFound):
            await scene.store.read_pacing(workspace_id, account_id)
        with pytest.raises(NotFound):
            await scene.store.change_pacing(workspace_id, account_id, lambda before: before, scene.now)
    assert await scene.store.read_pacing("nowhere", None) == Pacing()


async def test_pacing_is_foreseen_without_taking_anything(scene: Scene) -> None:
    """A prediction equals the result of a claim and takes nothing; a known person is no first contact."""
    assert scene.account is not None
    account_id = scene.account.id
    assert await scene.store.foresee_breach(account_id, "", scene.now) is None
    claim = await scene.send(ACCEPTED)
    await pace(scene, firstContactsPerMonth=1)
    breach = await scene.store.foresee_breach(account_id, "", scene.now)
    assert breach is not None
    assert (breach.name, breach.opens_at) == ("GROUP_FIRST_CONTACT", datetime(2026, 4, 1, tzinfo=UTC))
    assert await scene.store.foresee_breach(account_id, claim.request.recipient, scene.now) is None
    assert await scene.used() == 1
