"""Reading an account's mailbox and its conversations for a caller, and marking a conversation as read."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from confrere.domain.account import Account
from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.conversation import Conversation, MailboxPage, Participant, ThreadMessage, ThreadPage
from confrere.domain.errors import InvalidField
from confrere.domain.session import Session
from confrere.domain.urns import ConversationUrn
from confrere.ports import Upstream
from confrere.sending.account_reads import AccountReads, Reading, ReadResult, in_time
from confrere.sending.background import BackgroundTasks

MOST_READS: Final = 4
"""The most reads for one page of a conversation: LinkedIn gives its newest 20 messages, then older ones."""

LEAST_READ: Final = 20
"""The least messages to ask for, as the web client does: the end of a small read could part messages of one time."""

ANOTHER_MAILBOX: Final = (
    "must be in the mailbox of the account that reads; give the accountId of the account in whose list it is"
)
BAD_CURSOR: Final = "must be the nextCursor of the page before, of the same account"
NOT_MARKED: Final = Unreadable("LinkedIn did not accept it")

_CHECKSUM_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class ConversationsPage:
    """A page of the mailbox of `account`, latest first. `next_cursor` is None on the last one."""

    account: Account
    conversations: Sequence[Conversation]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """Messages of a conversation in the mailbox of `account`, newest first.

    older_before_ms:  the time before which the next page begins; None on the last one.
    """

    account: Account
    messages: Sequence[ThreadMessage]
    older_before_ms: int | None

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Everyone but the account who wrote one of the messages, the latest first."""
        senders = {message.sender: None for message in self.messages if message.sender and not message.is_system}
        return tuple(sender for sender in senders if sender.profile_urn != self.account.profile_urn)


