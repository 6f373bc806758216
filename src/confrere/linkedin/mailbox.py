"""Reads of a mailbox and its threads. None of them marks anything as read."""

import time
from dataclasses import dataclass
from typing import Final

from confrere.domain.attempt import AccountProblem, Unreadable
from confrere.domain.conversation import Conversation, MailboxChanges, MailboxPage, ThreadPage
from confrere.linkedin.message_search import ReadQuery
from confrere.linkedin.wire.conversations import (
    decode_conversation,
    decode_mailbox_changes,
    decode_mailbox_page,
    decode_thread,
)
from confrere.linkedin.wire.protocol import Queries
from confrere.linkedin.wire.restli import Variable

_FOLDER: Final[Variable] = {"predicateUnions": [{"conversationCategoryPredicate": {"category": "PRIMARY_INBOX"}}]}

_CLOCK_SLACK_MS: Final = 60_000
"""Beyond our clock, which may be behind LinkedIn's: the latest conversations would be missing."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox of one session's owner.

    read_query:  runs a query of LinkedIn's with the owner's session, and returns the body.
    """

    read_query: ReadQuery
    queries: Queries

    async def read_page(
        self, owner_urn: str, cursor: str | None, count: int
    ) -> MailboxPage | AccountProblem | Unreadable:
        """Read a page, the latest where there is no cursor."""
        query = self.queries.mailbox_page
        start: dict[str, Variable] = {"lastUpdatedBefore": time.time_ns() // 1_000_000 + _CLOCK_SLACK_MS}
        if cursor is not None:
            start = {"nextCursor": cursor}
        variables: dict[str, Variable] = {"query": _FOLDER, "count": count, "mailboxUrn": owner_urn, **start}
        body = await self.read_query(query, variables)
        return decode_mailbox_page(body, query.field) if isinstance(body, bytes) else body

    async def read_changes(
        self, owner_urn: str, sync_token: str | None
    ) -> MailboxChanges | AccountProblem | Unreadable:
        """Read what has changed since the token; the latest conversations where there is none."""
        query, variables = self.queries.mailbox_start, {"mailboxUrn": owner_urn}
        if sync_token is not None:
            query, variables = self.queries.mailbox_changes, {"mailboxUrn": owner_urn, "syncToken": sync_token}
        body = await self.read_query(query, variables)
        return decode_mailbox_changes(body, query.field) if isinstance(body, bytes) else body

    async def read_conversation(self, conversation_urn: str) -> Conversation | AccountProblem | Unreadable | None:
        """Read one conversation; None where LinkedIn does not return it."""
        query = self.queries.conversation
        body = await self.read_query(query, {"conversationIds": [conversation_urn], "count": 1})
        return decode_conversation(body, query.field, conversation_urn) if isinstance(body, bytes) else body

    async def read_thread(
        self, conversation_urn: str, before_ms: int | None, count: int
    ) -> ThreadPage | AccountProblem | Unreadable:
        """Read the messages before a time, or the newest.

        LinkedIn does not say whether its anchor is inclusive, so that messages of that time are left out here. The
        thread's beginning is reached with a page that holds nothing older.
        """
        query = self.queries.newest_messages
        variables: dict[str, Variable] = {"conversationUrn": conversation_urn}
        if before_ms is not None:
            query = self.queries.older_messages
            variables = {"deliveredAt": before_ms, **variables, "countBefore": count, "countAfter": 0}
        body = await self.read_query(query, variables)
        messages = decode_thread(body, query.field) if isinstance(body, bytes) else body
        if not isinstance(messages, tuple):
            return messages
        older = tuple(message for message in messages if before_ms is None or message.delivered_at_ms < before_ms)
        return ThreadPage(older, older[-1].delivered_at_ms if older else None)
