"""The engine for several machines: a pool of connections, one round trip for each step of many sends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Final, TypeAlias

import asyncpg

from confrere.domain.errors import StoreUnavailable
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.store.clock import CLOCK_TOLERANCE
from confrere.store.pacing import judge_pace
from confrere.store.postgresql.batches import Batches, Values
from confrere.store.postgresql.deferred_writes import DeferredWrites
from confrere.store.postgresql.faults import CONFLICTS, FAULTS, RETRY_SECONDS, may_have_happened, unavailable
from confrere.store.postgresql.liveness import InstanceLock
from confrere.store.repeats import judge_earlier
from confrere.store.reservation_decision import OPTED_OUT_COLUMNS, ClaimRow, Decision, DecisionName
from confrere.store.rows import Row
from confrere.store.script import Query, Script, T
from confrere.store.settling import SettlementRow

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

_PATIENCE_SECONDS: Final = 5.0
"""How long a caller waits for a free connection; each statement has as long again."""

_TRIES: Final = 5

_JUDGED_AT_ONCE: Final = 4
"""Claims that wait for each other's rulings hold a connection while they do, and must not hold all of them."""


class PostgresqlEngine:
    """One pool and one sign of life. Made by `open_engine`."""

    def __init__(self, pool: "asyncpg.Pool[Any]", instance: InstanceLock, queries: dict[str, str]) -> None:
        self.instance = instance.name
        self.write_fault: StoreUnavailable | None = None
        self._pool = pool
        self._lock = instance
        self._queries = queries
        self._notes = DeferredWrites(self._write_notes)
        self._rulings = Batches(partial(self._many, "rule_many", _RULE_CONSTANTS), order=_account_of)
        self._settlements = Batches(partial(self._many, "settle_many", ()), order=_send_of)
        self._reads = {query: Batches(partial(self._many, f"{query}_many", ())) for query in _READ_TOGETHER}
        self._rarely = asyncio.Semaphore(_JUDGED_AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()

    def __repr__(self) -> str:
        return "<PostgresqlEngine>"

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """On any free connection; what every send asks, together with others."""
        together = self._reads.get(query)
        if together is not None:
            with suppress(*FAULTS):
                return await together.ask(values)
        return await self._once(query, values)

    async def read_many(self, query: str, *values: Any) -> Sequence[Row]:
        """On any free connection."""
        return await self._once(query, values)

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """In a transaction, run again where it met another and was undone."""
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self._connection() as connection, connection.transaction():
                    value = await self._drive(connection, script())
            except CONFLICTS as fault:
                if not tries_left:
                    raise self._failed(fault) from None
            except FAULTS as fault:
                raise self._failed(fault) from None
            else:
                self.write_fault = None
                return value
        raise AssertionError("the last try returns or raises")

    async def rule(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """One call of reserve_send; where there is an earlier row, the rules about repeats and another call."""
        decision = self._start(self._rule(claim))
        try:
            return await asyncio.shield(decision)
        except asyncio.CancelledError:
            given_up = if_abandoned()
            decision.add_done_callback(lambda _: self._start(self._settle_for_nobody(given_up)))
            raise
        except StoreUnavailable as fault:
            self.write_fault = fault
            # It may have been decided all the same, by a call whose answer was lost; nothing will be sent for it.
            self._start(self._settle_for_nobody(if_abandoned()))
            raise

    async def settle(self, settlement: SettlementRow) -> Row | None:
        """One call of settle_send, made again where its answer was lost: it says the same again."""
        return await asyncio.shield(self._start(self._settle(settlement)))

    async def add_opt_outs(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """In one statement."""
        return len(await self._once("add_opt_outs", _columns(rows)))

    def note(self, query: str, *values: Any, at_once: bool = False) -> None:
        """With others, a tenth of a second later; before a claim of this process is judged."""
        self._notes.add(query, values)
        if at_once:
            self._start(self._notes.flush())

    async def find_damage(self) -> Sequence[str]:
        """Its server's operator has the tools for that."""
        return []

    async def close(self) -> None:
        """The sign of life goes last: until then what is in flight here is not dead."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._notes.close()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()
        await self._lock.release()

    async def _rule(self, claim: ClaimRow) -> Decision:
        again, until = False, monotonic() + RETRY_SECONDS
        for _ in range(_TRIES):
            try:
                decision = await self._rule_once(claim, again=again)
            except CONFLICTS:
                again = True  # it can have met its own first call, which has taken the id
            except FAULTS as fault:
                # The first call was made together with others', so that the fault may be another's.
                if again and (not may_have_happened(fault) or monotonic() > until):
                    raise unavailable(fault) from None
                again = True
            else:
                if decision is not None:
                    return decision
        raise StoreUnavailable("PostgreSQL: the connection was lost, or other transactions came first, too often")

    async def _rule_once(self, claim: ClaimRow, *, again: bool) -> Decision | None:
        """The decision; None where another claimed the key meanwhile. `again` is asked alone."""
        row: Row
        if again:
            (row,) = await self._ask("rule", _rule_values(claim, again=True))
        else:
            (row,) = await self._rulings.ask(claim[:16])
        if row[0] in ("judge", "pace"):
            async with self._rarely:
                judged = await self._judge(claim, row)
            if isinstance(judged, Decision):
                return judged
            row = judged
        if row[0] in ("judge", "pace"):
            return None
        if row[0] == "lost":
            raise StoreUnavailable("PostgreSQL: the connection was lost, and the reservation given up meanwhile")
        return Decision(DecisionName(row[0]), *row[1:10])

    async def _judge(self, claim: ClaimRow, row: Row) -> Decision | Row:
        """Query the rules that the row of reserve_send leaves it to: their decision, or what reserve_send then says."""
        told: dict[str, Any] = {}
        if row[0] == "judge":
            await self._notes.flush()  # an answer of ours may decide it
        async with self._connection() as connection, connection.transaction():
            if row[0] == "judge":
                earlier = await self._drive(connection, judge_earlier(claim))
                if earlier.decision is not None:
                    return earlier.decision
                told = {"judged": True, "stale_id": earlier.stale_id}
                (row,) = await connection.fetch(self._queries["rule"], *_rule_values(claim, **told))
            if row[0] == "pace":
                too_fast = await self._drive(connection, judge_pace(claim, row[1]))
                if too_fast is not None:
                    return too_fast
                (row,) = await connection.fetch(self._queries["rule"], *_rule_values(claim, **told, paced=True))
        return row

    async def _settle(self, settlement: SettlementRow) -> Row | None:
        until = monotonic() + RETRY_SECONDS
        with suppress(*FAULTS):  # then alone, since the fault may be another's; it says the same again
            (row,) = await self._settlements.ask(settlement)
            return row if row[0] is not None else None
        for _ in range(_TRIES):
            try:
                (row,) = await self._ask("settle", settlement)
            except FAULTS as fault:
                if not (isinstance(fault, CONFLICTS) or may_have_happened(fault)) or monotonic() > until:
                    raise unavailable(fault) from None
            else:
                return row if row[0] is not None else None
        raise StoreUnavailable("PostgreSQL: the connection was lost, or other transactions came first, too often")

    async def _settle_for_nobody(self, settlement: SettlementRow) -> None:
        with suppress(StoreUnavailable):  # then the end of its lease finds the row
            await self._settle(settlement)

    def _failed(self, fault: BaseException) -> Exception:
        error = unavailable(fault)
        if isinstance(error, StoreUnavailable):
            self.write_fault = error
        return error

    async def _once(self, query: str, values: Sequence[Any]) -> Sequence[Row]:
        try:
            return await self._ask(query, values)
        except FAULTS as fault:
            raise unavailable(fault) from None

    async def _ask(self, query: str, values: Sequence[Any]) -> Sequence[Row]:
        async with self._connection() as connection:
            rows: Sequence[Row] = await connection.fetch(self._queries[query], *values)
            return rows

    async def _many(self, query: str, constants: Values, columns: Sequence[Any]) -> Sequence[Row]:
        return await self._ask(query, (*columns, *constants))

    async def _write_notes(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        await self._once(query, _columns(sorted(rows)))  # sorted: two writers that lock in one order cannot deadlock

    async def _drive(self, connection: Connection, script: Script[T]) -> T:
        """Drive a script to its end."""
        try:
            wish = next(script)
            while True:
                rows: Sequence[Row]
                if isinstance(wish, Query):
                    rows = await connection.fetch(self._queries[wish.query], *wish.values)
                else:
                    numbers = [int(name, 16) for name in wish.instances]
                    alive = await connection.fetch(self._queries["list_alive"], numbers)
                    rows = [(f"{row[0]:016x}",) for row in alive]
                wish = script.send(rows)
        except StopIteration as end:
            value: T = end.value
            return value

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                connection = await self._pool.acquire()
        except TimeoutError:
            raise StoreUnavailable("PostgreSQL: no connection became free in time") from None
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_RULE_CONSTANTS: Final = (MESSAGES_PER_DAY_CEILING, *OPTED_OUT_COLUMNS[1:6], CLOCK_TOLERANCE)
_READ_TOGETHER: Final = ("find_caller", "read_session")


def _account_of(claim: Values) -> str:
    """The unit's row is locked until the commit, and there is one for each account."""
    return claim[3] or ""


def _send_of(settlement: Values) -> str:
    return str(settlement[0])


def _rule_values(
    claim: ClaimRow, *, again: bool = False, judged: bool = False, paced: bool = False, stale_id: str | None = None
) -> tuple[Any, ...]:
    return (*claim[:16], again, judged, paced, stale_id, *_RULE_CONSTANTS)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """The rows' values by column, as arrays are given."""
    return [list(column) for column in zip(*rows, strict=True)]
