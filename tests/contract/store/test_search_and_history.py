"""Queries of the management API: a workspace's sends, one send's history, and what a claim would join."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.errors import NotFound
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Outcome, OutcomeName
from confrere.domain.reservation import Claim, Repeats
from confrere.domain.send import DayCount, Send, SendFilter
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, EVERY_OUTCOME, NOON, NOT_SENT, NOTHING_SENT, UNKNOWN, Scene


async def all_sends(scene: Scene, which: SendFilter | None = None, workspace_id: str = "default") -> list[str]:
    """Return the ids, over pages of three."""
    seen: list[str] = []
    while page := await scene.store.search_sends(
        workspace_id, which or SendFilter(), before_id=seen[-1] if seen else None, count=3
    ):
        seen += [send.id for send in page]
    return seen


async def joined(scene: Scene, claim: Claim, store: SqlStore | None = None) -> Send | None:
    """Return what a repeat of the claim would join."""
    assert scene.account is not None
    return await (store or scene.store).find_identical(
        claim.request.workspace_id,
        scene.account.id,
        recipient=claim.request.recipient,
        group_id=str(claim.request.group_id),
        text=claim.request.text,
        now=scene.now,
    )


async def test_search_is_over_all_accounts_of_the_workspace(scene: Scene) -> None:
    """The search returns the workspace's sends of all accounts, newest first and each once."""
    other = await scene.connect(2)
    await scene.connect(3, "another")
    claims = []
    for number in range(8):
        claims.append(await scene.reserve(scene.to_another(account_id=other.id if number % 2 else None)))
        scene.later(seconds=1)
    stranger = await scene.reserve(scene.to_another(workspace_id="another"))
    assert await all_sends(scene) == sorted((claim.send_id for claim in claims), reverse=True)
    assert await all_sends(scene, workspace_id="another") == [stranger.send_id]
    assert await all_sends(scene, workspace_id="nobody's") == []


async def test_search_can_be_narrowed(scene: Scene) -> None:
    """The search has the filters of an account's list."""
    other = await scene.connect(2)
    start = scene.now
    first = await scene.send(ACCEPTED, group_id="1", recipient="urn:li:fsd_profile:A")
    scene.later(hours=1)
    second = await scene.send(UNKNOWN, group_id="2", recipient="urn:li:fsd_profile:B", account_id=other.id)
    assert await all_sends(scene, SendFilter(outcome=OutcomeName.UNKNOWN)) == [second.send_id]
    assert await all_sends(scene, SendFilter(group_id="1")) == [first.send_id]
    assert await all_sends(scene, SendFilter(recipient="urn:li:fsd_profile:B")) == [second.send_id]
    assert await all_sends(scene, SendFilter(since=start + timedelta(hours=1))) == [second.send_id]
    assert await all_sends(scene, SendFilter(until=start + timedelta(hours=1))) == [first.send_id]
    assert await all_sends(scene, SendFilter(outcome=OutcomeName.ACCEPTED, group_id="2")) == []


async def test_sends_are_counted_by_day_account_and_outcome(scene: Scene) -> None:
    """The counts of a workspace have each send once, in the UTC day whose unit it took; earlier days are left out."""
    other = await scene.connect(2)
    await scene.connect(3, "another")
    assert scene.account is not None
    scene.now = datetime.now(UTC).replace(hour=12) - timedelta(days=1)  # a send's id holds the time of its making
    today = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
    for outcome in (ACCEPTED, ACCEPTED, UNKNOWN):
        await scene.settle(await scene.reserve(scene.to_another()), outcome)
    await scene.reserve(scene.to_another(account_id=other.id))
    await scene.reserve(scene.to_another(workspace_id="another"))
    counts = await scene.store.count_sends_by_day("default", today)
    assert set(counts) == {
        DayCount(today, scene.account.id, OutcomeName.ACCEPTED, 2),
        DayCount(today, scene.account.id, OutcomeName.UNKNOWN, 1),
        DayCount(today, other.id, OutcomeName.IN_FLIGHT, 1),
    }
    assert await scene.store.count_sends_by_day("default", today + timedelta(days=3)) == []


async def test_history_of_a_send_that_was_answered(scene: Scene) -> None:
    """The history of a send is undelivered in flight, and delivered after its answer."""
    claim = await scene.reserve(idempotency_key="the-key")
    send, history = await scene.store.read_history("default", claim.send_id)
    assert send == await scene.row(claim)
    assert (history.answer_delivered, history.looks, history.look_at) == (None, 0, None)
    assert (history.holds_unit, history.idempotency_key) == (True, "the-key")
    await scene.settle(claim, ACCEPTED)
    await scene.answer(claim)
    _, history = await scene.store.read_history("default", claim.send_id)
    assert (history.answer_delivered, history.holds_unit) == (True, True)


