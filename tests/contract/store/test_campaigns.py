"""The people of campaigns move with the sends of the ledger, in the same transactions, on both engines."""

import asyncio
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import (
    PERSON_MOVES,
    CampaignCounts,
    CampaignStatus,
    PauseCause,
    PersonDeclined,
    PersonFilter,
    PersonStatus,
    PersonText,
    SkipReason,
    Turn,
    WaitReason,
    WrongStatus,
)
from confrere.domain.errors import AccountHeld, NotFound, TooFast
from confrere.domain.ids import new_send_id
from confrere.domain.message import MessageText
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import NotSent, Outcome, OutcomeName
from confrere.domain.pacing import Pacing
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.store import SqlStore, Vault, open_store, rotate_secrets
from tests.contract.store.campaigns import LEASE, claim_of, declined, draft, person, send_to, somebody, started, urn
from tests.contract.store.conftest import KEY
from tests.contract.store.scene import (
    ACCEPTED,
    EVERY_OUTCOME,
    NOT_SENT,
    REFUSED,
    SESSION_DEAD,
    TEXT,
    THROTTLED,
    UNKNOWN,
    Scene,
    member,
)


async def test_an_audience_holds_a_person_once(scene: Scene) -> None:
    """Somebody who is given twice is in it once, in the place where they came first."""
    audience = Audience(new_send_id(), "default", "Members", GroupId("42"), "ids", scene.now, 0)
    people = [somebody(number) for number in (1, 2, 1, 3)]
    written = await scene.store.add_audience(audience, people)
    assert written.count == 3
    listed = await scene.store.list_audience_people("default", audience.id, after_place=0, count=10)
    assert [one for _, one in listed] == [somebody(number) for number in (1, 2, 3)]
    assert [one.id for one in await scene.store.list_audiences("default", before_id=None, count=5)] == [audience.id]
    with pytest.raises(NotFound):
        await scene.store.read_audience("another", audience.id)


async def test_texts_are_encrypted_at_rest(scene: Scene) -> None:
    """Neither the campaign's text nor a person's own stands in the database as it is sent."""
    campaign = await draft(scene)
    own = PersonText(AudiencePerson.of(urn(0)), MessageText("A text of their own"))
    await scene.store.start_campaign(
        "default", campaign.id, [own, PersonText(AudiencePerson.of(urn(1)))], started_by=None, first=None, now=scene.now
    )
    first, second = [await person(scene, campaign, number) for number in (0, 1)]
    assert await scene.store.read_person_text("default", first.id) == "A text of their own"
    assert await scene.store.read_person_text("default", second.id) == TEXT
    stored = await scene.store.engine.read_many("list_campaign_texts")
    stored = [*stored, *await scene.store.engine.read_many("list_person_texts", "", 10)]
    assert len(stored) == 2
    assert not any(TEXT in row[1] or "their own" in row[1] for row in stored)


async def test_texts_are_resealed_when_keys_rotate(scene: Scene, url: str, vault: Vault) -> None:
    """Afterwards the old key reads none of them, and the new one all."""
    campaign = await draft(scene)
    own = PersonText(AudiencePerson.of(urn(0)), MessageText("A text of their own"))
    await scene.store.start_campaign(
        "default", campaign.id, [own, PersonText(AudiencePerson.of(urn(1)))], started_by=None, first=None, now=scene.now
    )
    new_key = Vault.new_key()
    rotating = await open_store(url, vault=Vault([new_key, KEY]))
    await rotate_secrets(rotating)
    await rotating.close()
    store = await open_store(url, vault=Vault([new_key]))
    people = await store.list_campaign_people("default", campaign.id, PersonFilter(), after_id=None, count=5)
    texts = [await store.read_person_text("default", one.id) for one in people]
    assert texts == ["A text of their own", TEXT]
    await store.close()


