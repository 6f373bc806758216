"""Invariant: Once, with a key. One idempotency key, one message."""

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
    """A claim with the key that these tests use."""
    return scene.claim(**{"idempotency_key": "the-key", **changes})


@pytest.mark.parametrize("outcome", [*CERTAIN, UNKNOWN])
async def test_once_a_key_repeats_its_send(scene: Scene, outcome: Outcome) -> None:
    """Answered or not, for a day, with its quota."""
    first = await scene.reserve(keyed(scene))
    await scene.settle(first, outcome)
    await scene.answer(first)
    scene.now += IDEMPOTENCY_WINDOW / 2
    reservation = await scene.store.reserve(keyed(scene))
    assert repeats(reservation, first, keyed=True).outcome is outcome.name
    assert isinstance(reservation, Repeats)
    assert reservation.quota.used == 0  # of the new day


async def test_once_a_key_is_kept_for_a_day(scene: Scene) -> None:
    """Then it is a new one, and stands for the new send."""
    first = await scene.reserve(keyed(scene))
    await scene.settle(first, ACCEPTED)
    scene.now += IDEMPOTENCY_WINDOW
    second = await scene.reserve(keyed(scene))
    await scene.settle(second, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene)), second, keyed=True)


async def test_once_a_key_whose_send_is_running_is_in_use(scene: Scene, other: SqlStore) -> None:
    """In this process and in any other; the quota is told."""
    await scene.reserve(keyed(scene))
    for store in (scene.store, other):
        with pytest.raises(KeyInUse) as refusal:
            await store.reserve(keyed(scene))
        assert refusal.value.quota is not None
        assert refusal.value.quota.used == 1


async def test_once_a_key_over_its_lease_is_a_repeat_of_an_unknown(scene: Scene) -> None:
    """The row is made unknown on sight."""
    first = await scene.reserve(keyed(scene))
    scene.later(seconds=60)
    assert repeats(await scene.store.reserve(keyed(scene)), first, keyed=True).outcome is OutcomeName.UNKNOWN


@pytest.mark.parametrize("difference", [{"recipient": "urn:li:fsd_profile:ACoAAx"}, {"group_id": "7"}, {"text": "!"}])
async def test_once_a_key_with_another_body_is_reused(scene: Scene, difference: dict[str, Any]) -> None:
    """While the first runs, and after."""
    first = await scene.reserve(keyed(scene))
    for outcome in (None, ACCEPTED):
        if outcome is not None:
            await scene.settle(first, outcome)
        with pytest.raises(KeyReused) as refusal:
            await scene.store.reserve(keyed(scene, **difference))
        assert refusal.value.quota is not None
        assert refusal.value.quota.used == 1


async def test_once_a_key_with_another_account_is_reused(scene: Scene) -> None:
    """The quota told is the claimed account's, or none's where that is not known."""
    await scene.send(ACCEPTED, idempotency_key="the-key")
    second = await scene.connect(2)
    for account_id, limit in ((second.id, 150), ("0" * 24, 0)):
        with pytest.raises(KeyReused) as refusal:
            await scene.store.reserve(keyed(scene, account_id=account_id))
        assert refusal.value.quota is not None
        assert (refusal.value.quota.limit, refusal.value.quota.used) == (limit, 0)


async def test_once_the_same_body_is_the_same_whichever_account_is_the_default(scene: Scene) -> None:
    """Neither naming the default account nor a change of it makes another body."""
    assert scene.account is not None
    first = await scene.send(ACCEPTED, idempotency_key="the-key")
    repeats(await scene.store.reserve(keyed(scene, account_id=scene.account.id)), first, keyed=True)
    second = await scene.connect(2)
    await scene.store.update_account("default", second.id, make_default=True)
    repeats(await scene.store.reserve(keyed(scene)), first, keyed=True)


async def test_once_a_key_belongs_to_its_workspace(scene: Scene) -> None:
    """Another workspace may use the same."""
    await scene.connect(2, workspace_id="another")
    await scene.send(ACCEPTED, idempotency_key="the-key")
    await scene.reserve(keyed(scene, workspace_id="another"))


@pytest.mark.parametrize("outcome", NOTHING_SENT)
async def test_once_a_key_is_free_where_nothing_was_sent(scene: Scene, outcome: Outcome) -> None:
    """Even for another body."""
    await scene.send(outcome, idempotency_key="the-key")
    account = await scene.connect()
    await scene.store.update_account("default", account.id, release_hold=True)
    await scene.reserve(keyed(scene, text="Another text"))


async def test_once_a_key_is_free_when_its_unknown_send_is_found_absent(scene: Scene) -> None:
    """Reconciled to not sent."""
    first = await scene.send(UNKNOWN, idempotency_key="the-key")
    await scene.settle(first, NOT_SENT)
    second = await scene.reserve(keyed(scene))
    await scene.settle(first, NOT_SENT)  # says nothing about the second
    with pytest.raises(KeyInUse):
        await scene.store.reserve(keyed(scene))
    await scene.settle(second, ACCEPTED)


async def test_once_a_late_witness_takes_its_key_again(scene: Scene) -> None:
    """Unless another send has it by then."""
    first = await scene.send(NOT_SENT, idempotency_key="the-key")
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene)), first, keyed=True)

    third = await scene.send(NOT_SENT, idempotency_key="other-key")
    fourth = await scene.send(ACCEPTED, idempotency_key="other-key")
    await scene.settle(third, ACCEPTED)
    repeats(await scene.store.reserve(keyed(scene, idempotency_key="other-key")), fourth, keyed=True)


async def test_once_a_key_is_free_after_a_refusal_of_ours(scene: Scene) -> None:
    """A day used up claims no key."""
    account = await scene.connect(daily_limit=0)
    with pytest.raises(LimitIsZero):
        await scene.store.reserve(keyed(scene))
    await scene.store.update_account("default", account.id, daily_limit=1)
    await scene.reserve(keyed(scene, text="Another text"))


async def test_once_a_key_is_kept_for_an_opted_out_recipient(scene: Scene) -> None:
    """The refusal settled the matter: a repeat gets it again, the list asked or not."""
    claim = keyed(scene)
    await scene.store.add_opt_outs("default", [OptOut(claim.request.recipient, None, "api", scene.now)])
    assert isinstance(await scene.store.reserve(claim), OptedOut)
    await scene.store.remove_opt_out("default", claim.request.recipient)
    assert repeats(await scene.store.reserve(keyed(scene)), claim, keyed=True).outcome is OutcomeName.REFUSED


@pytest.mark.parametrize("before", ["fresh", "freed", "expired"])
async def test_once_of_a_crowd_with_one_key_exactly_one_is_reserved(scene: Scene, other: SqlStore, before: str) -> None:
    """Two processes, twenty claims at the same moment; the others are told that it is in use."""
    if before != "fresh":
        await scene.send(NOT_SENT if before == "freed" else ACCEPTED, idempotency_key="the-key")
    scene.now += IDEMPOTENCY_WINDOW
    stores = [scene.store, other] * 10
    results = await asyncio.gather(*(store.reserve(keyed(scene)) for store in stores), return_exceptions=True)
    assert sum(isinstance(result, Reserved) for result in results) == 1
    assert sum(isinstance(result, KeyInUse) for result in results) == len(stores) - 1
    assert await scene.used() == 1
