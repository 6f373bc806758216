"""Invariant: Truth. A row never reports less than what the recipient has seen."""

from datetime import timedelta

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.errors import AccountHeld, NoSession, NotFound
from confrere.domain.limits import Action
from confrere.domain.outcome import Accepted, Outcome, OutcomeName, Refused, Throttled
from tests.contract.store.scene import (
    ACCEPTED,
    EVERY_OUTCOME,
    NOT_SENT,
    NOTHING_SENT,
    REFUSED,
    SESSION_DEAD,
    TEXT,
    THROTTLED,
    UNKNOWN,
    Scene,
)


async def test_truth_a_reserved_row_is_in_flight(scene: Scene) -> None:
    """A reserved row is in flight before LinkedIn is asked."""
    claim = await scene.reserve()
    row = await scene.row(claim)
    assert scene.account is not None
    assert row.outcome is OutcomeName.IN_FLIGHT
    assert (row.id, row.request_id, row.account_id) == (claim.send_id, claim.request.request_id, scene.account.id)
    assert (row.recipient, row.group_id) == (claim.request.recipient, claim.request.group_id)
    assert row.origin_token == claim.origin_token
    assert row.created_at == scene.now
    assert row.window_start == scene.now.replace(hour=0)
    assert (row.ended_at, row.settled_at, row.absent_at, row.reason, row.refusal) == (None,) * 5
    assert await scene.store.read_text("default", claim.send_id) == TEXT


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda outcome: outcome.name)
async def test_truth_an_attempt_ends_with_any_outcome(scene: Scene, outcome: Outcome) -> None:
    """An attempt is settled with any outcome and its time."""
    claim = await scene.reserve()
    now = scene.later(seconds=3)
    settled = await scene.settle(claim, outcome)
    assert settled.send == await scene.row(claim)
    assert settled.send.outcome is outcome.name
    assert settled.send.ended_at == settled.send.settled_at == now
    assert (settled.send.reason is None) == isinstance(outcome, Accepted)


async def test_truth_accepted_has_linkedins_names(scene: Scene) -> None:
    """An accepted row has LinkedIn's URNs of message and conversation."""
    send = (await scene.settle(await scene.reserve(), ACCEPTED)).send
    assert (send.message_urn, send.conversation_urn) == (ACCEPTED.message_urn, ACCEPTED.conversation_urn)


@pytest.mark.parametrize("refusal", [REFUSED, Refused(404, "Not Found", None, None), Refused(422, "", "CODE", None)])
async def test_truth_refused_has_linkedins_own_answer(scene: Scene, refusal: Refused) -> None:
    """A refused row has LinkedIn's own answer, with missing fields as None."""
    send = (await scene.settle(await scene.reserve(), refusal)).send
    assert send.refusal == refusal
    assert send.reason


@pytest.mark.parametrize("outcome", [ACCEPTED, REFUSED, *NOTHING_SENT], ids=lambda outcome: outcome.name)
async def test_truth_unknown_can_become_anything_certain(scene: Scene, outcome: Outcome) -> None:
    """An unknown row can be settled with any certain outcome, and keeps the end of its attempt."""
    claim = await scene.send(UNKNOWN)
    ended_at, now = scene.now, scene.later(minutes=3)
    send = (await scene.settle(claim, outcome)).send
    assert send.outcome is outcome.name
    assert (send.ended_at, send.settled_at) == (ended_at, now)


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda outcome: outcome.name)
@pytest.mark.parametrize("first", [ACCEPTED, REFUSED, THROTTLED, SESSION_DEAD], ids=lambda outcome: outcome.name)
async def test_truth_what_is_certain_stays(scene: Scene, first: Outcome, outcome: Outcome) -> None:
    """A certain outcome stays, and a later settlement returns it."""
    claim = await scene.reserve()
    before = await scene.settle(claim, first)
    scene.later(seconds=1)
    assert await scene.settle(claim, outcome) == before


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda outcome: outcome.name)
async def test_truth_not_sent_yields_only_to_a_late_witness(scene: Scene, outcome: Outcome) -> None:
    """A `not_sent` row becomes accepted when the message is found, and its unit is taken again."""
    claim = await scene.send(UNKNOWN)
    await scene.settle(claim, NOT_SENT)
    settled = await scene.settle(claim, outcome)
    late = isinstance(outcome, Accepted)
    assert settled.send.outcome is (OutcomeName.ACCEPTED if late else OutcomeName.NOT_SENT)
    assert settled.quota.used == (1 if late else 0)
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == (1 if late else 0)