async def test_starting_freezes_the_audience_and_wakes_the_lane(scene: Scene) -> None:
    """People wait in their order, those who cannot get a text are skipped, and the account has something to do."""
    campaign = await draft(scene)
    people = [PersonText(AudiencePerson.of(urn(number))) for number in range(3)]
    people.append(PersonText(AudiencePerson.of(urn(3)), skip=SkipReason.BLANK_VARIABLE))
    running = await scene.store.start_campaign(
        "default", campaign.id, people, started_by="key-2", first=None, now=scene.now
    )
    assert (running.status, running.started_by, running.started_at) == (CampaignStatus.RUNNING, "key-2", scene.now)
    counts = await scene.store.count_campaign_people(campaign.id, scene.now)
    assert counts == CampaignCounts(waiting=3, skipped=1, skipped_by_reason={"blank_variable": 1})
    assert await scene.store.read_turn(campaign.account_id) == Turn(scene.now)
    with pytest.raises(WrongStatus):
        await scene.store.start_campaign("default", campaign.id, people, started_by=None, first=None, now=scene.now)


async def test_people_are_listed_by_status_and_reason_in_pages(scene: Scene) -> None:
    """A page begins after the person with which the one before it ended."""
    campaign = await started(scene, people=5)
    await scene.store.skip_person(await person(scene, campaign, 2), SkipReason.NOT_IN_GROUP, scene.now)
    everybody = PersonFilter()
    page = await scene.store.list_campaign_people("default", campaign.id, everybody, after_id=None, count=3)
    rest = await scene.store.list_campaign_people("default", campaign.id, everybody, after_id=page[-1].id, count=3)
    assert [one.recipient for one in [*page, *rest]] == [urn(number) for number in range(5)]
    skipped = await scene.store.list_campaign_people(
        "default", campaign.id, PersonFilter(PersonStatus.SKIPPED, "not_in_group"), after_id=None, count=3
    )
    assert [one.recipient for one in skipped] == [urn(2)]


async def test_people_who_are_added_later_are_new_ones_only(scene: Scene) -> None:
    """Who is in the campaign already stays as they are; a finished campaign runs again."""
    campaign = await started(scene, people=1)
    await send_to(scene, campaign, 0, ACCEPTED)
    assert await scene.store.finish_campaign(campaign.id, scene.now)
    people = [PersonText(AudiencePerson.of(urn(number))) for number in (0, 1, 2)]
    assert await scene.store.add_campaign_people("default", campaign.id, people, scene.now) == [urn(1), urn(2)]
    assert (await person(scene, campaign, 0)).status is PersonStatus.SENT
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.RUNNING


def expected(outcome: Outcome) -> PersonStatus:
    """Where a person goes whose message ended so."""
    match outcome.name:
        case OutcomeName.ACCEPTED:
            return PersonStatus.SENT
        case OutcomeName.REFUSED:
            return PersonStatus.REFUSED
        case OutcomeName.UNKNOWN:
            return PersonStatus.UNKNOWN
        case _:
            return PersonStatus.WAITING


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda one: one.name)
async def test_a_settlement_moves_the_person(scene: Scene, outcome: Outcome) -> None:
    """Ledger and campaign agree; the person has the ledger's row, and LinkedIn's text where it refused."""
    campaign = await started(scene)
    claim = await scene.reserve(await claim_of(scene, campaign))
    assert (await person(scene, campaign)).status is PersonStatus.IN_FLIGHT
    await scene.settle(claim, outcome)
    after = await person(scene, campaign)
    assert (after.status, after.send_id) == (expected(outcome), claim.send_id)
    assert (after.reason == REFUSED.text) == (outcome is REFUSED)
    has_message = after.status in (PersonStatus.SENT, PersonStatus.UNKNOWN)
    assert after.sent_at == (scene.now if has_message else None)


@pytest.mark.parametrize(("first", "then"), list(product(EVERY_OUTCOME, EVERY_OUTCOME)), ids=lambda one: one.name)
async def test_no_settlement_moves_a_person_where_no_person_may_go(scene: Scene, first: Outcome, then: Outcome) -> None:
    """Whatever is settled after whatever, the moves are those of the table, and the row agrees with the ledger."""
    campaign = await started(scene)
    claim = await scene.reserve(await claim_of(scene, campaign))
    await scene.settle(claim, first)
    before = (await person(scene, campaign)).status
    send = (await scene.settle(claim, then)).send
    after = (await person(scene, campaign)).status
    assert after is before or after in PERSON_MOVES[before]
    assert after is expected(send.as_outcome())


