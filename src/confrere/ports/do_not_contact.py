"""The do-not-contact list."""

from collections.abc import Collection, Sequence
from typing import Protocol

from confrere.domain.opt_out import OptOut


class DoNotContact(Protocol):
    """The people whom a workspace never writes to again."""

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        """Keep them; those already there stay as they are. Returns how many are new."""
        ...

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        """Raises NotFound."""
        ...

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        """This one, where it is there."""
        ...

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        """In the order of the recipients' URNs, after `after` where it is given."""
        ...
