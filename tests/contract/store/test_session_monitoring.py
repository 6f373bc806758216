"""Sessions are cared for: whose end it was, what LinkedIn refreshed, and who asks when nothing was heard for long."""

import asyncio
from datetime import datetime, timedelta

import pytest

from confrere.domain.account import Account, AccountStatus, Condition, probe_due_at
from confrere.domain.outcome import Throttled
from confrere.store import SqlStore
from tests.contract.store.scene import (
    ACCEPTED,
    NOON,
    NOT_SENT,
    SESSION_DEAD,
    Scene,
    session,
)

SILENCE = timedelta(hours=12)


async def account_of(scene: Scene) -> Account:
    """As it is now."""
    return await scene.store.read_account("default", None)


async def used_version(scene: Scene) -> int:
    """Of the session that an attempt would use now."""
    account = await account_of(scene)
    stored = await scene.store.read_session(account.id, account.session_version)
    assert stored is not None
    assert stored.account_id == account.id
    return stored.version


async def test_end_of_an_older_session_leaves_the_new_one_alone(scene: Scene, other: SqlStore) -> None:
    """Connected again while an attempt was under way: what the attempt found is the end of what is no more."""
    old = await used_version(scene)
    account = await scene.connect(1)
    assert not await other.set_status(account.id, AccountStatus.ERROR, "the end", session_version=old)
    assert (await account_of(scene)).status is AccountStatus.AVAILABLE
    assert await other.set_status(account.id, AccountStatus.ERROR, "the end", session_version=await used_version(scene))
    assert (await account_of(scene)).status_reason == "the end"


async def test_settled_end_of_an_older_session_leaves_the_new_one_alone(scene: Scene) -> None:
    """The send is settled as it was; the account stays as it is."""
    old = await used_version(scene)
    claim = await scene.reserve()
    await scene.connect(1)
    settled = await scene.settle(claim, SESSION_DEAD, session_version=old)
    assert settled.send.outcome == SESSION_DEAD.name
    assert (await account_of(scene)).status is AccountStatus.AVAILABLE
    claim = await scene.reserve()
    await scene.settle(claim, ACCEPTED, session_ended="cookie deleted", session_version=await used_version(scene))
    assert (await account_of(scene)).status is AccountStatus.ERROR


async def test_end_of_a_session_counts_although_its_cookies_were_refreshed(scene: Scene) -> None:
    """A refreshed session is the same session."""
    used = await used_version(scene)
    account = await account_of(scene)
    await scene.store.refresh_cookies(account.id, {"lidc": "b=1"}, session_version=used)
    assert await used_version(scene) > used
    assert await scene.store.set_status(account.id, AccountStatus.ERROR, "the end", session_version=used)
    assert (await account_of(scene)).status is AccountStatus.ERROR


async def test_status_of_nobody_is_not_written(scene: Scene) -> None:
    """And without a version it always is."""
    assert not await scene.store.set_status("0" * 24, AccountStatus.ERROR, "the end")
    assert await scene.store.set_status((await account_of(scene)).id, AccountStatus.ERROR, "the end")


async def test_cookies_of_an_older_session_are_not_mixed_into_the_new_one(scene: Scene, other: SqlStore) -> None:
    """Neither after it was connected again, nor after it was disconnected and connected."""
    old = await used_version(scene)
    account = await scene.connect(1)
    await other.refresh_cookies(account.id, {"lidc": "b=old"}, session_version=old)
    between = await used_version(scene)
    await scene.store.disconnect_account("default", account.id)
    account = await scene.connect(1)
    await other.refresh_cookies(account.id, {"lidc": "b=between"}, session_version=between)
    stored = await scene.store.read_session(account.id, account.session_version)
    assert stored == session()


async def test_cookies_refreshed_by_processes_that_know_older_versions_are_all_there(
    scene: Scene, other: SqlStore
) -> None:
    """Each process used the session as it was when it asked; a cookie that both set has a value of one of them."""
    used, account = await used_version(scene), await account_of(scene)
    changes = [{f"c{number}": str(number), "lidc": f"b={number}"} for number in range(20)]
    await asyncio.gather(
        *(
            (scene.store, other)[number % 2].refresh_cookies(account.id, changed, session_version=used)
            for number, changed in enumerate(changes)
        )
    )
    stored = await other.read_session(account.id, (await account_of(scene)).session_version)
    assert stored is not None
    assert {name: value for name, value in stored.cookies.items() if name.startswith("c")} == {
        f"c{number}": str(number) for number in range(20)
    }
    assert {"lidc": stored.cookies["lidc"]} in [{"lidc": changed["lidc"]} for changed in changes]


