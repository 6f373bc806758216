"""A month's share of a group's members holds for all accounts of the workspace together, on both engines."""

import asyncio
from datetime import UTC, datetime

from confrere.domain.account import Account
from confrere.domain.errors import TooFast
from confrere.domain.group import KnownGroup
from confrere.domain.pacing import LimitName
from confrere.domain.reservation import Reserved
from confrere.domain.urns import GroupId
from confrere.store import SqlStore
from tests.contract.store.conftest import OpenStore
from tests.contract.store.pacing import pace, refused
from tests.contract.store.scene import ACCEPTED, NOT_SENT, REQUEST, Scene

GROUP = str(REQUEST.group_id)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


async def limited(scene: Scene, *, members: int = 300, percent: float = 1) -> Account:
    """Limit the group to 3 first contacts a month, and connect a second account."""
    await pace(scene, workspace=True, groupMonthlyShare=percent)
    await scene.store.keep_groups("default", [KnownGroup(GROUP, members=members)])
    return await scene.connect(2)


async def test_a_share_is_of_all_accounts(scene: Scene) -> None:
    """Two accounts together write to so many new members of a group; the next is refused until the month ends."""
    second = await limited(scene)
    await scene.send(ACCEPTED)
    await scene.reserve(scene.to_another(account_id=second.id))
    await scene.reserve(scene.to_another())
    for account_id in (None, second.id):
        refusal = await refused(scene, account_id=account_id)
        assert str(refusal) == "Rate limit exceeded for GROUP_MONTHLY_SHARE: 3/3 used"
        assert refusal.resets_at == APRIL
    breach = await scene.store.foresee_breach(second.id, "urn:li:fsd_profile:ACoAANew", scene.now, GROUP)
    assert breach is not None
    assert breach.name is LimitName.GROUP_MONTHLY_SHARE
    assert await scene.store.foresee_breach(second.id, "urn:li:fsd_profile:ACoAANew", scene.now) is None
    assert await scene.store.foresee_breach(second.id, "urn:li:fsd_profile:ACoAANew", scene.now, "77") is None
    scene.now = APRIL
    await scene.reserve(scene.to_another())


async def test_who_was_written_to_before_is_no_first_contact(scene: Scene) -> None:
    """A second message to somebody, by whatever account, and one that was not sent, use nothing of the share."""
    second = await limited(scene)
    for account_id in (None, second.id):
        await scene.send(ACCEPTED, account_id=account_id)
    claim = await scene.reserve(scene.to_another())
    await scene.settle(claim, NOT_SENT)
    assert await scene.store.count_group_contacts("default", GROUP, scene.now) == 1
    scene.now = APRIL
    await scene.send(ACCEPTED)
    assert await scene.store.count_group_contacts("default", GROUP, scene.now) == 0


async def test_other_groups_and_workspaces_have_their_own(scene: Scene) -> None:
    """A share is of one group in one workspace; one whose size is unknown is not limited, but counted."""
    await limited(scene, members=100)
    await scene.reserve(scene.to_another())
    assert str(await refused(scene)).endswith("1/1 used")
    for _ in range(2):
        claim = await scene.reserve(scene.to_another(group_id=GroupId("77")))
        await scene.settle(claim, ACCEPTED)
    assert await scene.store.count_group_contacts("default", "77", scene.now) == 2
    assert await scene.store.count_group_contacts("another", GROUP, scene.now) == 0


async def test_the_last_place_of_a_share_is_taken_once(scene: Scene, open_another: OpenStore) -> None:
    """Of forty concurrent claims by two accounts in three processes, exactly as many succeed as the share allows."""
    second = await limited(scene)
    stores: list[SqlStore] = [scene.store, await open_another(), await open_another()]
    claims = [scene.to_another(account_id=second.id if number % 2 else None) for number in range(40)]
    tries = [stores[number % 3].reserve(claim) for number, claim in enumerate(claims)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(result, Reserved | TooFast) for result in results), results
    assert sum(isinstance(result, Reserved) for result in results) == 3
