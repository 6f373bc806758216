"""Invariant: Quota. Exactly `limit` sends are reserved, whoever asks and in whatever order."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.errors import AccountHeld, InvalidField, LimitIsZero, NoSession, NotFound, QuotaUsedUp
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action
from confrere.domain.outcome import Outcome, Throttled
from confrere.domain.pacing import Pacing
from confrere.domain.reservation import Claim, Reserved
from confrere.store import SqlStore
from tests.contract.store.conftest import OpenStore
from tests.contract.store.scene import (
    ACCEPTED,
    CERTAIN,
    EVERY_OUTCOME,
    NOT_SENT,
    NOTHING_SENT,
    REFUSED,
    UNKNOWN,
    Scene,
)


async def reserved_of(store: SqlStore, claims: list[Claim]) -> int:
    """Return the number of reserved claims, after checking that all others found the quota used up."""
    results = await asyncio.gather(*(store.reserve(claim) for claim in claims), return_exceptions=True)
    assert all(isinstance(result, Reserved | QuotaUsedUp) for result in results), results
    return sum(isinstance(result, Reserved) for result in results)


async def test_quota_exactly_the_limit_of_a_crowd_gets_through(scene: Scene) -> None:
    """Of 400 concurrent claims 150 are reserved."""
    claims = [scene.to_another() for _ in range(400)]
    assert await reserved_of(scene.store, claims) == MESSAGES_PER_DAY_CEILING
    assert await scene.used() == MESSAGES_PER_DAY_CEILING


async def test_quota_exactly_the_limit_whatever_the_number_of_processes(scene: Scene, open_another: OpenStore) -> None:
    """Three open stores share one limit."""
    stores = [scene.store, await open_another(), await open_another()]
    crowds = [[scene.to_another() for _ in range(100)] for _ in stores]
    counts = await asyncio.gather(*(reserved_of(*pair) for pair in zip(stores, crowds, strict=True)))
    assert sum(counts) == MESSAGES_PER_DAY_CEILING
    assert await scene.used() == MESSAGES_PER_DAY_CEILING


async def test_quota_of_a_reservation_is_the_state_after_it(scene: Scene) -> None:
    """The first reservation of the day reports one used unit and the reset at midnight."""
    reservation = await scene.store.reserve(scene.claim())
    assert isinstance(reservation, Reserved)
    assert scene.account is not None
    assert reservation.account_id == scene.account.id
    assert reservation.profile_urn == scene.account.profile_urn
    assert reservation.session_version == scene.account.session_version
    assert (reservation.quota.action, reservation.quota.limit, reservation.quota.used) == ("MESSAGE", 150, 1)
    assert reservation.quota.resets_at == datetime(2026, 3, 15, tzinfo=UTC)


async def test_quota_used_up_has_the_times_of_the_last_unit_and_of_the_reset(scene: Scene) -> None:
    """The error of a used-up quota has the time of the last unit and of the reset."""
    await scene.connect(daily_limit=2)
    await scene.reserve(scene.to_another())
    last = scene.later(minutes=1)
    await scene.reserve(scene.to_another())
    scene.later(minutes=1)
    with pytest.raises(QuotaUsedUp, match="MESSAGE: 2/2 used") as refusal:
        await scene.store.reserve(scene.to_another())
    assert refusal.value.quota.reached_at == last
    assert refusal.value.resets_at == datetime(2026, 3, 15, tzinfo=UTC)
    assert (await scene.quota()).reached_at == last


async def test_quota_a_limit_of_zero_lets_nothing_through(scene: Scene) -> None:
    """A limit of zero rejects every claim without a time, on a new day and beside pacing rules."""
    account = await scene.connect(daily_limit=0)
    with pytest.raises(LimitIsZero, match="MESSAGE: 0/0 used; the daily limit of this account is 0"):
        await scene.store.reserve(scene.claim())
    rules = Pacing(min_gap=timedelta(seconds=60), writes_per_minute=1)
    await scene.store.change_pacing("default", account.id, lambda _: rules, scene.now)
    with pytest.raises(LimitIsZero) as refusal:
        await scene.store.reserve(scene.claim())
    assert refusal.value.quota.limit == 0


async def test_quota_limit_is_never_above_the_ceiling(scene: Scene) -> None:
    """A limit above the maximum is not possible, set or by default."""
    assert scene.account is not None
    for limit in (-1, MESSAGES_PER_DAY_CEILING + 1):
        with pytest.raises(InvalidField, match="dailyLimit must be from 0 to 150"):
            await scene.store.update_account("default", scene.account.id, daily_limit=limit)


async def test_quota_lowered_limit_counts_what_was_used_before(scene: Scene) -> None:
    """With a limit lowered below the used units, the remaining is zero and not negative."""
    for _ in range(3):
        await scene.reserve(scene.to_another())
    await scene.connect(daily_limit=2)
    with pytest.raises(QuotaUsedUp) as refusal:
        await scene.store.reserve(scene.to_another())
    assert (refusal.value.quota.used, refusal.value.quota.limit, refusal.value.quota.remaining) == (3, 2, 0)


async def test_quota_windows_are_days_in_utc(scene: Scene) -> None:
    """A new window begins at midnight UTC."""
    await scene.connect(daily_limit=1)
    scene.now = datetime(2026, 3, 14, 23, 59, 59, 999999, tzinfo=UTC)
    await scene.reserve(scene.to_another())
    scene.later(microseconds=1)
    await scene.reserve(scene.to_another())
    assert await scene.used() == 1


async def test_quota_accounts_have_their_own(scene: Scene) -> None:
    """Each account has a quota of its own."""
    first = await scene.connect(1, daily_limit=1)
    second = await scene.connect(2)
    await scene.reserve(account_id=first.id)
    await scene.reserve(account_id=second.id)
    assert (await scene.quota(account_id=second.id)).used == 1


@pytest.mark.parametrize("outcome", [*NOTHING_SENT, REFUSED])
async def test_quota_unit_comes_back_where_nothing_was_sent(scene: Scene, outcome: Outcome) -> None:
    """A refused, throttled, session-dead or unsent send gives its unit back."""
    claim = await scene.reserve()
    settled = await scene.settle(claim, outcome)
    assert settled.quota.used == 0
    assert (await scene.quota()).used == 0


@pytest.mark.parametrize("outcome", [ACCEPTED, UNKNOWN])
async def test_quota_unit_is_kept_where_the_recipient_may_have_seen_it(scene: Scene, outcome: Outcome) -> None:
    """An accepted or unknown send keeps its unit."""
    claim = await scene.reserve()
    assert (await scene.settle(claim, outcome)).quota.used == 1


async def test_quota_unit_comes_back_into_the_window_it_was_taken_from(scene: Scene) -> None:
    """A unit is given back to the day on which it was taken, and the reported quota is today's."""
    scene.now = datetime(2026, 3, 14, 23, 59, tzinfo=UTC)
    late = await scene.reserve(scene.to_another())
    scene.later(minutes=2)
    await scene.reserve(scene.to_another())
    settled = await scene.settle(late, NOT_SENT)
    assert settled.quota.used == 1
    assert settled.send.window_start == datetime(2026, 3, 14, tzinfo=UTC)
    scene.later(minutes=-2)
    assert await scene.used() == 0


