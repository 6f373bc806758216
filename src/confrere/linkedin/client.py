"""LinkedIn, as the product needs it: send, find, and who a session belongs to."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from yarl import URL

from confrere.domain.attempt import Absent, Attempt, Found, Look, OutgoingMessage, Trouble, Unreadable
from confrere.domain.outcome import NotSent, SessionDead, Throttled, Unknown
from confrere.domain.session import Member, Session
from confrere.linkedin import wire
from confrere.linkedin.address import LINKEDIN, parse_upstream
from confrere.linkedin.answers import judge_read, judge_send
from confrere.linkedin.headers import ACCEPT_GRAPHQL, ACCEPT_NORMALIZED, SessionHeaders
from confrere.linkedin.protocol import Query, WebProtocol, load_protocol
from confrere.linkedin.request import Requests
from confrere.linkedin.restli import Variable, encode_variables

_CREATE_MESSAGE = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
_ME = "/voyager/api/me"
_MESSAGING_QUERY = "/voyager/api/voyagerMessagingGraphQL/graphql"

_MAX_SEND_BYTES = 1 << 20
_MAX_READ_BYTES = 8 << 20
_CLOCK_SLACK = timedelta(minutes=1)
_MAX_THREADS = 5
_MAX_PAGES = 10
_PAGE_MESSAGES = 20
_PASSING = frozenset({502, 503, 504})
_OLD_QUERY = frozenset({400, 404})

_UNTOLD = Unreadable("LinkedIn shows messages of the sender without their token")
_TOO_MANY_THREADS = Unreadable("there are too many threads with the recipient to read them all")


class LinkedInClient:
    """The upstream over LinkedIn's web protocol. Make it anywhere, use it in one event loop.

    base_url:              https://www.linkedin.com or a loopback address; anything else raises ValueError.
    send_timeout_seconds:  for a whole send, connecting included.  read_timeout_seconds: for each read.
    connections:           open at a time; a request that gets none within `pool_timeout_seconds` is not sent.
    retry_pause_seconds:   before a read that was answered 502, 503 or 504 is tried once more. A send never is.
    """

    def __init__(
        self,
        base_url: str = LINKEDIN,
        *,
        send_timeout_seconds: float = 20,
        read_timeout_seconds: float = 10,
        connect_timeout_seconds: float = 5,
        pool_timeout_seconds: float = 5,
        retry_pause_seconds: float = 0.5,
        connections: int = 100,
        protocol: WebProtocol | None = None,
    ) -> None:
        self._base_url = parse_upstream(base_url)
        self._send_url = URL(self._base_url + _CREATE_MESSAGE, encoded=True)
        self._send_timeout_seconds = send_timeout_seconds
        self._read_timeout_seconds = read_timeout_seconds
        self._retry_pause_seconds = retry_pause_seconds
        self._protocol = protocol or load_protocol()
        self._headers = SessionHeaders(self._protocol.page)
        self._requests = Requests(
            connections=connections,
            connect_timeout_seconds=connect_timeout_seconds,
            pool_timeout_seconds=pool_timeout_seconds,
        )

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Ask LinkedIn, once, to send. Never raises for what LinkedIn or the network does; that is an outcome."""
        try:
            headers = self._headers.for_send(session)
        except ValueError as error:
            return Attempt(SessionDead(str(error)), {})
        answer = await self._requests.post(
            self._send_url,
            headers,
            wire.encode_message(message, wire.new_tracking_id()),
            session.cookies,
            seconds=self._send_timeout_seconds,
            max_bytes=_MAX_SEND_BYTES,
        )
        if isinstance(answer, NotSent | Unknown):
            return Attempt(answer, {})
        return judge_send(answer, message.origin_token)

    async def find_message(
        self, session: Session, sender_urn: str, recipient_urn: str, origin_token: str, since: datetime
    ) -> Look:
        """Look for the token in the thread with the recipient, back to `since` less a minute for differing clocks.

        Absent only where LinkedIn was read completely, and everything that the sender wrote in that time carries a
        token other than this one. A message of theirs without any token leaves the matter open: Unreadable.
        """
        wanted = _Wanted(sender_urn, origin_token, int((since - _CLOCK_SLACK).timestamp() * 1_000))
        query = self._protocol.queries.conversations_with
        body = await self._read_query(session, query, {"mailboxUrn": sender_urn, "recipients": [recipient_urn]})
        threads = wire.decode_conversations(body, query.field) if isinstance(body, bytes) else body
        if isinstance(threads, Unreadable | SessionDead | Throttled):
            return threads
        look: Look = Absent()
        for thread in threads[:_MAX_THREADS]:
            match await self._search_thread(session, thread, wanted):
                case Found() | SessionDead() | Throttled() as certain:
                    return certain
                case Unreadable() as unread:
                    look = unread
        return look if len(threads) <= _MAX_THREADS else _TOO_MANY_THREADS

    async def _search_thread(self, session: Session, thread: wire.SeenConversation, wanted: "_Wanted") -> Look:
        if found := wanted.find_in(thread.messages, thread.urn):
            return found
        before_ms: int | None = None
        untold = False
        for _ in range(_MAX_PAGES):
            page = await self._read_page(session, thread.urn, before_ms)
            if isinstance(page, Unreadable | SessionDead | Throttled):
                return page
            if found := wanted.find_in(page, thread.urn):
                return found
            untold = untold or any(map(wanted.leaves_open, page))
            times = [message.delivered_ms for message in page if message.delivered_ms is not None]
            if page and not times:
                return Unreadable("LinkedIn shows messages without their time")
            oldest_ms = min(times, default=None)
            if oldest_ms is None or oldest_ms < wanted.since_ms or (before_ms is not None and oldest_ms >= before_ms):
                return _UNTOLD if untold else Absent()
            before_ms = oldest_ms
        return Unreadable("the thread is too long to be read back to the attempt")

    async def _read_page(
        self, session: Session, thread_urn: str, before_ms: int | None
    ) -> tuple[wire.SeenMessage, ...] | Trouble | Unreadable:
        """The newest page, or the one up to `before_ms`, that moment included: several messages may share it."""
        queries = self._protocol.queries
        query = queries.newest_messages
        variables: dict[str, Variable] = {"conversationUrn": thread_urn}
        if before_ms is not None:
            query = queries.older_messages
            variables = {"deliveredAt": before_ms + 1, **variables, "countBefore": _PAGE_MESSAGES, "countAfter": 0}
        body = await self._read_query(session, query, variables)
        return wire.decode_messages(body, query.field) if isinstance(body, bytes) else body

    async def read_member(self, session: Session) -> Member | Trouble | Unreadable:
        """Whose session this is: the cheapest probe."""
        body = await self._read(session, _ME, ACCEPT_NORMALIZED)
        return wire.decode_member(body) if isinstance(body, bytes) else body

    async def _read_query(
        self, session: Session, query: Query, variables: dict[str, Variable]
    ) -> bytes | Trouble | Unreadable:
        path = f"{_MESSAGING_QUERY}?queryId={query.id}&variables={encode_variables(variables)}"
        return await self._read(session, path, ACCEPT_GRAPHQL, query)

    async def _read(
        self, session: Session, path: str, accept: str, query: Query | None = None
    ) -> bytes | Trouble | Unreadable:
        try:
            headers = self._headers.for_read(session, accept)
        except ValueError as error:
            return SessionDead(str(error))
        url = URL(self._base_url + path, encoded=True)
        answer = await self._requests.get(
            url, headers, session.cookies, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
        )
        if not isinstance(answer, Unknown) and answer.status in _PASSING:
            await asyncio.sleep(self._retry_pause_seconds)
            answer = await self._requests.get(
                url, headers, session.cookies, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
            )
        if isinstance(answer, Unknown):
            return Unreadable(answer.why)
        body = judge_read(answer)
        if isinstance(body, Unreadable) and query and answer.status in _OLD_QUERY:
            return Unreadable(f"{body.why}: the query id {query.id} looks old")
        return body

    async def close(self) -> None:
        """Let go of connections; what is in flight ends as it can."""
        await self._requests.close()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The message that is looked for."""

    sender_urn: str
    origin_token: str
    since_ms: int

    def find_in(self, messages: tuple[wire.SeenMessage, ...], thread_urn: str) -> Found | None:
        for message in messages:
            if message.origin_token == self.origin_token:
                return Found(message.message_urn, message.conversation_urn or thread_urn)
        return None

    def leaves_open(self, message: wire.SeenMessage) -> bool:
        """Whether this may be it: own, recent, without a token."""
        recent = message.delivered_ms is None or message.delivered_ms >= self.since_ms
        return recent and message.origin_token is None and message.is_from(self.sender_urn)
