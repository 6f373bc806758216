"""The sandbox's control API: what LinkedIn's side sees, and what it is told to do. Source: docs/sandbox.md."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from confrere.demo.http_calls import call
from confrere.demo.runner import PlugRunner


class Member(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody of the sandbox's world."""

    profile_urn: str
    first_name: str
    last_name: str
    headline: str


class InboxMessage(msgspec.Struct, frozen=True, rename="camel"):
    """One message. is_own: whether the inbox's owner wrote it."""

    text: str
    is_own: bool
    at: datetime


class Thread(msgspec.Struct, frozen=True, rename="camel"):
    """A thread of a member with an account. is_request: the member has neither accepted nor answered it yet."""

    account: Member
    group_name: str | None
    is_request: bool
    messages: Sequence[InboxMessage]


class MemberInbox(msgspec.Struct, frozen=True, rename="camel"):
    """What a member sees: their threads with accounts, the one with the newest message first."""

    member: Member
    threads: Sequence[Thread]


class MemberSession(msgspec.Struct, frozen=True, rename="camel"):
    """The session of an account, as its browser has it. Its repr shows no cookie."""

    profile_urn: str
    cookie: str
    user_agent: str

    def __repr__(self) -> str:
        return f"<MemberSession of {self.profile_urn}>"


class _World(msgspec.Struct, frozen=True):
    accounts: list[MemberSession]


class SandboxControl:
    """The control API of the sandbox at this address. Every method raises SandboxUnavailable.

    plug:  the demonstration that kills a server, which has a sandbox of its own.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.plug = PlugRunner()

    async def read_inbox(self, member: str) -> MemberInbox:
        """Return what the member with this profile URN sees."""
        found: MemberInbox = await self._call("GET", f"inbox?member={quote(member)}", None, MemberInbox)
        return found

    async def list_recipients(self) -> Sequence[str]:
        """Return the profile URNs of those who have received a message, the latest first."""
        messages = await self._call("GET", "messages", None, list[_Sent])
        return list(dict.fromkeys(message.recipient for message in reversed(messages)))

    async def list_sessions(self) -> Sequence[MemberSession]:
        """Return the sessions of the first accounts of the world."""
        world: _World = await self._call("GET", "world?accounts=20&count=0", None, _World)
        return world.accounts

    async def list_faults(self) -> Sequence[Mapping[str, Any]]:
        """Return the faults that are pending."""
        faults: list[dict[str, Any]] = await self._call("GET", "faults", None, list[dict[str, Any]])
        return faults

    async def add_fault(self, fault: Mapping[str, Any]) -> None:
        """Add a fault after those that are pending."""
        await self._call("POST", "faults", fault)

    async def clear_faults(self) -> None:
        """Remove all pending faults."""
        await self._call("DELETE", "faults")

    async def act(self, *actions: Mapping[str, Any]) -> None:
        """Change the world."""
        await self._call("POST", "world", actions)

    async def reply(self, *, sender: str, account: str, text: str) -> None:
        """Have a member write to an account."""
        await self._call("POST", "replies", {"from": sender, "account": account, "text": text})

    async def _call(self, method: str, path: str, body: object = None, wanted: Any = Any) -> Any:
        return await asyncio.to_thread(call, method, f"{self.url}/_control/{path}", body, wanted=wanted)


class _Sent(msgspec.Struct, frozen=True):
    recipient: str