async def test_quota_given_back_at_the_limit_lets_one_more_through(scene: Scene) -> None:
    """A unit given back at the limit allows one more send."""
    await scene.connect(daily_limit=1)
    claim = await scene.reserve(scene.to_another())
    await scene.settle(claim, NOT_SENT)
    assert (await scene.quota()).reached_at is None
    await scene.reserve(scene.to_another())
    with pytest.raises(QuotaUsedUp):
        await scene.store.reserve(scene.to_another())


@pytest.mark.parametrize("outcome", EVERY_OUTCOME)
async def test_quota_settling_twice_counts_once(scene: Scene, outcome: Outcome) -> None:
    """A repeated settlement changes nothing and returns the same."""
    claim = await scene.reserve()
    first = await scene.settle(claim, outcome)
    scene.later(seconds=1)
    assert await scene.settle(claim, outcome) == first


async def test_quota_first_contact_counts_a_person_once_a_month(scene: Scene) -> None:
    """The first message of a month to a person is a first contact, and the second is not."""
    await scene.send(ACCEPTED, text="one")
    await scene.send(ACCEPTED, text="two")
    await scene.reserve(scene.to_another())
    quota = await scene.quota(Action.GROUP_FIRST_CONTACT)
    assert (quota.used, quota.limit, quota.resets_at) == (2, None, datetime(2026, 4, 1, tzinfo=UTC))


