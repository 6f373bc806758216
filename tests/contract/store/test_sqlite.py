"""The embedded engine: group commit, and a file that cannot be written."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from confrere.domain.errors import QuotaUsedUp, StoreUnavailable
from confrere.domain.outcome import OutcomeName
from confrere.domain.reservation import Reserved
from confrere.store import SqlStore, Vault, open_store
from confrere.store.engine import DEFERRED_WRITE_SECONDS
from confrere.store.sqlite import SqliteEngine
from confrere.store.sqlite.connection import Connection
from tests.contract.store.scene import ACCEPTED, Scene, repeats, written


@pytest.fixture
def path(sqlite_url: str) -> Path:
    """Return the path of the database file."""
    return Path(sqlite_url.removeprefix("sqlite://"))


@pytest.fixture
async def store(sqlite_url: str, vault: Vault) -> AsyncIterator[SqlStore]:
    """Open a store on SQLite."""
    store = await open_store(sqlite_url, vault=vault)
    yield store
    await store.close()


def engine_of(scene: Scene) -> SqliteEngine:
    """Return the engine, to inject faults."""
    engine = scene.store.engine
    assert isinstance(engine, SqliteEngine)
    return engine


def connection_of(scene: Scene) -> apsw.Connection:
    """Return the writer's connection, to be used only while the writer is idle."""
    return engine_of(scene)._writer._connection.raw


@contextmanager
def failing_commits(scene: Scene) -> Iterator[None]:
    """Let every COMMIT fail."""
    connection_of(scene).set_commit_hook(lambda: True)
    yield
    connection_of(scene).set_commit_hook(None)


async def test_group_commit_what_waits_is_one_transaction(scene: Scene) -> None:
    """A hundred concurrent claims need only a few commits."""
    commits = 0

    def count() -> bool:
        nonlocal commits
        commits += 1
        return False

    connection_of(scene).set_commit_hook(count)
    await asyncio.gather(*(scene.reserve(scene.to_another()) for _ in range(100)))
    assert commits < 10


async def test_group_commit_a_refusal_undoes_only_itself(scene: Scene) -> None:
    """A failing operation undoes its own writes, and not those of others in the same transaction."""

    def write_and_fail(connection: Connection) -> None:
        connection.ask(
            "add_meta",
            (
                "left",
                "behind",
            ),
        )
        raise ZeroDivisionError

    failing = engine_of(scene)._writer.submit(write_and_fail)
    claims = [scene.to_another() for _ in range(10)]
    results = await asyncio.gather(failing, *(scene.store.reserve(claim) for claim in claims), return_exceptions=True)
    assert isinstance(results[0], ZeroDivisionError)
    assert all(isinstance(result, Reserved) for result in results[1:])
    assert not await scene.store.engine.read("read_meta", "left")


async def test_group_commit_a_failed_one_fails_all_of_it_and_changes_nothing(scene: Scene) -> None:
    """A failed commit fails all of its operations, changes nothing, and the next transaction succeeds."""
    with failing_commits(scene):
        claims = [scene.to_another() for _ in range(10)]
        results = await asyncio.gather(*(scene.store.reserve(claim) for claim in claims), return_exceptions=True)
        assert all(isinstance(result, StoreUnavailable) for result in results)
    assert await scene.used() == 0
    await asyncio.gather(*(scene.reserve(claim) for claim in claims))
    assert await scene.used() == 10


async def test_group_commit_deferred_writes_outlive_a_failed_one(scene: Scene) -> None:
    """A deferred write survives a failed commit."""
    first = await scene.reserve()
    await scene.settle(first, ACCEPTED, caller_gone=True)
    repeats(await scene.store.reserve(scene.claim()), first)
    with failing_commits(scene):
        scene.store.mark_answered(first.send_id, OutcomeName.ACCEPTED)
        with pytest.raises(StoreUnavailable):
            await scene.store.reserve(scene.claim())
    await scene.reserve()


