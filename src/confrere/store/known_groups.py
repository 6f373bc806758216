"""The known groups port on SQL."""

from collections.abc import Collection, Sequence
from functools import partial

from confrere.domain.group import KnownGroup
from confrere.ports import KnownGroups
from confrere.store.engine import Engine
from confrere.store.script import Query, Script, first


class SqlKnownGroups(KnownGroups):
    """The port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def keep_groups(self, workspace_id: str, groups: Collection[KnownGroup]) -> None:
        changed = [one for one in groups if await self._is_news(workspace_id, one)]
        if changed:
            await self._engine.transact(partial(_keep, workspace_id, changed))

    async def read_group(self, workspace_id: str, group_id: str) -> KnownGroup:
        row = first(await self._engine.read("read_known_group", workspace_id, group_id))
        return KnownGroup(group_id) if row is None else KnownGroup(group_id, *row)

    async def list_groups(self, workspace_id: str) -> Sequence[KnownGroup]:
        return [KnownGroup(*row) for row in await self._engine.read("list_known_groups", workspace_id)]

    async def _is_news(self, workspace_id: str, group: KnownGroup) -> bool:
        known = await self.read_group(workspace_id, group.group_id)
        return group.name not in (None, known.name) or group.members not in (None, known.members)


def _keep(workspace_id: str, groups: Sequence[KnownGroup]) -> Script[None]:
    for one in sorted(groups, key=lambda one: one.group_id):  # in one order: two that write the same do not deadlock
        yield Query("keep_group", (workspace_id, one.group_id, one.name, one.members))
