"""One poll of one mailbox: what has changed in it, and which replies are new."""

from collections.abc import Awaitable, Callable, Iterable, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import structlog

from confrere.domain.account import Account
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import Conversation, ThreadMessage
from confrere.domain.ids import new_record_id
from confrere.domain.limits import Quota
from confrere.domain.outcome import Refused, SessionDead, Throttled
from confrere.domain.reply import Reply
from confrere.domain.session import Session
from confrere.domain.urns import ProfileUrn
from confrere.inbox.replies import CLOCK_SLACK, FoundReply, classify_replies
from confrere.ports import Clock, Store, Upstream
from confrere.sending.account_reads import AccountReads, ReadResult, in_time

log = structlog.get_logger()

T = TypeVar("T")

MOST_PAGES: Final = 10
"""Pages of 20 conversations that are read at most where LinkedIn has no changes since a token."""

MOST_THREAD_READS: Final = 10
"""Reads of one thread at most, each of about 20 messages."""


class PollStopped(Exception):
    """The process ends, or the lease does: another poll goes on where this one was."""


class ReadFailed(Exception):
    """Something could not be read; the text says why.

    ends_poll:    LinkedIn objects to the account: it is not asked again.
    hold_until:   how long the account is held.
    drops_token:  LinkedIn may not take the sync token any more: the next poll reads the mailbox anew.
    """

    def __init__(self, why: str, *, ends_poll: bool = False, hold_until: datetime | None = None) -> None:
        super().__init__(why)
        self.ends_poll = ends_poll
        self.hold_until = hold_until
        self.drops_token = False