async def test_full_disk_is_unavailable_and_passes(scene: Scene) -> None:
    """A write on a full disk raises StoreUnavailable without effect, and succeeds once there is room."""
    raw = connection_of(scene)
    (pages,) = next(raw.execute("PRAGMA page_count"))
    raw.execute(f"PRAGMA max_page_count = {pages}")
    large = "x" * 8_000
    claims = [scene.to_another(text=large) for _ in range(100)]
    results = await asyncio.gather(*(scene.store.reserve(claim) for claim in claims), return_exceptions=True)
    refused = [result for result in results if not isinstance(result, Reserved)]
    assert refused
    assert {str(refusal) for refusal in refused} == {"SQLite: FullError: database or disk is full"}
    assert all(isinstance(refusal, StoreUnavailable) for refusal in refused)
    assert await scene.used() == len(claims) - len(refused)
    raw.execute("PRAGMA max_page_count = 1000000")
    await scene.reserve(scene.to_another())
    assert await scene.used() == len(claims) - len(refused) + 1


async def test_locked_file_is_unavailable_and_passes(scene: Scene, path: Path) -> None:
    """A file locked by another program raises StoreUnavailable for writes, while reads succeed."""
    engine_of(scene)._writer._connection._timeout_ms = 50
    holder = apsw.Connection(str(path))  # a second SQLite library in one process would see no lock of the first
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await scene.store.reserve(scene.claim())
    assert await scene.used() == 0
    holder.close()
    await scene.reserve()


async def test_refusals_take_part_in_a_transaction(scene: Scene) -> None:
    """A claim that finds the quota used up does not prevent other settlements in its transaction."""
    await scene.connect(daily_limit=1)
    claim = await scene.reserve(scene.to_another())
    refused, settled = await asyncio.gather(
        scene.store.reserve(scene.to_another()), scene.settle(claim, ACCEPTED), return_exceptions=True
    )
    assert isinstance(refused, QuotaUsedUp)
    assert not isinstance(settled, BaseException)


def test_file_is_for_its_owner_only(scene: Scene, path: Path) -> None:
    """The file is readable by its owner only."""
    assert scene.account is not None
    assert path.stat().st_mode & 0o077 == 0


async def test_commits_are_durable(scene: Scene) -> None:
    """The file uses a write-ahead log and syncs every commit."""
    raw = connection_of(scene)
    assert raw.pragma("journal_mode") == "wal"
    assert raw.pragma("synchronous") == 2


async def test_hot_queries_use_their_indexes(scene: Scene) -> None:
    """No frequent query scans a whole table."""
    connection = engine_of(scene)._writer._connection
    for name in (
        "find_sender", "is_key_known", "settle_accepted", "read_for_settling", "settle", "read_settled",
        "was_contacted", "find_key", "list_open", "list_in_flight", "claim_due", "list_sends", "find_caller",
        "read_send", "count_unknown", "mark_certain_answer", "close_old", "delete_old_keys", "read_account",
        "read_quotas", "count_sends_by_day", "count_unknown_by_account", "search_failed_sends", "search_unknown_sends",
        "search_in_flight_sends", "search_sends_to", "list_new_events", "set_event_body", "add_deliveries",
        "is_delivery_due", "lock_due_webhooks", "count_leased_deliveries", "lease_deliveries", "list_leased_deliveries",
        "end_try", "list_deliveries", "delete_old_deliveries", "delete_old_events",
    ):  # fmt: skip
        sql = connection._queries[name].sql
        nulls = (None,) * max((number for number in range(1, 21) if f"?{number}" in sql), default=0)
        plan = " ".join(str(row[3]) for row in connection.raw.execute(f"EXPLAIN QUERY PLAN {sql}", nulls))
        # p: one row for each living process; w: at most 50 webhooks of a workspace; …_new: events without a body.
        for few_rows in (
            "SCAN sends USING",
            "SCAN CONSTANT ROW",
            "SCAN p",
            "SCAN w ",
            "SCAN webhook_events USING INDEX webhook_events_new",
        ):
            plan = plan.replace(few_rows, "")
        assert "SCAN" not in plan, (name, plan)


async def test_once_writes_deferred_during_a_transaction_are_flushed_right_after_it(
    scene: Scene, sqlite_url: str, vault: Vault
) -> None:
    """A disconnect that is deferred during a transaction is visible to other processes without another write."""
    other = await open_store(sqlite_url, vault=vault)
    first = await scene.reserve()
    await asyncio.sleep(DEFERRED_WRITE_SECONDS * 1.5)
    writing = asyncio.ensure_future(scene.store.beat(is_worker=True))
    while not engine_of(scene)._writer._is_busy:
        await asyncio.sleep(0)
    scene.store.mark_caller_gone(first.send_id)
    await writing
    await written(scene.store)
    repeats(await other.reserve(scene.claim()), first)
    await other.close()
