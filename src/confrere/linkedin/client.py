"""The client of LinkedIn's web protocol: send a message, find it, read groups, people and a session's owner."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import quote

from confrere.domain.attempt import AccountProblem, Attempt, OutgoingMessage, OutgoingReply, SearchResult, Unreadable
from confrere.domain.conversation import Conversation, MailboxChanges, MailboxPage, ThreadPage
from confrere.domain.group import IN_THE_GROUP, GroupsPage, MembersPage, MembersQuery
from confrere.domain.outcome import Accepted, NotSent, Refused, SessionDead, Throttled, Unknown
from confrere.domain.person import Person, VanityName
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn
from confrere.linkedin.answers import classify_read, classify_refusable_read, classify_send
from confrere.linkedin.bad_requests import BadRequests
from confrere.linkedin.http.proxy import Proxy
from confrere.linkedin.http.request import Answer, Requests
from confrere.linkedin.mailbox import Mailbox
from confrere.linkedin.message_search import MessageSearch
from confrere.linkedin.upstream_url import LINKEDIN, parse_upstream
from confrere.linkedin.wire import conversations, groups, messages
from confrere.linkedin.wire.errors import has_errors
from confrere.linkedin.wire.headers import ACCEPT_GRAPHQL, ACCEPT_NORMALIZED, SessionHeaders
from confrere.linkedin.wire.member import decode_member
from confrere.linkedin.wire.people import decode_person
from confrere.linkedin.wire.protocol import Query, WebProtocol, load_protocol
from confrere.linkedin.wire.restli import Variable, encode_variables

_CREATE_MESSAGE = "/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
_ME = "/voyager/api/me"
_MESSAGING_QUERY = "/voyager/api/voyagerMessagingGraphQL/graphql"
_QUERY = "/voyager/api/graphql"
_GROUPS = "/voyager/api/voyagerGroupsDashGroups"
_PROFILES = "/voyager/api/identity/dash/profiles"
_CONVERSATIONS = "/voyager/api/voyagerMessagingDashMessengerConversations"
_TYPING = f"{_CONVERSATIONS}?action=typing"
_ACKNOWLEDGE = (
    "/voyager/api/voyagerMessagingDashMessengerMessageDeliveryAcknowledgements?action=sendDeliveryAcknowledgement"
)

_MAX_SEND_BYTES = 1 << 20
_MAX_READ_BYTES = 8 << 20
KeepCookies = Callable[[Session, Mapping[str, str]], None]
RecordAnswer = Callable[[Session, str, str | None], None]

_TRANSIENT_STATUSES = frozenset({502, 503, 504})
_NEW_ID = "put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"
_OUTDATED_STATUSES = frozenset({400, 404, 410})
"""How LinkedIn answers a query or decoration id that it no longer knows."""


class LinkedInClient:
    """The upstream, implemented with LinkedIn's web protocol. Create it anywhere, use it in one event loop.

    base_url:              https://www.linkedin.com or a loopback address; anything else raises ValueError.
    proxy_url:             of a proxy that every connection goes through, as `parse_proxy` takes it; else ValueError.
    send_timeout_seconds:  for a whole send, connecting included.
    read_timeout_seconds:  for each read, connecting included.
    connections:           open at a time; a request that gets none within `pool_timeout_seconds` is not sent.
    retry_pause_seconds:   before the one retry of a read that was answered 502, 503 or 504. A send is never retried.
    """

    def __init__(
        self,
        base_url: str = LINKEDIN,
        *,
        proxy_url: str | None = None,
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
        self._kinds = self._protocol.queries.kinds()
        self._requests = Requests(
            parse_upstream(base_url),
            proxy=None if proxy_url is None else Proxy(proxy_url),
            connections=connections,
            connect_timeout_seconds=connect_timeout_seconds,
            pool_timeout_seconds=pool_timeout_seconds,
        )
        self._bad_requests = BadRequests()
        self._profile_decoration_is_stale = False
        self._keep_cookies: KeepCookies | None = None
        self._record_answer: RecordAnswer = lambda _session, _kind, _fault: None

    def on_answer(self, record: RecordAnswer) -> None:
        """Call `record` after each answer; see the port."""
        self._record_answer = record

    def on_cookies(self, keep: KeepCookies) -> None:
        """Call `keep` with the cookies that answers to reads set for a session; those of a send are in its Attempt."""
        self._keep_cookies = keep

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Send to a recipient, in one attempt. Every answer and failure is an outcome, never an exception."""
        body = messages.encode_message(message, messages.new_tracking_id())
        return await self._send(session, body, message.origin_token, message.recipient_urn)

    async def send_reply(self, session: Session, reply: OutgoingReply) -> Attempt:
        """Send a message into an existing conversation, in one attempt, with the outcomes of `send_group_message`."""
        body = messages.encode_reply(reply, messages.new_tracking_id())
        return await self._send(session, body, reply.origin_token, reply.conversation_urn)

    async def _send(self, session: Session, body: bytes, origin_token: str, recipient: str) -> Attempt:
        """Make one attempt. recipient: what LinkedIn's 400s are attributed to."""
        try:
            headers = self._headers.for_send(session)
        except ValueError as error:
            return Attempt(SessionDead(str(error)), {})
        answer = await self._requests.post(
            session,
            _CREATE_MESSAGE,
            headers,
            body,
            seconds=self._send_timeout_seconds,
            max_bytes=_MAX_SEND_BYTES,
        )
        if isinstance(answer, NotSent | Unknown):
            return Attempt(answer, {})
        attempt = self._bad_requests.attribute(classify_send(answer, origin_token), recipient)
        match attempt.outcome:
            case Accepted() if attempt.session_ended is None:
                self._record_answer(session, "createMessage", None)
            case NotSent(why, protocol_moved=True):
                self._record_answer(session, "createMessage", why)
        return attempt

    async def find_message(
        self,
        session: Session,
        sender_urn: str,
        recipient_urn: str,
        origin_token: str,
        since: datetime,
        conversation_urn: str | None = None,
    ) -> SearchResult:
        """Search the conversation, or the sender's threads with the recipient, for the token: see `MessageSearch`."""
        threads: tuple[messages.SeenConversation, ...] | AccountProblem | Unreadable
        if conversation_urn is not None:
            threads = (messages.SeenConversation(conversation_urn, ()),)
        else:
            threads = await self._read_threads(session, sender_urn, recipient_urn)
        if not isinstance(threads, tuple):
            return threads
        read_query = partial(self._read_query, session, may_be_missing=conversation_urn is not None)
        return await MessageSearch(read_query, self._protocol.queries, sender_urn, origin_token, since).run(threads)

    async def read_member(self, session: Session) -> Member | AccountProblem | Unreadable:
        """Read who owns the session: the cheapest probe of whether it is alive."""
        answer = await self._get(session, _ME, ACCEPT_NORMALIZED)
        body = classify_read(answer) if isinstance(answer, Answer) else answer
        if isinstance(body, Unreadable) and isinstance(answer, Answer) and answer.status in _OUTDATED_STATUSES:
            self._bad_requests.confirm()
            body = Unreadable(body.why, protocol_moved=True)
        self._record(session, "me", body)
        return decode_member(body) if isinstance(body, bytes) else body

    async def find_conversation(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> str | AccountProblem | Unreadable | None:
        """Return the URN of the owner's thread with the other person; None where there is none."""
        threads = await self.find_conversations(session, owner_urn, other_urn)
        if isinstance(threads, tuple):
            return threads[0] if threads else None
        return threads

    async def find_conversations(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> tuple[str, ...] | AccountProblem | Unreadable:
        """Return the URNs of the owner's threads with the other person."""
        threads = await self._read_threads(session, owner_urn, other_urn)
        return tuple(thread.urn for thread in threads) if isinstance(threads, tuple) else threads

    async def _read_threads(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> tuple[messages.SeenConversation, ...] | AccountProblem | Unreadable:
        """Read the threads between two people from the owner's mailbox."""
        query = self._protocol.queries.conversations_with
        body = await self._read_query(session, query, {"mailboxUrn": owner_urn, "recipients": [other_urn]})
        return messages.decode_conversations(body, query.field) if isinstance(body, bytes) else body

    async def read_mailbox(
        self, session: Session, owner_urn: str, *, cursor: str | None = None, count: int = 20
    ) -> MailboxPage | AccountProblem | Unreadable:
        """Read a page of the owner's mailbox, latest first, the first one where there is no cursor."""
        return await self._mailbox(session).read_page(owner_urn, cursor, count)

    async def read_mailbox_changes(
        self, session: Session, owner_urn: str, sync_token: str | None
    ) -> MailboxChanges | AccountProblem | Unreadable:
        """Read what has changed in the owner's mailbox since the token; the latest conversations where it is None."""
        return await self._mailbox(session).read_changes(owner_urn, sync_token)

    async def read_conversation(
        self, session: Session, conversation_urn: str
    ) -> Conversation | AccountProblem | Unreadable | None:
        """Read one conversation of the session's mailbox; None where LinkedIn does not return it."""
        read_query = partial(self._read_query, session, may_be_missing=True)
        return await Mailbox(read_query, self._protocol.queries).read_conversation(conversation_urn)

    async def read_thread(
        self, session: Session, conversation_urn: str, *, before_ms: int | None = None, count: int = 20
    ) -> ThreadPage | AccountProblem | Unreadable:
        """Read the newest messages of a conversation, or at most `count` before a time."""
        read_query = partial(self._read_query, session, may_be_missing=True)
        return await Mailbox(read_query, self._protocol.queries).read_thread(conversation_urn, before_ms, count)

    def _mailbox(self, session: Session) -> Mailbox:
        return Mailbox(partial(self._read_query, session), self._protocol.queries)

    async def read_group_members(
        self, session: Session, which: MembersQuery, *, start: int, count: int
    ) -> MembersPage | Refused | AccountProblem | Unreadable:
        """Read at most `count` entries of LinkedIn's list of a group's members, from the entry `start` on."""
        query = self._protocol.queries.group_members
        variables: dict[str, Variable] = {
            "groupUrn": which.group_id.urn,
            "filters": [],
            "typeaheadQuery": which.typed or groups.EMPTY_TYPED,
            "start": start,
            "count": count,
            "membershipStatuses": which.statuses,
        }
        path = f"{_QUERY}?variables={encode_variables(variables)}&queryId={query.id}"
        body = await self._read_refusable(session, path, "queries.group_members", f"query id {query.id}")
        return groups.decode_members(body, query.field, count) if isinstance(body, bytes) else body

    async def read_groups(
        self, session: Session, profile_urn: str, *, start: int, count: int
    ) -> GroupsPage | Refused | AccountProblem | Unreadable:
        """Read at most `count` entries of LinkedIn's list of the groups that the session's owner is in."""
        decoration = self._protocol.decorations.groups
        path = (
            f"{_GROUPS}?decorationId={decoration.id}&q=member&profileUrn={quote(profile_urn, safe='')}"
            f"&membershipStatuses={encode_variables(IN_THE_GROUP)}&count={count}&start={start}"
        )
        body = await self._read_refusable(session, path, "decorations.groups", f"decoration id {decoration.id}")
        return groups.decode_groups(body, count) if isinstance(body, bytes) else body

    async def find_person(
        self, session: Session, who: ProfileUrn | VanityName
    ) -> Person | Refused | AccountProblem | Unreadable | None:
        """Read a person's profile; None where LinkedIn knows nobody of this name or id.

        Where LinkedIn no longer knows the decoration, the read is repeated without it. If that succeeds, this client
        never sends the decoration again, because a browser does not fail before each read.
        """
        identity = who.profile_id if isinstance(who, ProfileUrn) else who
        bare = f"{_PROFILES}?q=memberIdentity&memberIdentity={quote(identity, safe='')}"
        decoration = self._protocol.decorations.profile
        answer = None
        if not self._profile_decoration_is_stale:
            answer = await self._get(session, f"{bare}&decorationId={decoration.id}", ACCEPT_NORMALIZED)
        if answer is None or _is_outdated(answer):
            decorated, answer = answer, await self._get(session, bare, ACCEPT_NORMALIZED)
            if decorated is not None and isinstance(answer, Answer) and answer.status == HTTPStatus.OK:
                self._profile_decoration_is_stale = True
                fault = f"the decoration id {decoration.id} looks old, so profiles are read without it"
                self._record_answer(session, "decorations.profile", fault)
        elif isinstance(answer, Answer):
            self._record(session, "decorations.profile", classify_refusable_read(answer))
        if not isinstance(answer, Answer):
            return answer
        if answer.status == HTTPStatus.NOT_FOUND and _is_outdated(answer):
            return None
        body = _report_outdated_id(classify_refusable_read(answer), answer, f"read {_PROFILES}")
        return decode_person(body, who) if isinstance(body, bytes) else body

    async def send_typing(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Show the typing indicator in a thread; return whether LinkedIn accepted it."""
        return await self._post_signal(session, _TYPING, messages.encode_typing(conversation_urn))

    async def acknowledge(self, session: Session, message_urns: tuple[str, ...]) -> bool | AccountProblem:
        """Send a delivery receipt for these messages; return whether LinkedIn accepted it."""
        now_ms = time.time_ns() // 1_000_000
        return await self._post_signal(session, _ACKNOWLEDGE, messages.encode_acknowledgement(message_urns, now_ms))

    async def mark_seen(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Mark a conversation as read, which its other side can see; return whether LinkedIn accepted it."""
        path = f"{_CONVERSATIONS}?ids={encode_variables([conversation_urn])}"
        return await self._post_signal(session, path, conversations.encode_seen(conversation_urn))

    async def _post_signal(self, session: Session, path: str, body: bytes) -> bool | AccountProblem:
        """Make a small call; return whether it was answered 2xx without errors in the body."""
        try:
            headers = self._headers.for_send(session)
        except ValueError as error:
            return SessionDead(str(error))
        answer = await self._requests.post(
            session, path, headers, body, seconds=self._read_timeout_seconds, max_bytes=_MAX_SEND_BYTES
        )
        if isinstance(answer, NotSent | Unknown):
            return False
        self._report_cookies(session, answer)
        problem = classify_read(answer)
        return (
            problem
            if isinstance(problem, SessionDead | Throttled)
            else answer.status // 100 == 2 and not has_errors(answer.body)
        )

    async def _read_query(
        self, session: Session, query: Query, variables: dict[str, Variable], *, may_be_missing: bool = False
    ) -> bytes | AccountProblem | Unreadable:
        """Run a query. may_be_missing: a caller named the conversation, so that a 404 may concern it and not the id."""
        path = f"{_MESSAGING_QUERY}?queryId={query.id}&variables={encode_variables(variables)}"
        answer = await self._get(session, path, ACCEPT_GRAPHQL)
        if not isinstance(answer, Answer):
            return answer
        result = classify_read(answer)
        if may_be_missing and answer.status == HTTPStatus.NOT_FOUND and isinstance(result, Unreadable):
            why = f"{result.why}: this mailbox has no such conversation, or the query id {query.id} is old; {_NEW_ID}"
            return Unreadable(why)
        result = _report_outdated_id(result, answer, f"query id {query.id}")
        self._record(session, self._kinds[query.id], result)
        return result

    async def _read_refusable(
        self, session: Session, path: str, kind: str, what_is_outdated: str
    ) -> bytes | Refused | AccountProblem | Unreadable:
        """Make a read that LinkedIn can refuse to this viewer. what_is_outdated: the id to name where it is unknown."""
        answer = await self._get(session, path, ACCEPT_NORMALIZED)
        if not isinstance(answer, Answer):
            return answer
        result = _report_outdated_id(classify_refusable_read(answer), answer, what_is_outdated)
        self._record(session, kind, result)
        return result

    async def _get(self, session: Session, path: str, accept: str) -> Answer | SessionDead | Unreadable:
        """Make a read, and retry it once after a transient error."""
        try:
            headers = self._headers.for_read(session, accept)
        except ValueError as error:
            return SessionDead(str(error))
        answer = await self._requests.get(
            session, path, headers, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
        )
        if not isinstance(answer, Unknown) and answer.status in _TRANSIENT_STATUSES:
            await asyncio.sleep(self._retry_pause_seconds)
            answer = await self._requests.get(
                session, path, headers, seconds=self._read_timeout_seconds, max_bytes=_MAX_READ_BYTES
            )
        if isinstance(answer, Unknown):
            return Unreadable(answer.why)
        self._report_cookies(session, answer)
        return answer

    def _record(self, session: Session, kind: str, result: bytes | Refused | AccountProblem | Unreadable) -> None:
        match result:
            case bytes() | Refused():
                self._record_answer(session, kind, None)
            case Unreadable(why, protocol_moved=True):
                self._record_answer(session, kind, why.removesuffix(f"; {_NEW_ID}"))

    def _report_cookies(self, session: Session, answer: Answer) -> None:
        if answer.cookies.changed and not answer.cookies.session_ended and self._keep_cookies is not None:
            self._keep_cookies(session, answer.cookies.changed)

    async def close(self) -> None:
        """Close the connections; requests in flight end with what they have."""
        await self._requests.close()


_Result = TypeVar("_Result")


def _is_outdated(answer: Answer | SessionDead | Unreadable) -> bool:
    """Whether LinkedIn does not know the id that was sent, while the session is alive."""
    return (
        isinstance(answer, Answer)
        and answer.status in _OUTDATED_STATUSES
        and isinstance(classify_read(answer), Unreadable)
    )


def _report_outdated_id(result: _Result, answer: Answer, what_is_outdated: str) -> _Result | Unreadable:
    """Return the result; where LinkedIn does not know an id that was sent, Unreadable that names it and the remedy."""
    if isinstance(result, Unreadable) and answer.status in _OUTDATED_STATUSES:
        why = f"{result.why}: the {what_is_outdated} looks old; {_NEW_ID}"
        return Unreadable(why, protocol_moved=True)
    return result
