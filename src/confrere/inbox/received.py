"""The replies of a workspace: reading them, their conversations, and recording who has handled them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from confrere.domain.reply import Reply, ReplyFilter
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.inbox.mailbox import MailboxReader, MessagesPage
from confrere.ports import Clock, Store
from confrere.sending.account_reads import Reading


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """Where an answer to a reply goes: from this account, into this conversation, to this person."""

    account_id: str
    conversation_urn: ConversationUrn
    recipient: ProfileUrn


class ReceivedReplies:
    """What the people that a workspace has written to have answered."""

    def __init__(self, *, store: Store, mailbox: MailboxReader, clock: Clock) -> None:
        self._store = store
        self._mailbox = mailbox
        self._clock = clock

    async def list_page(
        self,
        workspace_id: str,
        which: ReplyFilter = ReplyFilter(),  # noqa: B008  # frozen
        *,
        before_id: str | None = None,
        count: int = 200,
    ) -> Sequence[Reply]:
        """Return a page, the last recorded first. Raises NotFound for an account or campaign that does not exist."""
        if which.account_id is not None:
            await self._store.read_account(workspace_id, which.account_id)
        if which.campaign_id is not None:
            await self._store.read_campaign(workspace_id, which.campaign_id)
        return await self._store.list_replies(workspace_id, which, before_id=before_id, count=count)

    async def count_repliers(self, workspace_id: str, since: datetime) -> Mapping[str, int]:
        """Return per account how many people have replied since then."""
        return await self._store.count_repliers(workspace_id, since)

    async def count_to_decide(self, workspace_id: str) -> Mapping[str, int]:
        """Return per account how many replies may want out and wait for a person's decision."""
        return await self._store.count_to_decide(workspace_id)

    async def read(self, workspace_id: str, reply_id: str) -> Reply:
        """Return one. Raises NotFound."""
        return await self._store.read_reply(workspace_id, reply_id)

    async def mark_handled(self, workspace_id: str, reply_id: str, *, by: str, handled: bool = True) -> Reply:
        """Record that it was handled, or that it is open again. by: who has handled it. Raises NotFound."""
        at, name = (self._clock(), by) if handled else (None, None)
        return await self._store.mark_handled(workspace_id, reply_id, at, name)

    async def read_conversation(
        self, workspace_id: str, reply_id: str, *, before_ms: int | None = None, count: int = 50
    ) -> Reading[MessagesPage]:
        """Read its conversation as LinkedIn shows it. Raises NotFound, and as `MailboxReader.read_messages`."""
        target = await self.find_target(workspace_id, reply_id)
        return await self._mailbox.read_messages(
            workspace_id, target.account_id, target.conversation_urn, before_ms=before_ms, since_ms=None, count=count
        )

    async def find_target(self, workspace_id: str, reply_id: str) -> ReplyTarget:
        """Return where an answer to the reply goes. Raises NotFound."""
        reply = await self.read(workspace_id, reply_id)
        return ReplyTarget(reply.account_id, ConversationUrn(reply.conversation_urn), reply.recipient)