async def test_a_reconciled_message_moves_the_person(scene: Scene) -> None:
    """A dead process's message is unknown, and then what LinkedIn has of it."""
    campaign = await started(scene)
    claim = await scene.reserve(await claim_of(scene, campaign))
    scene.later(minutes=2)
    assert [send.id for send in await scene.store.claim_unknown(scene.now, count=5)] == [claim.send_id]
    assert (await person(scene, campaign)).status is PersonStatus.UNKNOWN
    await scene.settle(claim, NotSent("LinkedIn does not have it"))
    assert (await person(scene, campaign)).status is PersonStatus.WAITING


async def test_a_late_witness_counts_the_message_that_was_sent_after_all(scene: Scene) -> None:
    """A person who waits again is sent; one who has another message keeps it, and both stay in the ledger."""
    campaign = await started(scene)
    first = await send_to(scene, campaign, 0, NOT_SENT)
    await scene.settle(first, ACCEPTED)
    assert (await person(scene, campaign, 0)).status is PersonStatus.SENT
    lost = await send_to(scene, campaign, 1, NOT_SENT)
    scene.later(minutes=10)
    second = await send_to(scene, campaign, 1, ACCEPTED)
    await scene.settle(lost, ACCEPTED)
    assert (await person(scene, campaign, 1)).send_id == second.send_id
    assert [(await scene.row(claim)).outcome for claim in (lost, second)] == [OutcomeName.ACCEPTED] * 2


async def test_once_a_person_of_a_campaign_gets_one_message(scene: Scene, other: SqlStore) -> None:
    """Of many claims for one person, at two processes at once, one is reserved; after it none is."""
    campaign = await started(scene)
    claims = [await claim_of(scene, campaign) for _ in range(8)]
    reservations = await asyncio.gather(
        *[(scene.store, other)[number % 2].reserve(claim) for number, claim in enumerate(claims)],
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in reservations) == 1
    assert sum(isinstance(one, PersonDeclined) for one in reservations) == 7
    assert await scene.used() == 1


async def test_two_accounts_do_not_write_to_one_person(scene: Scene, other: SqlStore) -> None:
    """The same people in the campaigns of two accounts, at two processes at once: each gets one message.

    Whether the first one was sent is not certain yet, so that the other campaign's person waits for that.
    """
    mine = await started(scene, people=12)
    second = await scene.connect(2)
    theirs = await started(scene, people=12, account_id=second.id)
    claims = [await claim_of(scene, campaign, number) for number in range(12) for campaign in (mine, theirs)]
    await asyncio.gather(
        *[(scene.store, other)[number % 2].reserve(claim) for number, claim in enumerate(claims)],
        return_exceptions=True,
    )
    statuses = [
        {(await person(scene, mine, number)).status, (await person(scene, theirs, number)).status}
        for number in range(12)
    ]
    assert statuses == [{PersonStatus.IN_FLIGHT, PersonStatus.WAITING}] * 12


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda one: one.name)
async def test_a_person_is_skipped_for_a_message_that_was_sent_only(scene: Scene, outcome: Outcome) -> None:
    """While another account's is in flight or unknown they wait; where it was not sent they are written to."""
    second = await scene.connect(2)
    mine, theirs = await started(scene), await started(scene, account_id=second.id)
    flying = await scene.reserve(await claim_of(scene, theirs))
    claim = await claim_of(scene, mine)
    assert await declined(scene, claim) is None
    await scene.settle(flying, UNKNOWN)
    assert await declined(scene, claim) is None
    assert (await person(scene, mine)).status is PersonStatus.WAITING
    await scene.settle(flying, outcome)
    if outcome is ACCEPTED:
        assert await declined(scene, claim) is SkipReason.ALREADY_WRITTEN_TO
    elif outcome is UNKNOWN:
        assert await declined(scene, claim) is None
    else:
        await scene.reserve(claim)


