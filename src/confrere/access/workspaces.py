"""Workspaces: create, list, rename, and the first keys of new ones."""

from collections.abc import Sequence

from confrere.domain.errors import NotFound
from confrere.domain.ids import new_account_id
from confrere.domain.workspaces import Workspace, WorkspaceUse, parse_workspace_name
from confrere.ports import Clock, Workspaces


class WorkspaceDirectory:
    """The workspaces of the installation. Its callers are the operator's: no key of a workspace reaches it."""

    def __init__(self, *, workspaces: Workspaces, clock: Clock) -> None:
        self._workspaces = workspaces
        self._clock = clock

    async def create(self, name: object) -> Workspace:
        """Create a workspace of this name. Raises InvalidField."""
        workspace = Workspace(new_account_id(), parse_workspace_name(name), self._clock())
        await self._workspaces.add_workspace(workspace)
        return workspace

    async def list_all(self) -> Sequence[Workspace]:
        """List all, the oldest first."""
        return await self._workspaces.list_workspaces()

    async def list_use(self) -> Sequence[WorkspaceUse]:
        """List all with what they hold and what they have sent today, the oldest first."""
        return await self._workspaces.count_in_workspaces(self._clock())

    async def find(self, id_or_name: str) -> Workspace:
        """Return the one with this id or name. Raises NotFound."""
        found = await self._workspaces.find_workspace(id_or_name)
        if found is None:
            raise NotFound("There is no such workspace")
        return found

    async def rename(self, workspace_id: str, name: object) -> Workspace:
        """Change its name. Raises NotFound, InvalidField."""
        return await self._workspaces.rename_workspace(workspace_id, parse_workspace_name(name))
