"""The embedded engine: a writer thread, a reader for short questions, more readers for long ones."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from confrere.domain.errors import StoreUnavailable
from confrere.store.engine import NOTES_DELAY_SECONDS
from confrere.store.reservation_decision import ClaimRow, Decision
from confrere.store.rows import Row
from confrere.store.script import Script, T
from confrere.store.settling import SettlementRow
from confrere.store.sqlite import reserve_and_settle
from confrere.store.sqlite.connection import READ_PATIENCE_MS, UNAVAILABLE, Connection, unavailable
from confrere.store.sqlite.liveness import Instances
from confrere.store.sqlite.writer import Writer


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
        self._wakes = False
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<SqliteEngine {self._path}>"

    async def read(self, query: str, *values: Any) -> Sequence[Row]:
        """On the event loop's own thread: a point read waits for no writer, and a thread would cost more than it."""
        self._refuse_if_closed()
        try:
            return self._reader.ask(query, *values)
        except UNAVAILABLE as fault:
            raise unavailable(fault) from fault

    async def read_many(self, query: str, *values: Any) -> Sequence[Row]:
        """On another thread, with a connection of its own."""
        self._refuse_if_closed()
        try:
            return await asyncio.to_thread(self._read_beside, query, values)
        except UNAVAILABLE as fault:
            raise unavailable(fault) from fault

    async def transact(self, script: Callable[[], Script[T]]) -> T:
        """In the next transaction of the writer."""
        is_alive = self._instances.is_alive
        return await self._writer.submit(lambda connection: connection.run(script(), is_alive), is_long=True)

    async def rule(self, claim: ClaimRow, if_abandoned: Callable[[], SettlementRow]) -> Decision:
        """In the next transaction of the writer, which asks nobody whether the caller is still there."""
        is_alive = self._instances.is_alive
        try:
            return await self._writer.submit(lambda connection: reserve_and_settle.rule(connection, claim, is_alive))
        except asyncio.CancelledError:
            given_up = if_abandoned()
            self._writer.submit(
                lambda connection: reserve_and_settle.settle(connection, given_up)
            ).cancel()  # nobody waits
            raise

    async def settle(self, settlement: SettlementRow) -> Row | None:
        """In the next transaction of the writer."""
        return await self._writer.submit(lambda connection: reserve_and_settle.settle(connection, settlement))

    async def add_opt_outs(self, rows: Sequence[tuple[Any, ...]]) -> int:
        """In the next transaction of the writer."""
        return await self._writer.submit(partial(reserve_and_settle.add_opt_outs, rows=list(rows)), is_long=True)

    def note(self, query: str, *values: Any, at_once: bool = False) -> None:
        """With the next transaction; where none comes, one is made for the notes."""
        self._writer.note(query, values)
        if at_once:
            self._writer.wake()
        elif not self._wakes:
            self._wakes = True
            self._loop.call_later(NOTES_DELAY_SECONDS, self._wake)

    @property
    def write_fault(self) -> StoreUnavailable | None:
        """See `Engine`."""
        return self._writer.fault

    async def find_damage(self) -> Sequence[str]:
        """By `PRAGMA quick_check`, which reads all of the file."""
        return [row[0] for row in await self.read_many("find_damage") if row[0] != "ok"]

    async def close(self) -> None:
        """The lock of the instance goes last: until then what is in flight here is not dead."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._writer.close()
        self._reader.close()
        while not self._idle_readers.empty():
            self._idle_readers.get_nowait().close()
        self._instances.release()

    def _wake(self) -> None:
        self._wakes = False
        self._writer.wake()

    def _read_beside(self, query: str, values: tuple[Any, ...]) -> Sequence[Row]:
        try:
            reader = self._idle_readers.get_nowait()
        except Empty:
            reader = Connection(self._path, patience_ms=READ_PATIENCE_MS, read_only=True)
        try:
            return reader.ask(query, *values)
        finally:
            self._idle_readers.put(reader)

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise StoreUnavailable("SQLite: this store is closed")
