"""Invariant: Once, with a key. One idempotency key stands for one message."""

import asyncio
from typing import Any

import pytest

from confrere.domain.errors import KeyInUse, KeyReused, LimitIsZero
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Outcome, OutcomeName
from confrere.domain.reservation import Claim, OptedOut, Repeats, Reserved
from confrere.domain.send import IDEMPOTENCY_WINDOW
from confrere.store import SqlStore
from tests.contract.store.scene import (
    ACCEPTED,
    CERTAIN,
    NOT_SENT,
    NOTHING_SENT,
    UNKNOWN,
    Scene,
    repeats,
)


def keyed(scene: Scene, **changes: Any) -> Claim:
    """Build a claim with the key that these tests use."""
    return scene.claim(**{"idempotency_key": "the-key", **changes})


@pytest.mark.parametrize("outcome", [*CERTAIN, UNKNOWN])
async def test_once_a_key_repeats_its_send(scene: Scene, outcome: Outcome) -> None:
    """A key repeats its send with the quota for a day, answered or not."""
    first = await scene.reserve(keyed(scene))
    await scene.settle(first, outcome)
    await scene.answer(first)
    scene.now += IDEMPOTENCY_WINDOW / 2
    reservation = await scene.store.reserve(keyed(scene))
    assert repeats(reservation, first, keyed=True).outcome is outcome.name
    assert isinstance(reservation, Repeats)
    assert reservation.quota.used == 0  # of the new day


async def test_once_a_key_is_kept_for_a_day(scene: Scene) -> None:
    """After a day the key is free and can stand for a new send."""
    first = await scene.reserve(keyed(scene))
    await scene.settle(first, ACCEPTED)
    scene.now += IDEMPOTENCY_WINDOW
    second = await scene.reserve(keyed(scene))
    await scene.settle(second, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene)), second, keyed=True)


async def test_once_a_key_whose_send_is_running_is_in_use(scene: Scene, other: SqlStore) -> None:
    """A key whose send is in flight is rejected as in use in every process, with the quota."""
    await scene.reserve(keyed(scene))
    for store in (scene.store, other):
        with pytest.raises(KeyInUse) as refusal:
            await store.reserve(keyed(scene))
        assert refusal.value.quota is not None
        assert refusal.value.quota.used == 1


async def test_once_a_key_over_its_lease_is_a_repeat_of_an_unknown(scene: Scene) -> None:
    """A key whose send exceeds its lease repeats an unknown send, and the row becomes unknown at once."""
    first = await scene.reserve(keyed(scene))
    scene.later(seconds=60)
    assert repeats(await scene.store.reserve(keyed(scene)), first, keyed=True).outcome is OutcomeName.UNKNOWN


@pytest.mark.parametrize("difference", [{"recipient": "urn:li:fsd_profile:ACoAAx"}, {"group_id": "7"}, {"text": "!"}])
async def test_once_a_key_with_another_body_is_reused(scene: Scene, difference: dict[str, Any]) -> None:
    """A key with another body is rejected, during the first send and after it."""
    first = await scene.reserve(keyed(scene))
    for outcome in (None, ACCEPTED):
        if outcome is not None:
            await scene.settle(first, outcome)
        with pytest.raises(KeyReused) as refusal:
            await scene.store.reserve(keyed(scene, **difference))
        assert refusal.value.quota is not None
        assert refusal.value.quota.used == 1


async def test_once_a_key_with_another_account_is_reused(scene: Scene) -> None:
    """A key with another account is rejected, with that account's quota, or none if it is unknown."""
    await scene.send(ACCEPTED, idempotency_key="the-key")
    second = await scene.connect(2)
    for account_id, limit in ((second.id, 150), ("0" * 24, 0)):
        with pytest.raises(KeyReused) as refusal:
            await scene.store.reserve(keyed(scene, account_id=account_id))
        assert refusal.value.quota is not None
        assert (refusal.value.quota.limit, refusal.value.quota.used) == (limit, 0)


