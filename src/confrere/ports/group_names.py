"""The names of groups."""

from collections.abc import Mapping
from typing import Protocol


class GroupNames(Protocol):
    """The names of groups as LinkedIn last listed them to an account of the workspace."""

    async def keep_group_names(self, workspace_id: str, names: Mapping[str, str]) -> None:
        """Keep names by the groups' ids; those that are known already and have not changed are not written."""
        ...

    async def read_group_name(self, workspace_id: str, group_id: str) -> str | None:
        """Return the group's name; None where LinkedIn never listed it."""
        ...
