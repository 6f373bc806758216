"""Invariant: Once, without a key. A request whose answer reached nobody is repeated by an identical one."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Outcome, OutcomeName
from confrere.domain.reservation import InFlightElsewhere, OptedOut, Repeats, Reserved
from confrere.domain.send import REPEAT_WINDOW
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, CERTAIN, NOT_SENT, NOTHING_SENT, UNKNOWN, Scene, repeats, written

JUST_INSIDE = REPEAT_WINDOW - timedelta(seconds=1)


async def test_once_an_identical_request_that_ended_unknown_is_joined(scene: Scene) -> None:
    """A request identical to an unknown, unanswered one joins it, takes no unit and returns its outcome."""
    first = await scene.send(UNKNOWN)
    await scene.answer(first)
    scene.now += JUST_INSIDE
    reservation = await scene.store.reserve(scene.claim())
    assert repeats(reservation, first).outcome is OutcomeName.UNKNOWN
    assert isinstance(reservation, Repeats)
    assert reservation.quota.used == 1
    assert await scene.used() == 1


async def test_once_ten_minutes_after_its_end_it_is_another_request(scene: Scene) -> None:
    """Ten minutes after the end of the first request an identical one is new."""
    await scene.send(UNKNOWN)
    scene.now += REPEAT_WINDOW
    await scene.reserve()


@pytest.mark.parametrize(
    "difference",
    [
        {"recipient": "urn:li:fsd_profile:ACoAAsomebodyelse"},
        {"group_id": "43"},
        {"text": "Another text"},
        {"idempotency_key": "a-key"},
    ],
    ids=lambda difference: next(iter(difference)),
)
async def test_once_a_request_that_differs_is_another_one(scene: Scene, difference: dict[str, Any]) -> None:
    """A request with another recipient, group or text is new, and one with a key is matched by its key only."""
    await scene.send(UNKNOWN)
    await scene.reserve(**difference)


async def test_once_another_account_or_workspace_is_another_request(scene: Scene) -> None:
    """An identical request of another account or workspace is new."""
    await scene.send(UNKNOWN)
    second = await scene.connect(2)
    await scene.reserve(account_id=second.id)
    await scene.connect(3, workspace_id="another")
    await scene.reserve(workspace_id="another")


async def test_once_default_account_and_its_id_mean_the_same(scene: Scene) -> None:
    """A request that names the default account repeats one that omits it."""
    assert scene.account is not None
    first = await scene.send(UNKNOWN)
    repeats(await scene.store.reserve(scene.claim(account_id=scene.account.id)), first)


async def test_once_a_request_with_a_key_can_be_repeated_without(scene: Scene) -> None:
    """A request without a key repeats an identical unanswered one that had a key."""
    first = await scene.send(UNKNOWN, idempotency_key="a-key")
    repeats(await scene.store.reserve(scene.claim()), first)


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_an_answer_that_was_lost_is_given_to_the_repeat(scene: Scene, outcome: Outcome) -> None:
    """A lost answer is returned to the repeat; once that is delivered, the next request is new."""
    first = await scene.reserve()
    await scene.settle(first, outcome, caller_gone=True)
    repeats(await scene.store.reserve(scene.claim()), first)
    await scene.answer(first)
    await scene.reserve()


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_caller_gone_after_the_settlement_is_as_good(scene: Scene, outcome: Outcome) -> None:
    """A disconnect that is recorded after the settlement, once or twice, makes a repeat possible."""
    first = await scene.send(outcome)
    scene.store.mark_caller_gone(first.send_id)
    scene.store.mark_caller_gone(first.send_id)
    repeats(await scene.store.reserve(scene.claim()), first)


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_an_answered_request_is_not_repeated(scene: Scene, other: SqlStore, outcome: Outcome) -> None:
    """After a delivered answer an identical request is new in every process, even after a late disconnect."""
    first = await scene.send(outcome)
    await scene.answer(first)
    scene.store.mark_caller_gone(first.send_id)
    second = await scene.reserve()
    await scene.settle(second, outcome)
    await scene.answer(second)
    await scene.reserve(store=other)


async def test_once_an_answer_on_its_way_makes_no_repeat(scene: Scene) -> None:
    """A settled send whose answer is being written is not joined in its process."""
    await scene.send(ACCEPTED)
    await scene.reserve()


@pytest.mark.parametrize("outcome", NOTHING_SENT)
async def test_once_a_request_that_sent_nothing_is_not_joined(scene: Scene, outcome: Outcome) -> None:
    """A send that certainly sent nothing is not joined, even if its answer was lost."""
    first = await scene.reserve()
    await scene.settle(first, outcome, caller_gone=True)
    assert scene.account is not None
    await scene.connect()  # a dead session is replaced
    await scene.store.update_account("default", scene.account.id, release_hold=True)
    await scene.reserve()


async def test_once_identical_requests_side_by_side_are_two(scene: Scene) -> None:
    """Identical concurrent requests of one process are two sends, since both callers wait."""
    await scene.reserve()
    await scene.reserve()


async def test_once_a_request_in_flight_whose_caller_disconnected_is_joined(scene: Scene, other: SqlStore) -> None:
    """A send in flight whose caller disconnected is joined by every process."""
    first = await scene.reserve()
    scene.store.mark_caller_gone(first.send_id)
    for store in (scene.store, other):  # the other one second: this one's claim flushes deferred writes
        assert repeats(await store.reserve(scene.claim()), first).outcome is OutcomeName.IN_FLIGHT


@pytest.mark.parametrize("is_settled", [False, True])
async def test_once_another_process_is_given_time_to_report_its_callers_answer(
    scene: Scene, other: SqlStore, is_settled: bool
) -> None:
    """A claim waits for another process to record whether its caller disconnected or was answered."""
    first = await scene.reserve()
    if is_settled:
        await scene.settle(first, ACCEPTED)
    assert await other.reserve(scene.claim()) == InFlightElsewhere(frozenset({first.send_id}))
    scene.store.mark_caller_gone(first.send_id)
    await written(scene.store)
    repeats(await other.reserve(scene.claim()), first)
    await scene.settle(first, ACCEPTED)
    await scene.answer(first)
    await scene.reserve(store=other)


async def test_once_a_claim_waits_only_for_those_that_were_there_before_it(scene: Scene, other: SqlStore) -> None:
    """A claim waits only for earlier sends and not for ever, so that identical requests cannot block each other."""
    first = await scene.reserve()
    assert await other.reserve(scene.claim()) == InFlightElsewhere(frozenset({first.send_id}))
    second = await scene.reserve()
    own = frozenset({first.send_id})
    assert await other.reserve(scene.claim(wait_for_ids=own)) == InFlightElsewhere(own)
    await scene.settle(first, ACCEPTED)
    await scene.answer(first)
    assert isinstance(await other.reserve(scene.claim(wait_for_ids=own)), Reserved)
    assert isinstance(await other.reserve(scene.claim(wait_for_ids=frozenset())), Reserved)
    scene.store.mark_caller_gone(second.send_id)
    await written(scene.store)
    repeats(await other.reserve(scene.claim(wait_for_ids=frozenset())), second)


async def test_once_an_attempt_over_its_lease_is_unknown_on_sight(scene: Scene, other: SqlStore) -> None:
    """A send over its lease is unknown for a claim, although its process lives."""
    first = await scene.reserve()
    now = scene.later(seconds=60)
    send = repeats(await other.reserve(scene.claim()), first)
    assert send.outcome is OutcomeName.UNKNOWN
    assert send.ended_at == send.settled_at == now
    assert send.reason == "the attempt did not end within the time it was given"


async def test_once_a_late_settlement_still_counts(scene: Scene) -> None:
    """A late settlement counts, although another process has made the send unknown."""
    first = await scene.reserve()
    scene.later(seconds=60)
    await scene.store.reserve(scene.claim())
    assert (await scene.settle(first, ACCEPTED)).send.outcome is OutcomeName.ACCEPTED


async def test_once_an_unknown_one_found_meanwhile_still_owes_its_answer(scene: Scene, other: SqlStore) -> None:
    """An unknown send that is found after its answer returns the found outcome to the repeat, once."""
    first = await scene.send(UNKNOWN)
    await scene.answer(first)
    await scene.settle(first, ACCEPTED, store=other)
    scene.later(minutes=5)
    send = repeats(await scene.store.reserve(scene.claim()), first)
    assert send.outcome is OutcomeName.ACCEPTED
    await scene.answer(first)
    await scene.reserve()


async def test_once_an_answer_of_unknown_written_after_the_finding_closes_nothing(
    scene: Scene, other: SqlStore
) -> None:
    """An `unknown` answer recorded after the message was found leaves the send open for a repeat."""
    first = await scene.send(UNKNOWN)
    await scene.settle(first, ACCEPTED, store=other)
    scene.store.mark_answered(first.send_id, OutcomeName.UNKNOWN)
    await written(scene.store)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_once_an_answer_while_in_flight_closes_nothing(scene: Scene) -> None:
    """An `unknown` answer recorded in flight leaves the later outcome undelivered."""
    first = await scene.reserve()
    await scene.answer(first)
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_once_answers_are_recorded_soon_without_a_caller_waiting(scene: Scene, other: SqlStore) -> None:
    """An answer is recorded within a tenth of a second, though no caller waits for that."""
    first = await scene.reserve()
    await scene.settle(first, ACCEPTED, caller_gone=True)
    repeats(await other.reserve(scene.claim()), first)
    scene.store.mark_answered(first.send_id, OutcomeName.ACCEPTED)
    await written(scene.store)
    await scene.reserve(store=other)


async def test_once_an_answer_to_a_repeat_counts_at_once_in_its_process(scene: Scene) -> None:
    """An answer counts at once in its own process, so that the next identical request is new."""
    first = await scene.reserve()
    await scene.settle(first, ACCEPTED, caller_gone=True)
    repeats(await scene.store.reserve(scene.claim()), first)
    scene.store.mark_answered(first.send_id, OutcomeName.ACCEPTED)
    await scene.reserve()


async def test_once_the_newest_of_several_is_joined(scene: Scene) -> None:
    """Of several identical undelivered sends, the newest is joined."""
    first = await scene.reserve()
    scene.later(seconds=1)
    second = await scene.reserve()
    for claim in (first, second):
        scene.store.mark_caller_gone(claim.send_id)
    repeats(await scene.store.reserve(scene.claim()), second)


async def test_once_a_late_witness_makes_a_repeat_join(scene: Scene) -> None:
    """A send found after it was reported `not_sent` is joined by the repeat."""
    first = await scene.send(UNKNOWN)
    await scene.settle(first, NOT_SENT)
    await scene.answer(first)
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_opted_out_is_refused_with_a_row_and_without_a_unit(scene: Scene) -> None:
    """An opted-out recipient is recorded with the reason, without a unit and without asking LinkedIn."""
    await scene.store.add_opt_outs("default", [OptOut(scene.claim().request.recipient, "asked", "console", scene.now)])
    claim = scene.claim()
    refusal = await scene.store.reserve(claim)
    assert isinstance(refusal, OptedOut)
    assert refusal.quota.used == 0
    row = await scene.row(claim)
    assert row.outcome is OutcomeName.REFUSED
    assert row.refusal is not None
    assert row.refusal.code == "RECIPIENT_OPTED_OUT"
    assert row.reason == row.refusal.text
    assert row.ended_at == row.settled_at == row.created_at == scene.now
    assert await scene.used() == 0
    await scene.answer(claim)
    await scene.store.remove_opt_out("default", claim.request.recipient)
    await scene.reserve()


async def test_opted_out_counts_in_its_workspace_only(scene: Scene) -> None:
    """The do-not-contact list of another workspace does not apply."""
    await scene.store.add_opt_outs("another", [OptOut(scene.claim().request.recipient, None, "api", scene.now)])
    await scene.reserve()
