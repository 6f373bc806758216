"""Search of a conversation for one message, by its origin token."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from confrere.domain.attempt import Absent, AccountProblem, Found, SearchResult, Unreadable
from confrere.domain.outcome import SessionDead, Throttled
from confrere.linkedin.wire.messages import SeenConversation, SeenMessage, decode_messages
from confrere.linkedin.wire.protocol import Queries, Query
from confrere.linkedin.wire.restli import Variable

ReadQuery = Callable[[Query, Mapping[str, Variable]], Awaitable[bytes | AccountProblem | Unreadable]]

_CLOCK_SLACK = timedelta(minutes=1)
_MAX_THREADS = 5
_MAX_PAGES = 10
_PAGE_MESSAGES = 20

_TOKEN_MISSING = Unreadable("LinkedIn shows messages of the sender without their token")
_TIME_MISSING = Unreadable("LinkedIn shows messages without their time")
_THREAD_TOO_LONG = Unreadable("the thread is too long to be read back to the attempt")
_TOO_MANY_THREADS = Unreadable("there are too many threads with the recipient to read them all")


@dataclass(frozen=True, slots=True)
class MessageSearch:
    """A search for one message, back to `since` less a minute for differing clocks.

    read_query:  runs a query of LinkedIn's with the sender's session, and returns the body.
    """

    read_query: ReadQuery
    queries: Queries
    sender_urn: str
    origin_token: str
    since: datetime

    async def run(self, threads: tuple[SeenConversation, ...]) -> SearchResult:
        """Search these threads, which are all that the sender has with the recipient.

        Absent only where every thread was read completely, and every message that the sender wrote in that time
        has another token. A message of theirs without any token could be the one: Unreadable.
        """
        result: SearchResult = Absent()
        for thread in threads[:_MAX_THREADS]:
            match await self._search_thread(thread):
                case Found() | SessionDead() | Throttled() as final:
                    return final
                case Unreadable() as unreadable:
                    result = unreadable
        return result if len(threads) <= _MAX_THREADS else _TOO_MANY_THREADS

    async def _search_thread(self, thread: SeenConversation) -> SearchResult:
        """Search the listed messages, then the pages from the newest back."""
        if found := self._find_in(thread.messages, thread.urn):
            return found
        since_ms = self._since_ms
        before_ms: int | None = None
        has_candidate = False
        for _ in range(_MAX_PAGES):
            page = await self._read_page(thread.urn, before_ms)
            if not isinstance(page, tuple):
                return page
            if found := self._find_in(page, thread.urn):
                return found
            has_candidate = has_candidate or any(map(self._is_candidate, page))
            times = [message.delivered_ms for message in page if message.delivered_ms is not None]
            if page and not times:
                return _TIME_MISSING
            oldest_ms = min(times, default=None)
            if oldest_ms is None or oldest_ms < since_ms or (before_ms is not None and oldest_ms >= before_ms):
                return _TOKEN_MISSING if has_candidate else Absent()
            before_ms = oldest_ms
        return _THREAD_TOO_LONG

    async def _read_page(
        self, thread_urn: str, before_ms: int | None
    ) -> tuple[SeenMessage, ...] | AccountProblem | Unreadable:
        """Read the newest page, or the one up to and including `before_ms`, since several messages may share a time."""
        query = self.queries.newest_messages
        variables: dict[str, Variable] = {"conversationUrn": thread_urn}
        if before_ms is not None:
            query = self.queries.older_messages
            variables = {"deliveredAt": before_ms + 1, **variables, "countBefore": _PAGE_MESSAGES, "countAfter": 0}
        body = await self.read_query(query, variables)
        return decode_messages(body, query.field) if isinstance(body, bytes) else body

    @property
    def _since_ms(self) -> int:
        return int((self.since - _CLOCK_SLACK).timestamp() * 1_000)

    def _find_in(self, messages: tuple[SeenMessage, ...], thread_urn: str) -> Found | None:
        for message in messages:
            if message.origin_token == self.origin_token:
                return Found(message.message_urn, message.conversation_urn or thread_urn)
        return None

    def _is_candidate(self, message: SeenMessage) -> bool:
        """Whether it could be the message: the sender's own, recent, without a token."""
        is_recent = message.delivered_ms is None or message.delivered_ms >= self._since_ms
        return is_recent and message.origin_token is None and message.is_from(self.sender_urn)