class MailboxPoll:
    """The reads of one poll, and what is recorded from them. Nothing is marked as read.

    may_go_on:  whether another read may begin.
    """

    def __init__(
        self,
        *,
        store: Store,
        upstream: Upstream,
        reads: AccountReads,
        may_go_on: Callable[[], bool],
        clock: Clock,
        account: Account,
        session: Session,
        quota: Quota,
    ) -> None:
        self._store = store
        self._upstream = upstream
        self._reads = reads
        self._may_go_on = may_go_on
        self._clock = clock
        self._account = account
        self._session = session
        self._quota = quota
        self._last_id = ""

    async def run(self, sync_token: str | None, since: datetime) -> tuple[str | None, bool]:
        """Record all replies that are new; return the token for the next poll, and whether anything has changed.

        since:  how far back to read where LinkedIn has no changes since a token.
        Raises ReadFailed, PollStopped; what was recorded until then stays, and the old token leads to the rest.
        """
        owner = self._account.profile_urn
        try:
            changes = await self._read(
                "mailbox_changes", partial(self._upstream.read_mailbox_changes, self._session, owner, sync_token)
            )
        except ReadFailed as failure:
            failure.drops_token = not failure.ends_poll
            raise
        conversations = list(changes.conversations)
        if changes.is_full or sync_token is None:
            conversations += await self._read_older(changes.conversations, since)
        unread: ReadFailed | None = None
        for conversation in _each_once(conversations):
            try:
                await self._record_new(conversation)
            except ReadFailed as fault:
                if fault.ends_poll:
                    raise
                unread = fault  # one conversation that cannot be read does not hide the others
        if unread is not None:
            raise unread
        return changes.sync_token, bool(conversations)

    async def _read_older(self, latest: Sequence[Conversation], since: datetime) -> list[Conversation]:
        """Read on from the latest conversations, which is all that comes with a new token, back to `since`."""
        since_ms, found, cursor = _milliseconds(since - CLOCK_SLACK), list[Conversation](), None
        page = latest
        for _ in range(MOST_PAGES):
            if min((one.last_activity_at_ms or 0 for one in page), default=0) < since_ms:
                break
            read = await self._read(
                "mailbox",
                partial(self._upstream.read_mailbox, self._session, self._account.profile_urn, cursor=cursor),
            )
            page, cursor = read.conversations, read.next_cursor
            found += page
            if cursor is None:
                break
        return found

    async def _record_new(self, conversation: Conversation) -> None:
        """Record the new replies in a conversation that has changed; read it only where there may be one."""
        last = conversation.last_message
        senders = {one.profile_urn for one in conversation.others(self._account.profile_urn)}
        if last is not None and last.sender is not None:
            senders.add(last.sender.profile_urn)
        if not conversation.is_group_chat:
            for sender in senders:
                if sender is not None and sender != self._account.profile_urn:
                    await self._record_of(sender, conversation)

    async def _record_of(self, sender: ProfileUrn, conversation: Conversation) -> None:
        sends = await self._store.list_sends_to(self._account.id, sender)
        if not sends:
            return
        known = await self._store.find_last_reply(self._account.id, sender)
        last = () if conversation.last_message is None else (conversation.last_message,)
        known_urn, sent_urn = known.message_urn if known else None, sends[0].message_urn
        if any(message.message_urn in (known_urn, sent_urn if len(sends) == 1 else None) for message in last):
            return  # nothing follows what is known
        since_ms = _milliseconds(known.received_at if known else sends[0].created_at - CLOCK_SLACK)
        # A thread that is read a little late may lack its last message.
        messages = [*last, *await self._read_thread(conversation.urn, since_ms, {known_urn, sent_urn})]
        for found in classify_replies(messages, sends, conversation.urn):
            if known is None or found.message.delivered_at >= known.received_at:
                await self._record(found, conversation)

    async def _read_thread(
        self, conversation_urn: str, since_ms: int, known_urns: Set[str | None]
    ) -> list[ThreadMessage]:
        """Read the messages of a conversation back to this time, or to one of these messages."""
        messages, before_ms = list[ThreadMessage](), None
        for _ in range(MOST_THREAD_READS):
            page = await self._read(
                "thread",
                partial(self._upstream.read_thread, self._session, conversation_urn, before_ms=before_ms),
            )
            messages += page.messages
            before_ms = page.older_before_ms
            if before_ms is None or before_ms < since_ms or any(m.message_urn in known_urns for m in page.messages):
                break
        return messages

    async def _record(self, found: FoundReply, conversation: Conversation) -> None:
        from confrere.domain.campaigns.way_out import is_opt_out, may_want_out  # here: it compiles its phrases

        message, send = found.message, found.send
        text = message.text or ""
        opted_out = is_opt_out(text)
        names = [
            one.full_name
            for one in (message.sender, *conversation.participants)
            if one and one.profile_urn == send.recipient
        ]
        reply = Reply(
            id=self._next_id(),
            workspace_id=send.workspace_id,
            account_id=send.account_id,
            recipient=ProfileUrn(send.recipient),
            name=next(filter(None, names), None),
            conversation_urn=conversation.urn,
            message_urn=message.message_urn,
            send_id=send.id,
            text=message.text,
            kinds=message.kinds,
            received_at=message.delivered_at,
            may_want_out=not opted_out and may_want_out(text),
            opted_out=opted_out,
        )
        if await self._store.record_reply(reply, self._clock()):
            log.info("reply_recorded", reply_id=reply.id, account_id=reply.account_id, opted_out=opted_out)

    def _next_id(self) -> str:
        """Return an id after all before, also within a millisecond: replies are listed in the order of their ids."""
        while (reply_id := new_record_id()) <= self._last_id:
            pass
        self._last_id = reply_id
        return reply_id

    async def _read(self, what: str, read: Callable[[], Awaitable[ReadResult[T]]]) -> T:
        """Make one read, with what its result means for the account. Raises ReadFailed, PollStopped."""
        if not self._may_go_on():
            raise PollStopped
        done = await self._reads.finish(what, self._account, self._session, await in_time(read()), self._quota)
        match done.result:
            case Unreadable(why):
                raise ReadFailed(why)
            case Refused(status):
                raise ReadFailed(f"LinkedIn refuses it with status {status}")
            case SessionDead(why):
                raise ReadFailed(why, ends_poll=True)
            case Throttled(status):
                why = f"LinkedIn throttles the account with status {status}"
                raise ReadFailed(why, ends_poll=True, hold_until=done.hold_until)
            case result:
                return result


def _each_once(conversations: Iterable[Conversation]) -> Iterable[Conversation]:
    """Return each conversation as it was last, the latest one at the end."""
    in_order = sorted(conversations, key=lambda one: one.last_activity_at_ms or 0)
    return {one.urn: one for one in in_order}.values()


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000)
