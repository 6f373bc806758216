"""Pacing through the services: rejected sends, and the limit on calls of a key."""

import asyncio
from datetime import timedelta

import pytest

from confrere.domain.account import Account
from confrere.domain.errors import TooFast, Unauthorized
from confrere.domain.keys import Scope
from confrere.domain.outcome import Accepted, NotSent
from confrere.services import Services
from tests.fakes.upstream import FakeUpstream
from tests.unit.sending.conftest import NOON, HandClock
from tests.unit.sending.requests import send


async def new_key(services: Services) -> str:
    """Create a key with the scope `read`."""
    _, key = await services.keys.create("default", name="test", scopes=[Scope.READ])
    return key


@pytest.mark.usefixtures("account")
async def test_pacing_lets_a_crowd_through_at_its_pace(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """A crowd that waits as asked gets through at the rule's pace, and no unit is lost."""
    await services.pacing.change("default", None, {"writesPerMinute": 2, "minGapSeconds": 5})
    waiting = [f"{number}" for number in range(6)]
    instants = []
    while waiting:
        results = await asyncio.gather(*(send(services, text=text) for text in waiting), return_exceptions=True)
        refusals = [result for result in results if isinstance(result, TooFast)]
        instants += [(clock.now - NOON).seconds] * (len(results) - len(refusals))
        waiting = [text for text, result in zip(waiting, results, strict=True) if isinstance(result, TooFast)]
        clock.now = min((refusal.resets_at for refusal in refusals), default=clock.now)
    assert instants == [0, 5, 60, 65, 120, 125]
    assert len(upstream.seen) == 6


async def test_pacing_gives_the_place_back_where_nothing_was_sent(
    services: Services, account: Account, upstream: FakeUpstream
) -> None:
    """A send that certainly failed does not count for a rule."""
    await services.pacing.replace("default", account.id, {"minGapSeconds": 60})
    upstream.will(NotSent("no connection"))
    await send(services, text="in vain")
    assert isinstance((await send(services, text="again")).outcome, Accepted)
    with pytest.raises(TooFast):
        await send(services, text="and again")


async def test_pacing_is_replaced_as_a_whole(services: Services, account: Account) -> None:
    """Replacing rules drops omitted ones, while a change keeps them."""
    await services.pacing.replace("default", account.id, {"minGapSeconds": 60, "writesPerMinute": 4})
    await services.pacing.change("default", account.id, {"minGapSeconds": None, "firstContactsPerMonth": 9})
    pacing = await services.pacing.read("default", account.id)
    assert (pacing.min_gap, pacing.writes_per_minute, pacing.first_contacts_per_month) == (None, 4, 9)
    assert (await services.pacing.replace("default", account.id, {})).is_off


async def test_calls_of_a_key_are_counted_over_a_rolling_minute(services: Services, clock: HandClock) -> None:
    """Calls are counted over a rolling minute for each key, and rejected ones do not count."""
    key, another = await new_key(services), await new_key(services)
    await services.pacing.change("default", None, {"callsPerMinute": 2})
    await services.keys.admit(key)
    clock.pass_time(seconds=20)
    await services.keys.admit(key)
    clock.pass_time(seconds=1)
    for _ in range(2):
        with pytest.raises(TooFast):
            await services.keys.admit(key)
    with pytest.raises(TooFast, match="Rate limit exceeded for CALLS_PER_MINUTE: 2/2 used") as refusal:
        await services.keys.admit(key)
    assert refusal.value.resets_at == NOON + timedelta(minutes=1)
    await services.keys.admit(another)
    clock.now = refusal.value.resets_at
    await services.keys.admit(key)
    with pytest.raises(TooFast) as refusal:
        await services.keys.admit(key)
    assert refusal.value.resets_at == NOON + timedelta(seconds=80)


async def test_calls_are_not_held_against_a_key_whose_clock_was_set_back(services: Services, clock: HandClock) -> None:
    """After the clock was set back, calls in its future do not count."""
    key = await new_key(services)
    await services.pacing.change("default", None, {"callsPerMinute": 1})
    await services.keys.admit(key)
    clock.pass_time(hours=-1)
    await services.keys.admit(key)
    with pytest.raises(TooFast):
        await services.keys.admit(key)


async def test_calls_are_free_again_when_the_rule_is_gone(services: Services) -> None:
    """Removing the limit has effect at once, and a lower one counts the calls before it."""
    key = await new_key(services)
    await services.pacing.change("default", None, {"callsPerMinute": 3})
    for _ in range(3):
        await services.keys.admit(key)
    await services.pacing.change("default", None, {"callsPerMinute": 2})
    with pytest.raises(TooFast, match="3/2 used"):
        await services.keys.admit(key)
    await services.pacing.change("default", None, {"callsPerMinute": None})
    await services.keys.admit(key)


async def test_only_good_keys_are_counted(services: Services) -> None:
    """Only valid keys are counted, since others are rejected."""
    await services.pacing.change("default", None, {"callsPerMinute": 1})
    for _ in range(3):
        with pytest.raises(Unauthorized):
            await services.keys.admit("confrere_unknown")
