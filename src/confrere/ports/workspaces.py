"""Workspaces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.workspaces import Workspace, WorkspaceUse


class Workspaces(Protocol):
    """The workspaces of the installation."""

    async def add_workspace(self, workspace: Workspace) -> None:
        """Store it. Raises InvalidField where its name is taken."""
        ...

    async def list_workspaces(self) -> Sequence[Workspace]:
        """Return all, the oldest first."""
        ...

    async def count_in_workspaces(self, now: datetime) -> Sequence[WorkspaceUse]:
        """Return all with what they hold and what they have sent today, the oldest first."""
        ...

    async def find_workspace(self, id_or_name: str) -> Workspace | None:
        """Return the one with this id, or else with this name."""
        ...

    async def rename_workspace(self, workspace_id: str, name: str) -> Workspace:
        """Change its name. Raises NotFound, InvalidField where the name is taken."""
        ...
