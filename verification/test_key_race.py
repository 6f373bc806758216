"""Once: two simultaneous first requests with one key, held at the point where they can collide."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from tests.contract.store.scene import Scene

from confrere.domain.errors import KeyInUse
from confrere.domain.reservation import Reserved
from confrere.store import SqlStore, Vault, open_store

KEY = Vault.new_key()


@pytest.fixture
async def stores(postgres_url: str) -> AsyncIterator[list[SqlStore]]:
    """Open two stores on one server."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            opened.append(await open_store(postgres_url, vault=Vault([KEY]), migrate=True))
            stack.push_async_callback(opened[-1].close)
        yield opened


async def test_once_of_a_key_that_two_processes_claim_at_once(stores: list[SqlStore], postgres_url: str) -> None:
    """The second request waits for the first's transaction, and is then refused since the key is in use."""
    scene = Scene(stores[0])
    await scene.connect()
    await scene.reserve(scene.to_another())  # the day's quota has a row from now on
    claims = [scene.claim(idempotency_key="key-1") for _ in stores]
    holder = await asyncpg.connect(postgres_url)
    async with holder.transaction():
        await holder.execute(
            "SELECT * FROM quotas FOR UPDATE"
        )  # the first to claim the key stops here, before its unit
        both = [asyncio.create_task(store.reserve(claim)) for store, claim in zip(stores, claims, strict=True)]
        async with asyncio.timeout(10):
            while await holder.fetchval("SELECT COUNT(*) FROM pg_locks WHERE NOT granted") < len(both):
                await asyncio.sleep(0.01)
    ended = await asyncio.gather(*both, return_exceptions=True)
    await holder.close()
    assert [type(each) for each in ended if not isinstance(each, KeyInUse)] == [Reserved]
    assert await scene.used() == 2
