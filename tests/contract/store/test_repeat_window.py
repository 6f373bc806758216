"""The workspace's repeat window: for so long after a 200, an identical send without a key is a repeat of it."""

import pytest

from confrere.domain.outcome import OutcomeName
from tests.contract.store.conftest import OpenStore
from tests.contract.store.pacing import pace
from tests.contract.store.scene import ACCEPTED, NOT_SENT, TEXT, Scene, repeats, written

WINDOW_SECONDS = 90


@pytest.fixture
async def windowed(scene: Scene) -> Scene:
    """A store with one account in a workspace with a repeat window."""
    await pace(scene, workspace=True, repeatWindowSeconds=WINDOW_SECONDS)
    return scene


async def test_an_identical_send_after_an_answered_200_is_a_repeat_within_the_window(windowed: Scene) -> None:
    """At its very end it is a new one; the repeat takes no unit, and its answer is marked as given again."""
    first = await windowed.send(ACCEPTED)
    await windowed.answer(first)
    windowed.later(seconds=WINDOW_SECONDS - 1)
    repeats(await windowed.store.reserve(windowed.claim()), first, keyed=True)
    assert await windowed.used() == 1
    windowed.later(seconds=1)
    await windowed.reserve()


async def test_a_repeat_does_not_lengthen_the_window(windowed: Scene) -> None:
    """The window is counted from the send itself."""
    first = await windowed.send(ACCEPTED)
    await windowed.answer(first)
    for _ in range(2):
        windowed.later(seconds=WINDOW_SECONDS // 2 - 1)
        repeats(await windowed.store.reserve(windowed.claim()), first, keyed=True)
        await windowed.answer(first)
    windowed.later(seconds=2)
    await windowed.reserve()


async def test_another_process_knows_the_window_too(windowed: Scene, open_another: OpenStore) -> None:
    """Whichever process answered the first one."""
    first = await windowed.send(ACCEPTED)
    await windowed.answer(first)
    repeats(await (await open_another()).reserve(windowed.claim()), first, keyed=True)


async def test_what_differs_is_no_repeat_within_the_window(windowed: Scene) -> None:
    """Another text, another person, another account, or a key of its own: each is sent."""
    other = await windowed.connect(2)
    await windowed.answer(await windowed.send(ACCEPTED))
    await windowed.reserve(text=f"{TEXT}!")
    await windowed.reserve(windowed.to_another())
    await windowed.reserve(account_id=other.id)
    await windowed.reserve(idempotency_key="a key of its own")


async def test_what_was_not_sent_is_sent_within_the_window(windowed: Scene) -> None:
    """Only a 200 is given again."""
    await windowed.answer(await windowed.send(NOT_SENT))
    await windowed.reserve()


async def test_a_send_beside_one_that_runs_is_new_within_the_window(windowed: Scene) -> None:
    """Nobody has been answered yet, so nothing can be given again."""
    await windowed.reserve()
    await windowed.reserve()


async def test_a_preflight_foresees_the_repeat(windowed: Scene) -> None:
    """It names the send whose answer would be given."""
    first = await windowed.send(ACCEPTED)
    await windowed.answer(first)
    await written(windowed.store)
    assert windowed.account is not None
    found = await windowed.store.find_identical(
        "default", windowed.account.id, recipient=first.request.recipient, group_id="42", text=TEXT, now=windowed.now
    )
    assert found is not None
    assert (found.id, found.outcome) == (first.send_id, OutcomeName.ACCEPTED)


@pytest.mark.parametrize("off", [{"repeatWindowSeconds": 0}, {"minGapSeconds": 0.001}])
async def test_without_a_window_an_answered_send_is_followed_by_a_new_one(
    windowed: Scene, off: dict[str, float]
) -> None:
    """Off is the default, and what 0 sets."""
    await pace(windowed, workspace=True, **off)
    await windowed.answer(await windowed.send(ACCEPTED))
    windowed.later(seconds=1)
    await windowed.reserve()
