"""Short histories of clients, two processes and a worker, run step by step in a given order."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from confrere.domain.attempt import Absent, Attempt, Found, OutgoingMessage, SearchResult
from confrere.domain.errors import ConfrereError
from confrere.domain.message import MessageText
from confrere.domain.outcome import Accepted, OutcomeName, Unknown
from confrere.domain.send import SendFilter
from confrere.domain.session import Member, Session
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.sending import CallerConnection, GroupSender, SendRequest, join, settle
from confrere.sending.account_guard import AccountGuard
from confrere.sending.background import BackgroundTasks
from confrere.sending.reconcile import Reconciler
from confrere.store import SqlStore
from verification.stepping import WRITES_DEFERRED, SteppedAsyncio, SteppedStore, Turns, current

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
GAP = timedelta(minutes=2)
BROWSER = Session({"li_at": "cookie", "JSESSIONID": '"ajax:1"'}, "Mozilla/5.0")
_MOST_ROUNDS = 12
_OPEN = frozenset({OutcomeName.IN_FLIGHT, OutcomeName.UNKNOWN})
_REPEATED = frozenset({OutcomeName.UNKNOWN, OutcomeName.NOT_SENT})

OpenStore = Callable[[], Awaitable[SqlStore]]


@dataclass(frozen=True)
class Client:
    """A client with one intention, which it sends to these processes in turn as long as it may be repeated."""

    text: str
    tries: Sequence[str]
    key: str | None = None
    disconnects: int = 0


@dataclass(frozen=True)
class History:
    """What happens, in any order. fates: what LinkedIn does with each attempt; the last one repeats."""

    name: str
    clients: Sequence[Client]
    replies: Sequence[str] = ("accepted",)
    limit: int = 150
    kills: Sequence[str] = ()
    worker_rounds: int = 0
    waits: int = 0


@dataclass
class ClientRecord:
    """The outcomes that a client was given. None: no answer, or a refusal to try again later."""

    outcomes: list[OutcomeName | None] = field(default_factory=list)


class LinkedIn:
    """A LinkedIn that accepts, loses the answer, or loses the message; each as a step."""

    def __init__(self, turns: Turns, replies: Sequence[str]) -> None:
        self._turns = turns
        self._replies = list(replies)
        self.seen: list[OutgoingMessage] = []

    async def send_group_message(self, _session: Session, message: OutgoingMessage) -> Attempt:
        """Take two steps: the message arrives, the answer arrives."""
        await self._turns.take("asks LinkedIn")
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if reply != "dropped":
            self.seen.append(message)
        await self._turns.take("gets LinkedIn's answer")
        return Attempt(Accepted(None, None) if reply == "accepted" else Unknown("no answer"), {})

    async def find_message(
        self,
        _session: Session,
        _sender: str,
        _recipient: str,
        token: str,
        _since: datetime,
        _conversation: str | None = None,
    ) -> SearchResult:
        """Take one step."""
        await self._turns.take("searches LinkedIn")
        return Found(None, None) if any(each.origin_token == token for each in self.seen) else Absent()

    async def close(self) -> None:
        """Do nothing."""


class Parts:
    """The parts of the product that a history runs."""

    def __init__(self, store: Any, upstream: Any, clock: Callable[[], datetime]) -> None:
        self.background = BackgroundTasks()
        guard = AccountGuard(accounts=store, upstream=upstream, clock=clock, background=self.background)
        self.reconciler = Reconciler(ledger=store, accounts=store, upstream=upstream, guard=guard, clock=clock, gap=GAP)
        self.sender = GroupSender(
            ledger=store,
            accounts=store,
            opt_outs=store,
            upstream=upstream,
            guard=guard,
            reconciler=self.reconciler,
            background=self.background,
            clock=clock,
        )


class Play:
    """One run of a history, from its first step to its last."""

    def __init__(self, history: History, account_number: int) -> None:
        self.history = history
        self.turns = Turns()
        self.linkedin = LinkedIn(self.turns, history.replies)
        self.now = NOON
        self.records = [ClientRecord() for _ in history.clients]
        self.stores: dict[str, SqlStore] = {}
        self.account_id = ""
        self._stepped: dict[str, SteppedStore] = {}
        self._parts: dict[str, Parts] = {}
        self._lines: dict[int, tuple[str, CallerConnection]] = {}
        self._lost: dict[int, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._number = account_number

    async def begin(self, stores: dict[str, SqlStore]) -> None:
        """Connect an account, and run all actors up to their first step."""
        self.stores = stores
        store = next(iter(stores.values()))
        member = Member(f"urn:li:fsd_profile:ACoAA{self._number:06}", "A", "B", f"a-{self._number}")
        account = await store.connect_account("default", BROWSER, member, self.now)
        await store.update_account("default", account.id, daily_limit=self.history.limit)
        self.account_id = account.id
        for name, each in stores.items():
            self._stepped[name] = SteppedStore(each, self.turns)
            self._parts[name] = Parts(self._stepped[name], self.linkedin, lambda: self.now)
        actors: list[Awaitable[None]] = [self._be_client(number) for number in range(len(self.records))]
        actors += [self._kill(name) for name in self.history.kills]
        actors += [
            self._disconnect(n) for n, client in enumerate(self.history.clients) for _ in range(client.disconnects)
        ]
        actors += [self._work()] if self.history.worker_rounds else []
        actors += [self._wait()] if self.history.waits else []
        self._tasks = [asyncio.ensure_future(actor) for actor in actors]
        await self.turns.settle()

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Make every wait of a send a step, within this context."""
        stepped = SteppedAsyncio(self.turns)
        with patch.object(join, "asyncio", stepped), patch.object(settle, "asyncio", stepped):
            yield

    def choices(self) -> list[Any]:
        """Return the steps that may come next. Deferred writes come before the end of another process's sleep."""
        ready = self.turns.ready()
        noting = any(step.what == WRITES_DEFERRED for step in ready)
        return [step for step in ready if not (noting and step.what.startswith("sleeps"))]

    async def end(self) -> None:
        """Cancel all actors."""
        for task in self._tasks:
            task.cancel()
        for name, parts in self._parts.items():
            for running in list(parts.background._tasks):
                running.cancel()
            self._stepped[name].discard()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _be_client(self, number: int) -> None:
        client, record = self.history.clients[number], self.records[number]
        for attempt, process in enumerate(client.tries):
            current.set(f"client {number}")
            await self.turns.take("sends" if attempt == 0 else "repeats")
            if process in self.turns.dead:
                record.outcomes.append(None)
                continue
            self._lost[number] = lost = asyncio.Event()
            serving = asyncio.create_task(self._serve(number, process, client))
            losing = asyncio.create_task(lost.wait())
            await asyncio.wait([serving, losing], return_when=asyncio.FIRST_COMPLETED)
            reported = serving.result() if serving.done() else None
            self._tasks.append(serving)  # type: ignore[arg-type]
            losing.cancel()
            self._lines.pop(number, None)
            record.outcomes.append(reported)
            if reported is not None and reported not in _REPEATED:
                return

    async def _serve(self, number: int, process: str, client: Client) -> OutcomeName | None:
        """Serve one request: the answer is written only if the caller is still connected."""
        current.set(process)
        sender, line = self._parts[process].sender, CallerConnection()
        self._lines[number] = (process, line)
        request = SendRequest(
            request_id="request",
            workspace_id="default",
            account_id=self.account_id,
            recipient=ProfileUrn("urn:li:fsd_profile:ACoAARecipient"),
            group_id=GroupId("42"),
            text=MessageText(f"{client.text} {self._number}"),
            idempotency_key=None if client.key is None else f"{client.key}-{self._number}",
        )
        try:
            result = await sender.send(request, line)
        except ConfrereError:
            return OutcomeName.NOT_SENT
        await self.turns.take("answers")
        if line.is_gone:
            return None
        sender.record_answered(line)
        return result.outcome.name

    async def _disconnect(self, number: int) -> None:
        current.set(f"client {number}")
        await self.turns.take("disconnects")
        if number in self._lines:
            process, line = self._lines.pop(number)
            current.set(process)
            if process not in self.turns.dead:
                self._parts[process].sender.record_disconnect(line)
            self._lost[number].set()

    async def _kill(self, process: str) -> None:
        current.set("the killer")
        await self.turns.take(f"kills {process}")
        self.turns.dead.add(process)
        self._stepped[process].discard()
        await self.turns.within(self.stores[process].close())
        for number, (where, _) in list(self._lines.items()):
            if where == process:
                del self._lines[number]
                self._lost[number].set()

    async def _work(self) -> None:
        current.set("worker")
        for _ in range(self.history.worker_rounds):
            with suppress(ConfrereError):
                await self._parts["worker"].reconciler.reconcile_due(count=5)

    async def _wait(self) -> None:
        current.set("time")
        for _ in range(self.history.waits):
            await self.turns.take("three minutes pass")
            self.now += timedelta(minutes=3)


async def reconcile(play: Play, store: SqlStore) -> None:
    """Run a worker until nothing is left to search for."""
    parts = Parts(store, _Reader(play.linkedin.seen), lambda: play.now)
    for _ in range(_MOST_ROUNDS):
        rows = await store.list_sends(play.account_id, SendFilter(), before_id=None, count=100)
        if not any(row.outcome in _OPEN for row in rows):
            return
        await parts.reconciler.reconcile_due(count=50)
        play.now += timedelta(minutes=11)


class _Reader:
    """Reads LinkedIn's conversations, without steps."""

    def __init__(self, seen: Sequence[OutgoingMessage]) -> None:
        self._seen = seen

    async def find_message(
        self,
        _session: Session,
        _sender: str,
        _recipient: str,
        token: str,
        _since: datetime,
        _conversation: str | None = None,
    ) -> SearchResult:
        return Found(None, None) if any(each.origin_token == token for each in self._seen) else Absent()


def keyed(history: History) -> History:
    """Return the same history, with a key for each client."""
    clients = [replace(client, key=client.text) for client in history.clients]
    return replace(history, name=f"{history.name}, with a key", clients=clients)
