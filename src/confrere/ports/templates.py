"""Templates of messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.campaigns.saved_template import SavedTemplate


class Templates(Protocol):
    """Templates that are saved under a name. Their texts are encrypted."""

    async def add_template(self, template: SavedTemplate) -> None:
        """Write a new template."""
        ...

    async def read_template(self, workspace_id: str, template_id: str) -> SavedTemplate:
        """Raises NotFound."""
        ...

    async def list_templates(self, workspace_id: str, *, before_id: str | None, count: int) -> Sequence[SavedTemplate]:
        """Return a page, the newest first."""
        ...

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
        """Give it a name, or a text with its variables (None: as they are). Another text is the next version.

        version:  that it must have; None: any.
        Raises:   NotFound; ContentChanged where it has another version.
        """
        ...

    async def delete_template(self, workspace_id: str, template_id: str) -> None:
        """Delete it. Raises NotFound; TemplateInUse where a draft has its text from it."""
        ...
