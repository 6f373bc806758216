"""The embedded engine: one writer, one reader for short queries, more readers for long ones."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import apsw

from confrere.domain.errors import StoreUnavailable
from confrere.store.engine import DEFERRED_WRITE_SECONDS
from confrere.store.queries import Values
from confrere.store.reservation_decision import ClaimRow, Decision
from confrere.store.rows import Row
from confrere.store.script import Script, T, run_query
from confrere.store.settling import RecordStops, SettlementRow
from confrere.store.sqlite import reserve_and_settle
from confrere.store.sqlite.connection import READ_TIMEOUT_MS, UNAVAILABLE, Connection, unavailable
from confrere.store.sqlite.liveness import Instances
from confrere.store.sqlite.writer import Writer

_CHECKPOINT_TRIES = 20
_CHECKPOINT_PAUSE_SECONDS = 0.1


class SqliteEngine:
    """One open database file. Made by `open_engine`."""

    def __init__(
        self, path: Path, writer: Connection, reader: Connection, instances: Instances, loop: AbstractEventLoop
    ) -> None:
        self.instance = instances.own
        self._path = path
        self._loop = loop
        self._writer = Writer(writer, loop)
        self._reader = reader
        self._idle_readers: SimpleQueue[Connection] = SimpleQueue()
        self._instances = instances
        self._will_flush = False
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<SqliteEngine {self._path}>"

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """Read on the event loop's thread: a point read waits for no writer, and costs less than a thread switch."""
        self._refuse_if_closed()
        try:
            return self._reader.ask(query, values)
        except UNAVAILABLE as fault:
            raise unavailable(fault) from fault

    async def read_many(self, query: str, *values: Any, **named: Any) -> Sequence[Row]:
        """Read on another thread, with a connection of its own."""
        self._refuse_if_closed()
        try:
            return await asyncio.to_thread(self._read_on_thread, query, named or values)
        except UNAVAILABLE as fault:
            raise unavailable(fault) from fault

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """Run the script in the writer's next transaction."""
        is_alive = self._instances.is_alive
        return await self._writer.submit(lambda connection: connection.run(script(), is_alive), is_long=True)

    async def write(self, query: str, values: Mapping[str, Any]) -> None:
        """Write with the writer's next transaction."""
        await self.transact(partial(run_query, query, values))

    async def reserve(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """Decide in the writer's next transaction, whether or not the caller is cancelled meanwhile."""
        is_alive = self._instances.is_alive
        try:
            return await self._writer.submit(lambda connection: reserve_and_settle.reserve(connection, claim, is_alive))
        except asyncio.CancelledError:
            abandoned = if_abandoned()
            settling = self._writer.submit(lambda connection: reserve_and_settle.settle(connection, abandoned))
            settling.cancel()  # it is executed, and not awaited
            raise

    async def settle(self, settlement: SettlementRow, record: RecordStops) -> Row | None:
        """Settle in the writer's next transaction."""
        return await self._writer.submit(lambda connection: reserve_and_settle.settle(connection, settlement, record))

    def write_later(self, query: str, *values: Any, flush: bool = False) -> None:
        """Write with the next transaction; where none comes in time, in a transaction of its own."""
        self._writer.write_later(query, values)
        if flush:
            self._writer.flush()
        elif not self._will_flush:
            self._will_flush = True
            self._loop.call_later(DEFERRED_WRITE_SECONDS, self._flush)

    @property
    def write_fault(self) -> StoreUnavailable | None:
        """Why the writer's last transaction failed; None where it was committed."""
        return self._writer.fault

    async def find_damage(self) -> Sequence[str]:
        """Check the file with `PRAGMA quick_check`, which reads all of it."""
        return [row[0] for row in await self.read_many("find_damage") if row[0] != "ok"]

    @property
    def overlap(self) -> timedelta:
        """Return zero: there is one writer."""
        return timedelta()

    async def discard_deleted(self) -> None:
        """Move all of the write-ahead log into the file, and empty it. Deleted bytes are overwritten when deleted."""
        for _ in range(_CHECKPOINT_TRIES):
            try:
                if await asyncio.to_thread(self._empty_log):
                    return
            except UNAVAILABLE as fault:
                raise unavailable(fault) from fault
            await asyncio.sleep(_CHECKPOINT_PAUSE_SECONDS)

    async def close(self) -> None:
        """Close; the instance's lock is released last, so that sends in flight here count as alive until then."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._writer.close()
        self._reader.close()
        while not self._idle_readers.empty():
            self._idle_readers.get_nowait().close()
        self._instances.release()

    def _empty_log(self) -> bool:
        """Return whether no reader or other process kept the log from being emptied."""
        connection = Connection(self._path, timeout_ms=READ_TIMEOUT_MS)
        try:
            (row,) = connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except apsw.BusyError:
            return False
        finally:
            connection.close()
        return bool(row[0] == 0)

    def _flush(self) -> None:
        self._will_flush = False
        self._writer.flush()

    def _read_on_thread(self, query: str, values: Values) -> Sequence[Row]:
        try:
            reader = self._idle_readers.get_nowait()
        except Empty:
            reader = Connection(self._path, timeout_ms=READ_TIMEOUT_MS, read_only=True)
        try:
            return reader.ask(query, values)
        finally:
            self._idle_readers.put(reader)

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise StoreUnavailable("SQLite: this store is closed")
