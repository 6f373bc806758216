"""What the proof has found about reservations whose answer was lost for good, as a small test."""

import asyncio

import pytest
from tests.contract.store.scene import Scene
from tests.postgres import PostgresServer

from confrere.domain.errors import StoreUnavailable
from confrere.store import Vault, open_store
from verification.tcp_proxy import running_proxy


async def test_a_reservation_that_nobody_was_told_of_is_given_up(postgres_server: PostgresServer) -> None:
    """The caller was told that nothing was sent: unit and key come back long before the lease ends."""
    database = postgres_server.create_database()
    with running_proxy(postgres_server.home / ".s.PGSQL.5432") as proxy:
        url = f"postgresql://postgres@127.0.0.1:{proxy.port}/{database}?sslmode=disable"
        store = await open_store(url, vault=Vault([Vault.new_key()]), migrate=True)
        scene = Scene(store)
        await scene.connect()
        proxy.wish("reserve_send", "cut after", times=1_000)
        with pytest.raises(StoreUnavailable):
            await store.reserve(scene.claim(idempotency_key="key-1"))
        proxy.planned.clear()
        async with asyncio.timeout(10):
            while await scene.used():
                await asyncio.sleep(0.01)
        await scene.reserve(idempotency_key="key-1")
        await store.close()
    postgres_server.drop_database(database)
