"""A reply, what it does to campaigns and to the do-not-contact list: one transaction, on both engines."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import PersonDeclined, PersonStatus, SkipReason
from confrere.domain.conversation import ContentKind
from confrere.domain.errors import NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.outcome import Outcome, OutcomeName
from confrere.domain.reply import KnownReply, Reply, ReplyFilter
from confrere.domain.reservation import Reserved
from confrere.domain.urns import GroupId
from confrere.store import SqlStore, Vault, open_store, rotate_secrets
from tests.contract.store.campaigns import claim_of, declined, person, send_to, started, urn
from tests.contract.store.conftest import KEY
from tests.contract.store.replies import ANSWER, reply_to
from tests.contract.store.scene import ACCEPTED, NOT_SENT, REFUSED, UNKNOWN, Scene

MINUTE = timedelta(minutes=1)


async def listed(scene: Scene, most: int = 50, before_id: str | None = None, **which: Any) -> list[Reply]:
    """The replies that match the filter, the last recorded first."""
    return list(await scene.store.list_replies("default", ReplyFilter(**which), before_id=before_id, count=most))


async def test_a_reply_moves_its_sender_in_every_campaign(scene: Scene) -> None:
    """The campaign of the message, and those that come later, with the time of the last reply."""
    campaign, another = await started(scene), await started(scene)
    sent = await send_to(scene, campaign, 0, ACCEPTED)
    scene.later(hours=1)
    reply = reply_to(scene, sent.send_id)
    assert await scene.store.record_reply(reply, scene.later(minutes=5))
    assert await listed(scene) == [replace(reply, campaign_id=campaign.id)]
    for one in (campaign, another):
        after = await person(scene, one)
        assert (after.status, after.replied_at) == (PersonStatus.REPLIED, reply.received_at)
    assert (await person(scene, campaign, 1)).replied_at is None
    assert await declined(scene, await claim_of(scene, await started(scene))) is SkipReason.REPLIED_BEFORE


async def test_a_reply_to_a_plain_send_counts_everywhere(scene: Scene) -> None:
    """It belongs to no campaign, and its sender gets no first message of one."""
    campaign = await started(scene)
    sent = await scene.send(ACCEPTED, recipient=urn(0), text="Something else")
    await scene.store.record_reply(reply_to(scene, sent.send_id), scene.now)
    [reply] = await listed(scene)
    assert (reply.campaign_id, reply.send_id) == (None, sent.send_id)
    assert (await person(scene, campaign)).status is PersonStatus.REPLIED


async def test_who_has_replied_is_written_to_by_no_later_campaign(scene: Scene) -> None:
    """Not even where the message that they seemed to answer turns out not to have been sent."""
    sent = await scene.send(UNKNOWN, recipient=urn(0), text="Something else")
    await scene.store.record_reply(reply_to(scene, sent.send_id), scene.now)
    await scene.settle(sent, NOT_SENT)
    audience = Audience("audience-1", "default", "Buyers", GroupId("42"), "ids", scene.now, 0)
    await scene.store.add_audience(audience, [AudiencePerson.of(urn(number)) for number in range(2)])
    candidates = await scene.store.list_candidates("default", "audience-1", after_place=0, count=9)
    assert [one.skip for _, one in candidates] == [SkipReason.REPLIED_BEFORE, None]
    campaign = await started(scene)
    assert await declined(scene, await claim_of(scene, campaign)) is SkipReason.REPLIED_BEFORE
    await scene.reserve(await claim_of(scene, campaign, 1))


async def test_a_reply_during_the_send_stays(scene: Scene) -> None:
    """Whatever the answer to the message is: the person has replied, and the ledger has its own outcome."""
    outcomes: list[Outcome] = [ACCEPTED, REFUSED, UNKNOWN, NOT_SENT]
    for number, outcome in enumerate(outcomes):
        campaign = await started(scene, people=4)
        claim = await scene.reserve(await claim_of(scene, campaign, number))
        await scene.store.record_reply(reply_to(scene, claim.send_id, number), scene.now)
        await scene.settle(claim, outcome)
        assert (await person(scene, campaign, number)).status is PersonStatus.REPLIED
        assert (await scene.row(claim)).outcome is outcome.name


async def test_a_message_is_one_reply(scene: Scene, other: SqlStore) -> None:
    """Of overlapping polls of two processes one records it; the others change nothing, not even who has handled it."""
    campaign = await started(scene)
    sent = await send_to(scene, campaign, 0, ACCEPTED)
    first = reply_to(scene, sent.send_id)
    polls = [replace(first, id=new_record_id()) for _ in range(8)]
    recorded = await asyncio.gather(
        *[(scene.store, other)[number % 2].record_reply(one, scene.now) for number, one in enumerate(polls)]
    )
    assert sorted(recorded) == [False] * 7 + [True]
    [kept] = await listed(scene)
    await scene.store.mark_handled("default", kept.id, scene.now, "key-1")
    assert not await other.record_reply(replace(first, opted_out=True, text="stop"), scene.now)
    assert [one.handled_by for one in await listed(scene)] == ["key-1"]
    assert await scene.store.read_opt_out("default", urn(0)) is None


async def test_the_same_message_in_the_mailboxes_of_two_accounts_is_two_replies(scene: Scene) -> None:
    """Each account's mailbox is its own."""
    second = await scene.connect(2)
    reply = reply_to(scene, (await scene.send(ACCEPTED, recipient=urn(0))).send_id)
    assert await scene.store.record_reply(reply, scene.now)
    theirs = replace(reply, id=new_record_id(), account_id=second.id)
    assert await scene.store.record_reply(theirs, scene.now)
    assert await listed(scene, account_id=second.id) == [theirs]


