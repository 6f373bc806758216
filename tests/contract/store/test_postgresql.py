"""What only PostgreSQL promises: a lost connection loses no outcome, and no error contains a value."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from confrere.domain.errors import KeyInUse, StoreUnavailable
from confrere.domain.keys import hash_key, new_key
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import OutcomeName
from confrere.domain.reservation import InFlightElsewhere, OptedOut, Reserved
from confrere.store import SqlStore, Vault, migrate_store, open_store
from confrere.store.postgresql import PostgresqlEngine
from confrere.store.postgresql.batches import Call
from confrere.store.reservation_decision import ClaimRow
from tests.contract.store.replies import reply_to
from tests.contract.store.scene import ACCEPTED, TEXT, UNKNOWN, Scene, stored_key
from tests.postgres import PostgresServer


@pytest.fixture
async def url(postgres_url: str) -> str:
    """Create a migrated database on the server."""
    await migrate_store(postgres_url)
    return postgres_url


@pytest.fixture
async def store(url: str, vault: Vault) -> AsyncIterator[SqlStore]:
    """Open a store on PostgreSQL."""
    store = await open_store(url, vault=vault)
    yield store
    await store.close()


def engine_of(store: SqlStore) -> PostgresqlEngine:
    """Return the engine, to inject faults."""
    assert isinstance(store.engine, PostgresqlEngine)
    return store.engine


def lose_first_answer(monkeypatch: pytest.MonkeyPatch, engine: PostgresqlEngine, method: str) -> None:
    """Run the call, then break the connection before its answer arrives."""
    real: Callable[..., Awaitable[Any]] = getattr(engine, method)
    lost = False

    async def lossy(*args: Any, **kwargs: Any) -> Any:
        nonlocal lost
        answer = await real(*args, **kwargs)
        if not lost:
            lost = True
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return answer

    monkeypatch.setattr(engine, method, lossy)


def cut(server: PostgresServer, url: str, application: str) -> None:
    """Let the server end the connections of that name in the test's database."""
    database = url.split("/")[3].split("?")[0]
    server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{database}' AND application_name = '{application}'"
    )


@pytest.mark.parametrize("key", [None, "the-key"])
async def test_once_a_reservation_whose_answer_was_lost_is_the_same_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """The repeated call returns the same reservation, and one unit is taken."""
    lose_first_answer(monkeypatch, engine_of(scene.store), "_reserve_once")
    reservation = await scene.store.reserve(claim := scene.claim(idempotency_key=key))
    assert isinstance(reservation, Reserved)
    assert (reservation.quota.used, reservation.session_version) == (1, 1)
    assert await scene.used() == 1
    await scene.settle(claim, ACCEPTED)


async def test_once_an_opted_out_whose_answer_was_lost_is_the_same_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repeated call finds the row of the first one, and returns the same rejection."""
    await scene.store.add_opt_outs("default", [OptOut(scene.claim().request.recipient, None, "api", scene.now)])
    lose_first_answer(monkeypatch, engine_of(scene.store), "_reserve_once")
    assert isinstance(await scene.store.reserve(scene.claim()), OptedOut)


async def test_once_a_reservation_abandoned_while_its_answer_was_lost_is_not_used(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have settled it as unknown and be reconciling it, so it must not be sent."""
    engine = engine_of(scene.store)
    real = engine._reserve_once
    claim = scene.claim()

    async def slow(claim_row: ClaimRow, call: Call) -> Any:
        answer = await real(claim_row, call)
        if not call["again"]:
            await scene.settle(claim, UNKNOWN)
            raise asyncpg.ConnectionDoesNotExistError
        return answer

    monkeypatch.setattr(engine, "_reserve_once", slow)
    with pytest.raises(StoreUnavailable):
        await scene.store.reserve(claim)
    assert (await scene.row(claim)).outcome is OutcomeName.UNKNOWN


