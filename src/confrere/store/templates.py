"""The ports of templates and of groups' names on SQL."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from confrere.domain.audit import AuditAction
from confrere.domain.campaigns.campaign import ContentChanged
from confrere.domain.campaigns.saved_template import TEMPLATE_EDITED, SavedTemplate, TemplateInUse
from confrere.domain.errors import NotFound
from confrere.ports import Templates
from confrere.store.audit import Recorder, Trail
from confrere.store.engine import Engine
from confrere.store.rows import Row, template_of, to_micros
from confrere.store.script import Query, Script, first
from confrere.store.vault import Vault


class SqlTemplates(Templates):
    """The port on SQL."""

    def __init__(self, engine: Engine, vault: Vault, trail: Trail) -> None:
        self._engine = engine
        self._trail = trail
        self._vault = vault

    async def add_template(self, template: SavedTemplate) -> None:
        await self._engine.transact(partial(_add, self._vault, template, self._trail.recorder()))

    async def read_template(self, workspace_id: str, template_id: str) -> SavedTemplate:
        return _opened(self._vault, await self._engine.read("read_template", workspace_id, template_id))

    async def list_templates(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[SavedTemplate]:
        rows = await self._engine.read_many("list_templates", workspace_id, before_id, count)
        return [_opened(self._vault, [row]) for row in rows]

    async def change_template(
        self,
        workspace_id: str,
        template_id: str,
        *,
        name: str | None,
        content: tuple[str, Sequence[str]] | None,
        now: datetime,
        version: int | None = None,
    ) -> SavedTemplate:
        script = partial(
            _change, self._vault, workspace_id, template_id, name, content, now, version, self._trail.recorder()
        )
        return await self._engine.transact(script)

    async def delete_template(self, workspace_id: str, template_id: str) -> None:
        await self._engine.transact(partial(_delete, workspace_id, template_id, self._trail.recorder()))


def lock_template(workspace_id: str, template_id: str) -> Script[None]:
    """Keep a template as it is until the transaction ends. Raises NotFound."""
    if not (yield Query("lock_template", (workspace_id, template_id))):
        raise _no_template()


def _add(vault: Vault, template: SavedTemplate, audit: Recorder) -> Script[None]:
    yield Query("add_template", _values(vault, template))
    yield from audit.append(template.workspace_id, AuditAction.TEMPLATE_CREATED, template.id)


def _values(vault: Vault, template: SavedTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "workspace_id": template.workspace_id,
        "name": template.name,
        "text": vault.seal(template.text),
        "variables": json.dumps(template.variables),
        "version": template.version,
        "created_at": to_micros(template.created_at),
        "changed_at": to_micros(template.changed_at),
    }


def _opened(vault: Vault, rows: Sequence[Row]) -> SavedTemplate:
    """The one row with its text decrypted. Raises NotFound where there is none."""
    if not rows:
        raise _no_template()
    template = template_of(rows[0])
    return replace(template, text=vault.unseal(template.text))


def _no_template() -> NotFound:
    return NotFound("There is no such template in this workspace")


def _change(
    vault: Vault,
    workspace_id: str,
    template_id: str,
    name: str | None,
    content: tuple[str, Sequence[str]] | None,
    now: datetime,
    version: int | None,
    audit: Recorder,
) -> Script[SavedTemplate]:
    before = _opened(vault, (yield Query("lock_template", (workspace_id, template_id))))
    if version not in (None, before.version):
        raise ContentChanged(TEMPLATE_EDITED)
    text, variables = (before.text, before.variables) if content is None else content
    after = replace(
        before,
        name=before.name if name is None else name,
        text=text,
        variables=tuple(variables),
        version=before.version if text == before.text else before.version + 1,
    )
    if after == before:
        return before
    after = replace(after, changed_at=now)
    yield Query("change_template", _values(vault, after))
    yield from audit.append(workspace_id, AuditAction.TEMPLATE_CHANGED, template_id, detail=f"version {after.version}")
    return after


def _delete(workspace_id: str, template_id: str, audit: Recorder) -> Script[None]:
    yield from lock_template(workspace_id, template_id)
    draft = first((yield Query("find_draft_of_template", (template_id,))))
    if draft is not None:
        raise TemplateInUse(draft[0], draft[1])
    yield Query("delete_template", (template_id,))
    yield from audit.append(workspace_id, AuditAction.TEMPLATE_DELETED, template_id)
