"""Finds the people of a CSV table among the members of the group who are known, and addresses that were resolved."""

from datetime import datetime
from urllib.parse import unquote

from confrere.domain.campaigns.audience_csv import FindMember
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import Store

_PAGE = 5_000


async def find_known_member(store: Store, workspace_id: str, group_id: GroupId, resolved_since: datetime) -> FindMember:
    """Return a lookup by profile, or by the name in a profile's address.

    It knows what collections have read of the group, and the addresses that were resolved since then.

    It holds all of them, about 1 KB each: a table of 100,000 people takes that many lookups, and a group of 100,000
    members takes 100 days to read.
    """
    known: dict[ProfileUrn | VanityName, Person] = {}
    after: ProfileUrn | None = None
    while page := await store.list_group_members(workspace_id, group_id, after=after, count=_PAGE):
        for person in page:
            known[person.profile_urn] = person
            if person.public_id:
                known[VanityName(unquote(person.public_id).lower())] = person
        after = page[-1].profile_urn
    for name, person in (await store.list_resolved_people(workspace_id, resolved_since)).items():
        known.setdefault(name, person)
    return known.get