async def test_a_person_who_opted_out_is_skipped(scene: Scene) -> None:
    """Nothing is taken, and the campaign has the reason."""
    campaign = await started(scene)
    claim = await claim_of(scene, campaign)
    await scene.store.add_opt_outs("default", [OptOut(str(urn(0)), None, "api", scene.now)])
    assert await declined(scene, claim) is SkipReason.DO_NOT_CONTACT
    after = await person(scene, campaign)
    assert (after.status, after.reason) == (PersonStatus.SKIPPED, "do_not_contact")
    assert await scene.used() == 0


async def test_a_person_who_was_written_to_is_skipped(scene: Scene) -> None:
    """By any account of the workspace, in a campaign or not; the person's row leads to that message."""
    campaign = await started(scene)
    second = await scene.connect(2)
    earlier = await scene.send(ACCEPTED, account_id=second.id, recipient=urn(0), text="Something else")
    assert await declined(scene, await claim_of(scene, campaign)) is SkipReason.ALREADY_WRITTEN_TO
    after = await person(scene, campaign)
    assert (after.send_id, after.sent_by, after.sent_at) == (earlier.send_id, second.id, scene.now)
    await scene.send(REFUSED, account_id=second.id, recipient=urn(1), text="Something else")
    await scene.reserve(await claim_of(scene, campaign, 1))


@pytest.mark.parametrize("outcome", [ACCEPTED, UNKNOWN, NOT_SENT], ids=lambda one: one.name)
async def test_a_person_with_a_plain_message_was_written_to(scene: Scene, outcome: Outcome) -> None:
    """A message into a conversation counts as well; one that may not have been sent lets the campaign wait."""
    campaign = await started(scene)
    claim = await scene.send(outcome, recipient=urn(0), group_id=None)
    if outcome is NOT_SENT:
        await scene.reserve(await claim_of(scene, campaign))
        return
    if outcome is UNKNOWN:
        assert await declined(scene, await claim_of(scene, campaign)) is None
        await scene.settle(claim, ACCEPTED)
    assert await declined(scene, await claim_of(scene, campaign)) is SkipReason.ALREADY_WRITTEN_TO
    assert (await person(scene, campaign)).send_id == claim.send_id


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda one: one.name)
async def test_an_answer_leaves_the_campaign_as_it_is(scene: Scene, outcome: Outcome) -> None:
    """A plain message to somebody whom a campaign wrote to changes neither the person nor the campaign's counts."""
    campaign = await started(scene)
    await scene.settle(await scene.reserve(await claim_of(scene, campaign)), ACCEPTED)
    before = await person(scene, campaign)
    counts = await scene.store.count_campaign_people(campaign.id, scene.now)
    await scene.send(outcome, recipient=urn(0), group_id=None)
    assert await person(scene, campaign) == before
    assert await scene.store.count_campaign_people(campaign.id, scene.now) == counts


async def test_a_person_who_has_replied_is_skipped(scene: Scene) -> None:
    """Everywhere in the workspace: in campaigns that run, and in those that come later."""
    first, second = await started(scene), await started(scene)
    claim = await claim_of(scene, second)
    assert await scene.store.mark_person_replied("default", urn(0), scene.now) == 2
    assert await declined(scene, claim) is None
    assert (await person(scene, first)).status is PersonStatus.REPLIED
    third = await started(scene)
    assert await declined(scene, await claim_of(scene, third)) is SkipReason.REPLIED_BEFORE


async def test_an_account_of_ours_is_skipped(scene: Scene) -> None:
    """The accounts of the workspace do not write to each other."""
    campaign = await draft(scene)
    ours = ProfileUrn(member(2).profile_urn)
    await scene.connect(2)
    await scene.store.start_campaign(
        "default", campaign.id, [PersonText(AudiencePerson.of(ours))], started_by=None, first=None, now=scene.now
    )
    one = await scene.store.read_campaign_person("default", campaign.id, ours)
    claim = scene.claim(account_id=campaign.account_id, recipient=ours, campaign_person_id=one.id)
    assert await declined(scene, claim) is SkipReason.OWN_ACCOUNT


