"""The people of campaigns on both engines: whom a reason is named for, holds, and what was sent to a person."""

from datetime import timedelta

import pytest

from confrere.domain.campaigns.campaign import (
    CampaignCounts,
    PersonFilter,
    PersonStatus,
    PersonText,
    SkipReason,
    Turn,
    WaitReason,
)
from confrere.domain.why_not import WhyNot, people_who_wait_for, why_person_waits
from tests.contract.store.campaigns import claim_of, declined, draft, person, send_to, somebody, started, urn
from tests.contract.store.replies import reply_to
from tests.contract.store.scene import ACCEPTED, NOON, NOT_SENT, REFUSED, Scene

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=3)


@pytest.mark.parametrize(
    "campaign_waits",
    [
        None,
        WhyNot(WaitReason.CAMPAIGN_PAUSED, None, "Resume it"),
        WhyNot(WaitReason.SPREAD, NOON + HOUR, "Wait"),
        WhyNot(WaitReason.NEXT_IN_LINE, NOON + 2 * HOUR, "Wait"),
        WhyNot(WaitReason.DAY_USED_UP, NOON + 3 * HOUR, "Wait"),
    ],
    ids=lambda why: why.reason if why else "nothing",
)
async def test_people_are_listed_by_what_they_wait_for(scene: Scene, campaign_waits: WhyNot | None) -> None:
    """The query finds those whom the same reason is named for, each in one list, and nobody who does not wait."""
    campaign = await started(scene, people=7)
    for number, hours in ((1, 1), (2, 2), (3, 4)):
        await scene.store.hold_person("default", urn(number), scene.now + hours * HOUR, scene.now)
    await scene.store.put_person_off(await person(scene, campaign, 4), scene.now + 2 * HOUR)
    await send_to(scene, campaign, 5, ACCEPTED)
    await scene.store.skip_person(await person(scene, campaign, 6), SkipReason.NOT_IN_GROUP, scene.now)
    everybody = await scene.store.list_campaign_people("default", campaign.id, PersonFilter(), after_id=None, count=10)
    named = {one.recipient: why_person_waits(one, campaign_waits, scene.now) for one in everybody}
    for reason in WaitReason:
        for status in (None, PersonStatus.WAITING):
            which = PersonFilter(status, wait=people_who_wait_for(reason, campaign_waits, scene.now))
            found = await scene.store.list_campaign_people("default", campaign.id, which, after_id=None, count=10)
            expected = [urn for urn, why in named.items() if why is not None and why.reason is reason]
            assert [one.recipient for one in found] == expected
    which = PersonFilter(PersonStatus.SENT, wait=people_who_wait_for(WaitReason.HELD, campaign_waits, scene.now))
    assert await scene.store.list_campaign_people("default", campaign.id, which, after_id=None, count=10) == []


async def test_a_lane_keeps_why_it_waits_until_it_is_woken(scene: Scene) -> None:
    """The spread is named while it lasts: neither during a turn, nor after somebody has resumed a campaign."""
    campaign = await started(scene)
    account_id, store = campaign.account_id, scene.store
    [lane] = await store.claim_lanes(scene.now, count=1, lease_until=scene.now + LEASE)
    assert await store.read_turn(account_id) is None
    spread = Turn(scene.now + HOUR, WaitReason.SPREAD)
    await store.release_lane(lane, spread, last_campaign_id=campaign.id)
    assert await store.read_turn(account_id) == spread
    await started(scene)
    assert await store.read_turn(account_id) == Turn(scene.now)


async def test_holding_people_does_not_hasten_the_spread(scene: Scene) -> None:
    """A hold or its end wakes a lane that waits for people, and leaves one that is spread as it is."""
    campaign = await started(scene)
    store = scene.store
    for turn, after in (
        (Turn(scene.now + HOUR, WaitReason.SPREAD), Turn(scene.now + HOUR, WaitReason.SPREAD)),
        (Turn(scene.now + 2 * HOUR), Turn(scene.now + HOUR)),
    ):
        [lane] = await store.claim_lanes(scene.now, count=1, lease_until=scene.now + LEASE)
        await store.release_lane(lane, turn, last_campaign_id=campaign.id)
        await store.hold_person("default", urn(0), None, after.at if turn.reason is None else scene.now)
        assert await store.read_turn(campaign.account_id) == after
        scene.later(hours=1)


async def test_somebody_who_is_held_is_held_in_later_campaigns_too(scene: Scene) -> None:
    """By a start as by an addition; a hold that has passed, or of another workspace, is not taken over."""
    first = await started(scene, people=2)
    until = scene.now + 24 * HOUR
    await scene.store.hold_person("default", urn(0), until, scene.now)
    await scene.store.hold_person("another", urn(1), until, scene.now)
    second = await started(scene, people=1)
    assert await scene.store.add_campaign_people(
        "default", second.id, [PersonText(somebody(1)), PersonText(somebody(2))], scene.now
    ) == [urn(1), urn(2)]
    for campaign in (first, second):
        held, free = [await person(scene, campaign, number) for number in (0, 1)]
        assert (held.is_held, held.due_at) == (True, until)
        assert (free.is_held, free.due_at) == (False, None)
    scene.later(hours=25)
    third = await started(scene, people=1)
    assert not (await person(scene, third, 0)).is_held


