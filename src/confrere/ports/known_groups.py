"""What is known of groups without asking LinkedIn."""

from collections.abc import Collection, Sequence
from typing import Protocol

from confrere.domain.group import KnownGroup


class KnownGroups(Protocol):
    """Groups as LinkedIn last showed them to an account of the workspace."""

    async def keep_groups(self, workspace_id: str, groups: Collection[KnownGroup]) -> None:
        """Keep what is known of these groups; None leaves what was known before. Writes only what has changed."""
        ...

    async def list_groups(self, workspace_id: str) -> Sequence[KnownGroup]:
        """Return the groups of which something is known, by their names; 200 at most."""
        ...

    async def read_group(self, workspace_id: str, group_id: str) -> KnownGroup:
        """Return what is known of the group; without name and members where LinkedIn never showed it."""
        ...
