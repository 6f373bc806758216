"""LinkedIn, as the product needs it: send, find, read groups, and who a session belongs to."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from confrere.domain.attempt import Absent, AccountProblem, Attempt, Found, Look, OutgoingMessage, Unreadable
from confrere.domain.group import IN_THE_GROUP, GroupsPage, MembersPage, MembersQuery
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled, Unknown
from confrere.domain.person import Person, VanityName
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn
from confrere.linkedin import wire, wire_groups, wire_people
from confrere.linkedin.answers import classify_read, classify_refusable_read, classify_send
from confrere.linkedin.bad_requests import BadRequests
from confrere.linkedin.headers import ACCEPT_GRAPHQL, ACCEPT_NORMALIZED, SessionHeaders
from confrere.linkedin.message_search import MessageSearch
from confrere.linkedin.protocol import Query, WebProtocol, load_protocol
from confrere.linkedin.request import Answer, Requests
from confrere.linkedin.restli import Variable, encode_variables
from confrere.linkedin.upstream_url import LINKEDIN, parse_upstream

_CREATE_MESSAGE = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
_ME = "/voyager/api/me"
_MESSAGING_QUERY = "/voyager/api/voyagerMessagingGraphQL/graphql"
_QUERY = "/voyager/api/graphql"
_GROUPS = "/voyager/api/voyagerGroupsDashGroups"
_PROFILES = "/voyager/api/identity/dash/profiles"
_TYPING = "/voyager/api/voyagerMessagingDashMessengerConversations?action=typing"
_ACKNOWLEDGE = (
    "/voyager/api/voyagerMessagingDashMessengerMessageDeliveryAcknowledgements?action=sendDeliveryAcknowledgement"
)

_MAX_SEND_BYTES = 1 << 20
_MAX_READ_BYTES = 8 << 20
_CLOCK_SLACK = timedelta(minutes=1)
_MAX_THREADS = 5
_MAX_PAGES = 10
_PAGE_MESSAGES = 20
KeepCookies = Callable[[Session, Mapping[str, str]], None]

_PASSING = frozenset({502, 503, 504})
_OLD_QUERY = frozenset({400, 404, 410})
_NEW_ID = "put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"

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
        self._send_timeout_seconds = send_timeout_seconds
        self._read_timeout_seconds = read_timeout_seconds
        self._retry_pause_seconds = retry_pause_seconds
        self._protocol = protocol or load_protocol()
        self._headers = SessionHeaders(self._protocol.page)
        self._requests = Requests(
            parse_upstream(base_url),
            connections=connections,
            connect_timeout_seconds=connect_timeout_seconds,
            pool_timeout_seconds=pool_timeout_seconds,
        )
        self._bad_requests = BadRequests()
        self._profile_decoration_is_stale = False
        self._keep_cookies: KeepCookies | None = None

    def on_cookies(self, keep: KeepCookies) -> None:
        """Tell `keep` what LinkedIn sets for a session with a read; what it sets with a send is in the attempt."""
        self._keep_cookies = keep

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Ask LinkedIn, once, to send. Never raises for what LinkedIn or the network does; that is an outcome."""
        try:
            headers = self._headers.for_send(session)
        except ValueError as error:
            return Attempt(SessionDead(str(error)), {})
        answer = await self._requests.post(
            session,
            _CREATE_MESSAGE,
            headers,
            wire.encode_message(message, wire.new_tracking_id()),
            seconds=self._send_timeout_seconds,
            max_bytes=_MAX_SEND_BYTES,
        )
        if isinstance(answer, NotSent | Unknown):
            return Attempt(answer, {})
        return self._bad_requests.attribute(classify_send(answer, message.origin_token), message.recipient_urn)

    async def find_message(
        self, session: Session, sender_urn: str, recipient_urn: str, origin_token: str, since: datetime
    ) -> Look:
        """Look for the token in the thread with the recipient, back to `since` less a minute for differing clocks.

        Absent only where LinkedIn was read completely, and everything that the sender wrote in that time carries a
        token other than this one. A message of theirs without any token leaves the matter open: Unreadable.
        """
        wanted = MessageSearch(sender_urn, origin_token, int((since - _CLOCK_SLACK).timestamp() * 1_000))
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

    async def _search_thread(self, session: Session, thread: wire.SeenConversation, wanted: MessageSearch) -> Look:
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
    ) -> tuple[wire.SeenMessage, ...] | AccountProblem | Unreadable:
        """The newest page, or the one up to `before_ms`, that moment included: several messages may share it."""
        queries = self._protocol.queries
        query = queries.newest_messages
        variables: dict[str, Variable] = {"conversationUrn": thread_urn}
        if before_ms is not None:
            query = queries.older_messages
            variables = {"deliveredAt": before_ms + 1, **variables, "countBefore": _PAGE_MESSAGES, "countAfter": 0}
        body = await self._read_query(session, query, variables)
        return wire.decode_messages(body, query.field) if isinstance(body, bytes) else body

    async def read_member(self, session: Session) -> Member | AccountProblem | Unreadable:
        """Whose session this is: the cheapest probe."""
        answer = await self._get(session, _ME, ACCEPT_NORMALIZED)
        body = classify_read(answer) if isinstance(answer, Answer) else answer
        if isinstance(body, Unreadable) and isinstance(answer, Answer) and answer.status in _OLD_QUERY:
            self._bad_requests.confirm()
            return Unreadable(body.why, protocol_moved=True)
        return wire.decode_member(body) if isinstance(body, bytes) else body

    async def find_conversation(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> str | AccountProblem | Unreadable | None:
        """The URN of the thread with this person in the owner's mailbox; None where there is none."""
        query = self._protocol.queries.conversations_with
        body = await self._read_query(session, query, {"mailboxUrn": owner_urn, "recipients": [other_urn]})
        threads = wire.decode_conversations(body, query.field) if isinstance(body, bytes) else body
        if isinstance(threads, tuple):
            return threads[0].urn if threads else None
        return threads

    async def read_group_members(
        self, session: Session, wanted: MembersQuery, *, start: int, count: int
    ) -> MembersPage | Refused | AccountProblem | Unreadable:
        """At most `count` places of LinkedIn's list of a group's members, from the place `start` on."""
        query = self._protocol.queries.group_members
        variables: dict[str, Variable] = {
            "groupUrn": wanted.group_id.urn,
            "filters": [],
            "typeaheadQuery": wanted.typed or wire_groups.EMPTY_TYPED,
            "start": start,
            "count": count,
            "membershipStatuses": wanted.statuses,
        }
        path = f"{_QUERY}?variables={encode_variables(variables)}&queryId={query.id}"
        body = await self._read_refusable(session, path, f"query id {query.id}")
        return wire_groups.decode_members(body, query.field, count) if isinstance(body, bytes) else body

    async def read_groups(
        self, session: Session, profile_urn: str, *, start: int, count: int
    ) -> GroupsPage | Refused | AccountProblem | Unreadable:
        """At most `count` places of LinkedIn's list of the groups that the session's owner is in."""
        decoration = self._protocol.decorations.groups
        path = (
            f"{_GROUPS}?decorationId={decoration.id}&q=member&profileUrn={quote(profile_urn, safe='')}"
            f"&membershipStatuses={encode_variables(IN_THE_GROUP)}&count={count}&start={start}"
        )
        body = await self._read_refusable(session, path, f"decoration id {decoration.id}")
        return wire_groups.decode_groups(body, count) if isinstance(body, bytes) else body

    async def find_person(
        self, session: Session, who: ProfileUrn | VanityName
    ) -> Person | Refused | AccountProblem | Unreadable | None:
        """Read the profile of this person; None where LinkedIn knows nobody of this name or id.

        A decoration that LinkedIn no longer knows is left out, and from then on always: a read that fails each time
        before it succeeds is not what a browser does.
        """
        identity = who.profile_id if isinstance(who, ProfileUrn) else who
        bare = f"{_PROFILES}?q=memberIdentity&memberIdentity={quote(identity, safe='')}"
        decoration = self._protocol.decorations.profile
        answer = None
        if not self._profile_decoration_is_stale:
            answer = await self._get(session, f"{bare}&decorationId={decoration.id}", ACCEPT_NORMALIZED)
        if answer is None or _is_old(answer):
            asked_before, answer = answer, await self._get(session, bare, ACCEPT_NORMALIZED)
            if asked_before is not None and isinstance(answer, Answer) and answer.status == HTTPStatus.OK:
                self._profile_decoration_is_stale = True
        if not isinstance(answer, Answer):
            return answer
        if answer.status == HTTPStatus.NOT_FOUND and _is_old(answer):
            return None
        body = _name_old_id(classify_refusable_read(answer), answer, f"read {_PROFILES}")
        return wire_people.decode_person(body, who) if isinstance(body, bytes) else body

    async def send_typing(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Show the other side of the thread that the account is typing; whether LinkedIn took it."""
        return await self._post(session, _TYPING, wire_groups.encode_typing(conversation_urn))

    async def acknowledge(self, session: Session, message_urns: tuple[str, ...]) -> bool | AccountProblem:
        """Say that these messages have been received; whether LinkedIn took it."""
        now_ms = time.time_ns() // 1_000_000
        return await self._post(session, _ACKNOWLEDGE, wire_groups.encode_acknowledgement(message_urns, now_ms))

    async def _post(self, session: Session, path: str, body: bytes) -> bool | AccountProblem:
        """One small call of which nothing is expected back."""
        try:
            headers = self._headers.for_send(session)
        except ValueError as error:
            return SessionDead(str(error))
        answer = await self._requests.post(
            session, path, headers, body, seconds=self._read_timeout_seconds, max_bytes=_MAX_SEND_BYTES
        )
        if isinstance(answer, NotSent | Unknown):
            return False
        self._tell_cookies(session, answer)
        said = classify_read(answer)
        return said if isinstance(said, SessionDead | Throttled) else answer.status // 100 == 2

    async def _read_query(
        self, session: Session, query: Query, variables: dict[str, Variable]
    ) -> bytes | AccountProblem | Unreadable:
        path = f"{_MESSAGING_QUERY}?queryId={query.id}&variables={encode_variables(variables)}"
        answer = await self._get(session, path, ACCEPT_GRAPHQL)
        if not isinstance(answer, Answer):
            return answer
        return _name_old_id(classify_read(answer), answer, f"query id {query.id}")

    async def _read_refusable(
        self, session: Session, path: str, names_id: str
    ) -> bytes | Refused | AccountProblem | Unreadable:
        """A read that LinkedIn can refuse to this viewer. names_id: the id in it that LinkedIn changes, in words."""
        answer = await self._get(session, path, ACCEPT_NORMALIZED)
        if not isinstance(answer, Answer):
            return answer
        return _name_old_id(classify_refusable_read(answer), answer, names_id)

    async def _get(self, session: Session, path: str, accept: str) -> Answer | SessionDead | Unreadable:
        """The answer to a read, which is asked for once more where the trouble may have passed."""
        try:
            headers = self._headers.for_read(session, accept)
        except ValueError as error:
            return SessionDead(str(error))
        answer = await self._requests.get(
            session, path, headers, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
        )
        if not isinstance(answer, Unknown) and answer.status in _PASSING:
            await asyncio.sleep(self._retry_pause_seconds)
            answer = await self._requests.get(
                session, path, headers, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
            )
        if isinstance(answer, Unknown):
            return Unreadable(answer.why)
        self._tell_cookies(session, answer)
        return answer

    def _tell_cookies(self, session: Session, answer: Answer) -> None:
        if answer.cookies.changed and not answer.cookies.session_ended and self._keep_cookies is not None:
            self._keep_cookies(session, answer.cookies.changed)

    async def close(self) -> None:
        """Let go of connections; what is in flight ends as it can."""
        await self._requests.close()


_Said = TypeVar("_Said")


def _is_old(answer: Answer | SessionDead | Unreadable) -> bool:
    """Whether LinkedIn does not know what was asked for, as it answers of old ids; the session lives."""
    return isinstance(answer, Answer) and answer.status in _OLD_QUERY and isinstance(classify_read(answer), Unreadable)


def _name_old_id(said: _Said, answer: Answer, names_id: str) -> _Said | Unreadable:
    """What was said; of a query that LinkedIn does not know, which id of ours to renew, and where."""
    if isinstance(said, Unreadable) and answer.status in _OLD_QUERY:
        return Unreadable(f"{said.why}: the {names_id} looks old; {_NEW_ID}", protocol_moved=True)
    return said