async def test_an_opt_out_is_listed_with_its_reply(scene: Scene) -> None:
    """With the reply as the reason; an entry that is there already stays, and a maybe lists nobody."""
    for number in (0, 1):
        sent = await scene.send(ACCEPTED, recipient=urn(number), text=f"Hello {number}")
        opts_out = number == 0
        reply = reply_to(scene, sent.send_id, number, opted_out=opts_out, may_want_out=not opts_out)
        await scene.store.record_reply(reply, scene.now)
    [maybe, out] = await listed(scene)
    entry = await scene.store.read_opt_out("default", urn(0))
    assert entry is not None
    assert (entry.source, entry.reason, entry.added_at) == (
        "reply",
        f"Asked for no more messages: reply {out.id}",
        scene.now,
    )
    assert await scene.store.read_opt_out("default", urn(1)) is None
    assert [one.id for one in await listed(scene, may_want_out=True)] == [maybe.id]
    again = reply_to(scene, out.send_id, opted_out=True)
    await scene.store.record_reply(again, scene.later(hours=1))
    assert await scene.store.read_opt_out("default", urn(0)) == entry


async def test_replies_are_listed_by_filters_in_pages(scene: Scene) -> None:
    """By campaign, account and whether they are handled; a page begins after the reply with which the last ended."""
    campaign = await started(scene, people=5)
    for number in range(5):
        sent = await send_to(scene, campaign, number, ACCEPTED)
        await scene.store.record_reply(reply_to(scene, sent.send_id, number), scene.now)
    everything = await listed(scene, campaign_id=campaign.id)
    assert [one.recipient for one in everything] == [urn(number) for number in (4, 3, 2, 1, 0)]
    page = await listed(scene, most=2)
    assert page + await listed(scene, before_id=page[-1].id) == everything
    await scene.store.mark_handled("default", everything[0].id, scene.now, "cli")
    assert len(await listed(scene, handled=True)) == 1
    assert len(await listed(scene, handled=False)) == 4
    assert await listed(scene, campaign_id="0" * 32) == []
    assert await listed(scene, account_id="0" * 24) == []
    assert list(await scene.store.list_replies("another", ReplyFilter(), before_id=None, count=5)) == []


async def test_who_handled_a_reply_first_stays_until_it_is_open_again(scene: Scene) -> None:
    """To mark it twice changes nothing; a reply of another workspace does not exist."""
    sent = await scene.send(ACCEPTED, recipient=urn(0))
    reply = reply_to(scene, sent.send_id)
    await scene.store.record_reply(reply, scene.now)
    store, at = scene.store, scene.now
    await store.mark_handled("default", reply.id, at, "key-1")
    again = await store.mark_handled("default", reply.id, scene.later(hours=1), "key-2")
    assert again == await store.read_reply("default", reply.id) == replace(reply, handled_at=at, handled_by="key-1")
    assert await store.mark_handled("default", reply.id, None, None) == reply
    with pytest.raises(NotFound):
        await store.mark_handled("another", reply.id, at, "key-1")
    with pytest.raises(NotFound):
        await store.read_reply("another", reply.id)


async def test_a_text_may_be_missing_and_kinds_are_kept(scene: Scene) -> None:
    """An image alone is a reply."""
    sent = await scene.send(ACCEPTED, recipient=urn(0))
    reply = reply_to(scene, sent.send_id, text=None, kinds=(ContentKind.IMAGE, ContentKind.QUOTE), name=None)
    await scene.store.record_reply(reply, scene.now)
    assert await listed(scene) == [reply]


async def test_texts_of_replies_are_encrypted_and_resealed(scene: Scene, url: str) -> None:
    """No text stands in the database, or in a reply's repr; after a rotation the new key reads all of them."""
    sent = await scene.send(ACCEPTED, recipient=urn(0))
    for text in (ANSWER, None, "Another one"):
        await scene.store.record_reply(reply_to(scene, sent.send_id, text=text), scene.now)
    stored = await scene.store.engine.read_many("list_reply_texts", "", 10)
    assert len(stored) == 2
    assert not any(ANSWER in row[1] for row in stored)
    assert ANSWER not in repr(await listed(scene))
    new_key = Vault.new_key()
    rotating = await open_store(url, vault=Vault([new_key, KEY]))
    counted: list[tuple[int, int]] = []
    await rotate_secrets(rotating, progress=lambda seen, total: counted.append((seen, total)))
    await rotating.close()
    assert counted[-1][0] == counted[-1][1]
    store = await open_store(url, vault=Vault([new_key]))
    found = await store.list_replies("default", ReplyFilter(), before_id=None, count=5)
    assert [one.text for one in found] == ["Another one", None, ANSWER]
    await store.close()