async def test_truth_a_late_witness_counts_beyond_the_limit(scene: Scene) -> None:
    """A message found late counts beyond the limit: `used` is never less than what recipients have seen."""
    await scene.connect(daily_limit=1)
    claim = await scene.send(NOT_SENT)
    await scene.send(ACCEPTED, recipient="urn:li:fsd_profile:ACoAAother")
    assert (await scene.settle(claim, ACCEPTED)).quota.used == 2


async def test_truth_a_late_witness_is_a_first_contact_once(scene: Scene) -> None:
    """A message found late is one first contact, even if another message was one meanwhile."""
    claim = await scene.send(NOT_SENT)
    await scene.send(ACCEPTED)
    await scene.settle(claim, ACCEPTED)
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 1
    assert await scene.used() == 2


async def test_throttled_holds_the_account(scene: Scene) -> None:
    """A throttle holds the account until the given time, or for as long as the outcome states."""
    claim = await scene.reserve()
    await scene.settle(claim, THROTTLED)
    account = await scene.store.read_account("default", None)
    assert account.hold_until == scene.now + timedelta(seconds=THROTTLED.hold_seconds)
    assert account.status is AccountStatus.AVAILABLE
    with pytest.raises(AccountHeld):
        await scene.store.reserve(scene.claim())


async def test_a_hold_is_never_shortened(scene: Scene) -> None:
    """A hold can be extended or released, and is never shortened."""
    claims = [await scene.reserve(scene.to_another()) for _ in range(3)]
    holds = []
    for claim, hours in zip(claims, (2, 1, 3), strict=True):
        await scene.settle(claim, Throttled(429, hours * 3600))
        holds.append((await scene.store.read_account("default", None)).hold_until)
    assert holds == [scene.now + timedelta(hours=hours) for hours in (2, 2, 3)]


async def test_session_dead_makes_the_account_an_error(scene: Scene) -> None:
    """A dead session makes the account ERROR until it connects again; a repeated settlement changes nothing."""
    claim = await scene.send(SESSION_DEAD)
    account = await scene.store.read_account("default", None)
    assert (account.status, account.status_reason) == (AccountStatus.ERROR, SESSION_DEAD.why)
    with pytest.raises(NoSession):
        await scene.store.reserve(scene.claim())
    assert (await scene.row(claim)).reason == SESSION_DEAD.why
    connected = await scene.connect()
    assert (connected.status, connected.status_reason) == (AccountStatus.AVAILABLE, None)
    await scene.reserve()


async def test_session_that_ended_with_an_accepted_message_is_an_error_too(scene: Scene) -> None:
    """An accepted message whose answer deletes the cookie makes the account ERROR, too."""
    settled = await scene.settle(await scene.reserve(), ACCEPTED, session_ended="LinkedIn deleted the cookie")
    assert settled.send.outcome is OutcomeName.ACCEPTED
    account = await scene.store.read_account("default", None)
    assert (account.status, account.status_reason) == (AccountStatus.ERROR, "LinkedIn deleted the cookie")


async def test_settling_what_does_not_exist_is_not_found(scene: Scene) -> None:
    """Settling an unknown send raises NotFound and writes nothing."""
    with pytest.raises(NotFound):
        await scene.settle("0" * 32, ACCEPTED)