@pytest.mark.parametrize("change", [{"text": MessageText("Another text")}, {"group_id": GroupId("43")}])
async def test_nothing_is_sent_but_what_was_checked(scene: Scene, change: dict[str, Any]) -> None:
    """Another text, or another group, is not the message that was frozen: the person keeps waiting."""
    campaign = await started(scene)
    assert await declined(scene, await claim_of(scene, campaign, **change)) is None
    assert (await person(scene, campaign)).status is PersonStatus.WAITING


async def test_another_account_does_not_send_for_a_campaign(scene: Scene) -> None:
    """Whichever worker asks for it: the person keeps waiting for the campaign's own account."""
    campaign = await started(scene)
    second = await scene.connect(2)
    assert await declined(scene, await claim_of(scene, campaign, account_id=second.id)) is None
    assert (await person(scene, campaign)).status is PersonStatus.WAITING


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.STOPPED])
async def test_no_message_begins_after_a_pause(scene: Scene, other: SqlStore, status: CampaignStatus) -> None:
    """Of claims that race with a pause at another process, none is reserved after it returned."""
    campaign = await started(scene, people=40)
    claims = [await claim_of(scene, campaign, number) for number in range(40)]
    reserving = [asyncio.create_task(scene.store.reserve(claim)) for claim in claims[:20]]
    await other.change_campaign_status("default", campaign.id, status, cause=PauseCause.PERSON, now=scene.now)
    begun = (await other.count_campaign_people(campaign.id, scene.now)).in_flight
    reserving += [asyncio.create_task(scene.store.reserve(claim)) for claim in claims[20:]]
    results = await asyncio.gather(*reserving, return_exceptions=True)
    assert all(isinstance(one, PersonDeclined) for one in results[20:])
    assert (await scene.store.count_campaign_people(campaign.id, scene.now)).in_flight == begun


async def test_stopping_skips_those_who_wait(scene: Scene) -> None:
    """Who is in flight ends as LinkedIn answers, and is skipped where nothing was sent."""
    campaign = await started(scene, people=4)
    flying = [await scene.reserve(await claim_of(scene, campaign, number)) for number in (0, 1)]
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.STOPPED, now=scene.now)
    await scene.settle(flying[0], ACCEPTED)
    await scene.settle(flying[1], THROTTLED)
    counts = await scene.store.count_campaign_people(campaign.id, scene.now)
    assert counts == CampaignCounts(sent=1, skipped=3, skipped_by_reason={"stopped": 3})


async def test_a_campaign_is_finished_when_nobody_is_open(scene: Scene) -> None:
    """Not while anybody is waiting, in flight or unknown; nothing else finishes it."""
    campaign = await started(scene, people=2)
    assert not await scene.store.finish_campaign(campaign.id, scene.now)
    await send_to(scene, campaign, 0, ACCEPTED)
    claim = await scene.reserve(await claim_of(scene, campaign, 1))
    assert not await scene.store.finish_campaign(campaign.id, scene.now)
    await scene.settle(claim, UNKNOWN)
    assert not await scene.store.finish_campaign(campaign.id, scene.now)
    await scene.settle(claim, REFUSED)
    assert await scene.store.finish_campaign(campaign.id, scene.now)


async def test_five_refusals_in_a_row_pause(scene: Scene) -> None:
    """A message between them begins the row anew; to resume begins it anew, too."""
    campaign = await started(scene, people=20)
    for number, outcome in enumerate([REFUSED] * 4 + [ACCEPTED] + [REFUSED] * 4):
        await send_to(scene, campaign, number, outcome)
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.RUNNING
    await send_to(scene, campaign, 9, REFUSED)
    paused = await scene.store.read_campaign("default", campaign.id)
    assert (paused.status, paused.cause) == (CampaignStatus.PAUSED, PauseCause.REFUSALS)
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.RUNNING, now=scene.now)
    await send_to(scene, campaign, 10, REFUSED)
    assert (await scene.store.read_campaign("default", campaign.id)).cause is None