async def test_once_the_same_body_is_the_same_whichever_account_is_the_default(scene: Scene) -> None:
    """Naming the default account, or changing the default, does not make another body."""
    assert scene.account is not None
    first = await scene.send(ACCEPTED, idempotency_key="the-key")
    repeats(await scene.store.reserve(keyed(scene, account_id=scene.account.id)), first, keyed=True)
    second = await scene.connect(2)
    await scene.store.update_account("default", second.id, make_default=True)
    repeats(await scene.store.reserve(keyed(scene)), first, keyed=True)


async def test_once_a_key_belongs_to_its_workspace(scene: Scene) -> None:
    """Another workspace can use the same key."""
    await scene.connect(2, workspace_id="another")
    await scene.send(ACCEPTED, idempotency_key="the-key")
    await scene.reserve(keyed(scene, workspace_id="another"))


@pytest.mark.parametrize("outcome", NOTHING_SENT)
async def test_once_a_key_is_free_where_nothing_was_sent(scene: Scene, outcome: Outcome) -> None:
    """A key whose send certainly sent nothing is free, even for another body."""
    await scene.send(outcome, idempotency_key="the-key")
    account = await scene.connect()
    await scene.store.update_account("default", account.id, release_hold=True)
    await scene.reserve(keyed(scene, text="Another text"))


async def test_once_a_key_is_free_when_its_unknown_send_is_found_absent(scene: Scene) -> None:
    """A key is free after its unknown send is found absent."""
    first = await scene.send(UNKNOWN, idempotency_key="the-key")
    await scene.settle(first, NOT_SENT)
    second = await scene.reserve(keyed(scene))
    await scene.settle(first, NOT_SENT)  # does not affect the second
    with pytest.raises(KeyInUse):
        await scene.store.reserve(keyed(scene))
    await scene.settle(second, ACCEPTED)


async def test_once_a_late_witness_takes_its_key_again(scene: Scene) -> None:
    """A message found late takes its key again, unless another send has it."""
    first = await scene.send(NOT_SENT, idempotency_key="the-key")
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene)), first, keyed=True)

    third = await scene.send(NOT_SENT, idempotency_key="other-key")
    fourth = await scene.send(ACCEPTED, idempotency_key="other-key")
    await scene.settle(third, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene, idempotency_key="other-key")), fourth, keyed=True)


async def test_once_a_key_is_free_after_a_refusal_of_ours(scene: Scene) -> None:
    """A claim that is rejected for a used-up day leaves its key free."""
    account = await scene.connect(daily_limit=0)
    with pytest.raises(LimitIsZero):
        await scene.store.reserve(keyed(scene))
    await scene.store.update_account("default", account.id, daily_limit=1)
    await scene.reserve(keyed(scene, text="Another text"))


async def test_once_a_key_is_kept_for_an_opted_out_recipient(scene: Scene) -> None:
    """A key repeats the rejection of an opted-out recipient, even after the entry is removed."""
    claim = keyed(scene)
    await scene.store.add_opt_outs("default", [OptOut(claim.request.recipient, None, "api", scene.now)])
    assert isinstance(await scene.store.reserve(claim), OptedOut)
    await scene.store.remove_opt_out("default", claim.request.recipient)
    assert repeats(await scene.store.reserve(keyed(scene)), claim, keyed=True).outcome is OutcomeName.REFUSED


@pytest.mark.parametrize("before", ["fresh", "freed", "expired"])
async def test_once_of_a_crowd_with_one_key_exactly_one_is_reserved(scene: Scene, other: SqlStore, before: str) -> None:
    """Of twenty concurrent claims with one key from two processes, one is reserved and the others find it in use."""
    if before != "fresh":
        await scene.send(NOT_SENT if before == "freed" else ACCEPTED, idempotency_key="the-key")
    scene.now += IDEMPOTENCY_WINDOW
    stores = [scene.store, other] * 10
    results = await asyncio.gather(*(store.reserve(keyed(scene)) for store in stores), return_exceptions=True)
    assert sum(isinstance(result, Reserved) for result in results) == 1
    assert sum(isinstance(result, KeyInUse) for result in results) == len(stores) - 1
    assert await scene.used() == 1
