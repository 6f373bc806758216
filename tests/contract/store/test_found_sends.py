"""Messages that were sent before a backup was restored, and are found since: they count on their own day and month."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from confrere.domain.limits import Action
from confrere.domain.outcome import Accepted, NotSent, Unknown
from confrere.domain.reservation import Claim
from confrere.store.found_sends import place_found
from tests.contract.store.scene import NOON, Scene

YESTERDAY, LAST_MONTH = NOON - timedelta(days=1), NOON - timedelta(days=20)


async def find(scene: Scene, claim: Claim, number: int, days: float) -> Claim:
    """Settle a claim with a message that LinkedIn has had for so many days."""
    found = Accepted(f"urn:li:msg_message:{number}", "urn:li:msg_conversation:1")
    await scene.settle(claim, found, sent_at=scene.now - timedelta(days=days))
    return claim


async def used(scene: Scene, action: Action = Action.MESSAGE, *, days: float = 0) -> int:
    """How many units are used of the window in which it was so many days ago."""
    return (await replace(scene, now=scene.now - timedelta(days=days)).quota(action)).used


async def test_a_found_message_counts_on_its_own_day_and_month(scene: Scene) -> None:
    """Its unit and its first contact leave the window of the request that found it."""
    first = await scene.reserve(scene.to_another())
    second = await scene.reserve(scene.to_another())
    other = await scene.reserve(scene.to_another())
    assert (await used(scene), await used(scene, Action.GROUP_FIRST_CONTACT)) == (3, 3)
    await find(scene, first, 1, 1)
    await find(scene, second, 2, 20)
    await scene.settle(other, Accepted("urn:li:msg_message:3", None))
    assert [await used(scene, days=days) for days in (0, 1, 20)] == [1, 1, 1]
    assert [await used(scene, Action.GROUP_FIRST_CONTACT, days=days) for days in (0, 20)] == [2, 1]
    assert (await scene.row(first)).message_urn == "urn:li:msg_message:1"
    await find(scene, first, 1, 1)  # its answer was lost
    assert await used(scene, days=1) == 1


async def test_what_a_person_has_stated_and_what_is_found_is_not_counted_twice(scene: Scene) -> None:
    """The day has as many units as were stated, or as messages are found: whichever is more."""
    account = scene.account
    assert account is not None
    await scene.store.end_restore(account, 2, scene.now, nothing_lost=False)
    for number in range(2):
        await find(scene, await scene.reserve(scene.to_another()), number, 0.1)
        assert await used(scene) == 2
    await find(scene, await scene.reserve(scene.to_another()), 2, 0.1)
    assert await used(scene) == 3
    await scene.send(Accepted("urn:li:msg_message:3", None), recipient="urn:li:fsd_profile:ACoAAnew")
    assert await used(scene) == 4


async def test_what_a_person_has_stated_outlasts_sends_that_turn_out_absent(scene: Scene) -> None:
    """The units of sends that are uncertain at the release come on top, and only those are given back."""
    uncertain = await scene.reserve(scene.to_another())
    await scene.settle(uncertain, Unknown("no answer"))
    account = scene.account
    assert account is not None
    await scene.store.end_restore(account, 2, scene.now, nothing_lost=False)
    await scene.settle(uncertain, NotSent("LinkedIn was read twice and does not have the message"))
    assert await used(scene) == 2


async def test_a_found_message_is_kept_where_its_process_ends(scene: Scene) -> None:
    """The send becomes unknown, with its message's name and the unit of its message's day."""
    claim = await scene.reserve()
    sent_at = scene.now - timedelta(days=1)
    await scene.store.engine.transact(partial(place_found, claim.send_id, "urn:li:msg_message:1", sent_at))
    scene.later(minutes=2)
    (unknown,) = await scene.store.claim_unknown(scene.now, count=10)
    assert (unknown.id, unknown.message_urn) == (claim.send_id, "urn:li:msg_message:1")
    assert [await used(scene, days=days) for days in (0, 1)] == [0, 1]


async def test_repeats_without_a_key_count_one_message_once(scene: Scene) -> None:
    """Each has its row, with the same message of LinkedIn's."""
    for _ in range(3):
        claim = await find(scene, await scene.reserve(), 1, 1)
        await scene.answer(claim)
    assert [await used(scene, days=days) for days in (0, 1)] == [0, 1]
    assert await used(scene, Action.GROUP_FIRST_CONTACT) == 1
