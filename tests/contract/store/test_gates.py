"""The gates of a reservation stand in one order on both engines: where several would refuse, the first decides.

Each test closes one gate and all that come after it.
"""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.errors import ConfrereError
from confrere.domain.limits import Action
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import OutcomeName
from confrere.domain.pacing import Pacing
from confrere.domain.reservation import Claim
from tests.contract.store.scene import ACCEPTED, UNKNOWN, Scene

KEY = "the-key"


async def decide(scene: Scene, **changes: Any) -> tuple[Claim, str]:
    """Reserve, and return the name of the reservation or of the rejection."""
    claim = scene.claim(**changes)
    try:
        return claim, type(await scene.store.reserve(claim)).__name__
    except ConfrereError as refusal:
        return claim, type(refusal).__name__


@pytest.fixture
async def used_up(scene: Scene) -> None:
    """Gate 7 is closed: the day's one unit is used by an unanswered send with a key."""
    await scene.connect(daily_limit=1)
    await scene.send(UNKNOWN, idempotency_key=KEY)


@pytest.fixture
async def paced(scene: Scene, used_up: None) -> None:
    """Gates 6 and 7 are closed: an hour has to pass between two sends."""
    assert scene.account is not None
    await scene.store.change_pacing(
        "default", scene.account.id, lambda _: Pacing(min_gap=timedelta(hours=1)), scene.now
    )


@pytest.fixture
async def held(scene: Scene, paced: None) -> None:
    """Gates 5 to 7 are closed: the account is on hold."""
    assert scene.account is not None
    await scene.store.hold_account(scene.account.id, scene.now + timedelta(hours=2))


@pytest.fixture
async def opted_out(scene: Scene, held: None) -> None:
    """Gates 4 to 7 are closed: the recipient has opted out."""
    await scene.store.add_opt_outs("default", [OptOut(scene.claim().request.recipient, None, "api", scene.now)])


@pytest.fixture
async def disabled(scene: Scene, opted_out: None) -> None:
    """Gates 3 to 7 are closed: the account is disabled."""
    assert scene.account is not None
    await scene.store.update_account("default", scene.account.id, enabled=False)


async def test_gate_1_a_key_that_was_used_for_another_message(scene: Scene, disabled: None) -> None:
    """A key of another message is rejected before a repeat is detected and before the account is checked."""
    assert (await decide(scene, idempotency_key=KEY, text="another"))[1] == "KeyReused"


async def test_gate_2_a_repeat_of_an_unanswered_send(scene: Scene, disabled: None) -> None:
    """A repeat gets the earlier send's outcome although the account could not send any more."""
    assert (await decide(scene))[1] == "Repeats"
    assert (await decide(scene, idempotency_key=KEY))[1] == "Repeats"


async def test_gate_3_an_account_that_cannot_be_used(scene: Scene, disabled: None) -> None:
    """A disabled account is rejected before its session and the do-not-contact list are checked."""
    assert (await decide(scene, text="another"))[1] == "AccountDisabled"
    assert scene.account is not None
    await scene.store.disconnect_account("default", scene.account.id)
    assert (await decide(scene, text="another"))[1] == "AccountDisabled"
    await scene.store.update_account("default", scene.account.id, enabled=True)
    assert (await decide(scene, text="another"))[1] == "NoSession"
    assert (await decide(scene, text="another", account_id="0" * 24))[1] == "InvalidField"


async def test_gate_4_a_recipient_who_opted_out(scene: Scene, opted_out: None) -> None:
    """A row is written, which takes no unit, although the account is on hold."""
    claim, decision = await decide(scene, text="another")
    assert decision == "OptedOut"
    assert (await scene.row(claim)).outcome is OutcomeName.REFUSED
    assert await scene.used() == 1


async def test_gate_5_an_account_on_hold(scene: Scene, held: None) -> None:
    """A hold is reported before a pacing rule, since it ends later."""
    assert (await decide(scene, text="another"))[1] == "AccountHeld"


async def test_gate_6_a_rule_of_pacing(scene: Scene, paced: None) -> None:
    """A broken rule rejects the claim; of several, the one that allows a send last is reported."""
    assert (await decide(scene, text="another"))[1] == "QuotaUsedUp"
    assert scene.account is not None
    await scene.store.update_account("default", scene.account.id, daily_limit=2)
    assert (await decide(scene, text="another"))[1] == "TooFast"


async def test_gate_7_a_day_that_is_used_up(scene: Scene, used_up: None) -> None:
    """A claim without a free unit writes no row and leaves its key free."""
    for _ in range(2):
        assert (await decide(scene, text="another", idempotency_key="another-key"))[1] == "QuotaUsedUp"
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 1


async def test_gate_8_the_row_of_what_passes_all_of_them(scene: Scene) -> None:
    """Row, unit, first contact and key are written together."""
    claim, decision = await decide(scene, idempotency_key=KEY)
    assert decision == "Reserved"
    assert (await scene.row(claim)).outcome is OutcomeName.IN_FLIGHT
    assert [await scene.used(), (await scene.quota(Action.GROUP_FIRST_CONTACT)).used] == [1, 1]
    await scene.settle(claim, ACCEPTED)
    assert (await decide(scene, idempotency_key=KEY))[1] == "Repeats"
