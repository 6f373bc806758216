"""Mailboxes are polled for accounts that have sent, each by one process at a time, on both engines."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from confrere.domain.reply import PolledMailbox
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, NOT_SENT, Scene

LEASE = timedelta(minutes=10)
DAYS = timedelta(days=30)


async def add(scene: Scene) -> int:
    """Let the mailboxes be polled of those who have sent within thirty days."""
    return await scene.store.add_mailboxes(scene.now - DAYS, scene.now)


async def claim(scene: Scene, store: SqlStore | None = None, count: int = 5) -> Sequence[PolledMailbox]:
    """Claim what is due."""
    return await (store or scene.store).claim_mailboxes(
        scene.now, sent_since=scene.now - DAYS, count=count, lease_until=scene.now + LEASE
    )


async def test_the_mailboxes_of_senders_are_polled(scene: Scene) -> None:
    """Not of those who sent nothing, or long ago; each is added once."""
    assert scene.account is not None
    assert await add(scene) == 0
    await scene.send(NOT_SENT)
    assert await add(scene) == 0
    await scene.send(ACCEPTED)
    await scene.connect(2)
    assert [await add(scene) for _ in range(2)] == [1, 0]
    [mailbox] = await claim(scene)
    assert mailbox == PolledMailbox(scene.account.id, "default", scene.now + LEASE, True, None, timedelta(), None)
    await scene.store.release_mailbox(mailbox, None)
    assert await add(scene) == 1
    scene.later(days=31)
    [inactive] = await claim(scene)
    assert not inactive.is_active
    await scene.store.release_mailbox(inactive, None)
    assert await add(scene) == 0


async def test_what_a_poll_changes_is_kept(scene: Scene) -> None:
    """Token, interval, time and failure; and when it is due again."""
    await scene.send(ACCEPTED)
    await add(scene)
    [mailbox] = await claim(scene)
    changed = replace(
        mailbox,
        sync_token="a token",
        interval=timedelta(minutes=20),
        polled_at=scene.now,
        failing_since=scene.now,
        last_error="LinkedIn did not answer",
    )
    await scene.store.release_mailbox(changed, scene.now + timedelta(minutes=20))
    assert await scene.store.count_failing_mailboxes(scene.now) == 1
    assert await scene.store.count_failing_mailboxes(scene.now - timedelta(seconds=1)) == 0
    scene.later(minutes=19)
    assert await claim(scene) == []
    scene.later(minutes=1)
    [again] = await claim(scene)
    assert again == replace(changed, lease_until=again.lease_until)


async def test_a_mailbox_is_leased_to_one_process(scene: Scene, other: SqlStore) -> None:
    """Until it is released; at the end of the lease another may take it, and the first one changes nothing any more."""
    await scene.send(ACCEPTED)
    await add(scene)
    claims = await asyncio.gather(*[claim(scene, store) for store in (scene.store, other) * 3])
    [mailbox] = [mailbox for mailboxes in claims for mailbox in mailboxes]
    first, second = (scene.store, other) if mailbox in [*claims[0], *claims[2], *claims[4]] else (other, scene.store)
    assert await claim(scene, second) == []
    scene.later(minutes=10)
    [taken] = await claim(scene, second)
    await first.release_mailbox(replace(mailbox, sync_token="late"), scene.now)
    assert await claim(scene, first) == []
    await second.release_mailbox(taken, scene.now)
    [again] = await claim(scene, first)
    assert again.sync_token is None


async def test_the_mailbox_of_a_dead_process_is_free(scene: Scene, other: SqlStore) -> None:
    """Its lease need not be waited for."""
    await scene.send(ACCEPTED)
    await add(scene)
    assert len(await claim(scene, other)) == 1
    assert await claim(scene) == []
    await other.close()
    assert len(await claim(scene)) == 1
