"""The engine for several machines: a pool of connections, one round trip for each step of many sends."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

import asyncpg

from confrere.domain.errors import StoreUnavailable
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.store.clock import CLOCK_TOLERANCE
from confrere.store.pacing import check_pacing
from confrere.store.postgresql.batches import Batches, Call
from confrere.store.postgresql.connections import Connection, Connections
from confrere.store.postgresql.deferred_writes import DeferredWrites
from confrere.store.postgresql.faults import CONFLICTS, FAULTS, RETRY_SECONDS, may_have_happened, unavailable
from confrere.store.postgresql.liveness import InstanceLock
from confrere.store.queries import Statement, Values
from confrere.store.repeats import check_repeats
from confrere.store.reservation_decision import OPTED_OUT_COLUMNS, ClaimRow, Decision, DecisionName
from confrere.store.rows import Row
from confrere.store.script import Query, Script, T, run_query
from confrere.store.settling import RecordStops, SettlementRow, Stops

_TRIES: Final = 5

_CHECKED_AT_ONCE: Final = 4
"""Claims that wait for each other's locks hold a connection meanwhile, and must not hold all of them."""


class PostgresqlEngine:
    """One pool of connections, and one liveness lock. Made by `open_engine`."""

    def __init__(self, pool: "asyncpg.Pool[Any]", instance: InstanceLock, queries: Mapping[str, Statement]) -> None:
        self.instance = instance.name
        self.write_fault: StoreUnavailable | None = None
        self._connections = Connections(pool)
        self._lock = instance
        self._queries = queries
        self._deferred = DeferredWrites(self._write_deferred)
        self._reservations = Batches(partial(self._run_many, "reserve"), order=_account_of)
        self._settlements = Batches(partial(self._run_many, "settle"), order=_send_of)
        self._reads = {query: Batches(partial(self._run_many, f"{query}_many")) for query in _READ_TOGETHER}
        self._writes: dict[str, Batches] = {}
        self._checking = asyncio.Semaphore(_CHECKED_AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()

    def __repr__(self) -> str:
        return "<PostgresqlEngine>"

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """Read on any free connection; the queries of every send are batched with those of other calls."""
        together = self._reads.get(query)
        if together is not None:
            with suppress(*FAULTS):
                parameters = self._queries[f"{query}_many"].parameters
                return await together.run(dict(zip(parameters, values, strict=True)))
        return await self._once(query, values)

    async def read_many(self, query: str, *values: Any, **named: Any) -> Sequence[Row]:
        """Read on any free connection."""
        return await self._once(query, named or values)

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """Run the script in a transaction; repeat it where it was rolled back for a conflict with another."""
        for tries_left in reversed(range(_TRIES)):
            try:
                async with self._connections.lend() as connection, connection.transaction():
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

    async def write(self, query: str, values: Mapping[str, Any]) -> None:
        """Write together with other calls of the query, in one transaction and one round trip."""
        together = self._writes.get(query)
        if together is None:
            together = self._writes[query] = Batches(partial(self._write_many, query), order=repr)
        with suppress(*FAULTS):  # then alone, since the fault may be another's
            await together.run(values)
            return
        await self.transact(partial(run_query, query, values))

    async def reserve(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """Call reserve_send; where it leaves gates to the scripts, run those and call it again."""
        decision = self._start(self._reserve(claim))
        try:
            return await asyncio.shield(decision)
        except asyncio.CancelledError:
            abandoned = if_abandoned()
            decision.add_done_callback(lambda _: self._start(self._settle_abandoned(abandoned)))
            raise
        except StoreUnavailable as fault:
            self.write_fault = fault
            # It may have been decided all the same, by a call whose answer was lost; nothing will be sent for it.
            self._start(self._settle_abandoned(if_abandoned()))
            raise

    async def settle(self, settlement: SettlementRow, record: RecordStops) -> Row | None:
        """Call settle_send; repeat it where its answer was lost, since it returns the same again."""
        return await asyncio.shield(self._start(self._settle(settlement, record)))

    def write_later(self, query: str, *values: Any, flush: bool = False) -> None:
        """Defer the query by about a tenth of a second, but not past this process's next check of repeats."""
        self._deferred.add(query, values)
        if flush:
            self._start(self._deferred.flush())

    async def find_damage(self) -> Sequence[str]:
        """Return no damage: checking the server's files is for its operator's tools."""
        return []

    @property
    def overlap(self) -> timedelta:
        """Return a minute, in which every transaction of ours ends."""
        return timedelta(minutes=1)

    async def discard_deleted(self) -> None:
        """Do nothing: the server's vacuum does it."""

    async def close(self) -> None:
        """Close; the liveness lock is released last, so that sends in flight here count as alive until then."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._deferred.close()
        await self._connections.close()
        await self._lock.release()

    async def _reserve(self, claim: ClaimRow) -> Decision:
        call: Call = {**_FIRST_CALL, **claim._asdict()}
        until = monotonic() + RETRY_SECONDS
        for _ in range(_TRIES):
            try:
                decision = await self._reserve_once(claim, call)
            except CONFLICTS:
                pass  # it can have met its own first call, which has taken the id
            except FAULTS as fault:
                # The first call was made together with others', so that the fault may be another's.
                if call["again"] and (not may_have_happened(fault) or monotonic() > until):
                    raise unavailable(fault) from None
            else:
                if decision is not None:
                    return decision
                continue
            call = {**call, "again": True}
        raise StoreUnavailable("PostgreSQL: the connection was lost, or other transactions came first, too often")

    async def _reserve_once(self, claim: ClaimRow, call: Call) -> Decision | None:
        """Decide the claim; None where another send claimed the key meanwhile. A repeated call is not batched."""
        row: Any
        (row,) = await (self._run_many("reserve", [call]) if call["again"] else self._reservations.run(call))
        if row["verdict"] in _LEFT_TO_SCRIPTS:
            async with self._checking:
                checked = await self._check(claim, call, row)
            if isinstance(checked, Decision):
                return checked
            row = checked
        if row["verdict"] in _LEFT_TO_SCRIPTS:
            return None
        if row["verdict"] == "lost":
            raise StoreUnavailable("PostgreSQL: the connection was lost, and the reservation abandoned meanwhile")
        return _decision(row)

    async def _check(self, claim: ClaimRow, call: Call, row: Any) -> Any:
        """Run the scripts of the gates that reserve_send leaves; return their decision, or reserve_send's next row."""
        if row["verdict"] == "check_repeats":
            await self._deferred.flush()  # an answer of ours may decide it
        async with self._connections.lend() as connection, connection.transaction():
            if row["verdict"] == "check_repeats":
                earlier = await self._drive(connection, check_repeats(claim))
                if earlier.decision is not None:
                    return earlier.decision
                call = {**call, "again": False, "repeats_checked": True, "stale_id": earlier.stale_id}
                (row,) = await self._fetch_many(connection, "reserve", [call])
            if row["verdict"] == "check_pacing":
                too_fast = await self._drive(connection, check_pacing(claim, row["o_account_id"]))
                if too_fast is not None:
                    return too_fast
                call = {**call, "again": False, "pacing_checked": True}
                (row,) = await self._fetch_many(connection, "reserve", [call])
        return row

    async def _settle(self, settlement: SettlementRow, record: RecordStops | None) -> Row | None:
        """Settle together with others, but alone where the log may get an entry, for which others would have to wait.

        record:  None for a settlement that can stop nothing.
        """
        call, until = settlement._asdict(), monotonic() + RETRY_SECONDS
        row: Row
        if record is None or not settlement.may_stop:
            with suppress(*FAULTS):  # then alone, since the fault may be another's; it returns the same again
                (row,) = await self._settlements.run(call)
                return row if row[0] is not None else None
        for _ in range(_TRIES):
            try:
                row = await self._settle_alone(settlement, record)
            except FAULTS as fault:
                if not (isinstance(fault, CONFLICTS) or may_have_happened(fault)) or monotonic() > until:
                    raise unavailable(fault) from None
            else:
                return row if row[0] is not None else None
        raise StoreUnavailable("PostgreSQL: the connection was lost, or other transactions came first, too often")

    async def _settle_alone(self, settlement: SettlementRow, record: RecordStops | None) -> Row:
        async with self._connections.lend() as connection, connection.transaction():
            (row,) = await self._fetch_many(connection, "settle", [settlement._asdict()])
            stops = Stops(row["o_paused"], row["o_is_held"] or False, row["o_is_dead"] or False)
            if record is not None and any(stops):
                await self._drive(connection, record(settlement, row, stops))
        settled: Row = row
        return settled

    async def _settle_abandoned(self, settlement: SettlementRow) -> None:
        with suppress(StoreUnavailable):  # then the end of its lease finds the row
            await self._settle(settlement, None)

    def _failed(self, fault: BaseException) -> Exception:
        error = unavailable(fault)
        if isinstance(error, StoreUnavailable):
            self.write_fault = error
        return error

    async def _once(self, query: str, values: Values) -> Sequence[Row]:
        try:
            async with self._connections.lend() as connection:
                return await self._fetch(connection, query, values)
        except FAULTS as fault:
            raise unavailable(fault) from None

    async def _fetch(self, connection: Connection, query: str, values: Values) -> Sequence[Row]:
        statement = self._queries[query]
        rows: Sequence[Row] = await connection.fetch(statement.sql, *statement.bind(values))
        return rows

    async def _run_many(self, query: str, calls: Sequence[Call]) -> Sequence[Any]:
        async with self._connections.lend() as connection:
            return await self._fetch_many(connection, query, calls)

    async def _fetch_many(self, connection: Connection, query: str, calls: Sequence[Call]) -> Sequence[Any]:
        """Run the query with each parameter as an array that holds one value a call; constants are no arrays."""
        sql, parameters = self._queries[query]
        arguments = (_CONSTANTS[name] if name in _CONSTANTS else [call[name] for call in calls] for name in parameters)
        rows: Sequence[Any] = await connection.fetch(sql, *arguments)
        return rows

    async def _write_many(self, query: str, calls: Sequence[Call]) -> Sequence[Row]:
        """Return no rows."""
        statement = self._queries[query]
        async with self._connections.lend() as connection:
            await connection.executemany(statement.sql, [statement.bind(call) for call in calls])
        self.write_fault = None
        return []

    async def _write_deferred(self, query: str, rows: list[tuple[Any, ...]]) -> None:
        await self._once(query, _columns(sorted(rows)))  # sorted: two writers that lock in one order cannot deadlock

    async def _drive(self, connection: Connection, script: Script[T]) -> T:
        """Drive a script to its end."""
        try:
            step = next(script)
            while True:
                rows: Sequence[Row]
                if isinstance(step, Query):
                    rows = await self._fetch(connection, step.name, step.values)
                else:
                    numbers = [int(name, 16) for name in step.instances]
                    alive = await self._fetch(connection, "list_alive", (numbers,))
                    rows = [(f"{row[0]:016x}",) for row in alive]
                step = script.send(rows)
        except StopIteration as end:
            value: T = end.value
            return value

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_CONSTANTS: Final = {
    "ceiling": MESSAGES_PER_DAY_CEILING,
    "clock_tolerance": CLOCK_TOLERANCE,
    "opted_out_reason": OPTED_OUT_COLUMNS.reason,
    "opted_out_status": OPTED_OUT_COLUMNS.refusal_status,
    "opted_out_status_text": OPTED_OUT_COLUMNS.refusal_status_text,
    "opted_out_code": OPTED_OUT_COLUMNS.refusal_code,
    "opted_out_text": OPTED_OUT_COLUMNS.refusal_text,
}
"""Parameters of `reserve` that are the same in every call."""

_FIRST_CALL: Final = {"again": False, "repeats_checked": False, "pacing_checked": False, "stale_id": None}
"""What is so of a claim that reserve_send has not seen yet."""

_LEFT_TO_SCRIPTS: Final = ("check_repeats", "check_pacing")
_READ_TOGETHER: Final = ("find_caller", "read_session")


def _account_of(claim: Call) -> str:
    """Return the account by which calls are ordered: each locks the account's unit row until the commit."""
    return claim["account_id"] or ""


def _send_of(settlement: Call) -> str:
    return str(settlement["send_id"])


def _decision(row: Any) -> Decision:
    """Decode the row that reserve_send returned."""
    return Decision(
        DecisionName(row["verdict"]),
        account_id=row["o_account_id"],
        profile_urn=row["o_profile_urn"],
        session_version=row["o_session_version"],
        daily_limit=row["o_daily_limit"],
        used=row["o_used"],
        last_taken_at=row["o_last_taken_at"],
        hold_until=row["o_hold_until"],
        rules=row["o_rules"],
        other_clock=row["o_clock"],
        skip_reason=row["o_skip_reason"],
        lost_from=row["o_lost_from"],
        lost_until=row["o_lost_until"],
    )


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    """Transpose the rows: their values by column, as arrays are given."""
    return tuple(list(column) for column in zip(*rows, strict=True))
