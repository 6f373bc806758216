"""A LinkedIn in memory for tests of sending: its answers are scripted, the requests to it are recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from confrere.domain.attempt import (
    Absent,
    AccountProblem,
    Attempt,
    Found,
    OutgoingMessage,
    OutgoingReply,
    SearchResult,
    Unreadable,
)
from confrere.domain.conversation import Conversation, MailboxChanges, MailboxPage, ThreadMessage, ThreadPage
from confrere.domain.group import Group, GroupMember, GroupsPage, MembersPage, MembersQuery, Page, Relationship
from confrere.domain.outcome import Accepted, Outcome, Refused
from confrere.domain.person import Person, VanityName
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn

M = TypeVar("M", OutgoingMessage, OutgoingReply)

ODILE = Member("urn:li:fsd_profile:ACoAAOdile", "Odile", "Sample", "odile-sample-0001")
BROWSER = Session({"li_at": "secret-li-at", "JSESSIONID": '"ajax:123"'}, "Mozilla/5.0 (Test)")

BASTIEN = Person(
    profile_urn=ProfileUrn("urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"),
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement",
)
THREAD = f"urn:li:msg_conversation:({ODILE.profile_urn},2-NWExZQ==)"


def group_member(number: int) -> GroupMember:
    """The member at this place of the group's list."""
    urn = f"urn:li:fsd_profile:ACoAAmember{number}"
    return GroupMember(
        profile_urn=urn,
        entity_urn=f"urn:li:fsd_groupMembership:(urn:li:fsd_group:12345678,{urn})",
        public_id=f"member-{number}",
        first_name="Bastien",
        last_name=f"Exemple {number}",
        headline="Head of Procurement",
        status="MEMBER",
        relationship=Relationship.NO_CONNECTION,
    )