async def test_a_tenth_of_at_least_fifty_refusals_pauses(scene: Scene) -> None:
    """Fewer than fifty answers prove nothing, unless the refusals come in a row."""
    campaign = await started(scene, people=60)
    for number in range(50):
        await send_to(scene, campaign, number, REFUSED if number % 10 == 9 else ACCEPTED)
        status = (await scene.store.read_campaign("default", campaign.id)).status
        assert (status is CampaignStatus.PAUSED) == (number == 49)


@pytest.mark.parametrize("outcome", [ACCEPTED, UNKNOWN], ids=lambda one: one.name)
async def test_the_first_message_pauses_where_that_was_asked_for(scene: Scene, outcome: Outcome) -> None:
    """One that may have been sent counts; one that was refused does not, and resuming sends the rest."""
    campaign = await started(scene, first=1)
    await send_to(scene, campaign, 0, REFUSED)
    await send_to(scene, campaign, 1, outcome)
    paused = await scene.store.read_campaign("default", campaign.id)
    assert (paused.status, paused.cause) == (CampaignStatus.PAUSED, PauseCause.FIRST_SENT)
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.RUNNING, now=scene.now)
    await send_to(scene, campaign, 2, outcome)
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.RUNNING


async def test_what_the_account_may_not_do_leaves_the_person_waiting(scene: Scene) -> None:
    """A rule of pacing, and a hold, refuse a campaign's message as any other."""
    campaign = await started(scene)
    await send_to(scene, campaign, 0, ACCEPTED)
    await scene.store.change_pacing(
        "default", campaign.account_id, lambda _: Pacing(min_gap=timedelta(hours=1)), scene.now
    )
    with pytest.raises(TooFast):
        await scene.store.reserve(await claim_of(scene, campaign, 1))
    await scene.store.hold_account(campaign.account_id, scene.now + timedelta(hours=2))
    with pytest.raises(AccountHeld):
        await scene.store.reserve(await claim_of(scene, campaign, 1))
    assert (await person(scene, campaign, 1)).status is PersonStatus.WAITING
    scene.later(hours=3)
    await send_to(scene, campaign, 1, ACCEPTED)


async def test_a_held_person_waits_while_others_are_written_to(scene: Scene) -> None:
    """In all campaigns of the workspace, until the hold ends or is ended."""
    campaign = await started(scene, people=2)
    until = scene.now + timedelta(days=3)
    assert await scene.store.hold_person("default", urn(0), until, scene.now) == 1
    held = await person(scene, campaign)
    assert (held.is_held, held.due_at) == (True, until)
    assert (await scene.store.count_campaign_people(campaign.id, scene.now)).held == 1
    assert await declined(scene, await claim_of(scene, campaign)) is None
    picked = await scene.store.pick_person(campaign.id, scene.now)
    assert picked is not None
    assert picked.recipient == urn(1)
    assert await scene.store.hold_person("default", urn(0), None, scene.now) == 1
    await scene.reserve(await claim_of(scene, campaign))


async def test_a_scheduled_campaign_starts_when_its_time_has_come(scene: Scene) -> None:
    """One that is more than twelve hours late waits for a person."""
    campaign = await started(scene, starts_at=scene.now + timedelta(hours=1))
    late = await started(scene, starts_at=scene.now + timedelta(minutes=1))
    assert campaign.status is CampaignStatus.SCHEDULED
    assert await declined(scene, await claim_of(scene, campaign)) is None
    assert await scene.store.start_scheduled(scene.now) == []
    scene.later(hours=12, minutes=30)
    assert await scene.store.start_scheduled(scene.now) == [campaign.id]
    assert (await scene.store.read_campaign("default", late.id)).cause is PauseCause.OVERDUE
    assert await scene.store.read_turn(campaign.account_id) == Turn(scene.now)


