"""The workspaces port on SQL."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.limits import Action, window_start
from confrere.domain.workspaces import Workspace, WorkspaceUse
from confrere.ports import Workspaces
from confrere.store.damage import damage_is_reported
from confrere.store.engine import Engine
from confrere.store.rows import Row, from_micros, to_micros
from confrere.store.script import Query, Script, first


class SqlWorkspaces(Workspaces):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def add_workspace(self, workspace: Workspace) -> None:
        await self._engine.transact(partial(_add, workspace))

    async def list_workspaces(self) -> Sequence[Workspace]:
        return [_workspace_of(row) for row in await self._engine.read_many("list_workspaces")]

    async def count_in_workspaces(self, now: datetime) -> Sequence[WorkspaceUse]:
        rows = await self._engine.read("count_in_workspaces", to_micros(window_start(Action.MESSAGE, now)))
        return [WorkspaceUse(_workspace_of(row), *row[3:]) for row in rows]

    async def find_workspace(self, id_or_name: str) -> Workspace | None:
        row = first(await self._engine.read("find_workspace", id_or_name))
        return None if row is None else _workspace_of(row)

    async def rename_workspace(self, workspace_id: str, name: str) -> Workspace:
        return await self._engine.transact(partial(_rename, workspace_id, name))


def _add(workspace: Workspace) -> Script[None]:
    values = (workspace.id, workspace.name, to_micros(workspace.created_at))
    if not (yield Query("add_workspace", values)):
        raise _name_taken()


def _rename(workspace_id: str, name: str) -> Script[Workspace]:
    row = first((yield Query("rename_workspace", (workspace_id, name))))
    if row is not None:
        return _workspace_of(row)
    if (yield Query("read_workspace", (workspace_id,))):
        raise _name_taken()
    raise NotFound("There is no such workspace")


def _name_taken() -> InvalidField:
    return InvalidField("name", "must not be the name of another workspace")


@damage_is_reported
def _workspace_of(row: Row) -> Workspace:
    return Workspace(row[0], row[1], from_micros(row[2]))