async def test_somebody_who_is_tried_again_later_is_not_held(scene: Scene) -> None:
    """A hold that has passed does not become the reason of a later delay."""
    campaign = await started(scene, people=1)
    await scene.store.hold_person("default", urn(0), scene.now + HOUR, scene.now)
    scene.later(hours=2)
    await scene.store.put_person_off(await person(scene, campaign), scene.now + HOUR)
    after = await person(scene, campaign)
    assert (after.is_held, after.due_at) == (False, scene.now + HOUR)


async def test_the_times_of_a_person_are_those_of_their_own_message(scene: Scene) -> None:
    """`message_at` is of this campaign's message; an earlier one of another account has its own fields."""
    campaign = await started(scene, people=3)
    second = await scene.connect(2)
    earlier = await scene.send(ACCEPTED, account_id=second.id, recipient=urn(0), text="Something else")
    scene.later(minutes=10)
    await declined(scene, await claim_of(scene, campaign, 0))
    skipped = await person(scene, campaign, 0)
    assert (skipped.message_at, skipped.written_to_by, skipped.written_to_at) == (None, second.id, NOON)
    assert skipped.send_id == earlier.send_id
    await send_to(scene, campaign, 1, ACCEPTED)
    sent = await person(scene, campaign, 1)
    assert (sent.message_at, sent.written_to_by, sent.replied_at) == (scene.now, None, None)
    await send_to(scene, campaign, 2, NOT_SENT)
    assert (await person(scene, campaign, 2)).message_at is None
    sent_at, replied_at = scene.now, scene.later(minutes=10)
    for number, message_at in ((0, None), (1, sent_at), (2, None)):
        await scene.store.record_reply(reply_to(scene, earlier.send_id, number), replied_at)
        after = await person(scene, campaign, number)
        assert (after.message_at, after.replied_at, after.written_to_by) == (message_at, replied_at, None)


async def test_all_attempts_of_a_person_are_found(scene: Scene) -> None:
    """Of one campaign those that failed, too; over all campaigns also what other accounts have sent."""
    campaign = await started(scene, people=2)
    failed = await send_to(scene, campaign, 0, NOT_SENT)
    scene.later(minutes=10)
    refused = await send_to(scene, campaign, 0, REFUSED)
    second = await scene.connect(2)
    other = await started(scene, people=1, account_id=second.id)
    sent = await send_to(scene, other, 0, ACCEPTED)
    await send_to(scene, campaign, 1, ACCEPTED)
    plain = await scene.send(ACCEPTED, account_id=second.id, recipient=urn(0), text="Something else")
    await scene.connect(3, workspace_id="another")
    await scene.send(ACCEPTED, workspace_id="another", account_id=None, recipient=urn(0))
    store, one = scene.store, await person(scene, campaign, 0)
    in_campaign = await store.list_sends_of_person("default", urn(0), person_id=one.id, count=10)
    assert [send.id for send in in_campaign] == [refused.send_id, failed.send_id]
    everywhere = await store.list_sends_of_person("default", urn(0), person_id=None, count=10)
    assert [send.id for send in everywhere] == [claim.send_id for claim in (plain, sent, refused, failed)]
    assert len(await store.list_sends_of_person("default", urn(0), person_id=None, count=3)) == 3
    campaigns = await store.list_campaigns_of_person("default", urn(0))
    assert [(row.campaign_id, row.status) for row in campaigns] == [
        (campaign.id, PersonStatus.REFUSED),
        (other.id, PersonStatus.SENT),
    ]
    assert await store.list_campaigns_of_person("another", urn(0)) == []


async def test_an_earlier_message_belongs_to_what_happened(scene: Scene) -> None:
    """Of a person who was skipped for it, though it was sent in no campaign."""
    campaign = await started(scene, people=1)
    earlier = await scene.send(ACCEPTED, recipient=urn(0), text="Something else")
    await declined(scene, await claim_of(scene, campaign))
    one = await person(scene, campaign)
    found = await scene.store.list_sends_of_person("default", urn(0), person_id=one.id, count=10)
    assert [send.id for send in found] == [earlier.send_id]


async def test_people_of_many_campaigns_are_counted_at_once(scene: Scene) -> None:
    """Each campaign has its own counts, one without people zeroes."""
    one, other, empty = await started(scene, people=3), await started(scene, people=2), await draft(scene)
    await send_to(scene, one, 0, ACCEPTED)
    await scene.store.skip_person(await person(scene, one, 1), SkipReason.NOT_IN_GROUP, scene.now)
    await scene.store.hold_person("default", urn(1), scene.now + HOUR, scene.now)
    ids = [one.id, other.id, empty.id]
    assert await scene.store.count_people_of_campaigns(ids, scene.now) == {
        one.id: CampaignCounts(sent=1, waiting=1, skipped=1, skipped_by_reason={"not_in_group": 1}),
        other.id: CampaignCounts(waiting=1, held=1),
        empty.id: CampaignCounts(),
    }
    assert await scene.store.count_people_of_campaigns([], scene.now) == {}