class FakeUpstream:
    """Accepts every message and finds it in searches, unless a test scripts another answer."""

    def __init__(self) -> None:
        self.seen: list[OutgoingMessage] = []
        self.searches = 0
        self.searched: list[str | None] = []
        self.asked_conversations: list[str] = []
        self.probes = 0
        self.next_attempts: list[Attempt | Exception] = []
        self.next_searches: list[SearchResult] = []
        self.member: Member | AccountProblem | Unreadable = ODILE
        self.before_answer: Callable[[], Awaitable[None]] | None = None
        self.gate: asyncio.Event | None = None
        self.places: list[GroupMember | None] = [group_member(number) for number in range(120)]
        self.states_total = True
        self.total: int | None = None
        self.most_places = 100
        self.pages: list[tuple[int, int]] = []
        self.asked_members: list[MembersQuery] = []
        self.next_reads: list[Refused | AccountProblem | Unreadable | Exception] = []
        self.groups = [Group("urn:li:fsd_group:12345678", "12345678", "Logistics", 120, "MEMBER", None)]
        self.conversation: str | None = None
        self.replies: list[OutgoingReply] = []
        self.mailbox: list[Conversation] = []
        self.threads: dict[str, list[ThreadMessage]] = {}
        self.asked_tokens: list[str | None] = []
        self.asked_threads: list[str] = []
        self.asked_pages: list[str | None] = []
        self.marked_seen: list[str] = []
        self.next_marks: list[bool | AccountProblem] = []
        self.people = [BASTIEN]
        self.asked_people: list[ProfileUrn | VanityName] = []
        self.signals: list[str | tuple[str, ...]] = []
        self.next_signals: list[bool | AccountProblem | Exception] = []
        self.signal_gate: asyncio.Event | None = None
        self.record_answer: Callable[[Session, str, str | None], None] = lambda _session, _kind, _fault: None

    def will(self, outcome: Outcome, **more: object) -> None:
        """Script the outcome of the next attempt."""
        self.next_attempts.append(Attempt(outcome, {}, **more))  # type: ignore[arg-type]

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Answer as scripted; without a script, accept the message and keep it in `seen`."""
        return await self._attempt(message, self.seen)

    async def send_reply(self, session: Session, reply: OutgoingReply) -> Attempt:
        """Answer as to a group message."""
        return await self._attempt(reply, self.replies)

    async def _attempt(self, message: M, seen: list[M]) -> Attempt:
        attempt = self.next_attempts.pop(0) if self.next_attempts else None
        if attempt is None:
            seen.append(message)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(attempt, Exception):
            raise attempt
        thread = getattr(message, "conversation_urn", "urn:thread")
        return attempt or Attempt(Accepted(f"urn:message:{message.origin_token}", str(thread)), {})

    async def find_message(
        self,
        session: Session,
        sender_urn: str,
        recipient_urn: str,
        origin_token: str,
        since: datetime,
        conversation_urn: str | None = None,
    ) -> SearchResult:
        """Find what was accepted, unless scripted otherwise."""
        self.searches += 1
        self.searched.append(conversation_urn)
        if self.next_searches:
            return self.next_searches.pop(0)
        if origin_token in {message.origin_token for sent in (self.seen, self.replies) for message in sent}:
            return Found(f"urn:message:{origin_token}", "urn:thread")
        return Absent()

    async def read_member(self, session: Session) -> Member | AccountProblem | Unreadable:
        """Return `member`."""
        self.probes += 1
        return self.member

    async def find_conversation(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> str | AccountProblem | Unreadable | None:
        """Return `conversation`, or what is scripted."""
        scripted = self._next_read()
        assert not isinstance(scripted, Refused)
        return scripted or self.conversation

    async def find_conversations(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> tuple[str, ...] | AccountProblem | Unreadable:
        """Return `conversation`, or what is scripted."""
        found = await self.find_conversation(session, owner_urn, other_urn)
        return (found,) if isinstance(found, str) else () if found is None else found

    async def read_mailbox(
        self, session: Session, owner_urn: str, *, cursor: str | None = None, count: int = 20
    ) -> MailboxPage | AccountProblem | Unreadable:
        """Read a part of `mailbox`; the cursor is a place in it."""
        self.asked_pages.append(cursor)
        if (scripted := self._next_read()) is not None:
            assert not isinstance(scripted, Refused)
            return scripted
        start = int(cursor or 0)
        end = start + count
        return MailboxPage(tuple(self.mailbox[start:end]), str(end) if end < len(self.mailbox) else None)

    async def read_mailbox_changes(
        self, session: Session, owner_urn: str, sync_token: str | None
    ) -> MailboxChanges | AccountProblem | Unreadable:
        """Read the conversations that were added to `mailbox` since; the token is its length."""
        self.asked_tokens.append(sync_token)
        if (scripted := self._next_read()) is not None:
            assert not isinstance(scripted, Refused)
            return scripted
        return MailboxChanges(tuple(self.mailbox[int(sync_token or 0) :]), str(len(self.mailbox)))

    async def read_conversation(
        self, session: Session, conversation_urn: str
    ) -> Conversation | AccountProblem | Unreadable | None:
        """Read one of `mailbox`."""
        self.asked_conversations.append(conversation_urn)
        if (said := self._next_read()) is not None:
            assert not isinstance(said, Refused)
            return said
        return next((each for each in self.mailbox if each.urn == conversation_urn), None)

    async def read_thread(
        self, session: Session, conversation_urn: str, *, before_ms: int | None = None, count: int = 20
    ) -> ThreadPage | AccountProblem | Unreadable:
        """Read one of `threads`, newest first."""
        self.asked_threads.append(conversation_urn)
        if (scripted := self._next_read()) is not None:
            assert not isinstance(scripted, Refused)
            return scripted
        older = [
            m for m in self.threads.get(conversation_urn, []) if before_ms is None or m.delivered_at_ms < before_ms
        ]
        page = tuple(sorted(older, key=lambda message: -message.delivered_at_ms)[:count])
        return ThreadPage(page, page[-1].delivered_at_ms if page else None)

    async def mark_seen(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Mark it in `marked_seen`, or answer as scripted."""
        if self.next_marks:
            return self.next_marks.pop(0)
        self.marked_seen.append(conversation_urn)
        return True

    async def find_person(
        self, session: Session, who: ProfileUrn | VanityName
    ) -> Person | Refused | AccountProblem | Unreadable | None:
        """One of `people`, by name or id."""
        self.asked_people.append(who)
        if (scripted := self._next_read()) is not None:
            return scripted
        return next((one for one in self.people if who in (one.profile_urn, one.public_id)), None)

    async def read_group_members(
        self, session: Session, wanted: MembersQuery, *, start: int, count: int
    ) -> MembersPage | Refused | AccountProblem | Unreadable:
        """A part of `places`, at most `most_places` of it."""
        self.pages.append((start, count))
        self.asked_members.append(wanted)
        if self.gate is not None:
            await self.gate.wait()
        if (scripted := self._next_read()) is not None:
            return scripted
        given = self.places[start : start + min(count, self.most_places)]
        total = (len(self.places) if self.total is None else self.total) if self.states_total else None
        return Page(tuple(member for member in given if member), len(given), total, is_last=not given)

    async def read_groups(
        self, session: Session, profile_urn: str, *, start: int, count: int
    ) -> GroupsPage | Refused | AccountProblem | Unreadable:
        """A part of `groups`."""
        if (scripted := self._next_read()) is not None:
            return scripted
        given = tuple(self.groups[start : start + count])
        return Page(given, len(given), len(self.groups), is_last=not given)

    def _next_read(self) -> Refused | AccountProblem | Unreadable | None:
        scripted = self.next_reads.pop(0) if self.next_reads else None
        if isinstance(scripted, Exception):
            raise scripted
        return scripted

    async def send_typing(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Keep it in `signals`; return True, or what is scripted."""
        return await self._take_signal(conversation_urn)

    async def acknowledge(self, session: Session, message_urns: tuple[str, ...]) -> bool | AccountProblem:
        """Keep it in `signals`; return True, or what is scripted."""
        return await self._take_signal(message_urns)

    async def _take_signal(self, signal: str | tuple[str, ...]) -> bool | AccountProblem:
        self.signals.append(signal)
        if self.signal_gate is not None:
            await self.signal_gate.wait()
        scripted = self.next_signals.pop(0) if self.next_signals else True
        if isinstance(scripted, Exception):
            raise scripted
        return scripted

    def on_answer(self, record: Callable[[Session, str, str | None], None]) -> None:
        """Keep the callback, which tests call."""
        self.record_answer = record

    def on_cookies(self, keep: Callable[[Session, Mapping[str, str]], None]) -> None:
        """Keep the callback, for tests in which a read sets cookies."""
        self.keep_cookies = keep

    async def close(self) -> None:
        """Do nothing: there are no connections."""
