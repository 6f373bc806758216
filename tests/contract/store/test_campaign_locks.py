"""On PostgreSQL a message of a campaign waits for whatever may forbid it and is about to be committed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from confrere.domain.campaigns.campaign import Campaign, PersonDeclined, SkipReason
from confrere.domain.reservation import Reserved
from confrere.store import SqlStore, Vault, migrate_store, open_store
from confrere.store.postgresql import PostgresqlEngine
from confrere.store.queries import load_queries
from tests.contract.store.campaigns import LEASE, claim_of, person, started, urn
from tests.contract.store.scene import ACCEPTED, Scene

QUERIES = load_queries("postgresql")
SOON = 0.3
"""Long enough for a reservation that waits for nothing."""


@pytest.fixture
async def url(postgres_url: str) -> str:
    """A migrated database on the server."""
    await migrate_store(postgres_url)
    return postgres_url


@pytest.fixture
async def store(url: str, vault: Vault) -> AsyncIterator[SqlStore]:
    """A store on PostgreSQL."""
    store = await open_store(url, vault=vault)
    yield store
    await store.close()


@pytest.fixture
async def elsewhere(url: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection of another process."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def pause(connection: "asyncpg.Connection[Any]", first: Campaign, _second: Campaign) -> None:
    """Pause the campaign."""
    await connection.execute("UPDATE campaigns SET status = 'paused' WHERE id = $1", first.id)


async def skip(connection: "asyncpg.Connection[Any]", first: Campaign, _second: Campaign) -> None:
    """Skip the person."""
    await connection.execute("UPDATE campaign_people SET status = 'skipped' WHERE campaign_id = $1", first.id)


async def reply(connection: "asyncpg.Connection[Any]", _first: Campaign, second: Campaign) -> None:
    """The person answers to another campaign."""
    await connection.execute(QUERIES["lock_recipient"].sql, urn(0))
    await connection.execute("UPDATE campaign_people SET status = 'replied' WHERE campaign_id = $1", second.id)


async def opt_out(connection: "asyncpg.Connection[Any]", first: Campaign, _second: Campaign) -> None:
    """The person is put on the list."""
    await connection.fetch(QUERIES["add_opt_outs"].sql, first.workspace_id, json.dumps([[urn(0), None, "api", 1]]))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (pause, None),
        (skip, None),
        (reply, SkipReason.REPLIED_BEFORE),
        (opt_out, SkipReason.DO_NOT_CONTACT),
    ],
)
async def test_a_reservation_waits_for_what_forbids_it(
    scene: Scene, elsewhere: "asyncpg.Connection[Any]", change: Any, reason: SkipReason | None
) -> None:
    """Another process is about to commit it: the message is declined afterwards, and no unit is taken."""
    first, second = await started(scene, people=1), await started(scene, people=1)
    transaction = elsewhere.transaction()
    await transaction.start()
    await change(elsewhere, first, second)
    reserving = asyncio.create_task(scene.store.reserve(await claim_of(scene, first)))
    await asyncio.wait([reserving], timeout=SOON)
    assert not reserving.done()
    await transaction.commit()
    with pytest.raises(PersonDeclined) as declined:
        await reserving
    assert declined.value.reason is reason
    assert await scene.used() == 0


@pytest.mark.parametrize("change", [pause, skip, reply, opt_out])
async def test_a_reservation_goes_on_where_nothing_was_committed(
    scene: Scene, elsewhere: "asyncpg.Connection[Any]", change: Any
) -> None:
    """The other process fails instead."""
    first, second = await started(scene, people=1), await started(scene, people=1)
    transaction = elsewhere.transaction()
    await transaction.start()
    await change(elsewhere, first, second)
    reserving = asyncio.create_task(scene.store.reserve(await claim_of(scene, first)))
    await asyncio.wait([reserving], timeout=SOON)
    await transaction.rollback()
    assert isinstance(await reserving, Reserved)


async def test_a_lane_that_is_being_claimed_is_passed_over(scene: Scene, elsewhere: "asyncpg.Connection[Any]") -> None:
    """Nobody waits for another worker's claim."""
    await started(scene, people=1)
    until = scene.now + LEASE
    async with elsewhere.transaction():
        await elsewhere.execute("SELECT 1 FROM lanes FOR UPDATE")
        async with asyncio.timeout(3):
            assert await scene.store.claim_lanes(scene.now, count=5, lease_until=until) == []
    assert len(await scene.store.claim_lanes(scene.now, count=5, lease_until=until)) == 1


async def test_once_the_database_itself_refuses_a_second_message(
    scene: Scene, elsewhere: "asyncpg.Connection[Any]"
) -> None:
    """Whatever goes wrong above it: a person of a campaign has one message that counts."""
    campaign = await started(scene, people=2)
    claims = [await scene.reserve(await claim_of(scene, campaign, number)) for number in range(2)]
    first = await person(scene, campaign, 0)
    with pytest.raises(asyncpg.UniqueViolationError):
        await elsewhere.execute("UPDATE sends SET campaign_person_id = $1 WHERE id = $2", first.id, claims[1].send_id)


async def test_a_send_of_no_campaign_touches_none_of_their_tables(
    scene: Scene, elsewhere: "asyncpg.Connection[Any]"
) -> None:
    """It is reserved and settled while another process holds all of them for itself."""
    await started(scene, people=1)
    async with elsewhere.transaction():
        await elsewhere.execute("LOCK TABLE campaigns, campaign_people, lanes, audiences, audience_people")
        async with asyncio.timeout(3):
            await scene.send(ACCEPTED)


async def test_a_release_is_written_though_the_connection_of_many_was_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written again, alone: no lane stays leased."""

    async def lose(_engine: PostgresqlEngine, _query: str, _calls: Any) -> Any:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    monkeypatch.setattr(PostgresqlEngine, "_write_many", lose)
    await started(scene, people=1)
    [lane] = await scene.store.claim_lanes(scene.now, count=5, lease_until=scene.now + LEASE)
    await scene.store.release_lane(lane, None, last_campaign_id=None)
    assert await scene.store.engine.read("list_leased_lanes") == []
