"""Audiences, and the pages that are collected for them, on both engines."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.campaigns.audience import Audience, AudienceInUse, AudiencePerson, AudienceStatus
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.campaigns.collection import Collection, CollectionFault, GroupFilters
from confrere.domain.errors import NotFound, StoreUnavailable
from confrere.domain.group import MembershipStatus, Relationship
from confrere.domain.ids import new_record_id
from confrere.domain.opt_out_csv import BadRow
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import ClaimedCollection, CollectedPage
from confrere.store import SqlStore
from tests.contract.store.campaigns import draft, started
from tests.contract.store.scene import NOON, Scene

GROUP = GroupId("42")
LEASE = timedelta(minutes=2)
ACCOUNT = "0" * 24


def person(number: int, **more: Any) -> Person:
    """A member of the group."""
    urn = ProfileUrn(f"urn:li:fsd_profile:ACoAAmember{number:04}")
    return Person(urn, f"member-{number}", "Member", str(number), **more)


def audience(**changes: Any) -> Audience:
    """An audience without people."""
    values: dict[str, Any] = {
        "id": new_record_id(),
        "workspace_id": "default",
        "name": "Buyers",
        "group_id": GROUP,
        "source": "csv",
        "created_at": NOON,
        "count": 0,
    }
    return Audience(**values | changes)


async def collecting(
    store: SqlStore, account_id: str = ACCOUNT, *, most: int | None = None, **changes: Any
) -> Audience:
    """An audience whose first page is due."""
    collection = Collection(account_id, GroupFilters(most=most), next_at=NOON)
    made = audience(source="group", status=AudienceStatus.COLLECTING, collection=collection, **changes)
    return await store.add_audience(made, ())


async def claim(store: SqlStore, now: Any = NOON, count: int = 10) -> list[ClaimedCollection]:
    """Claim what is due."""
    return list(await store.claim_collections(now, count=count, lease_until=now + LEASE))


def page(*numbers: int, total: int | None = 300, is_last: bool = False) -> CollectedPage:
    """A page of these members, all of whom are taken."""
    members = [person(number) for number in numbers]
    return CollectedPage(members, members, len(numbers), total, is_last)


async def write(store: SqlStore, claimed: ClaimedCollection, written: CollectedPage) -> Audience | None:
    """Write a page; the next one is due at once."""
    return await store.add_collected_page(claimed, written, next_at=NOON, now=NOON)


async def people_of(store: SqlStore, one: Audience) -> list[AudiencePerson]:
    """Everybody in it, in order."""
    found = await store.list_audience_people(one.workspace_id, one.id, after_place=0, count=10_000)
    assert [place for place, _ in found] == sorted({place for place, _ in found})
    return [each for _, each in found]


async def test_all_of_an_audience_is_kept(store: SqlStore) -> None:
    """What was known of people, columns, bad rows and filters is read as it was written."""
    people = [
        AudiencePerson(person(1, headline="Buyer \\u0000 \U0001f600 'x'"), {"company": 'Ärzte & "Söhne"'}),
        AudiencePerson.of(ProfileUrn("urn:li:fsd_profile:ACoAAother")),
    ]
    bad = (BadRow(3, "must be somebody"), BadRow(9, 'must be "somebody"'))
    wanted = audience(columns=("company", "city"), bad_rows=bad, bad_row_count=17)
    made = await store.add_audience(wanted, people)
    assert made == replace(wanted, count=2)
    assert await people_of(store, made) == people
    filters = GroupFilters((MembershipStatus.OWNER,), "buyer", "ö", Relationship.CONNECTION, premium=False, most=7)
    collection = Collection(ACCOUNT, filters, next_at=NOON)
    group = audience(source="group", status=AudienceStatus.COLLECTING, collection=collection)
    assert await store.add_audience(group, ()) == group
    assert await store.list_audiences("default", before_id=None, count=5) == [group, made]


async def test_people_are_added_once_in_order(store: SqlStore) -> None:
    """Who is in it stays where they are, who is new comes after everybody; the count is that of the people."""
    made = await store.add_audience(audience(), [AudiencePerson(person(1)), AudiencePerson(person(2))])
    more = [AudiencePerson(person(number)) for number in (2, 3, 1, 4, 3)]
    assert await store.add_audience_people("default", made.id, more) == 2
    assert await store.add_audience_people("default", made.id, more) == 0
    assert await store.add_audience_people("default", made.id, [AudiencePerson(person(0))]) == 1
    assert [each.name for each in await people_of(store, made)] == [f"Member {one}" for one in (1, 2, 3, 4, 0)]
    assert (await store.read_audience("default", made.id)).count == 5
    with pytest.raises(NotFound):
        await store.add_audience_people("another", made.id, more)


async def test_audience_is_kept_for_a_draft_and_not_for_a_started_campaign(scene: Scene) -> None:
    """Until a campaign is frozen it needs the audience."""
    store = scene.store
    made = await store.add_audience(audience(), [AudiencePerson(person(1))])
    campaign = await draft(scene, audience_id=made.id)
    await started(scene, audience_id=made.id)
    with pytest.raises(AudienceInUse, match="'Spring', which is draft"):
        await store.delete_audience("default", made.id)
    await store.change_campaign_status("default", campaign.id, CampaignStatus.ARCHIVED, now=scene.now)
    with pytest.raises(NotFound):
        await store.delete_audience("another", made.id)
    await store.delete_audience("default", made.id)
    with pytest.raises(NotFound):
        await store.read_audience("default", made.id)


async def test_deleted_audience_is_purged_in_parts(store: SqlStore) -> None:
    """Nobody sees it from the deletion on; its people go in short transactions, and nobody else's."""
    kept = await store.add_audience(audience(), [AudiencePerson(person(1))])
    made = await store.add_audience(audience(), [AudiencePerson(person(number)) for number in range(4_500)])
    assert not await store.purge_audiences(NOON)
    await store.delete_audience("default", made.id)
    for read in (store.read_audience, store.delete_audience):
        with pytest.raises(NotFound):
            await read("default", made.id)
    with pytest.raises(NotFound):
        await store.add_audience_people("default", made.id, [AudiencePerson(person(1))])
    assert [one.id for one in await store.list_audiences("default", before_id=None, count=5)] == [kept.id]
    left = []
    while await store.purge_audiences(NOON):
        left.append(len(await people_of(store, made)))
    assert left == [3_500, 2_500, 1_500, 500, 0, 0]
    assert len(await people_of(store, kept)) == 1


