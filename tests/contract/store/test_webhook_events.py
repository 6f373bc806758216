"""An event is written in the transaction of what it reports, once, on both engines."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause
from confrere.domain.errors import LimitReached, QuotaUsedUp
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Outcome
from confrere.domain.webhooks import EventType
from confrere.store import SqlStore
from tests.contract.store.campaigns import claim_of, draft, started
from tests.contract.store.pacing import pace
from tests.contract.store.replies import reply_to
from tests.contract.store.scene import (
    ACCEPTED,
    NOT_SENT,
    REFUSED,
    SESSION_DEAD,
    THROTTLED,
    UNKNOWN,
    Scene,
)
from tests.contract.store.webhooks import add_webhook, new_events, types


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ACCEPTED, ["send.accepted"]),
        (REFUSED, ["send.refused"]),
        (UNKNOWN, ["send.unknown"]),
        (NOT_SENT, ["send.not_sent"]),
        (THROTTLED, ["account.held", "send.not_sent"]),
        (SESSION_DEAD, ["account.session_dead", "send.not_sent"]),
    ],
    ids=lambda one: getattr(one, "name", None),
)
async def test_each_outcome_is_reported_once(scene: Scene, outcome: Outcome, expected: list[str]) -> None:
    """Settling writes the event of the outcome; settling again in the same way writes no other."""
    await add_webhook(scene)
    claim = await scene.send(outcome)
    await scene.settle(claim, outcome)
    assert sorted(await types(scene)) == expected
    [event] = [one for one in await new_events(scene) if one.type.value.startswith("send.")]
    assert event.facts["sendId"] == event.subject == claim.send_id
    assert event.facts["outcome"] == outcome.name
    assert event.facts["settledAt"] == scene.now == event.occurred_at
    assert event.facts["recipientProfileUrn"] == str(claim.request.recipient)


async def test_what_is_found_out_later_is_reported_too(scene: Scene) -> None:
    """An unknown send of which the reconciler finds the message is reported a second time, as accepted."""
    await add_webhook(scene)
    claim = await scene.send(UNKNOWN)
    scene.later(minutes=5)
    await scene.settle(claim, ACCEPTED)
    assert await types(scene) == ["send.unknown", "send.accepted"]


async def test_a_process_that_died_is_reported(scene: Scene, other: SqlStore) -> None:
    """A send whose process ended becomes unknown, and that is reported."""
    await add_webhook(scene)
    await scene.reserve(store=other)
    await other.close()
    await scene.store.claim_unknown(scene.now, count=10)
    assert await types(scene) == ["send.unknown"]


async def test_without_a_webhook_that_wants_it_nothing_is_written(scene: Scene) -> None:
    """No event is written for another workspace's webhook, a disabled one, or one that wants other events."""
    await add_webhook(scene, workspace_id="another")
    off = await add_webhook(scene)
    await scene.store.change_webhook("default", off.id, enabled=False)
    await add_webhook(scene, [EventType.CAMPAIGN_STARTED])
    claim = await scene.send(ACCEPTED)
    assert await scene.store.record_reply(reply_to(scene, claim.send_id, opted_out=True), scene.now)
    assert await types(scene) == []


async def test_a_recipient_on_the_list_is_reported_as_refused(scene: Scene) -> None:
    """A send that the do-not-contact list forbids is reported with its code; being listed was reported before."""
    await add_webhook(scene)
    claim = scene.claim()
    listed = OptOut(str(claim.request.recipient), "asked", "api", scene.now)
    assert await scene.store.add_opt_outs("default", [listed, OptOut("urn:other", None, "api", scene.now)]) == 2
    assert await scene.store.add_opt_outs("default", [listed]) == 0
    await scene.store.reserve(claim)
    assert sorted(await types(scene)) == ["recipient.opted_out", "recipient.opted_out", "send.refused"]
    facts = {event.type.value: event.facts for event in await new_events(scene)}
    assert facts["send.refused"]["refusalCode"] == "RECIPIENT_OPTED_OUT"
    assert facts["recipient.opted_out"]["source"] == "api"


async def test_a_reply_is_reported_once(scene: Scene) -> None:
    """A reply that asks for no more messages is reported as received, and as an opt-out."""
    await add_webhook(scene)
    claim = await scene.send(ACCEPTED)
    reply = reply_to(scene, claim.send_id, opted_out=True)
    assert await scene.store.record_reply(reply, scene.now)
    assert not await scene.store.record_reply(reply, scene.now)
    assert sorted(await types(scene)) == ["message.received", "recipient.opted_out", "send.accepted"]


async def test_the_last_unit_of_a_day_is_reported_once_a_day(scene: Scene) -> None:
    """The claim that takes the last unit writes the event; a unit that was given back and taken again does not."""
    await add_webhook(scene, [EventType.QUOTA_USED_UP])
    assert scene.account is not None
    await scene.store.update_account("default", scene.account.id, daily_limit=2)
    await scene.reserve(scene.to_another())
    assert await types(scene) == []
    claim = await scene.reserve(scene.to_another())
    assert await types(scene) == ["quota.used_up"]
    await scene.settle(claim, NOT_SENT)
    await scene.reserve(scene.to_another())
    with pytest.raises(QuotaUsedUp):
        await scene.store.reserve(scene.to_another())
    assert await types(scene) == ["quota.used_up"]


