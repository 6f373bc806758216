"""The client for asyncio."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from confrere_client import calls
from confrere_client.accounts import Accounts, Sends
from confrere_client.address import read_address
from confrere_client.audiences import Audiences
from confrere_client.calls import Call
from confrere_client.campaign_models import WhyNot
from confrere_client.campaigns import Campaigns, read_why_not
from confrere_client.conversations import Conversations
from confrere_client.exchange import RetryPolicy, Server, Wait, run_call, utc_now
from confrere_client.groups import Groups
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer
from confrere_client.messaging import Messaging
from confrere_client.models import Health
from confrere_client.pages import Pages
from confrere_client.people import People
from confrere_client.replies import Replies
from confrere_client.resource import Asynchronous
from confrere_client.templates import Templates
from confrere_client.transport import LIMITS, read_answer, read_error
from confrere_client.webhooks import Webhooks
from confrere_client.workspaces import Workspaces

T = TypeVar("T")
Page = TypeVar("Page")


class AsyncClient:
    """A client of one server; use it as an `async with` context, or close it. The tasks of one loop may share it.

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
        http_client: httpx2.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._own = http_client is None
        self._executor = executor = AsyncExecutor(
            Server(read_address(base_url, api_key), server_keeps_keys),
            RetryPolicy(max_retries, wait_for_limits, clock, jitter),
            timeout_seconds,
            httpx2.AsyncClient(limits=LIMITS) if http_client is None else http_client,
            sleep,
        )
        self.messaging = Messaging[Asynchronous](executor)
        self.groups = Groups[Asynchronous](executor)
        self.accounts = Accounts[Asynchronous](executor)
        self.sends = Sends[Asynchronous](executor)
        self.conversations = Conversations[Asynchronous](executor)
        self.people = People[Asynchronous](executor)
        self.templates = Templates[Asynchronous](executor)
        self.audiences = Audiences[Asynchronous](executor)
        self.campaigns = Campaigns[Asynchronous](executor)
        self.replies = Replies[Asynchronous](executor)
        self.webhooks = Webhooks[Asynchronous](executor)
        self.workspaces = Workspaces[Asynchronous](executor)

    def __repr__(self) -> str:
        return f"AsyncClient({self._executor.server.address.root!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        if self._own:
            await self._executor.http.aclose()

    async def health(self) -> Health:
        """Check that the server's process answers; needs no key."""
        return await self._executor.execute(calls.read_health)

    async def why_not_yet(
        self, *, account_id: str | None = None, campaign_id: str | None = None, recipient: str | None = None
    ) -> WhyNot | None:
        """Find out why an account, a campaign, a person in it, or a person in all campaigns waits; None: nothing does.

        Without arguments it is about the default account.
        """
        return await self._executor.execute(lambda: read_why_not(account_id, campaign_id, recipient))


@dataclass(frozen=True, slots=True)
class AsyncExecutor:
    """Executes calls over one HTTP client."""

    server: Server
    retry_policy: RetryPolicy
    timeout_seconds: float
    http: httpx2.AsyncClient
    sleep: Callable[[float], Awaitable[None]]

    async def execute(self, build: Callable[[], Call[T]]) -> T:
        """Build a call, execute it, and return its result. Raises ConfrereClientError."""
        return await self._run(build())

    async def iterate(self, pages: Pages[Page, T]) -> AsyncIterator[T]:
        """Iterate over all items; a page is requested when the one before it is used up."""
        while (call := pages.next_call()) is not None:
            for item in pages.take(await self._run(call)):
                yield item

    async def _run(self, call: Call[T]) -> T:
        steps = run_call(call, self.server, self.retry_policy)
        result: HttpAnswer | NoAnswer | None = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as end:
                value: T = end.value
                return value
            if isinstance(step, Wait):
                await self.sleep(step.seconds)
                result = None
            else:
                result = await self._exchange(step)

    async def _exchange(self, request: HttpRequest) -> HttpAnswer | NoAnswer:
        try:
            response = await self.http.request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                timeout=self.timeout_seconds,
                follow_redirects=False,
            )
        except httpx2.HTTPError as error:
            return read_error(error)
        return read_answer(response)
