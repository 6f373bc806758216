"""Regression: reservations whose answer from the database was lost for good."""

import asyncio

import pytest
from tests.contract.store.scene import Scene
from tests.postgres import PostgresServer

from confrere.domain.errors import StoreUnavailable
from confrere.store import Vault, open_store
from verification.tcp_proxy import running_proxy


async def test_a_reservation_whose_answer_was_lost_is_abandoned(postgres_server: PostgresServer) -> None:
    """If the caller was answered that nothing was sent, unit and key are free long before the lease ends."""
    database = postgres_server.create_database()
    with running_proxy(postgres_server.home / ".s.PGSQL.5432") as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}?sslmode=disable"
        store = await open_store(url, vault=Vault([Vault.new_key()]), migrate=True)
        scene = Scene(store)
        await scene.connect()
        proxy.plan("reserve_send", "cut after", times=1_000)
        with pytest.raises(StoreUnavailable):
            await store.reserve(scene.claim(idempotency_key="key-1"))
        proxy.planned.clear()
        async with asyncio.timeout(10):
            while await scene.used():
                await asyncio.sleep(0.01)
        await scene.reserve(idempotency_key="key-1")
        await store.close()
    postgres_server.drop_database(database)
