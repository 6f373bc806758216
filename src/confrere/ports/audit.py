"""The audit log."""

from collections.abc import Sequence
from typing import Protocol

from confrere.domain.audit import AuditCheck, AuditEntry


class Audit(Protocol):
    """Entries are appended in the transaction of the change that they are about; none is ever changed or deleted."""

    async def list_audit(self, workspace_id: str, *, before: int | None, count: int) -> Sequence[AuditEntry]:
        """List the entries, newest first, with numbers below `before` where it is given."""
        ...

    async def check_audit(self, workspace_id: str) -> AuditCheck:
        """Compute the hash of every entry anew: each is keyed, and covers that of the entry before."""
        ...
