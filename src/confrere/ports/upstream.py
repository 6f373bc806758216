"""LinkedIn, as the use cases see it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from confrere.domain.attempt import AccountProblem, Attempt, OutgoingMessage, OutgoingReply, SearchResult, Unreadable
from confrere.domain.conversation import Conversation, MailboxChanges, MailboxPage, ThreadPage
from confrere.domain.group import GroupsPage, MembersPage, MembersQuery
from confrere.domain.outcome import Refused
from confrere.domain.person import Person, VanityName
from confrere.domain.session import Member, Session
from confrere.domain.urns import ProfileUrn


class Upstream(Protocol):
    """LinkedIn's web protocol. A send is attempted once, a read at most twice; no redirect is followed."""

    async def send_group_message(self, session: Session, message: OutgoingMessage) -> Attempt:
        """Send to a recipient, in one attempt. What LinkedIn or the network does is an outcome, never an exception."""
        ...

    async def send_reply(self, session: Session, reply: OutgoingReply) -> Attempt:
        """Ask LinkedIn, once, to send into an existing conversation. The outcomes are those of a group message."""
        ...

    async def find_message(
        self,
        session: Session,
        sender_urn: str,
        recipient_urn: str,
        origin_token: str,
        since: datetime,
        conversation_urn: str | None = None,
    ) -> SearchResult:
        """Search the conversation for the token, back to `since`; all threads with the recipient where it is None."""
        ...

    async def read_member(self, session: Session) -> Member | AccountProblem | Unreadable:
        """Return the owner of the session (`/me`): the cheapest probe."""
        ...

    async def find_conversation(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> str | AccountProblem | Unreadable | None:
        """Return the URN of the thread with this person in the owner's mailbox; None where there is none."""
        ...

    async def find_conversations(
        self, session: Session, owner_urn: str, other_urn: str
    ) -> tuple[str, ...] | AccountProblem | Unreadable:
        """Return the URNs of all threads with this person in the owner's mailbox."""
        ...

    async def read_mailbox(
        self, session: Session, owner_urn: str, *, cursor: str | None = None, count: int = 20
    ) -> MailboxPage | AccountProblem | Unreadable:
        """A page of the owner's mailbox, latest first. No read of a mailbox or thread marks anything as read."""
        ...

    async def read_mailbox_changes(
        self, session: Session, owner_urn: str, sync_token: str | None
    ) -> MailboxChanges | AccountProblem | Unreadable:
        """What has changed in the owner's mailbox since the token; without one the latest conversations."""
        ...

    async def read_conversation(
        self, session: Session, conversation_urn: str
    ) -> Conversation | AccountProblem | Unreadable | None:
        """One conversation of the session's mailbox; None where it is not there."""
        ...

    async def read_thread(
        self, session: Session, conversation_urn: str, *, before_ms: int | None = None, count: int = 20
    ) -> ThreadPage | AccountProblem | Unreadable:
        """The newest messages of a conversation, or at most `count` that were delivered before a time (epoch ms)."""
        ...

    async def mark_seen(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Mark a conversation as read, which the other side can see. Returns whether LinkedIn took it."""
        ...

    async def find_person(
        self, session: Session, who: ProfileUrn | VanityName
    ) -> Person | Refused | AccountProblem | Unreadable | None:
        """Read the profile of this person; None where LinkedIn knows nobody of this name or id."""
        ...

    async def read_group_members(
        self, session: Session, which: MembersQuery, *, start: int, count: int
    ) -> MembersPage | Refused | AccountProblem | Unreadable:
        """Return at most `count` places of LinkedIn's list of a group's members, from the place `start` on."""
        ...

    async def read_groups(
        self, session: Session, profile_urn: str, *, start: int, count: int
    ) -> GroupsPage | Refused | AccountProblem | Unreadable:
        """Return at most `count` places of LinkedIn's list of the groups that the session's owner is in."""
        ...

    async def send_typing(self, session: Session, conversation_urn: str) -> bool | AccountProblem:
        """Show the other side of the thread that the account is typing. Returns whether LinkedIn took it."""
        ...

    async def acknowledge(self, session: Session, message_urns: tuple[str, ...]) -> bool | AccountProblem:
        """Acknowledge that these messages have been received. Returns whether LinkedIn took it."""
        ...

    def on_answer(self, record: Callable[[Session, str, str | None], None]) -> None:
        """Call `record` after each answer that shows whether LinkedIn understands a kind of request.

        It gets the session, the kind, and why LinkedIn did not understand it: None where it did, and so takes the
        session. The kind is the entry of `protocol.toml`, such as `queries.mailbox_start`; `me` and `createMessage`
        have none there.
        """
        ...

    def on_cookies(self, keep: Callable[[Session, Mapping[str, str]], None]) -> None:
        """Call `keep` with the cookies that LinkedIn sets in answers to reads; those of a send are in its Attempt."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
