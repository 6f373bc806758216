"""The client for asyncio."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

import httpx2

from confrere_client import calls
from confrere_client.address import read_address
from confrere_client.calls import Call
from confrere_client.exchange import RetryPolicy, Server, Wait, converse, utc_now
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer
from confrere_client.models import (
    Account,
    AccountStatus,
    ConversationExists,
    GroupPage,
    Health,
    Member,
    MemberPage,
    Quota,
    SendRecord,
    Sent,
)
from confrere_client.pages import MemberWalk, SendWalk, Walk
from confrere_client.transport import LIMITS, read_answer, read_error

T = TypeVar("T")
Page = TypeVar("Page")


class Execute(Protocol):
    """Carries out a call. Raises ConfrereClientError."""

    async def __call__(self, call: Call[T], /) -> T:
        """The call's result."""


class AsyncClient:
    """A client of one server; use it as an `async with` context, or close it. The tasks of one loop may share it.

    base_url:           the server's address, with or without `/linkedin`.
    api_key:            the environment variable `CONFRERE_API_KEY` where it is None.
    timeout_seconds:    how long to wait for a connection, and for each part of an answer. Confrere answers within 25 s.
    max_retries:        how often a failed request is repeated, where a repeat is safe.
    wait_for_limits:    wait for a 429 to pass rather than raise RateLimited; it can take until the next day.
    server_keeps_keys:  whether the server keeps `Idempotency-Key`s; None: it is asked when that matters.
    http_client:        an httpx2 client of your own, for proxies and certificates; it is not closed.
    sleep, clock, jitter: for tests.
    Raises:             ValueError, when an argument is not of its form.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8080",
        api_key: str | None = None,
        *,
        timeout_seconds: float = 30.0,
        max_retries: int = 4,
        wait_for_limits: bool = False,
        server_keeps_keys: bool | None = None,
        http_client: httpx2.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._server = Server(read_address(base_url, api_key), server_keeps_keys)
        self._patience = RetryPolicy(max_retries, wait_for_limits, clock, jitter)
        self._timeout_seconds = timeout_seconds
        self._own = http_client is None
        self._http = httpx2.AsyncClient(limits=LIMITS) if http_client is None else http_client
        self._sleep = sleep
        self.messaging = Messaging(self._carry)
        self.groups = Groups(self._carry)
        self.accounts = Accounts(self._carry)
        self.sends = Sends(self._carry)
        self.conversations = Conversations(self._carry)

    def __repr__(self) -> str:
        return f"AsyncClient({self._server.address.root!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def health(self) -> Health:
        """Whether the server's process answers; needs no key."""
        return await self._carry(calls.read_health())

    async def _carry(self, call: Call[T]) -> T:
        conversation = converse(call, self._server, self._patience)
        came: HttpAnswer | NoAnswer | None = None
        while True:
            try:
                step = conversation.send(came)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(step, Wait):
                await self._sleep(step.seconds)
                came = None
            else:
                came = await self._exchange(step)

    async def _exchange(self, request: HttpRequest) -> HttpAnswer | NoAnswer:
        try:
            response = await self._http.request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self._timeout_seconds,
                follow_redirects=False,
            )
        except httpx2.HTTPError as error:
            return read_error(error)
        return read_answer(response)


