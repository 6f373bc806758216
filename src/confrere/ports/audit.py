"""The audit log."""

from collections.abc import Sequence
from typing import Protocol

from confrere.domain.audit import EVERY_ENTRY, AuditAction, AuditCheck, AuditEntry, AuditFilter


class Audit(Protocol):
    """Entries are appended in the transaction of the change that they are about; none is ever changed or deleted.

    Who acts is `current_actor()` of the task that calls the change; the users port alone is given its actor, since
    somebody who logs in is another afterwards.
    """

    async def list_audit(
        self, workspace_id: str, which: AuditFilter = EVERY_ENTRY, *, before: int | None, count: int
    ) -> Sequence[AuditEntry]:
        """List the entries that match, newest first, with numbers below `before` where it is given."""
        ...

    async def record(
        self, workspace_id: str, action: AuditAction, subject: str | None = None, detail: str | None = None
    ) -> None:
        """Append an entry of what changes nothing in the store, such as an export."""
        ...

    async def check_audit(self, workspace_id: str) -> AuditCheck:
        """Compute the hash of every entry anew: each is keyed, and covers that of the entry before."""
        ...