async def test_the_sends_that_a_person_may_answer(scene: Scene) -> None:
    """Those of the account that reached them or may have, oldest first; and the last reply that is known."""
    assert scene.account is not None
    account_id = scene.account.id
    second = await scene.connect(2)
    kept = [await scene.send(outcome, recipient=urn(0), text=outcome.name) for outcome in (ACCEPTED, UNKNOWN)]
    await scene.send(REFUSED, recipient=urn(0), text="refused")
    await scene.send(ACCEPTED, recipient=urn(0), account_id=second.id, text="theirs")
    found = await scene.store.list_sends_to(account_id, urn(0))
    assert [send.id for send in found] == [claim.send_id for claim in kept]
    assert await scene.store.find_last_reply(account_id, urn(0)) is None
    early, late = [reply_to(scene, kept[0].send_id, received_at=scene.now + each * MINUTE) for each in (1, 2)]
    for reply in (late, early):
        await scene.store.record_reply(reply, scene.now)
    known = await scene.store.find_last_reply(account_id, urn(0))
    assert known == KnownReply(late.message_urn, late.received_at)
    assert await scene.store.find_last_reply(second.id, urn(0)) is None


@pytest.mark.parametrize("seed", range(6))
async def test_no_first_message_begins_after_a_reply_was_committed(scene: Scene, other: SqlStore, seed: int) -> None:
    """Whatever the order in which the replies and opt-outs of forty people meet the messages of two campaigns.

    A message that was reserved all the same was reserved before: the reply's transaction saw it in flight.
    """
    random = Random(seed)
    people = 40
    mine = await started(scene, people=people)
    theirs = await started(scene, people=people, account_id=(await scene.connect(2)).id)
    earlier = await scene.send(ACCEPTED, recipient=urn(99))
    committed: set[int] = set()
    late: list[int] = []

    async def answer(number: int, store: SqlStore) -> None:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        await store.record_reply(reply_to(scene, earlier.send_id, number, opted_out=number % 2 == 0), scene.now)
        committed.add(number)

    async def write(number: int, campaign: Any, store: SqlStore) -> None:
        claim = await claim_of(scene, campaign, number)
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        was_committed = number in committed
        try:
            reserved = await store.reserve(claim)
        except PersonDeclined:
            return
        assert isinstance(reserved, Reserved)
        if was_committed:
            late.append(number)

    stores = (scene.store, other)
    work = [answer(number, random.choice(stores)) for number in range(people)]
    work += [write(number, campaign, random.choice(stores)) for number in range(people) for campaign in (mine, theirs)]
    random.shuffle(work)
    await asyncio.gather(*work)
    assert late == []
    for number in range(people):
        statuses = {(await person(scene, campaign, number)).status for campaign in (mine, theirs)}
        assert statuses <= {PersonStatus.REPLIED, PersonStatus.SKIPPED}
        sends = [
            send
            for account_id in (mine.account_id, theirs.account_id)
            for send in await scene.store.list_sends_to(account_id, urn(number))
        ]
        assert len(sends) <= 1
        assert all(send.outcome is OutcomeName.IN_FLIGHT for send in sends)


async def test_replies_are_counted_by_account(scene: Scene) -> None:
    """People who have replied since a time, each once; and replies that may want out, until they are handled."""
    second = await scene.connect(2)
    reply: Reply | None = None
    for number, account_id in ((0, None), (0, None), (1, None), (1, second.id)):
        sent = await scene.send(ACCEPTED, recipient=urn(number), text=f"Hello {number} {account_id}")
        changes = {} if account_id is None else {"account_id": account_id}
        reply = replace(reply_to(scene, sent.send_id, number, may_want_out=number == 1, **changes), id=new_record_id())
        await scene.store.record_reply(reply, scene.now)
    assert scene.account is not None
    assert reply is not None
    first = scene.account.id
    recorded = datetime.now(UTC)
    assert await scene.store.count_repliers("default", recorded - timedelta(days=1)) == {first: 2, second.id: 1}
    assert await scene.store.count_repliers("default", recorded + timedelta(days=1)) == {}
    assert await scene.store.count_repliers("another", recorded - timedelta(days=1)) == {}
    assert await scene.store.count_to_decide("default") == {first: 1, second.id: 1}
    [undecided] = await listed(scene, account_id=second.id)
    await scene.store.mark_handled("default", undecided.id, scene.now, "cli")
    assert await scene.store.count_to_decide("default") == {first: 1}
    assert {one.recipient for one in await listed(scene, recipient=urn(1))} == {urn(1)}
    assert await listed(scene, recipient=urn(7)) == []
