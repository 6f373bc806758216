"""The connections that PostgreSQL's engine keeps between two uses: lost ones are replaced, and nothing counts twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from time import monotonic

import asyncpg
import pytest

from confrere.domain.errors import StoreUnavailable
from confrere.domain.reservation import Claim, Reserved
from confrere.store import SqlStore, Vault, migrate_store, open_store
from confrere.store.postgresql import connections
from confrere.store.postgresql.connections import Connections, Lent
from confrere.store.postgresql.faults import FAULTS
from confrere.store.postgresql.opening import _leave_as_it_is
from tests.contract.store.scene import ACCEPTED, Scene
from tests.postgres import PostgresServer, running_postgres

MOST = 12
"""Connections of a pool: some more than are kept."""

OURS = "SELECT {} FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'confrere'"


def database(url: str) -> str:
    """Its name."""
    return url.split("/")[3].split("?")[0]


@pytest.fixture
async def lender(postgres_url: str) -> AsyncIterator[Connections]:
    """Connections to an empty database; each test closes them or leaves that to the fixture."""
    pool = await asyncpg.create_pool(
        postgres_url, min_size=1, max_size=MOST, server_settings={"application_name": "confrere"}, reset=_leave_as_it_is
    )
    lender = Connections(pool)
    yield lender
    await lender.close()


@pytest.fixture
def lost(postgres_server: PostgresServer, postgres_url: str) -> "Lost":
    """Counts and ends the connections of the test."""
    return Lost(postgres_server, database(postgres_url))


class Lost:
    """What the server knows of the connections of the test.

    The calls block the event loop, so that the client does not learn of the end of a connection before its next use.
    """

    def __init__(self, server: PostgresServer, name: str) -> None:
        self._server = server
        self._name = name

    def cut(self) -> None:
        """End them all, and wait for that."""
        self._server.sql(OURS.format("pg_terminate_backend(pid, 10000)", self._name))

    def alive(self) -> set[int]:
        """Their server processes."""
        return {int(line) for line in self._server.sql(OURS.format("pid", self._name)).split()}


async def pid(connection: Lent) -> int:
    """The server process behind a connection."""
    number: int = await connection.fetchval("SELECT pg_backend_pid()")
    return number


async def use(lender: Connections) -> int:
    """Lend a connection once; its server process."""
    async with lender.lend() as connection:
        return await pid(connection)


async def lend_at_once(lender: Connections, count: int) -> list[int]:
    """The server processes of so many connections that are in use at the same time."""
    async with AsyncExitStack() as stack:
        return [await pid(await stack.enter_async_context(lender.lend())) for _ in range(count)]


async def reserve_all(scene: Scene, claims: list[Claim]) -> list[bool]:
    """Whether each was reserved; what was not is the documented StoreUnavailable, which the API answers with 503."""
    answers = await asyncio.gather(*(scene.store.reserve(claim) for claim in claims), return_exceptions=True)
    assert all(isinstance(answer, Reserved | StoreUnavailable) for answer in answers), answers
    return [isinstance(answer, Reserved) for answer in answers]


async def test_a_connection_is_kept_for_the_next_use(lender: Connections) -> None:
    """The last one that was used, as long as it works; after an exception it works too, and has no transaction open."""
    first = await use(lender)
    assert await use(lender) == first
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with lender.lend() as connection, connection.transaction():
            await connection.execute("SELECT 1 / 0")
    async with lender.lend() as connection:
        assert not connection.is_in_transaction()
        assert await pid(connection) == first


async def test_what_is_kept_never_keeps_another_waiting(lender: Connections) -> None:
    """As many are lent at once as the pool has, also after some are kept; one more gets the first that is free."""
    assert len(set(await lend_at_once(lender, MOST))) == MOST
    async with AsyncExitStack() as stack:
        for _ in range(MOST - 1):
            await stack.enter_async_context(lender.lend())
        async with lender.lend() as last:
            freed = await pid(last)
            waiting = asyncio.create_task(use(lender))
            await asyncio.sleep(0.05)
            assert not waiting.done()
        assert await asyncio.wait_for(waiting, 5) == freed


async def test_no_connection_in_time_is_unavailable(lender: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all are in use the caller gets StoreUnavailable, and the next one who comes later is served."""
    monkeypatch.setattr(connections, "_TIMEOUT_SECONDS", 0.1)
    async with AsyncExitStack() as stack:
        for _ in range(MOST):
            await stack.enter_async_context(lender.lend())
        with pytest.raises(StoreUnavailable, match="no connection became free in time"):
            await use(lender)
    assert await use(lender)
    assert len(set(await lend_at_once(lender, MOST))) == MOST


