# Written by script/write-blocking-client from async_client.py.
"""The client for programs that block."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

import httpx2

from confrere_client import calls
from confrere_client.address import read_address
from confrere_client.calls import Call
from confrere_client.exchange import RetryPolicy, Server, Wait, run_call, utc_now
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
from confrere_client.pages import MemberPages, Pages, SendPages
from confrere_client.transport import LIMITS, read_answer, read_error

T = TypeVar("T")
Page = TypeVar("Page")


class Execute(Protocol):
    """The client's method that executes a call. Raises ConfrereClientError."""

    def __call__(self, call: Call[T], /) -> T:
        """Execute the call, and return its result."""


class Client:
    """A client of one server; use it as a context manager, or close it. Threads may share it.

    base_url:           the server's address, with or without `/linkedin`.
    api_key:            the environment variable `CONFRERE_API_KEY` where it is None.
    timeout_seconds:    for connecting, and for each part of an answer. Confrere answers within 25 s.
    max_retries:        of a failed request, where a retry is safe.
    wait_for_limits:    wait for a 429 to pass rather than raise RateLimited; it can take until the next day.
    server_keeps_keys:  whether the server keeps `Idempotency-Key`s; None: it is queried when that matters.
    http_client:        an httpx2 client of your own, for proxies and certificates; it is not closed.
    sleep, clock, jitter: for tests.
    Raises:             ValueError, where an argument is malformed.
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
        http_client: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._server = Server(read_address(base_url, api_key), server_keeps_keys)
        self._retry_policy = RetryPolicy(max_retries, wait_for_limits, clock, jitter)
        self._timeout_seconds = timeout_seconds
        self._own = http_client is None
        self._http = httpx2.Client(limits=LIMITS) if http_client is None else http_client
        self._sleep = sleep
        self.messaging = Messaging(self._execute)
        self.groups = Groups(self._execute)
        self.accounts = Accounts(self._execute)
        self.sends = Sends(self._execute)
        self.conversations = Conversations(self._execute)

    def __repr__(self) -> str:
        return f"Client({self._server.address.root!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._own:
            self._http.close()

    def health(self) -> Health:
        """Check that the server's process answers; needs no key."""
        return self._execute(calls.read_health())

    def _execute(self, call: Call[T]) -> T:
        steps = run_call(call, self._server, self._retry_policy)
        result: HttpAnswer | NoAnswer | None = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as end:
                value: T = end.value
                return value
            if isinstance(step, Wait):
                self._sleep(step.seconds)
                result = None
            else:
                result = self._exchange(step)

    def _exchange(self, request: HttpRequest) -> HttpAnswer | NoAnswer:
        try:
            response = self._http.request(
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
    """Sends. Every method may raise NotSent, OutcomeUnknown, Refused, RateLimited and the other errors."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def send_group(
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
        idempotency_key:  identifies this send; a new one where it is None. Pass your own to be able to repeat the send
                          later, from another process.
        """
        return self._execute(
            calls.send(
                calls.SEND_GROUP,
                recipient=recipient,
                group_id=group_id,
                message=message,
                account_id=account_id,
                idempotency_key=idempotency_key,
            )
        )

    def send_group_with_typing(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """The same after a typing indicator, where there is a conversation already."""
        return self._execute(
            calls.send(
                calls.SEND_GROUP_WITH_TYPING,
                recipient=recipient,
                group_id=group_id,
                message=message,
                account_id=account_id,
                idempotency_key=idempotency_key,
            )
        )

    def send_group_with_ack(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        message_urns: Sequence[str] | None = None,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Sent:
        """Send after a delivery receipt for `message_urns`. The arguments are those of `send_group`."""
        return self._execute(
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

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def list(self, *, account_id: str | None = None, start: int | None = None, count: int | None = None) -> GroupPage:
        """List the groups that the account is in."""
        return self._execute(calls.list_groups(account_id=account_id, start=start, count=count))

    def members(
        self,
        group_id: str | int,
        *,
        start: int = 0,
        count: int = calls.MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> MemberPage:
        """List one page of a group's members. Each member counts against the quota `GROUP_MEMBERS`.

        membership_statuses:  any of `OWNER`, `MANAGER`, `MEMBER`; None: all three.
        typeahead_query:      only members whose names begin with it.
        """
        return self._execute(
            calls.list_members(
                {"groupId": group_id},
                start=start,
                count=count,
                membership_statuses=membership_statuses,
                typeahead_query=typeahead_query,
                account_id=account_id,
            )
        )

    def members_by_url(
        self,
        group_url: str,
        *,
        start: int = 0,
        count: int = calls.MEMBERS_PAGE,
        membership_statuses: Sequence[str] | None = None,
        typeahead_query: str | None = None,
        account_id: str | None = None,
    ) -> MemberPage:
        """List one page of members by the group's URL. The arguments are those of `members`."""
        return self._execute(
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
    ) -> Iterator[Member]:
        """Iterate over a group's members; a page is requested when the one before it is used up."""

        def request_page(place: int) -> Call[MemberPage]:
            return calls.list_members(
                {"groupId": group_id},
                start=place,
                count=count,
                membership_statuses=membership_statuses,
                typeahead_query=typeahead_query,
                account_id=account_id,
            )

        return _iterate(self._execute, MemberPages(request_page, start=start, count=count))


class Accounts:
    """The workspace's LinkedIn accounts."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def list(self, q: str | None = None) -> tuple[Account, ...]:
        """List all accounts, or those whose name, public id, id or profile URL matches `q`."""
        return self._execute(calls.list_accounts(q))

    def status(self, account_id: str | None = None) -> AccountStatus:
        """Read an account's status; without an id, that of the most recently used one. Raises NotFound."""
        return self._execute(calls.read_status(account_id))

    def quota(self, account_id: str) -> tuple[Quota, ...]:
        """Read an account's quotas."""
        return self._execute(calls.read_quotas(account_id))

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
    ) -> Iterator[SendRecord]:
        """Iterate over the account's sends, newest first, page by page. since, until: aware datetimes."""
        query = {
            "outcome": outcome,
            "groupId": group_id,
            "recipient": recipient,
            "since": since,
            "until": until,
            "limit": page_size,
        }
        return _iterate(self._execute, SendPages(account_id, query))


class Sends:
    """The ledger of sends."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def get(self, send_id: str) -> SendRecord:
        """Read one send with its text. Raises NotFound."""
        return self._execute(calls.read_send(send_id))


class Conversations:
    """Threads with people."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def exists(self, profile_id: str, *, account_id: str | None = None) -> ConversationExists:
        """Check whether a thread with this person exists; `profile_id` may be their vanity name."""
        return self._execute(calls.find_conversation(profile_id, account_id=account_id))


def _iterate(execute: Execute, pages: Pages[Page, T]) -> Iterator[T]:
    while (call := pages.next_call()) is not None:
        yield from pages.take(execute(call))