async def test_quota_first_contact_comes_back_with_its_unit(scene: Scene) -> None:
    """A first contact is given back with its unit, and counted again by the next message."""
    await scene.send(NOT_SENT)
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 0
    await scene.send(ACCEPTED)
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 1


async def test_quota_one_person_written_to_at_once_is_one_first_contact(scene: Scene, other: SqlStore) -> None:
    """Concurrent messages to one person from several processes are one first contact."""
    stores = [scene.store, other] * 10
    await asyncio.gather(*(one.reserve(scene.claim(text=str(number))) for number, one in enumerate(stores)))
    assert (await scene.quota(Action.GROUP_FIRST_CONTACT)).used == 1


async def test_quotas_are_listed_in_the_order_of_the_actions(scene: Scene) -> None:
    """Quotas are listed in the order of the actions, each with its limit."""
    assert scene.account is not None
    quotas = await scene.store.read_quotas(scene.account.id, scene.now)
    assert [quota.action for quota in quotas] == list(Action)
    assert [quota.limit for quota in quotas] == [150, GROUP_MEMBERS_PER_DAY, None]
    with pytest.raises(NotFound):
        await scene.store.read_quotas("0" * 24, scene.now)


async def test_held_account_takes_no_unit_until_the_hold_ends(scene: Scene) -> None:
    """A held account takes no unit until the hold ends, and the error has that time."""
    claim = await scene.reserve(scene.to_another())
    hold = scene.now + timedelta(hours=1)
    await scene.settle(claim, Throttled(429, 3600))
    with pytest.raises(AccountHeld) as refusal:
        await scene.store.reserve(scene.to_another())
    assert refusal.value.resets_at == hold
    assert refusal.value.quota.used == 0
    scene.now = hold
    await scene.reserve(scene.to_another())


async def test_refusals_carry_the_quota_of_a_known_account(scene: Scene) -> None:
    """The errors of a disabled account and of one without a session carry the quota."""
    await scene.reserve(scene.to_another())
    account = await scene.connect(enabled=False)
    with pytest.raises(InvalidField, match="accountId must be an account that is enabled") as disabled:
        await scene.store.reserve(scene.claim())
    assert disabled.value.quota is not None
    assert disabled.value.quota.used == 1
    await scene.store.update_account("default", account.id, enabled=True)
    await scene.store.disconnect_account("default", account.id)
    with pytest.raises(NoSession) as no_session:
        await scene.store.reserve(scene.claim())
    assert no_session.value.account_id == account.id
    assert no_session.value.quota is not None
    assert no_session.value.quota.used == 1


async def test_unknown_account_is_an_invalid_field(scene: Scene) -> None:
    """Another workspace's account is refused with the same text as an account that does not exist."""
    elsewhere = await scene.connect(2, workspace_id="another")
    texts = set()
    for account_id in ("0" * 24, elsewhere.id):
        with pytest.raises(InvalidField) as refusal:
            await scene.store.reserve(scene.claim(account_id=account_id))
        assert refusal.value.field == "accountId"
        assert refusal.value.quota is None
        texts.add(str(refusal.value))
    assert len(texts) == 1


async def test_workspace_without_account_has_no_session(store: SqlStore) -> None:
    """A workspace without an account has no session and no quota."""
    with pytest.raises(NoSession) as refusal:
        await store.reserve(Scene(store).claim())
    assert refusal.value.account_id is None
    assert refusal.value.quota is None


async def test_cancelled_caller_leaves_no_unit_taken(scene: Scene) -> None:
    """A reservation whose caller was cancelled is settled as not sent."""
    tasks = [asyncio.ensure_future(scene.store.reserve(scene.to_another())) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        while await scene.used():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("outcome", CERTAIN)
async def test_cancelled_settlement_is_written_all_the_same(scene: Scene, outcome: Outcome) -> None:
    """A settlement whose caller was cancelled is written all the same."""
    claim = await scene.reserve()
    task = asyncio.ensure_future(scene.settle(claim, outcome))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        while (await scene.row(claim)).outcome != outcome.name:
            await asyncio.sleep(0.01)