async def test_a_lower_limit_of_a_ramp_is_reported_when_it_first_refuses(scene: Scene) -> None:
    """Where a rule lowers the day's limit, the first message that it keeps back is reported."""
    await add_webhook(scene, [EventType.QUOTA_USED_UP])
    await pace(scene, warmUp={"startsOn": "2026-03-14", "firstDay": 1, "growthPerDay": 0})
    await scene.reserve(scene.to_another())
    with pytest.raises(LimitReached):
        await scene.store.reserve(scene.to_another())
    assert await types(scene) == ["quota.used_up"]


async def test_a_hold_is_reported_with_its_end(scene: Scene) -> None:
    """A longer hold is not reported again; the end of it is, once, by whoever finds it first."""
    await add_webhook(scene, [EventType.ACCOUNT_HELD])
    claims = [await scene.reserve(scene.to_another()) for _ in range(2)]
    await scene.settle(claims[0], THROTTLED)
    scene.later(minutes=1)
    await scene.settle(claims[1], THROTTLED)
    assert await types(scene) == ["account.held"]
    assert await scene.store.report_ended_holds(scene.later(minutes=59)) == 0
    assert await scene.store.report_ended_holds(scene.later(minutes=1)) == 1
    assert await scene.store.report_ended_holds(scene.now) == 0
    assert await types(scene) == ["account.held", "account.available"]


async def test_a_released_hold_is_reported(scene: Scene) -> None:
    """A hold that a person releases is over at once, and reported once."""
    await add_webhook(scene, [EventType.ACCOUNT_AVAILABLE])
    await scene.send(THROTTLED)
    assert scene.account is not None
    await scene.store.update_account("default", scene.account.id, release_hold=True)
    await scene.store.report_ended_holds(scene.later(hours=9))
    assert sorted(await types(scene)) == ["account.available", "account.held"]


async def test_a_dead_session_is_reported_once_and_its_end_too(scene: Scene) -> None:
    """A session is reported dead once, however many requests notice it; the next one makes the account available."""
    await add_webhook(scene, [EventType.ACCOUNT_SESSION_DEAD])
    assert scene.account is not None
    for _ in range(2):
        await scene.store.set_status(scene.account.id, AccountStatus.ERROR, "logged out")
    scene.later(hours=1)
    await scene.connect()
    assert sorted(await types(scene)) == ["account.available", "account.session_dead"]


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.STOPPED])
async def test_a_campaign_is_reported_as_it_moves(scene: Scene, status: CampaignStatus) -> None:
    """To start, pause and stop a campaign is reported; to stop it is to finish it."""
    await add_webhook(scene)
    campaign = await started(scene)
    scene.later(minutes=1)
    await scene.store.change_campaign_status("default", campaign.id, status, cause=PauseCause.PERSON, now=scene.now)
    last = {"paused": "campaign.paused", "stopped": "campaign.finished"}[status.value]
    assert await types(scene) == ["campaign.started", last]


async def _finish(scene: Scene) -> str:
    campaign = await started(scene, people=1)
    await scene.settle(await scene.reserve(await claim_of(scene, campaign)), ACCEPTED)
    assert await scene.store.finish_campaign(campaign.id, scene.later(minutes=1))
    return "campaign.finished"


async def _pause_by_account(scene: Scene) -> str:
    campaign = await started(scene)
    assert await scene.store.pause_account(campaign.account_id, PauseCause.ACCOUNT_ERROR) == 1
    return "campaign.paused"


async def _pause_by_first(scene: Scene) -> str:
    campaign = await started(scene, first=1)
    await scene.settle(await scene.reserve(await claim_of(scene, campaign)), UNKNOWN)
    scene.later(minutes=1)
    [unknown] = await scene.store.claim_unknown(scene.now, count=1)
    await scene.settle(unknown.id, ACCEPTED)
    return "campaign.paused"


async def _start_later(scene: Scene) -> str:
    campaign = await draft(scene, starts_at=scene.now + timedelta(hours=1))
    await scene.store.start_campaign("default", campaign.id, [], started_by=None, first=None, now=scene.now)
    assert await types(scene) == []
    await scene.store.start_scheduled(scene.later(hours=1))
    return "campaign.started"


@pytest.mark.parametrize("act", [_finish, _pause_by_account, _pause_by_first, _start_later])
async def test_what_happens_to_a_campaign_by_itself_is_reported(
    scene: Scene, act: Callable[[Scene], Awaitable[str]]
) -> None:
    """What finishes, what its account or first messages pause, and what a schedule starts is reported once."""
    await add_webhook(scene, [EventType.CAMPAIGN_STARTED])
    expected = await act(scene)
    found = [event for event in await new_events(scene) if event.type.value == expected]
    assert len(found) == 1
    assert found[0].facts["name"] == "Spring"