async def test_idle_account_is_probed_by_one_process(scene: Scene, other: SqlStore) -> None:
    """When its own time has come, and then not again before another silence."""
    account = await account_of(scene)
    scene.now = probe_due_at(account.id, NOON, SILENCE) - timedelta(microseconds=1)
    assert await scene.store.claim_probes(scene.now, SILENCE, count=5) == []
    scene.later(microseconds=1)
    stores = [scene.store, other] * 5
    claimed = await asyncio.gather(*(store.claim_probes(scene.now, SILENCE, count=5) for store in stores))
    assert [one.id for some in claimed for one in some] == [account.id]
    assert await other.claim_probes(scene.now + SILENCE * 0.89, SILENCE, count=5) == []
    assert len(await other.claim_probes(scene.now + SILENCE * 1.11, SILENCE, count=5)) == 1


async def test_account_that_sends_is_not_idle(scene: Scene) -> None:
    """A send proves the session as a probe does; around midnight, too."""
    scene.now = NOON + timedelta(hours=11, minutes=30)
    await scene.send(ACCEPTED)
    scene.now = NOON + SILENCE * 1.2
    assert await scene.store.claim_probes(scene.now, SILENCE, count=5) == []
    scene.now = NOON + timedelta(hours=11, minutes=30) + SILENCE * 1.11
    assert len(await scene.store.claim_probes(scene.now, SILENCE, count=5)) == 1


async def test_account_that_cannot_be_used_is_never_probed(scene: Scene) -> None:
    """On hold, in error, disabled, disconnected."""
    held, error, disabled, disconnected = [await scene.connect(number) for number in range(1, 5)]
    await scene.settle(await scene.reserve(account_id=held.id), Throttled(429, 3 * 86_400))
    await scene.store.set_status(error.id, AccountStatus.ERROR, "the end")
    await scene.store.update_account("default", disabled.id, enabled=False)
    await scene.store.disconnect_account("default", disconnected.id)
    scene.later(days=2)
    assert await scene.store.claim_probes(scene.now, SILENCE, count=5) == []
    counts = await scene.store.count_accounts(scene.now)
    assert counts == dict.fromkeys((Condition.HELD, Condition.ERROR, Condition.DISABLED, Condition.DISCONNECTED), 1) | {
        Condition.AVAILABLE: 0
    }
    scene.later(days=1)
    assert [one.id for one in await scene.store.claim_probes(scene.now, SILENCE, count=5)] == [held.id]


async def test_accounts_of_all_workspaces_are_probed_the_longest_idle_first(scene: Scene) -> None:
    """No more at once than were asked for."""
    second = await scene.connect(2, workspace_id="another")
    scene.later(hours=1)
    third = await scene.connect(3)
    scene.later(days=1)
    first = await scene.store.claim_probes(scene.now, SILENCE, count=2)
    assert len(first) == 2
    assert third.id not in {one.id for one in first}
    assert second.id in {one.id for one in first}
    assert [one.id for one in await scene.store.claim_probes(scene.now, SILENCE, count=2)] == [third.id]
    assert (await scene.store.count_accounts(scene.now))[Condition.AVAILABLE] == 3


async def test_connecting_counts_as_a_probe(scene: Scene) -> None:
    """LinkedIn has just been asked whose session it is."""
    scene.later(days=1)
    await scene.connect(1)
    assert await scene.store.claim_probes(scene.now + timedelta(hours=10), SILENCE, count=5) == []


@pytest.mark.parametrize("silence", [timedelta(seconds=1), timedelta(days=30)])
def test_probes_are_spread_over_a_fifth_of_the_silence(silence: timedelta) -> None:
    """A hundred accounts that were connected at one moment."""
    last_active_at = datetime.fromisoformat("2026-03-14T12:00:00+00:00")
    waits = [
        (probe_due_at(f"{number:024x}", last_active_at, silence) - last_active_at) / silence for number in range(100)
    ]
    assert all(0.9 <= wait <= 1.1 for wait in waits)
    assert max(waits) - min(waits) > 0.15


async def test_settling_without_a_version_ends_the_session(scene: Scene) -> None:
    """Where nobody knows which one was used, it is the present one."""
    await scene.connect(1)
    await scene.settle(await scene.reserve(), NOT_SENT, session_ended="the end")
    assert (await account_of(scene)).status is AccountStatus.ERROR
