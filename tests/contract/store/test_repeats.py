"""Invariant: Once, without a key. A request whose answer reached nobody is the same request when it comes again."""

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
    """It takes no unit, and says what is known."""
    first = await scene.send(UNKNOWN)
    await scene.answer(first)
    scene.now += JUST_INSIDE
    reservation = await scene.store.reserve(scene.claim())
    assert repeats(reservation, first).outcome is OutcomeName.UNKNOWN
    assert isinstance(reservation, Repeats)
    assert reservation.quota.used == 1
    assert await scene.used() == 1


async def test_once_ten_minutes_after_its_end_it_is_another_request(scene: Scene) -> None:
    """From then on nobody is taken to be repeating it."""
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
    """In recipient, group or text; and one with a key is matched by its key only."""
    await scene.send(UNKNOWN)
    await scene.reserve(**difference)


async def test_once_another_account_or_workspace_is_another_request(scene: Scene) -> None:
    """Isolation holds for repeats, too."""
    await scene.send(UNKNOWN)
    second = await scene.connect(2)
    await scene.reserve(account_id=second.id)
    await scene.connect(3, workspace_id="another")
    await scene.reserve(workspace_id="another")


async def test_once_default_account_and_its_id_mean_the_same(scene: Scene) -> None:
    """A repeat that names what the first left out is a repeat."""
    assert scene.account is not None
    first = await scene.send(UNKNOWN)
    repeats(await scene.store.reserve(scene.claim(account_id=scene.account.id)), first)


async def test_once_a_request_with_a_key_can_be_repeated_without(scene: Scene) -> None:
    """A keyless claim matches any open row."""
    first = await scene.send(UNKNOWN, idempotency_key="a-key")
    repeats(await scene.store.reserve(scene.claim()), first)


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_an_answer_that_was_lost_is_given_to_the_repeat(scene: Scene, outcome: Outcome) -> None:
    """The caller hung up before it was written; once a repeat has it, the next request is a new one."""
    first = await scene.reserve()
    await scene.settle(first, outcome, caller_gone=True)
    repeats(await scene.store.reserve(scene.claim()), first)
    await scene.answer(first)
    await scene.reserve()


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_caller_gone_after_the_settlement_is_as_good(scene: Scene, outcome: Outcome) -> None:
    """Marked twice is marked once."""
    first = await scene.send(outcome)
    scene.store.mark_caller_gone(first.send_id)
    scene.store.mark_caller_gone(first.send_id)
    repeats(await scene.store.reserve(scene.claim()), first)


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_once_an_answered_request_is_not_repeated(scene: Scene, other: SqlStore, outcome: Outcome) -> None:
    """Whoever asks the same again means it, in this process or another; a late hang-up changes nothing."""
    first = await scene.send(outcome)
    await scene.answer(first)
    scene.store.mark_caller_gone(first.send_id)
    second = await scene.reserve()
    await scene.settle(second, outcome)
    await scene.answer(second)
    await scene.reserve(store=other)


async def test_once_an_answer_on_its_way_makes_no_repeat(scene: Scene) -> None:
    """Settled, not yet marked answered, by this process: its caller is still waiting."""
    await scene.send(ACCEPTED)
    await scene.reserve()


@pytest.mark.parametrize("outcome", NOTHING_SENT)
async def test_once_a_request_that_sent_nothing_is_not_joined(scene: Scene, outcome: Outcome) -> None:
    """Its repeat is tried again, even where its answer was lost."""
    first = await scene.reserve()
    await scene.settle(first, outcome, caller_gone=True)
    assert scene.account is not None
    await scene.connect()  # a dead session is replaced
    await scene.store.update_account("default", scene.account.id, release_hold=True)
    await scene.reserve()


async def test_once_identical_requests_side_by_side_are_two(scene: Scene) -> None:
    """Their callers both wait, in the same process: both are meant."""
    await scene.reserve()
    await scene.reserve()