class Messaging:
    """Sending. Every method raises NotSent, OutcomeUnknown, Refused, RateLimited and the rest of the tree."""

    def __init__(self, carry: Execute) -> None:
        self._carry = carry

    async def send_group(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """Send one message to a fellow member of a group.

        recipient:        `urn:li:fsd_profile:<id>`, as in `Member.profile_urn`.
        group_id:         the group's digits; Confrere takes its URN and its URL too.
        account_id:       None for the workspace's default account.
        idempotency_key:  names this send; a new one where it is None. Give your own to be able to repeat the send
                          later, from another process.
        """
        return await self._carry(
            calls.send(
                calls.SEND_GROUP,
                recipient=recipient,
                group_id=group_id,
                message=message,
                account_id=account_id,
                idempotency_key=idempotency_key,
            )
        )

    async def send_group_with_typing(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """The same after a typing indicator, where there is a conversation already."""
        return await self._carry(
            calls.send(
                calls.SEND_GROUP_WITH_TYPING,
                recipient=recipient,
                group_id=group_id,
                message=message,
                account_id=account_id,
                idempotency_key=idempotency_key,
            )
        )

    async def send_group_with_ack(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        message_urns: Sequence[str] | None = None,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """The same after `message_urns` were acknowledged as received."""
        return await self._carry(
            calls.send(
                calls.SEND_GROUP_WITH_ACK,
                recipient=recipient,
                group_id=group_id,
                message=message,
                message_urns=message_urns,
                account_id=account_id,
                idempotency_key=idempotency_key,
            )
        )


class Groups:
    """Groups and their members."""

    def __init__(self, carry: Execute) -> None:
        self._carry = carry

    async def list(
        self, *, account_id: str | None = None, start: int | None = None, count: int | None = None
    ) -> GroupPage:
        """The groups that the account is in."""
        return await self._carry(calls.list_groups(account_id=account_id, start=start, count=count))

    async def members(
        self,
        group_id: str | int,
        *,
        start: int = 0,
        count: int = calls.MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> MemberPage:
        """One page of a group's members. Every member of it counts in the quota `GROUP_MEMBERS`.

        membership_statuses:  any of `OWNER`, `MANAGER`, `MEMBER`; None: all three.
        typeahead_query:      what names begin with.
        """
        return await self._carry(
            calls.list_members(
                {"groupId": group_id},
                start=start,
                count=count,
                membership_statuses=membership_statuses,
                typeahead_query=typeahead_query,
                account_id=account_id,
            )
        )

    async def members_by_url(
        self,
        group_url: str,
        *,
        start: int = 0,
        count: int = calls.MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> MemberPage:
        """The same from the group's address."""
        return await self._carry(
            calls.list_members(
                {"groupUrl": group_url},
                start=start,
                count=count,
                membership_statuses=membership_statuses,
                typeahead_query=typeahead_query,
                account_id=account_id,
            )
        )

    def iter_members(
        self,
        group_id: str | int,
        *,
        start: int = 0,
        count: int = calls.MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> AsyncIterator[Member]:
        """All members of a group, asked for page by page as they are taken."""

        def ask(place: int) -> Call[MemberPage]:
            return calls.list_members(
                {"groupId": group_id},
                start=place,
                count=count,
                membership_statuses=membership_statuses,
                typeahead_query=typeahead_query,
                account_id=account_id,
            )

        return _iterate(self._carry, MemberWalk(ask, start=start, count=count))


class Accounts:
    """The workspace's LinkedIn accounts."""

    def __init__(self, carry: Execute) -> None:
        self._carry = carry

    async def list(self, q: str | None = None) -> tuple[Account, ...]:
        """All accounts, or those whose name, public id, id or profile address matches `q`."""
        return await self._carry(calls.list_accounts(q))

    async def status(self, account_id: str | None = None) -> AccountStatus:
        """How an account is; without an id, the most recently used one. Raises NotFound."""
        return await self._carry(calls.read_status(account_id))

    async def quota(self, account_id: str) -> tuple[Quota, ...]:
        """Every quota of an account."""
        return await self._carry(calls.read_quotas(account_id))

    def sends(
        self,
        account_id: str,
        *,
        outcome: str | None = None,
        group_id: str | None = None,
        recipient: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = calls.SENDS_PAGE,
    ) -> AsyncIterator[SendRecord]:
        """The account's sends, newest first, asked for page by page as they are taken. since, until: aware."""
        query = {
            "outcome": outcome,
            "groupId": group_id,
            "recipient": recipient,
            "since": since,
            "until": until,
            "limit": page_size,
        }
        return _iterate(self._carry, SendWalk(account_id, query))


class Sends:
    """The ledger of sends."""

    def __init__(self, carry: Execute) -> None:
        self._carry = carry

    async def get(self, send_id: str) -> SendRecord:
        """One send with its text. Raises NotFound."""
        return await self._carry(calls.read_send(send_id))


class Conversations:
    """Threads with people."""

    def __init__(self, carry: Execute) -> None:
        self._carry = carry

    async def exists(self, profile_id: str, *, account_id: str | None = None) -> ConversationExists:
        """Whether there is a thread with this person already; `profile_id` may be the name in their address."""
        return await self._carry(calls.find_conversation(profile_id, account_id=account_id))


async def _iterate(carry: Execute, walk: Walk[Page, T]) -> AsyncIterator[T]:
    while (call := walk.next_call()) is not None:
        for item in walk.take(await carry(call)):
            yield item
