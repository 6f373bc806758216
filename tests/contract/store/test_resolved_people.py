"""People by the name in their address are kept by workspace, without regard to case, until they are too old."""

from dataclasses import replace
from datetime import timedelta

from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ProfileUrn
from confrere.store import SqlStore
from tests.contract.store.scene import NOON

ANNA = Person(ProfileUrn("urn:li:fsd_profile:ACoAAAnna"), "Anna", "Anna", None, "Gardener")


async def test_a_name_is_kept_in_any_case(store: SqlStore) -> None:
    """A person is found by the name in any case, in the workspace that asked, from the moment given."""
    await store.add_resolved_person("default", VanityName("Anna-Ä"), ANNA, NOON)
    assert await store.read_resolved_person("default", VanityName("anna-ä"), NOON) == ANNA
    assert await store.list_resolved_people("default", NOON) == {VanityName("anna-ä"): ANNA}
    assert await store.list_resolved_people("default", NOON + timedelta(seconds=1)) == {}
    assert await store.read_resolved_person("another", VanityName("anna-ä"), NOON) is None
    assert await store.read_resolved_person("default", VanityName("anna-ä"), NOON + timedelta(seconds=1)) is None


async def test_a_name_that_changed_hands_is_replaced(store: SqlStore) -> None:
    """A later answer replaces an earlier one."""
    other = replace(ANNA, profile_urn=ProfileUrn("urn:li:fsd_profile:ACoAAOther"))
    await store.add_resolved_person("default", VanityName("anna"), ANNA, NOON)
    await store.add_resolved_person("default", VanityName("anna"), other, NOON + timedelta(days=1))
    assert await store.read_resolved_person("default", VanityName("anna"), NOON) == other