async def test_once_a_request_in_flight_whose_caller_hung_up_is_joined(scene: Scene, other: SqlStore) -> None:
    """By its own process and by another."""
    first = await scene.reserve()
    scene.store.mark_caller_gone(first.send_id)
    for store in (scene.store, other):  # the other one can ask later only: this one's claim writes its notes before
        assert repeats(await store.reserve(scene.claim()), first).outcome is OutcomeName.IN_FLIGHT


@pytest.mark.parametrize("is_settled", [False, True])
async def test_once_another_process_is_given_time_to_report_its_callers_answer(
    scene: Scene, other: SqlStore, is_settled: bool
) -> None:
    """It says that the caller hung up: the claim is a repeat; or that it was answered: the claim is another send."""
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
    """Else a crowd of identical requests would wait for each other in turn; and for none of them for ever."""
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
    """Its process lives, but has given no word in time."""
    first = await scene.reserve()
    now = scene.later(seconds=60)
    send = repeats(await other.reserve(scene.claim()), first)
    assert send.outcome is OutcomeName.UNKNOWN
    assert send.ended_at == send.settled_at == now
    assert send.reason == "the attempt did not end within the time it was given"


async def test_once_a_late_settlement_still_counts(scene: Scene) -> None:
    """Made unknown by another, it is settled by the process that comes back."""
    first = await scene.reserve()
    scene.later(seconds=60)
    await scene.store.reserve(scene.claim())
    assert (await scene.settle(first, ACCEPTED)).send.outcome is OutcomeName.ACCEPTED


async def test_once_an_unknown_one_found_meanwhile_still_owes_its_answer(scene: Scene, other: SqlStore) -> None:
    """Its caller was told that nobody knows; the background found it; the repeat gets the good news, once."""
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
    """Another process may find the message between the answer and its record."""
    first = await scene.send(UNKNOWN)
    await scene.settle(first, ACCEPTED, store=other)
    scene.store.mark_answered(first.send_id, OutcomeName.UNKNOWN)
    await written(scene.store)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_once_an_answer_while_in_flight_closes_nothing(scene: Scene) -> None:
    """An outcome that is found after the caller was answered `unknown` was delivered to nobody."""
    first = await scene.reserve()
    await scene.answer(first)
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_once_answers_are_recorded_soon_without_a_caller_waiting(scene: Scene, other: SqlStore) -> None:
    """After a tenth of a second another process sees them: with the first caller gone, it would join otherwise."""
    first = await scene.reserve()
    await scene.settle(first, ACCEPTED, caller_gone=True)
    repeats(await other.reserve(scene.claim()), first)
    scene.store.mark_answered(first.send_id, OutcomeName.ACCEPTED)
    await written(scene.store)
    await scene.reserve(store=other)


async def test_once_an_answer_to_a_repeat_counts_at_once_in_its_process(scene: Scene) -> None:
    """The next identical request is a new one, however soon it comes."""
    first = await scene.reserve()
    await scene.settle(first, ACCEPTED, caller_gone=True)
    repeats(await scene.store.reserve(scene.claim()), first)
    scene.store.mark_answered(first.send_id, OutcomeName.ACCEPTED)
    await scene.reserve()


async def test_once_the_newest_of_several_is_joined(scene: Scene) -> None:
    """Two ran side by side and both lost their caller."""
    first = await scene.reserve()
    scene.later(seconds=1)
    second = await scene.reserve()
    for claim in (first, second):
        scene.store.mark_caller_gone(claim.send_id)
    repeats(await scene.store.reserve(scene.claim()), second)


async def test_once_a_late_witness_makes_a_repeat_join(scene: Scene) -> None:
    """Told `not_sent`, its caller asks again, and meanwhile LinkedIn shows the message after all."""
    first = await scene.send(UNKNOWN)
    await scene.settle(first, NOT_SENT)
    await scene.answer(first)
    await scene.settle(first, ACCEPTED)
    repeats(await scene.store.reserve(scene.claim()), first)


async def test_opted_out_is_refused_with_a_row_and_without_a_unit(scene: Scene) -> None:
    """The row says why; LinkedIn is not asked, nothing is used."""
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
    """Another workspace has a list of its own."""
    await scene.store.add_opt_outs("another", [OptOut(scene.claim().request.recipient, None, "api", scene.now)])
    await scene.reserve()