async def test_kept_connections_that_were_lost_are_replaced(lender: Connections, lost: Lost) -> None:
    """One use fails where the loss was not noticed before, and the pool has all of its connections again."""
    old = set(await lend_at_once(lender, MOST))
    lost.cut()
    with pytest.raises(FAULTS):
        await use(lender)
    await asyncio.sleep(0.1)  # the event loop reads the ends of the others
    new = set(await lend_at_once(lender, MOST))
    assert len(new) == MOST
    assert not new & old


async def test_a_connection_that_was_idle_for_long_is_replaced(
    lender: Connections, lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall may have dropped it: it is not used, nor left open at the server."""
    old = await use(lender)
    later = monotonic() + connections._KEPT_SECONDS + 1
    monkeypatch.setattr(connections, "monotonic", lambda: later)
    assert await use(lender) != old
    async with asyncio.timeout(10):
        while old in await asyncio.to_thread(lost.alive):
            await asyncio.sleep(0.05)


async def test_closing_waits_for_who_uses_a_connection(lender: Connections, lost: Lost) -> None:
    """With some kept and one in use, close() returns after the last use, which ends well; nothing stays open."""
    await lend_at_once(lender, 4)
    async with lender.lend() as connection:
        closing = asyncio.create_task(lender.close())
        await asyncio.sleep(0.1)
        assert not closing.done()
        assert await connection.fetchval("SELECT 1") == 1
    await asyncio.wait_for(closing, 5)
    assert lost.alive() == set()
    with pytest.raises(asyncpg.InterfaceError, match="pool is closed"):
        await use(lender)


async def test_closing_does_not_wait_for_long(lender: Connections, lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that hangs is broken off: its user gets the fault of a lost connection."""
    monkeypatch.setattr(connections, "_TIMEOUT_SECONDS", 0.2)
    await lend_at_once(lender, 4)

    async def hang() -> None:
        async with lender.lend() as connection:
            await connection.execute("SELECT pg_sleep(2)")

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0.1)
    await asyncio.wait_for(lender.close(), 2)
    with pytest.raises(FAULTS):
        await asyncio.wait_for(hanging, 2)
    async with asyncio.timeout(10):
        while await asyncio.to_thread(lost.alive):
            await asyncio.sleep(0.05)


async def test_closing_lost_connections_ends_cleanly(lender: Connections, lost: Lost) -> None:
    """The server was stopped before us; close() raises nothing."""
    await lend_at_once(lender, MOST)
    lost.cut()
    await asyncio.wait_for(lender.close(), 5)


@pytest.mark.parametrize("batch", [1, 20])
async def test_once_kept_connections_that_were_lost_cost_no_reservation(
    postgres_url: str, vault: Vault, lost: Lost, batch: int
) -> None:
    """Cut between two uses: each call succeeds or is unavailable, and each success has taken one unit, no more."""
    await migrate_store(postgres_url)
    store = await open_store(postgres_url, vault=vault)
    scene = Scene(store)
    scene.account = await scene.connect()
    taken = 0
    for _ in range(3):
        lost.cut()
        claims = [scene.to_another() for _ in range(batch)]
        reserved = await reserve_all(scene, claims)
        assert all(reserved)  # what was lost is called again
        taken += batch
        assert await scene.used() == taken
        lost.cut()
        settled = await asyncio.gather(*(scene.settle(claim, ACCEPTED) for claim in claims))
        assert max(each.quota.used for each in settled) == taken
    await store.close()


async def test_a_read_on_a_lost_connection_is_unavailable_once(postgres_url: str, vault: Vault, lost: Lost) -> None:
    """It returns or raises StoreUnavailable; the next one returns."""
    await migrate_store(postgres_url)
    store = await open_store(postgres_url, vault=vault)
    account = await Scene(store).connect()
    lost.cut()
    (answer,) = await asyncio.gather(store.read_account("default", account.id), return_exceptions=True)
    assert answer == account or isinstance(answer, StoreUnavailable)
    assert await store.read_account("default", account.id) == account
    await store.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """One that may be restarted."""
    with running_postgres({"listen_addresses": "", "shared_buffers": "16MB"}) as server:
        yield server


async def test_a_restarted_server_is_used_again(own_server: PostgresServer, vault: Vault) -> None:
    """While it is away calls are unavailable; afterwards they succeed, and each unit was counted once."""
    url = own_server.url(own_server.create_database())
    await migrate_store(url)
    store: SqlStore = await open_store(url, vault=vault)
    scene = Scene(store)
    scene.account = await scene.connect()
    before = [scene.to_another() for _ in range(10)]
    assert all(await reserve_all(scene, before))
    own_server.restart()
    assert all(await reserve_all(scene, [scene.to_another() for _ in range(10)]))
    assert await scene.used() == 20
    own_server.stop()
    with pytest.raises(StoreUnavailable):
        await store.read_send("default", before[0].send_id)
    own_server.restart()
    await scene.settle(before[0], ACCEPTED)
    assert await scene.used() == 20
    await store.close()