async def test_large_audience_is_seen_only_when_it_is_whole(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many people are written in short transactions; where the process dies between two, nothing of it stays."""
    people = [AudiencePerson(person(number)) for number in (*range(2_500), *range(10))]
    made = await store.add_audience(audience(), people)
    assert (made.count, len(await people_of(store, made)), made.status) == (2_500, 2_500, AudienceStatus.READY)
    assert not await store.purge_audiences(NOON + timedelta(days=1))
    wanted = audience()
    transact, left = store.engine.transact, 2

    async def die(script: Any) -> Any:
        nonlocal left
        if not left:
            raise StoreUnavailable("killed")
        left -= 1
        return await transact(script)

    monkeypatch.setattr(store.engine, "transact", die)
    with pytest.raises(StoreUnavailable, match="killed"):
        await store.add_audience(wanted, people)
    monkeypatch.undo()
    with pytest.raises(NotFound):
        await store.read_audience("default", wanted.id)
    assert [one.id for one in await store.list_audiences("default", before_id=None, count=5)] == [made.id]
    assert not await store.purge_audiences(NOON + timedelta(minutes=59))
    assert len(await people_of(store, wanted)) == 1_000
    while await store.purge_audiences(NOON + timedelta(hours=1)):
        pass
    assert await people_of(store, wanted) == []


async def test_page_and_place_move_together(store: SqlStore) -> None:
    """A page is written with the place after it; somebody who was in an earlier page stays once, where they were."""
    made = await collecting(store)
    [claimed] = await claim(store)
    assert (claimed.audience, claimed.lease_until) == (made, NOON + LEASE)
    first = await write(store, claimed, page(3, 1, 2))
    assert first is not None
    assert first.collection == Collection(ACCOUNT, GroupFilters(), 3, 300, None, NOON)
    [claimed] = await claim(store)
    second = await write(store, claimed, page(2, 4, total=5, is_last=True))
    assert second is not None
    assert second.collection == Collection(ACCOUNT, GroupFilters(), 5, 5, None, None)
    assert (second.status, second.count) == (AudienceStatus.READY, 4)
    assert [each.name for each in await people_of(store, made)] == [f"Member {one}" for one in (3, 1, 2, 4)]
    assert await claim(store, NOON + timedelta(days=9)) == []
    assert await store.list_collecting(ACCOUNT) == []


async def test_most_people_are_never_exceeded(store: SqlStore) -> None:
    """Those who are more than were wanted are dropped, counted after those who were in it already."""
    made = await collecting(store, most=4)
    [claimed] = await claim(store)
    await write(store, claimed, page(1, 2, 3))
    [claimed] = await claim(store)
    last = await write(store, claimed, page(2, 3, 5, 6, 7))
    assert last is not None
    assert (last.status, last.count) == (AudienceStatus.READY, 4)
    assert [each.name for each in await people_of(store, made)] == [f"Member {one}" for one in (1, 2, 3, 5)]
    assert await store.add_audience_people("default", made.id, [AudiencePerson(person(6))]) == 1


async def test_leased_page_is_nobody_elses(store: SqlStore, other: SqlStore) -> None:
    """Until the lease ends no other process claims it; after that the first one's page is not written any more."""
    made = await collecting(store)
    [claimed] = await claim(store)
    assert await claim(other) == await claim(store) == await claim(other, NOON + LEASE - timedelta(seconds=1)) == []
    late = NOON + LEASE
    [taken] = await claim(other, late)
    assert await write(store, claimed, page(1, 2)) is None
    await store.put_collection_off(claimed, until=NOON, fault=CollectionFault.REFUSED)
    assert await people_of(store, made) == []
    assert await store.list_group_members("default", GROUP, after=None, count=10) == []
    assert (await store.read_audience("default", made.id)).collection == replace(
        taken.audience.collection or Collection(""), next_at=late + LEASE
    )
    assert await write(other, taken, page(1, 2)) is not None
    assert await write(other, taken, page(1, 2)) is None
    assert len(await people_of(store, made)) == 2


async def test_two_processes_claim_each_collection_once(store: SqlStore, other: SqlStore) -> None:
    """However they race, each audience has one reader, and each account one at a time."""
    accounts = [f"{number:024}" for number in range(6)]
    for account_id in accounts * 2:
        await collecting(store, account_id)
    claims = await asyncio.gather(*(claim(one, count=3) for one in (store, other) * 3))
    readers = [one.audience.collection and one.audience.collection.account_id for found in claims for one in found]
    assert sorted(map(str, readers)) == accounts


async def test_audiences_of_an_account_take_turns(store: SqlStore) -> None:
    """The one that has waited longest is next."""
    made = sorted([await collecting(store) for _ in range(3)], key=lambda one: one.id)
    seen = []
    for second in range(6):
        now = NOON + timedelta(seconds=second)
        [claimed] = await claim(store, now)
        seen.append(claimed.audience.id)
        await store.add_collected_page(claimed, page(second), next_at=now + timedelta(milliseconds=1), now=now)
    assert seen == [one.id for one in made] * 2
    assert [one.id for one in await store.list_collecting(ACCOUNT)] == [one.id for one in made]


async def test_put_off_collection_is_due_later(store: SqlStore) -> None:
    """The same page is read again, and the fault is kept until then."""
    made = await collecting(store)
    [claimed] = await claim(store)
    until = NOON + timedelta(hours=1)
    await store.put_collection_off(claimed, until=until, fault=CollectionFault.UNREADABLE)
    assert await claim(store, until - timedelta(microseconds=1)) == []
    waiting = await store.read_audience("default", made.id)
    assert waiting.collection == Collection(ACCOUNT, GroupFilters(), 0, None, CollectionFault.UNREADABLE, until)
    [claimed] = await claim(store, until)
    written = await write(store, claimed, page(1))
    assert written is not None
    assert (written.collection and written.collection.fault) is None


async def test_deleted_audience_is_not_collected(store: SqlStore) -> None:
    """Nobody claims it, and a page that is being read for it is not written."""
    made = await collecting(store)
    [claimed] = await claim(store)
    await store.delete_audience("default", made.id)
    assert await write(store, claimed, page(1)) is None
    assert await claim(store, NOON + timedelta(days=1)) == []
    assert await store.list_collecting(ACCOUNT) == []


async def test_members_that_were_read_are_known(store: SqlStore) -> None:
    """Also those whom no filter takes, of this group and workspace only, as they were when they were last read."""
    await collecting(store)
    [claimed] = await claim(store)
    await write(store, claimed, CollectedPage([person(2), person(1), person(1)], [], 3, None, is_last=False))
    [claimed] = await claim(store)
    await write(store, claimed, CollectedPage([person(1, headline="New"), person(3)], [], 2, None, is_last=True))
    known = [person(1, headline="New"), person(2), person(3)]
    assert await store.list_group_members("default", GROUP, after=None, count=10) == known
    after = known[0].profile_urn
    assert await store.list_group_members("default", GROUP, after=after, count=1) == [known[1]]
    assert await store.list_group_members("default", GroupId("43"), after=None, count=10) == []
    assert await store.list_group_members("another", GROUP, after=None, count=10) == []


async def test_name_of_a_group_is_given_to_all_its_audiences(store: SqlStore) -> None:
    """To those that are there, in this workspace, and to those that are made later."""
    made = [await store.add_audience(audience(**more), ()) for more in ({}, {"group_id": GroupId("43")})]
    stranger = await store.add_audience(audience(workspace_id="another"), ())
    await store.name_group("default", GROUP, "Logistics")
    made.append(await store.add_audience(audience(), ()))
    await store.name_group("default", GROUP, "Other")
    names = [(await store.read_audience("default", one.id)).group_name for one in made]
    assert names == ["Logistics", None, "Logistics"]
    assert (await store.read_audience("another", stranger.id)).group_name is None