class MailboxReader:
    """Reads an account's mailbox from LinkedIn. Only `mark_seen` marks anything as read.

    Every call goes on to its end even where its caller is cancelled, so that LinkedIn's objections stop the account.
    All raise InvalidField, NoSession, AccountHeld; StoreUnavailable.
    """

    def __init__(self, *, reads: AccountReads, upstream: Upstream, background: BackgroundTasks) -> None:
        self._reads = reads
        self._upstream = upstream
        self._background = background

    async def read_conversations(
        self, workspace_id: str, account_id: str | None, *, cursor: str | None, count: int, unread_only: bool
    ) -> Reading[ConversationsPage]:
        """Read `count` conversations; of these only the unread ones where `unread_only`."""
        return await self._background.finish(
            self._read_conversations(workspace_id, account_id, cursor, count, unread_only=unread_only)
        )

    async def read_messages(
        self,
        workspace_id: str,
        account_id: str | None,
        conversation: ConversationUrn,
        *,
        before_ms: int | None,
        since_ms: int | None,
        count: int,
    ) -> Reading[MessagesPage]:
        """Read `count` messages of a conversation; more where several at the end were delivered at the same time.

        before_ms, since_ms:  epoch milliseconds; only messages delivered before and after them.
        """
        return await self._background.finish(
            self._read_messages(workspace_id, account_id, conversation, before_ms, since_ms, count)
        )

    async def mark_seen(
        self, workspace_id: str, account_id: str | None, conversation: ConversationUrn
    ) -> Reading[Account]:
        """Mark a conversation as read, which the other side can see."""
        return await self._background.finish(self._mark_seen(workspace_id, account_id, conversation))

    async def _read_conversations(
        self, workspace_id: str, account_id: str | None, cursor: str | None, count: int, *, unread_only: bool
    ) -> Reading[ConversationsPage]:
        account, session, quota = await self._reads.admit(workspace_id, account_id)
        linkedin_cursor = None if cursor is None else _open_cursor(account.id, cursor)
        owner_urn = account.profile_urn
        result: ReadResult[ConversationsPage]
        page: ReadResult[MailboxPage] = await in_time(
            self._upstream.read_mailbox(session, owner_urn, cursor=linkedin_cursor, count=count)
        )
        if isinstance(page, MailboxPage):
            shown = [each for each in page.conversations if each.unread_count or not unread_only]
            following = None if page.next_cursor is None else _seal_cursor(account.id, page.next_cursor)
            result = ConversationsPage(account, shown, following)
        else:
            result = page
        return await self._reads.finish("mailbox", account, session, result, quota)

    async def _read_messages(
        self,
        workspace_id: str,
        account_id: str | None,
        conversation: ConversationUrn,
        before_ms: int | None,
        since_ms: int | None,
        count: int,
    ) -> Reading[MessagesPage]:
        account, session, quota = await self._reads.admit(workspace_id, account_id)
        _check_owner(account, conversation)
        page: ReadResult[ThreadPage] = await in_time(
            self._collect(session, conversation, before_ms, since_ms or 0, count)
        )
        result: ReadResult[MessagesPage] = (
            MessagesPage(account, page.messages, page.older_before_ms) if isinstance(page, ThreadPage) else page
        )
        return await self._reads.finish("thread", account, session, result, quota)

    async def _collect(
        self, session: Session, conversation: ConversationUrn, before_ms: int | None, since_ms: int, count: int
    ) -> ThreadPage | AccountProblem | Unreadable:
        """Read until there is one message beyond the page, or the conversation or the time asked for begins."""
        found: list[ThreadMessage] = []
        for _ in range(MOST_READS):
            most = max(count + 1 - len(found), LEAST_READ)
            page = await self._upstream.read_thread(session, conversation, before_ms=before_ms, count=most)
            if not isinstance(page, ThreadPage):
                return page
            found += [message for message in page.messages if message.delivered_at_ms > since_ms]
            before_ms = page.older_before_ms
            if before_ms is None or before_ms <= since_ms or len(found) > count:
                break
        if len(found) > count:
            last_ms = found[count - 1].delivered_at_ms
            shown = tuple(message for message in found if message.delivered_at_ms >= last_ms)
            is_last = len(shown) == len(found) and (before_ms is None or before_ms <= since_ms)
            return ThreadPage(shown, None if is_last else last_ms)
        return ThreadPage(tuple(found), None if before_ms is None or before_ms <= since_ms else before_ms)

    async def _mark_seen(
        self, workspace_id: str, account_id: str | None, conversation: ConversationUrn
    ) -> Reading[Account]:
        account, session, quota = await self._reads.admit(workspace_id, account_id)
        _check_owner(account, conversation)
        marked: ReadResult[bool] = await in_time(self._upstream.mark_seen(session, conversation))
        done = account if marked else NOT_MARKED
        result: ReadResult[Account] = done if isinstance(marked, bool) else marked
        return await self._reads.finish("mark_seen", account, session, result, quota)


def _check_owner(account: Account, conversation: ConversationUrn) -> None:
    """Raise InvalidField for a conversation of another mailbox, for which LinkedIn is not asked."""
    if conversation.owner_urn != account.profile_urn:
        raise InvalidField("conversationUrn", ANOTHER_MAILBOX)


def _seal_cursor(account_id: str, linkedin_cursor: str) -> str:
    """Return LinkedIn's cursor with a checksum: LinkedIn's answer to a wrong one would look like an old query id."""
    content = linkedin_cursor.encode()
    return base64.urlsafe_b64encode(_checksum(account_id, content) + content).decode().rstrip("=")


def _open_cursor(account_id: str, cursor: str) -> str:
    """Return LinkedIn's cursor. Raises InvalidField, also for a cursor of another account."""
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        checksum, content = decoded[:_CHECKSUM_BYTES], decoded[_CHECKSUM_BYTES:]
        if content and checksum == _checksum(account_id, content):
            return content.decode()
    except (binascii.Error, ValueError) as fault:
        raise InvalidField("nextCursor", BAD_CURSOR) from fault
    raise InvalidField("nextCursor", BAD_CURSOR)


def _checksum(account_id: str, content: bytes) -> bytes:
    return hashlib.sha256(account_id.encode() + b" " + content).digest()[:_CHECKSUM_BYTES]