async def test_a_pause_keeps_what_was_asked_for_at_the_start(scene: Scene) -> None:
    """A campaign that is resumed before its time waits for it, and still sends its first messages alone."""
    campaign = await started(scene, first=1, starts_at=scene.now + timedelta(hours=1))
    store = scene.store
    await store.change_campaign_status("default", campaign.id, CampaignStatus.PAUSED, now=scene.now)
    resumed = await store.change_campaign_status("default", campaign.id, CampaignStatus.RUNNING, now=scene.now)
    assert (resumed.status, resumed.first_left) == (CampaignStatus.SCHEDULED, 1)
    await store.start_scheduled(scene.later(hours=1))
    await send_to(scene, campaign, 0, ACCEPTED)
    assert (await store.read_campaign("default", campaign.id)).cause is PauseCause.FIRST_SENT


@pytest.mark.parametrize("status", [CampaignStatus.RUNNING, CampaignStatus.PAUSED, CampaignStatus.STOPPED])
async def test_a_draft_is_started_by_a_start_only(scene: Scene, status: CampaignStatus) -> None:
    """Its people are not frozen yet, so that there is nothing to resume, pause or stop."""
    campaign = await draft(scene)
    with pytest.raises(WrongStatus, match="draft"):
        await scene.store.change_campaign_status("default", campaign.id, status, now=scene.now)


async def test_a_lane_is_leased_to_one_process(scene: Scene, other: SqlStore) -> None:
    """Until it is released, or its lease is over; a lane that is woken meanwhile is due again at once."""
    campaign = await started(scene)
    until = scene.now + LEASE
    claims = await asyncio.gather(
        *[store.claim_lanes(scene.now, count=5, lease_until=until) for store in (scene.store, other) * 3]
    )
    [lane] = [lane for lanes in claims for lane in lanes]
    owner = scene.store if lane in [*claims[0], *claims[2], *claims[4]] else other
    await owner.release_lane(
        lane, Turn(scene.now + timedelta(hours=1), WaitReason.SPREAD), last_campaign_id=campaign.id
    )
    assert await other.claim_lanes(scene.now, count=5, lease_until=until) == []
    assert await scene.store.read_turn(campaign.account_id) == Turn(scene.now + timedelta(hours=1), WaitReason.SPREAD)
    scene.later(hours=1)
    [lane] = await other.claim_lanes(scene.now, count=5, lease_until=scene.now + LEASE)
    assert lane.last_campaign_id == campaign.id
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.PAUSED, now=scene.now)
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.RUNNING, now=scene.now)
    assert await scene.store.claim_lanes(scene.now, count=5, lease_until=scene.now + LEASE) == []
    await other.release_lane(lane, None, last_campaign_id=None)
    assert len(await scene.store.claim_lanes(scene.now, count=5, lease_until=scene.now + LEASE)) == 1


async def test_lanes_are_released_together(scene: Scene, other: SqlStore) -> None:
    """Many at once, at two processes: none stays leased, and each lane remembers its own campaign."""
    accounts = [(await scene.connect(number)).id for number in range(2, 22)]
    campaigns = {account_id: (await started(scene, people=1, account_id=account_id)).id for account_id in accounts}
    until = scene.now + LEASE
    claimed = [
        (store, await store.claim_lanes(scene.now, count=10, lease_until=until)) for store in (scene.store, other)
    ]
    assert [len(lanes) for _, lanes in claimed] == [10, 10]
    await asyncio.gather(
        *(
            store.release_lane(lane, None, last_campaign_id=campaigns[lane.account_id])
            for store, lanes in claimed
            for lane in lanes
        )
    )
    assert await scene.store.claim_lanes(scene.now, count=20, lease_until=until) == []
    for account_id, campaign_id in campaigns.items():
        for status in (CampaignStatus.PAUSED, CampaignStatus.RUNNING):
            await scene.store.change_campaign_status("default", campaign_id, status, now=scene.now)
        [lane] = await scene.store.claim_lanes(scene.now, count=20, lease_until=until)
        assert (lane.account_id, lane.last_campaign_id) == (account_id, campaign_id)


