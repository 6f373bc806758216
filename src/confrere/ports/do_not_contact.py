"""The do-not-contact list."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.opt_out import OptOut


class DoNotContact(Protocol):
    """The people whom a workspace never writes to again."""

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        """Add them; those already there stay as they are. Returns how many are new."""
        ...

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        """Remove one person. Raises NotFound."""
        ...

    async def was_removed_since(self, workspace_id: str, recipient: str, at: datetime) -> bool:
        """Whether somebody took this person off the list at this time or later."""
        ...

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        """Return the entry of this person; None where there is none."""
        ...

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        """Return a page in the order of the recipients' URNs, after `after` where it is given."""
        ...

    async def search_opt_outs(self, workspace_id: str, text: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        """Return a page of those whose reason or source contains the text, or whose name does where it is known."""
        ...

    async def find_opted_out(self, workspace_id: str, recipients: Collection[str]) -> Collection[str]:
        """Return those of the people who are on the list."""
        ...
