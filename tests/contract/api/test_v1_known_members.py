"""The members of a group who are known, over the management API: without asking LinkedIn."""

from datetime import UTC, datetime

import pytest

from confrere.domain.group import KnownMember, Relationship
from confrere.domain.keys import Scope
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling

READ_AT = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
MEMBERS = "/groups/12345678/members"


def urn(number: int) -> ProfileUrn:
    """Return the URN of a member."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAknown{number}")


async def know(api: Api) -> None:
    """Let the account have read three members, of whom the second is on the do-not-contact list."""
    names = (("Anna", "Berg"), ("Émile", "Zola"), (None, None))
    members = [
        KnownMember(Person(urn(number), f"member-{number}", first, last, "Buyer"), Relationship.NO_CONNECTION)
        for number, (first, last) in enumerate(names)
    ]
    await api.services.store.add_members(
        "default", api.account.id, GroupId("12345678"), members, places_read=3, is_read=True, now=READ_AT
    )
    await api.services.do_not_contact.add("default", [urn(1)], reason=None, source="test")


async def test_known_members_are_listed_by_name(api: Api) -> None:
    """Each member has what is on record; pages follow one another; LinkedIn is not asked."""
    await know(api)
    async with calling(api, Scope.READ) as caller:
        first = await caller.get(f"{MEMBERS}?limit=2")
        second = await caller.get(f"{MEMBERS}?limit=2&cursor={first['nextCursor']}")
    items = first["items"] + second["items"]
    assert [one["name"] for one in items] == [None, "Anna Berg", "Émile Zola"]
    assert second["nextCursor"] is None
    assert items[2] == {
        "recipientProfileUrn": urn(1),
        "name": "Émile Zola",
        "firstName": "Émile",
        "lastName": "Zola",
        "headline": "Buyer",
        "publicIdentifier": "member-1",
        "relationship": "NO_CONNECTION",
        "readAt": "2026-03-14T09:00:00Z",
        "writtenTo": False,
        "doNotContact": True,
        "replied": False,
    }
    assert api.upstream.pages == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=emile", [1]),
        ("doNotContact=true", [1]),
        ("doNotContact=false&name=anna", [0]),
        ("writtenTo=true", []),
        ("relationship=NO_CONNECTION", [2, 0, 1]),
        ("relationship=CONNECTION", []),
    ],
)
async def test_filters_apply(api: Api, query: str, expected: list[int]) -> None:
    """Members are filtered by name, relationship and what is on record."""
    await know(api)
    async with calling(api, Scope.READ) as caller:
        page = await caller.get(f"{MEMBERS}?{query}")
    assert [one["recipientProfileUrn"] for one in page["items"]] == [urn(number) for number in expected]


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/groups/logistics/members", 404, "notFound"),
        (f"{MEMBERS}?accountId={'f' * 24}", 404, "notFound"),
        (f"{MEMBERS}?relationship=FRIEND", 400, "invalidField"),
        (f"{MEMBERS}?writtenTo=perhaps", 400, "invalidField"),
        (f"{MEMBERS}?name={'x' * 201}", 400, "invalidField"),
        (f"{MEMBERS}?cursor=bad", 400, "invalidField"),
    ],
)
async def test_what_cannot_be_used_is_named(api: Api, path: str, status: int, kind: str) -> None:
    """A group, account or filter that cannot be used is an error with its field."""
    async with calling(api, Scope.READ) as caller:
        (await caller.ask("GET", path)).problem(status, kind)
