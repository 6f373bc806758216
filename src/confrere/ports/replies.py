"""Replies of the people that a workspace has written to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from confrere.domain.reply import KnownReply, Reply, ReplyFilter
from confrere.domain.urns import ProfileUrn


class Replies(Protocol):
    """What people have answered, their texts encrypted at rest."""

    async def record_reply(self, reply: Reply, now: datetime) -> bool:
        """Record it, make its sender `replied` in all campaigns of the workspace, and list who `opted_out`.

        All of it in one transaction: no message of a campaign to this person is reserved after it was committed.
        Returns False for a message of this account that is recorded already; then nothing changes.
        """
        ...

    async def find_last_reply(self, account_id: str, recipient: ProfileUrn) -> KnownReply | None:
        """Return this person's last recorded reply to the account."""
        ...

    async def list_replies(
        self, workspace_id: str, which: ReplyFilter, *, before_id: str | None, count: int
    ) -> Sequence[Reply]:
        """Return a page, the last recorded first, beginning after the reply `before_id`."""
        ...

    async def count_repliers(self, workspace_id: str, since: datetime) -> Mapping[str, int]:
        """Return per account how many people have replied since then, by when their replies were recorded."""
        ...

    async def count_to_decide(self, workspace_id: str) -> Mapping[str, int]:
        """Return per account how many replies may want out and are not handled."""
        ...

    async def read_reply(self, workspace_id: str, reply_id: str) -> Reply:
        """Raises NotFound."""
        ...

    async def mark_handled(
        self, workspace_id: str, reply_id: str, handled_at: datetime | None, handled_by: str | None
    ) -> Reply:
        """Record that a person has handled it, or that it is open again (None). The first time stays.

        Raises NotFound.
        """
        ...
