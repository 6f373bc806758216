"""The members of groups that are known, on both engines: listing and searching them, and the groups of accounts."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.group import AccountGroup, KnownGroup, KnownMember, ListedMember, MemberFilter, Relationship
from confrere.domain.opt_out import OptOut
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, NOON, Scene

GROUP = GroupId("42")
ANYBODY = MemberFilter()
NAMES = {1: ("Émile", "Zola"), 2: ("anna", "Berg"), 3: ("Zoé", "100% Real"), 4: (None, None)}


def urn(number: int) -> ProfileUrn:
    """The URN of a member."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAmember{number:04}")


def known(number: int, relationship: Relationship | None = Relationship.NO_CONNECTION) -> KnownMember:
    """A member with a name from the table."""
    first, last = NAMES[number]
    return KnownMember(Person(urn(number), f"member-{number}", first, last, "Buyer"), relationship)


async def add(store: SqlStore, account_id: str, *members: KnownMember, **more: Any) -> None:
    """Keep members that the account has read."""
    values: dict[str, Any] = {"places_read": len(members), "is_read": False, "now": NOON} | more
    await store.add_members("default", account_id, GROUP, members, **values)


async def listed(
    store: SqlStore,
    account_id: str,
    which: MemberFilter = ANYBODY,
    **more: Any,
) -> list[ListedMember]:
    """List members."""
    values: dict[str, Any] = {"after": None, "count": 50} | more
    return list(await store.list_members("default", account_id, GROUP, which, **values))


def numbers(found: list[ListedMember]) -> list[int]:
    """Return who they are."""
    return [int(one.person.profile_urn[-4:]) for one in found]


async def test_members_are_listed_by_name_page_by_page(store: SqlStore) -> None:
    """Members come in the order of their names whatever case and accents, and each is on exactly one page."""
    await add(store, "a", *(known(number) for number in NAMES))
    assert numbers(await listed(store, "a")) == [4, 2, 1, 3]
    first = await listed(store, "a", count=2)
    second = await listed(store, "a", after=first[-1].person.profile_urn, count=2)
    assert numbers(first + second) == [4, 2, 1, 3]
    assert await listed(store, "a", after=second[-1].person.profile_urn) == []


@pytest.mark.parametrize(
    ("name", "expected"), [("EMILE", [1]), ("Berg", [2]), ("%", [3]), ("e 1", [3]), ("_", []), ("", [4, 2, 1, 3])]
)
async def test_a_part_of_the_name_is_found(store: SqlStore, name: str, expected: list[int]) -> None:
    """A part of a name is found without regard to case and accents; wildcards of SQL are ordinary characters."""
    await add(store, "a", *(known(number) for number in NAMES))
    assert numbers(await listed(store, "a", MemberFilter(name=name))) == expected


async def test_what_is_on_record_is_shown_and_filtered(scene: Scene) -> None:
    """Each member has who wrote to them, whether they opted out, and their relationship to the reading account."""
    store, account_id = scene.store, (await scene.connect()).id
    await add(store, account_id, known(1, Relationship.CONNECTION), known(2), known(3, None))
    await scene.send(ACCEPTED, recipient=urn(1))
    await store.add_opt_outs("default", [OptOut(urn(2), None, "test", NOON)])
    flags = {
        number: (one.relationship, one.is_written_to, one.is_opted_out, one.has_replied)
        for one in await listed(store, account_id)
        for number in numbers([one])
    }
    assert flags == {
        1: (Relationship.CONNECTION, True, False, False),
        2: (Relationship.NO_CONNECTION, False, True, False),
        3: (None, False, False, False),
    }
    for which, expected in (
        (MemberFilter(is_written_to=True), [1]),
        (MemberFilter(is_written_to=False), [2, 3]),
        (MemberFilter(is_opted_out=True), [2]),
        (MemberFilter(is_opted_out=False), [1, 3]),
        (MemberFilter(relationship=Relationship.CONNECTION), [1]),
        (MemberFilter(is_written_to=False, is_opted_out=False), [3]),
    ):
        assert sorted(numbers(await listed(store, account_id, which))) == expected, which
    assert {one.relationship for one in await listed(store, "another")} == {None}
    found = await store.find_members("default", account_id, GROUP, [urn(2), urn(9)])
    assert {key: one.is_opted_out for key, one in found.items()} == {urn(2): True}


async def test_another_workspace_sees_nobody(store: SqlStore) -> None:
    """Members and their names are of one workspace."""
    await add(store, "a", known(1))
    assert await store.list_members("other", "a", GROUP, MemberFilter(), after=None, count=9) == []
    assert await store.find_people("other", [urn(1)]) == {}
    assert await store.find_people("default", []) == {}
    assert (await store.find_people("default", [urn(1), urn(2)]))[urn(1)].full_name == "Émile Zola"


async def test_groups_of_an_account_are_those_listed_last(store: SqlStore) -> None:
    """A group that LinkedIn lists no more is gone; one that it lists keeps how far its members were read."""
    await store.keep_groups("default", [KnownGroup("42", "Logistics", 1200)])
    await store.replace_account_groups("default", "a", ["42", "43"], NOON)
    await add(store, "a", known(1), known(2), places_read=100)
    later = NOON + timedelta(hours=1)
    await store.replace_account_groups("default", "a", ["42"], later)
    assert await store.list_account_groups("default", "a") == [
        AccountGroup("42", "Logistics", 1200, 2, later, 100, False, NOON)
    ]
    assert await store.list_account_groups("default", "b") == []
    assert await store.read_account_group("default", "b", GROUP) == AccountGroup("42", "Logistics", 1200)
    assert await store.read_account_group("default", "b", GroupId("44")) == AccountGroup("44")
