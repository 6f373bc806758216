"""Unknown sends are found again, looked for by one at a time, and listed."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from confrere.domain.errors import NotFound
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import SendFilter
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, NOT_SENT, REFUSED, UNKNOWN, Scene


async def test_reconciling_an_unknown_is_due_at_once_then_after_twice_as_long_each_time(scene: Scene) -> None:
    """Two minutes, four, eight … six hours at most."""
    claim = await scene.send(UNKNOWN)
    waits = []
    looked_at = scene.now
    for step in range(30 * 24):
        scene.later(minutes=2 if step else 0)
        if await scene.store.claim_unknown(scene.now, count=10):
            waits.append(scene.now - looked_at)
            looked_at = scene.now
    assert [wait // timedelta(minutes=1) for wait in waits] == [0, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (await scene.row(claim)).outcome is OutcomeName.UNKNOWN


async def test_reconciling_each_row_is_claimed_by_one_process(scene: Scene, other: SqlStore) -> None:
    """Two workers that claim concurrently share the rows."""
    claims = {(await scene.send(UNKNOWN, recipient=f"urn:li:fsd_profile:{number}")).send_id for number in range(30)}
    taken = await asyncio.gather(*(store.claim_unknown(scene.now, count=4) for store in (scene.store, other) * 5))
    ids = [send.id for sends in taken for send in sends]
    assert len(ids) == len(set(ids))
    assert set(ids) == claims


async def test_reconciling_claims_only_unknown_rows(scene: Scene) -> None:
    """And no more than asked for."""
    for outcome in (ACCEPTED, REFUSED, NOT_SENT, UNKNOWN, UNKNOWN, UNKNOWN):
        await scene.send(outcome, recipient=scene.to_another().request.recipient)
    await scene.reserve()
    assert await scene.store.count_unknown() == 3
    assert len(await scene.store.claim_unknown(scene.now, count=2)) == 2
    assert len(await scene.store.claim_unknown(scene.now, count=2)) == 1


async def test_reconciling_makes_rows_over_their_lease_unknown_first(scene: Scene, other: SqlStore) -> None:
    """A row within its lease is claimed by no process."""
    claim = await scene.reserve()
    scene.later(seconds=59)
    assert await other.claim_unknown(scene.now, count=10) == []
    scene.later(seconds=1)
    (found,) = await other.claim_unknown(scene.now, count=10)
    assert found == await scene.row(claim)
    assert found.outcome is OutcomeName.UNKNOWN
    assert found.ended_at == scene.now


async def test_reconciling_records_the_first_absence(scene: Scene) -> None:
    """The time of the first read without the message is kept."""
    claim = await scene.send(UNKNOWN)
    first = scene.later(minutes=1)
    await scene.store.record_absent(claim.send_id, first)
    await scene.store.record_absent(claim.send_id, scene.later(minutes=1))
    assert (await scene.row(claim)).absent_at == first


async def test_reconciling_closes_rows_that_cannot_be_repeated(scene: Scene) -> None:
    """Old keys and open rows go; what they stand for stays as it is."""
    claim = await scene.send(UNKNOWN, idempotency_key="the-key")
    scene.later(hours=25)
    await scene.store.claim_unknown(scene.now, count=1)
    engine = scene.store.engine
    assert await engine.read("find_key", "default", "the-key") == []
    assert (await scene.row(claim)).outcome is OutcomeName.UNKNOWN
    assert await scene.store.count_unknown() == 1


async def test_list_is_newest_first_and_goes_on_from_a_row(scene: Scene) -> None:
    """Every row once, over pages."""
    assert scene.account is not None
    claims = []
    for _ in range(7):
        claims.append(await scene.reserve(scene.to_another()))
        scene.later(seconds=1)
    before, seen = None, []
    while page := await scene.store.list_sends(scene.account.id, SendFilter(), before_id=before, count=3):
        seen += [send.id for send in page]
        before = page[-1].id
    assert seen == sorted((claim.send_id for claim in claims), reverse=True)
    assert all(newer > older for newer, older in pairwise(seen))


async def test_list_can_be_narrowed(scene: Scene) -> None:
    """By outcome, group, recipient and time; the end of a time span is not in it."""
    assert scene.account is not None
    start = scene.now
    await scene.send(ACCEPTED, group_id="1", recipient="urn:li:fsd_profile:A")
    scene.later(hours=1)
    await scene.send(UNKNOWN, group_id="2", recipient="urn:li:fsd_profile:B")
    scene.later(hours=1)
    await scene.send(ACCEPTED, group_id="2", recipient="urn:li:fsd_profile:C")

    async def recipients(which: SendFilter) -> str:
        assert scene.account is not None
        sends = await scene.store.list_sends(scene.account.id, which, before_id=None, count=10)
        return "".join(sorted(send.recipient[-1] for send in sends))

    assert await recipients(SendFilter()) == "ABC"
    assert await recipients(SendFilter(outcome=OutcomeName.ACCEPTED)) == "AC"
    assert await recipients(SendFilter(group_id="2")) == "BC"
    assert await recipients(SendFilter(recipient="urn:li:fsd_profile:B")) == "B"
    assert await recipients(SendFilter(since=start + timedelta(hours=1))) == "BC"
    assert await recipients(SendFilter(until=start + timedelta(hours=1))) == "A"
    assert await recipients(SendFilter(outcome=OutcomeName.ACCEPTED, group_id="2", since=start)) == "C"


async def test_isolation_a_send_is_read_in_its_workspace_only(scene: Scene) -> None:
    """Row and text."""
    claim = await scene.reserve()
    for read in (scene.store.read_send, scene.store.read_text):
        with pytest.raises(NotFound):
            await read("another", claim.send_id)
        with pytest.raises(NotFound):
            await read("default", "0" * 32)
