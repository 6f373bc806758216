"""What LinkedIn showed last of each group is kept, by workspace."""

from confrere.domain.group import KnownGroup
from confrere.store import SqlStore


async def test_the_newest_name_and_size_are_kept(store: SqlStore) -> None:
    """A newer name or size replaces the older one; what is not known leaves what was."""
    await store.keep_groups("default", [KnownGroup("1", "Bees", 40), KnownGroup("2", "Ants")])
    await store.keep_groups("default", [KnownGroup("1", "Wasps"), KnownGroup("2", None, 7)])
    await store.keep_groups("another", [KnownGroup("2", "Theirs", 9)])
    found = [await store.read_group("default", one) for one in ("1", "2", "3")]
    assert found == [KnownGroup("1", "Wasps", 40), KnownGroup("2", "Ants", 7), KnownGroup("3")]