async def test_truth_a_settlement_whose_answer_was_lost_is_written_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repeated settlement returns the same, and counts one unit."""
    claim = await scene.reserve()
    lose_first_answer(monkeypatch, engine_of(scene.store), "_fetch_many")
    settled = await scene.settle(claim, ACCEPTED)
    assert settled.send.outcome is OutcomeName.ACCEPTED
    assert settled.quota.used == 1


async def test_cut_connections_are_made_again(scene: Scene, url: str, postgres_server: PostgresServer) -> None:
    """After the server restarts, reservations succeed on new connections."""
    await asyncio.gather(*(scene.reserve(scene.to_another()) for _ in range(20)))
    await asyncio.to_thread(cut, postgres_server, url, "confrere")
    await asyncio.gather(*(scene.reserve(scene.to_another()) for _ in range(20)))
    assert await scene.used() == 40


async def test_liveness_lock_is_taken_again_when_its_connection_breaks(
    scene: Scene, url: str, vault: Vault, postgres_server: PostgresServer
) -> None:
    """After the connection of the liveness lock breaks, other processes see the store alive within seconds."""
    await scene.reserve(idempotency_key="the-key")
    await asyncio.to_thread(cut, postgres_server, url, "confrere instance")
    other = await open_store(url, vault=vault)
    numbers = [int(scene.store.engine.instance, 16)]
    async with asyncio.timeout(5):
        while not await other.engine.read("list_alive", numbers):
            await asyncio.sleep(0.02)
    with pytest.raises(KeyInUse):
        await other.reserve(scene.claim(idempotency_key="the-key"))
    assert isinstance(await other.reserve(scene.claim()), InFlightElsewhere)
    assert await other.claim_unknown(scene.now, count=10) == []
    await other.close()


async def test_errors_contain_no_values(store: SqlStore) -> None:
    """The error for a duplicate key does not quote the value, as PostgreSQL's would."""
    key = new_key()
    await store.add_key(stored_key(key), hash_key(key))
    with pytest.raises(RuntimeError, match="UniqueViolation") as refusal:
        await store.add_key(stored_key(key), hash_key(key))
    assert hash_key(key) not in str(refusal.value)
    assert refusal.value.__suppress_context__
    with pytest.raises(RuntimeError) as refusal:
        await store.reserve(Scene(store).claim(request_id=TEXT + "\0"))
    assert TEXT not in str(refusal.value)


async def test_unreachable_server_is_unavailable(vault: Vault) -> None:
    """Opening the store raises StoreUnavailable where the server cannot be reached."""
    with pytest.raises(StoreUnavailable, match="PostgreSQL"):
        await open_store("postgresql://postgres@/x?host=/nowhere", vault=vault)


async def test_conflicting_transactions_are_run_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that was rolled back by a deadlock is repeated."""
    engine = engine_of(scene.store)
    real = engine._drive
    faults = [asyncpg.DeadlockDetectedError(), asyncpg.SerializationError()]

    async def conflicting(*args: Any) -> Any:
        if faults:
            raise faults.pop()
        return await real(*args)

    monkeypatch.setattr(engine, "_drive", conflicting)
    await scene.store.beat(is_worker=True)
    assert await scene.store.has_worker()


async def test_a_reply_waits_for_a_message_that_is_being_reserved(scene: Scene, url: str) -> None:
    """To this person, whose row the reply may not see yet: the one is committed before the other is decided."""
    claim = await scene.send(ACCEPTED)
    reply = reply_to(scene, claim.send_id, recipient=claim.request.recipient)
    reserving, watching = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with asyncio.timeout(30):
            transaction = reserving.transaction()
            await transaction.start()
            await reserving.execute("SELECT pg_advisory_xact_lock(3, hashtext($1))", claim.request.recipient)
            recording = asyncio.create_task(scene.store.record_reply(reply, scene.now))
            while not await watching.fetchval("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
                assert not recording.done()
                await asyncio.sleep(0.01)
            await transaction.rollback()
            assert await recording
    finally:
        await reserving.close()
        await watching.close()
