"""A group with members who are known, for the tests of pages about people."""

from datetime import UTC, datetime

from confrere.domain.group import KnownGroup, KnownMember, Relationship
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from tests.contract.console.conftest import Console

GROUP = GroupId("12345678")
NAMES = ("Anna Berg", "Émile Zola", "Zoé Real")


def urn(number: int) -> ProfileUrn:
    """Return the URN of a member."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAknown{number:04}")


async def know_members(console: Console, count: int = 3, account_id: str | None = None) -> None:
    """Let the account have read a group of 120 members of whom so many are known."""
    store, now = console.services.store, datetime.now(UTC)
    account_id = account_id or console.account.id
    await store.keep_groups("default", [KnownGroup(str(GROUP), "Logistics in Lyon", 120)])
    await store.replace_account_groups("default", account_id, [str(GROUP)], now)
    members = []
    for number in range(count):
        first, last = NAMES[number].split() if number < len(NAMES) else ("Member", f"{number:04}")
        person = Person(urn(number), f"member-{number}", first, last, "Head of Procurement")
        members.append(KnownMember(person, Relationship.NO_CONNECTION))
    await store.add_members("default", account_id, GROUP, members, places_read=count, is_read=False, now=now)


def members_path(console: Console) -> str:
    """Return the path of the group's page."""
    return f"/console/groups/{GROUP}?account={console.account.id}"


def compose_path(console: Console, *numbers: int) -> str:
    """Return the path of a message to these members."""
    people = "".join(f"&person={urn(number).profile_id}" for number in numbers)
    return f"/console/compose?account={console.account.id}&group={GROUP}{people}"
