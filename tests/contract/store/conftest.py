"""Each test of the store runs on both engines, on a database of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from confrere.access import passwords
from confrere.access.login import Logins
from confrere.ports import Store
from confrere.store import SqlStore, Vault, migrate_store, open_store
from tests.contract.store.scene import Clock, Scene
from tests.postgres import PostgresServer
from tests.sqlite_files import migrated_file

KEY = Vault.new_key()

STORE: type[Store] = SqlStore
"""The type checker verifies that the store implements its port."""

_EMPTIED = """
DO $$ DECLARE name TEXT; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$;
INSERT INTO workspaces (id) VALUES ('default');
DELETE FROM migrations WHERE number >= 9000;
"""

OpenStore = Callable[[], Awaitable[SqlStore]]


@pytest.fixture
def vault() -> Vault:
    """Return the vault that all stores of a test share, unless the test is about keys."""
    return Vault([KEY])


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Create a database without our schema, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'confrere.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Create a migrated database, on each engine in turn."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    database = server.template("migrated", lambda empty: asyncio.run(_migrated(empty)))
    yield server.url(database)
    server.sql(_EMPTIED, database)  # 5 ms; a new copy of the template takes up to 300


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Create a migrated file."""
    return migrated_file(tmp_path)


@pytest.fixture
async def open_another(url: str, vault: Vault) -> AsyncIterator[OpenStore]:
    """Open stores on the test's database, as other processes would; they are closed at the end."""
    async with AsyncExitStack() as stack:

        async def open_one() -> SqlStore:
            store = await open_store(url, vault=vault)
            stack.push_async_callback(store.close)
            return store

        yield open_one


@pytest.fixture
async def store(open_another: OpenStore) -> SqlStore:
    """Open a store."""
    return await open_another()


@pytest.fixture
async def other(open_another: OpenStore) -> SqlStore:
    """Open another store on the same database, which acts as another process."""
    return await open_another()


@pytest.fixture
async def scene(store: SqlStore) -> Scene:
    """Build a store with one account."""
    scene = Scene(store)
    scene.account = await scene.connect()
    return scene


@pytest.fixture
def clock() -> Clock:
    """Build a clock that stands still."""
    return Clock()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at the least cost; tests/unit/access/test_passwords.py holds the real one."""
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def logins(store: SqlStore, clock: Clock, quick_passwords: None) -> Logins:
    """Build the logins of a process."""
    return Logins(users=store, clock=clock)


@pytest.fixture
def elsewhere(other: SqlStore, clock: Clock) -> Logins:
    """Build the logins of another process."""
    return Logins(users=other, clock=clock)


async def _migrated(url: str) -> None:
    await migrate_store(url)
