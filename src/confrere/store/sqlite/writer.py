"""The only writer of the database: all operations that wait are committed as one transaction.

A commit costs one fsync whatever its size, so under load the cost of durability is shared: 12,800 reserve and settle
pairs a second against 2,160 with a transaction each (measured on two cores).

The statements of a send run on the event loop's own thread: each takes microseconds, and on another thread each would
take the interpreter's lock from the loop and give it back, which cost more than the statements. What can block, waiting
for another process's lock, the commit's fsync and operations that touch many rows, runs on a thread of its own.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeVar

import apsw

from confrere.domain.errors import StoreUnavailable
from confrere.store.sqlite.connection import UNAVAILABLE, Connection, unavailable

T = TypeVar("T")

Operation = Callable[[Connection], T]
"""One caller's part of a transaction, which may have to be run twice; raising undoes that part and no other."""

DeferredWrite = tuple[str, tuple[Any, ...]]
Results = list[tuple[Any, Exception | None]]

_LARGEST_BATCH = 500
_MOST_DEFERRED = 100_000
"""Deferred writes kept while the file cannot be written; beyond that the oldest are dropped."""


class _Waiting(NamedTuple):
    operation: Operation[Any]
    future: Future[Any]
    is_long: bool


class _TransactionLost(Exception):
    """SQLite itself has rolled back the whole transaction."""


class Writer:
    """Runs operations in the order in which they were submitted, and resolves their futures after the commit.

    fault:  why the last transaction could not be committed; None where it was.
    """

    def __init__(self, connection: Connection, loop: AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop
        self._waiting: deque[_Waiting] = deque()
        self._deferred: deque[DeferredWrite] = deque(maxlen=_MOST_DEFERRED)
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._is_scheduled = False
        self._is_busy = False
        self._must_flush = False
        self._is_closed = False
        self._is_idle = asyncio.Event()
        self.fault: StoreUnavailable | None = None
        self._thread = Thread(target=self._do_work, name="confrere-sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation[T], *, is_long: bool = False) -> Future[T]:
        """Return a future of the operation's value, done once it is durable. Cancelling it does not stop the operation.

        is_long:  it may touch many rows, so that the event loop must not wait for it.
        """
        future: Future[T] = self._loop.create_future()
        if self._is_closed:
            future.set_exception(StoreUnavailable("SQLite: this store is closed"))
        else:
            self._waiting.append(_Waiting(operation, future, is_long))
            self._schedule()
        return future

    def write_later(self, query: str, values: tuple[Any, ...]) -> None:
        """Defer the query to the beginning of the next transaction, whenever that is."""
        self._deferred.append((query, values))

    def flush(self) -> None:
        """Begin a transaction for the deferred queries, now or as soon as the present one has ended."""
        self._must_flush = bool(self._deferred)
        if self._must_flush:
            self._schedule()

    async def close(self) -> None:
        """Run what was submitted, end the thread, close the connection."""
        self._is_closed = True
        while self._waiting or self._is_busy or self._is_scheduled:
            self._is_idle.clear()
            await self._is_idle.wait()
        if self._deferred:
            self._is_idle.clear()
            self._begin()
            await self._is_idle.wait()
        self._work.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _schedule(self) -> None:
        """Begin in the event loop's next turn, so that other submissions of this turn are included."""
        if self._is_scheduled or self._is_busy:
            return
        self._is_scheduled = True
        self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        """Begin a transaction: run its operations here where they are short; the thread commits it."""
        self._is_scheduled = self._must_flush = False
        self._is_busy = True
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _LARGEST_BATCH))]
        deferred = list(self._deferred)
        self._deferred.clear()
        results: Results | None = None
        if not any(waiting.is_long for waiting in batch):
            try:
                self._connection.run_at_once("BEGIN IMMEDIATE")
                results = self._run_all(batch, deferred)
            except apsw.BusyError:
                pass  # another process writes: the thread waits for it
            except (apsw.Error, _TransactionLost) as fault:
                self._undo()
                self._end(batch, deferred, self._failed(batch, fault), is_lost=True)
                return
        self._work.put(lambda: self._commit(batch, deferred, results))

    def _do_work(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _commit(self, batch: list[_Waiting], deferred: list[DeferredWrite], results: Results | None) -> None:
        """Commit a transaction, and run its operations unless they have run already. Runs on the thread."""
        is_lost = False
        try:
            if results is None:
                self._connection.raw.execute("BEGIN IMMEDIATE")
                results = self._run_all(batch, deferred)
            self._connection.raw.execute("COMMIT")
        except (apsw.Error, _TransactionLost) as fault:
            is_lost = True
            self._undo()
            results = self._failed(batch, fault)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end, batch, deferred, results, is_lost)

    def _end(self, batch: list[_Waiting], deferred: list[DeferredWrite], results: Results, is_lost: bool) -> None:  # noqa: FBT001  # a callback's
        if is_lost:
            self._deferred.extendleft(reversed(deferred))
        else:
            self.fault = None
        self._is_busy = False
        _resolve(batch, results)
        if self._waiting or self._must_flush:
            self._schedule()
        else:
            self._is_idle.set()

    def _run_all(self, batch: list[_Waiting], deferred: list[DeferredWrite]) -> Results:
        """Run all without savepoints, which cost a statement each; where one raises, run all again with savepoints."""
        try:
            _write_deferred(self._connection, deferred)
            return [(waiting.operation(self._connection), None) for waiting in batch]
        except Exception:  # noqa: BLE001  # the second run finds out whose it is
            self._undo()
        self._connection.raw.execute("BEGIN IMMEDIATE")
        self._run(lambda connection: _write_deferred(connection, deferred))
        return [self._run(waiting.operation) for waiting in batch]

    def _run(self, operation: Operation[Any]) -> tuple[Any, Exception | None]:
        """Run the operation in its own savepoint, so that its exception rolls back only itself."""
        raw = self._connection.raw
        raw.execute("SAVEPOINT operation")
        result: tuple[Any, Exception | None]
        try:
            result = (operation(self._connection), None)
        except Exception as fault:  # it is raised in the caller that submitted the operation
            if not raw.in_transaction:
                raise _TransactionLost from fault
            raw.execute("ROLLBACK TO operation")
            result = (None, unavailable(fault) if isinstance(fault, UNAVAILABLE) else fault)
        raw.execute("RELEASE operation")
        return result

    def _undo(self) -> None:
        try:
            if self._connection.raw.in_transaction:
                self._connection.raw.execute("ROLLBACK")
        except apsw.Error:
            pass  # the next BEGIN raises what is wrong

    def _failed(self, batch: list[_Waiting], fault: Exception) -> Results:
        cause = fault.__cause__ if isinstance(fault, _TransactionLost) and fault.__cause__ else fault
        self.fault = unavailable(cause)
        return [(None, self.fault)] * len(batch)


def _write_deferred(connection: Connection, deferred: list[DeferredWrite]) -> None:
    for query, values in deferred:
        connection.ask(query, values)


def _resolve(batch: list[_Waiting], results: Results) -> None:
    for waiting, (value, fault) in zip(batch, results, strict=True):
        if waiting.future.done():  # cancelled
            continue
        if fault is None:
            waiting.future.set_result(value)
        else:
            waiting.future.set_exception(fault)