async def test_history_of_a_send_that_is_reconciled(scene: Scene) -> None:
    """The history of an unknown send has its next search, and none once its outcome is certain."""
    claim = await scene.send(UNKNOWN)
    scene.store.mark_caller_gone(claim.send_id)
    _, history = await scene.store.read_history("default", claim.send_id)
    assert (history.answer_delivered, history.looks, history.look_at) == (False, 0, scene.now)
    await scene.store.claim_unknown(scene.now, count=1)
    _, history = await scene.store.read_history("default", claim.send_id)
    assert (history.looks, history.look_at) == (1, scene.now + timedelta(minutes=2))
    await scene.settle(claim, NOT_SENT)
    send, history = await scene.store.read_history("default", claim.send_id)
    assert (send.outcome, history.look_at, history.holds_unit) == (OutcomeName.NOT_SENT, None, False)


async def test_isolation_a_history_is_read_in_its_workspace_only(scene: Scene) -> None:
    """The history of a send is not found in another workspace."""
    claim = await scene.reserve()
    for workspace_id, send_id in (("another", claim.send_id), ("default", "0" * 32)):
        with pytest.raises(NotFound):
            await scene.store.read_history(workspace_id, send_id)


async def test_identical_send_is_found_where_a_claim_would_join_it(scene: Scene) -> None:
    """The query finds what an identical claim then joins, and writes nothing."""
    claim = await scene.send(UNKNOWN)
    before = await scene.row(claim)
    found = await joined(scene, claim)
    assert found == before == await scene.row(claim)
    reservation = await scene.store.reserve(scene.claim())
    assert isinstance(reservation, Repeats)
    assert reservation.send.id == claim.send_id


async def test_identical_send_of_a_process_that_is_gone_is_found(scene: Scene, other: SqlStore) -> None:
    """The query finds a send of a dead process, whose row stays in flight until a claim."""
    claim = await scene.reserve(store=other)
    assert await joined(scene, claim) is None
    await other.close()
    found = await joined(scene, claim)
    assert (found and found.id, (await scene.row(claim)).outcome) == (claim.send_id, OutcomeName.IN_FLIGHT)


async def test_identical_send_over_its_lease_is_found(scene: Scene) -> None:
    """The query finds a send from the end of its lease."""
    claim = await scene.reserve()
    scene.later(seconds=59)
    assert await joined(scene, claim) is None
    scene.later(seconds=1)
    assert await joined(scene, claim) is not None


@pytest.mark.parametrize("outcome", [ACCEPTED, *NOTHING_SENT])
async def test_identical_send_that_no_claim_would_join_is_not_found(scene: Scene, outcome: Outcome) -> None:
    """A send being answered, delivered, failed, old or of another message is not found."""
    lost = await scene.send(UNKNOWN, text="another text")
    claim = await scene.send(outcome)
    assert await joined(scene, claim) is None
    assert await joined(scene, scene.claim(text="a third")) is None
    assert await joined(scene, scene.claim(text="another text", group_id="7")) is None
    assert await joined(scene, lost) is not None
    scene.later(minutes=10)
    assert await joined(scene, lost) is None


async def test_opt_out_is_read(store: SqlStore) -> None:
    """An entry of the do-not-contact list is found in its workspace only."""
    person = OptOut("urn:li:fsd_profile:1", "asked", "api", NOON)
    await store.add_opt_outs("default", [person])
    assert await store.read_opt_out("default", person.recipient) == person
    assert await store.read_opt_out("another", person.recipient) is None
    assert await store.read_opt_out("default", "urn:li:fsd_profile:2") is None


async def test_counts_by_day_agree_with_the_rows(scene: Scene) -> None:
    """Whatever becomes of sends, at once or when they are reconciled later, the counts are those of the rows."""
    outcomes = [ACCEPTED, *EVERY_OUTCOME, UNKNOWN]
    scene.now = datetime.now(UTC).replace(hour=12)
    today = scene.now.replace(hour=0, minute=0, second=0, microsecond=0)
    claims = []
    for number, outcome in enumerate(outcomes):
        account = await scene.connect(number + 10)  # some outcomes stop their account
        claims.append(await scene.reserve(scene.to_another(account_id=account.id)))
        await scene.settle(claims[-1], outcome)
    for claim, outcome in (
        (claims[-1], ACCEPTED),
        (claims[-2], NOT_SENT),
        (claims[outcomes.index(NOT_SENT)], ACCEPTED),
    ):
        await scene.settle(claim, outcome)
    claims.append(await scene.reserve(scene.to_another()))
    rows = [await scene.row(claim) for claim in claims]
    wanted = Counter((row.account_id, row.outcome) for row in rows)
    counts = await scene.store.count_sends_by_day("default", today)
    assert {(one.account_id, one.outcome): one.count for one in counts} == wanted
    for name in OutcomeName:
        found = await all_sends(scene, SendFilter(outcome=name))
        assert found == sorted((row.id for row in rows if row.outcome is name), reverse=True)
    unknown = {row.account_id: 1 for row in rows if row.outcome is OutcomeName.UNKNOWN}
    assert await scene.store.count_unknown_by_account("default") == unknown