async def test_the_lane_of_a_dead_process_is_free(scene: Scene, other: SqlStore) -> None:
    """Its lease need not be waited for."""
    await started(scene)
    until = scene.now + LEASE
    assert len(await other.claim_lanes(scene.now, count=5, lease_until=until)) == 1
    assert await scene.store.claim_lanes(scene.now, count=5, lease_until=until) == []
    await other.close()
    assert len(await scene.store.claim_lanes(scene.now, count=5, lease_until=until)) == 1


async def test_a_dead_session_pauses_all_campaigns_of_the_account(scene: Scene) -> None:
    """Those of other accounts run on."""
    first, second = await started(scene), await started(scene)
    another = await started(scene, account_id=(await scene.connect(2)).id)
    await send_to(scene, first, 0, SESSION_DEAD)
    assert (await person(scene, first)).status is PersonStatus.WAITING
    assert await scene.store.pause_account(first.account_id, PauseCause.ACCOUNT_ERROR) == 2
    causes = [(await scene.store.read_campaign("default", one.id)).cause for one in (first, second, another)]
    assert causes == [PauseCause.ACCOUNT_ERROR, PauseCause.ACCOUNT_ERROR, None]


async def test_a_campaign_counts_what_it_sent_today(scene: Scene) -> None:
    """What was refused, what other campaigns sent, and what was sent yesterday do not count."""
    campaign, another = await started(scene, people=9), await started(scene, people=9)
    await send_to(scene, campaign, 0, ACCEPTED)
    scene.later(days=1)
    await send_to(scene, campaign, 1, ACCEPTED)
    await send_to(scene, campaign, 2, UNKNOWN)
    await send_to(scene, campaign, 3, REFUSED)
    await send_to(scene, another, 4, ACCEPTED)
    assert await scene.store.count_sent_today(campaign, scene.now) == 2


async def test_whom_a_campaign_would_skip_is_foreseen(scene: Scene) -> None:
    """By the reasons of the reserving transaction, the first that applies; nothing of another workspace counts."""
    assert scene.account is not None
    campaign = await started(scene)
    await send_to(scene, campaign, 0, ACCEPTED)
    await send_to(scene, campaign, 1, ACCEPTED)
    await scene.store.mark_person_replied("default", urn(1), scene.now)
    await scene.store.add_opt_outs("default", [OptOut(str(urn(3)), None, "api", scene.now)])
    recipients = [*(urn(number) for number in range(6)), ProfileUrn(scene.account.profile_urn)]
    for workspace_id in ("default", "another"):
        audience = Audience(workspace_id, workspace_id, "Buyers", GroupId("42"), "ids", scene.now, 0)
        await scene.store.add_audience(audience, [AudiencePerson.of(recipient) for recipient in recipients])
    skips: dict[str, list[SkipReason | None]] = {}
    for workspace_id in ("default", "another"):
        pages = [
            await scene.store.list_candidates(workspace_id, workspace_id, after_place=place, count=4)
            for place in (0, 4)
        ]
        found = [(place, candidate.one.recipient) for page in pages for place, candidate in page]
        assert found == list(enumerate(recipients, 1))
        skips[workspace_id] = [candidate.skip for page in pages for _, candidate in page]
    assert set(skips["another"]) == {None}
    assert skips["default"] == [
        SkipReason.ALREADY_WRITTEN_TO,
        SkipReason.REPLIED_BEFORE,
        None,
        SkipReason.DO_NOT_CONTACT,
        None,
        None,
        SkipReason.OWN_ACCOUNT,
    ]
    one = await scene.store.read_candidate("default", "default", urn(3))
    assert (one.one.recipient, one.skip) == (urn(3), SkipReason.DO_NOT_CONTACT)
    with pytest.raises(NotFound):
        await scene.store.read_candidate("another", "default", urn(3))
