"""The schema comes from numbered migrations, the same on both engines, under concurrent starts too."""

import asyncio
import os
import re
import sys
from pathlib import Path

import apsw
import pytest

from confrere.domain.outcome import OutcomeName
from confrere.store import (
    CannotOpenStore,
    DatabaseIsNewer,
    MigrationPending,
    StoreMissing,
    Vault,
    migrate_store,
    migrations,
    open_store,
)
from confrere.store.migrations import Migration, load_migrations
from confrere.store.postgresql import opening as postgresql_opening
from confrere.store.sqlite import opening as sqlite_opening
from tests.contract.store.conftest import KEY
from tests.contract.store.raw_sql import run_sql
from tests.contract.store.scene import ACCEPTED, Scene, session

NAMES = [migration.name for migration in load_migrations("sqlite")]
NEXT = Migration(99, "0099_next", "ALTER TABLE accounts ADD COLUMN notes TEXT NOT NULL DEFAULT ''")


def release_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add one migration to the code."""
    for module in (migrations, sqlite_opening, postgresql_opening):
        monkeypatch.setattr(module, "load_migrations", lambda engine: (*load_migrations(engine), NEXT))


async def test_migrations_are_the_same_on_both_engines() -> None:
    """Both engines have the same migrations by number and name, without a gap."""
    assert [migration.name for migration in load_migrations("postgresql")] == NAMES
    assert [migration.number for migration in load_migrations("sqlite")] == list(range(1, len(NAMES) + 1))


async def test_start_is_refused_on_a_pending_migration(empty_url: str, vault: Vault) -> None:
    """A pending migration prevents the start with the command to run; after it the store starts."""
    if empty_url.startswith("sqlite"):
        apsw.Connection(empty_url.removeprefix("sqlite://")).close()
    with pytest.raises(MigrationPending, match="run `confrere migrate`"):
        await open_store(empty_url, vault=vault)
    assert await migrate_store(empty_url) == NAMES
    await (await open_store(empty_url, vault=vault)).close()
    assert await migrate_store(empty_url) == []


async def test_start_can_migrate(empty_url: str, vault: Vault) -> None:
    """Opening a store migrates it on request."""
    store = await open_store(empty_url, vault=vault, migrate=True)
    await store.ping()
    await store.close()


async def test_start_is_refused_on_a_newer_database(url: str, vault: Vault) -> None:
    """A database newer than the code is rejected, by the start and by a migration."""
    await run_sql(url, "INSERT INTO migrations (number, name, applied_at) VALUES (9999, '9999_future', 0)")
    for attempt in (open_store(url, vault=vault), open_store(url, vault=vault, migrate=True), migrate_store(url)):
        with pytest.raises(DatabaseIsNewer, match="9999"):
            await attempt


async def test_database_of_an_older_version_is_brought_up_to_date(
    empty_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer release migrates an older database without loss, and then the older release rejects it."""
    assert await migrate_store(empty_url) == NAMES
    store = await open_store(empty_url, vault=vault)
    scene = Scene(store)
    account = await scene.connect()
    claim = await scene.reserve()
    await store.close()
    with monkeypatch.context() as later:
        release_another(later)
        with pytest.raises(MigrationPending, match=NEXT.name):
            await open_store(empty_url, vault=vault)
        assert await migrate_store(empty_url) == [NEXT.name]
        store = await open_store(empty_url, vault=vault)
        await Scene(store).settle(claim, ACCEPTED)
        assert (await store.read_send("default", claim.send_id)).outcome is OutcomeName.ACCEPTED
        assert await store.read_session(account.id, account.session_version) == session()
        assert await run_sql(empty_url, "SELECT notes FROM accounts") == [("",)]
        await store.close()
    with pytest.raises(DatabaseIsNewer):
        await open_store(empty_url, vault=vault)


async def test_functions_of_another_version_are_pending_until_they_are_migrated(
    postgres_url: str, vault: Vault
) -> None:
    """PostgreSQL functions of another version prevent the start until a migration installs the code's."""
    await migrate_store(postgres_url)
    await run_sql(postgres_url, "COMMENT ON FUNCTION reserve_send IS 'of another version'")
    with pytest.raises(MigrationPending, match="functions"):
        await open_store(postgres_url, vault=vault)
    await run_sql(postgres_url, "ALTER FUNCTION take_unit(TEXT, TEXT, BIGINT, BIGINT, BIGINT) RENAME TO take_unit_old")
    assert await migrate_store(postgres_url) == []
    store = await open_store(postgres_url, vault=vault)
    scene = Scene(store)
    await scene.connect()
    await scene.settle(await scene.reserve(), ACCEPTED)
    await store.close()


async def test_database_of_the_first_migration_is_brought_up_to_date(
    empty_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database with the first migration only, and with workers, is complete after one `migrate`."""
    with monkeypatch.context() as earlier:
        for module in (migrations, sqlite_opening, postgresql_opening):
            earlier.setattr(module, "load_migrations", lambda engine: load_migrations(engine)[:1])
        assert await migrate_store(empty_url) == NAMES[:1]
    await run_sql(empty_url, "INSERT INTO workers (id, beat_at) VALUES ('of long ago', 1)")
    with pytest.raises(MigrationPending, match=NAMES[1]):
        await open_store(empty_url, vault=vault)
    assert await migrate_store(empty_url) == NAMES[1:]
    store = await open_store(empty_url, vault=vault)
    await store.beat(is_worker=True)
    assert await store.has_worker()
    await store.close()


async def test_sessions_of_before_have_the_age_that_the_audit_log_knows(
    empty_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that an older version has stored is as old as its last entry; without one its age is not known."""
    with monkeypatch.context() as earlier:
        for module in (migrations, sqlite_opening, postgresql_opening):
            earlier.setattr(module, "load_migrations", lambda engine: load_migrations(engine)[:18])
        await migrate_store(empty_url)
    accounts = ", ".join(
        f"('{name}', 'default', '{name}', '', '', '', 'AVAILABLE', 150, {session}, 1)"
        for name, session in (("a", "'sealed'"), ("b", "'sealed'"), ("c", "NULL"))
    )
    await run_sql(
        empty_url,
        "INSERT INTO accounts (id, workspace_id, profile_urn, first_name, last_name, public_id, status, daily_limit, "
        f"session, created_at) VALUES {accounts}",
    )
    entries = ", ".join(
        f"('default', {number}, {number}, 'user', '{action}', '{account}', '')"
        for number, (account, action) in enumerate(
            [
                ("a", "account_connected"),
                ("a", "account_connected"),
                ("a", "account_enabled"),
                ("c", "account_connected"),
            ]
        )
    )
    columns = "workspace_id, number, at, actor_kind, action, subject, hash"
    await run_sql(empty_url, f"INSERT INTO audit ({columns}) VALUES {entries}")
    await migrate_store(empty_url)
    rows = await run_sql(empty_url, "SELECT id, connected_at, answered_at FROM accounts ORDER BY id")
    assert rows == [("a", 1, None), ("b", None, None), ("c", None, None)]


async def test_migrating_in_several_processes_at_once_happens_once(empty_url: str) -> None:
    """Of several concurrent migrations one does the work, and the others succeed without any."""
    program = (
        "import asyncio, sys; from confrere.store import migrate_store; print(asyncio.run(migrate_store(sys.argv[1])))"
    )
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, empty_url, stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = [(await process.communicate())[0].decode().strip() for process in processes]
    assert sorted(outputs) == sorted([str(NAMES), "[]", "[]", "[]"])


async def test_schema_is_the_same_on_both_engines(postgres_url: str, tmp_path: Path) -> None:
    """Both engines have the same tables, columns, nullability and indexes with their conditions."""
    sqlite_url = f"sqlite://{tmp_path / 'confrere.db'}"
    await asyncio.gather(migrate_store(postgres_url), migrate_store(sqlite_url))
    columns = (
        "SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns "
        "WHERE table_schema = 'public'"
    )
    on_postgresql = {
        (str(table), str(name), bool(needed)) for table, name, needed in await run_sql(postgres_url, columns)
    }
    columns = (
        "SELECT m.name, c.name, c.[notnull] FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
    )
    on_sqlite = {(str(table), str(name), bool(needed)) for table, name, needed in await run_sql(sqlite_url, columns)}
    assert on_sqlite == on_postgresql

    def named(rows: list[tuple[object, ...]]) -> set[str]:
        return {str(row[0]) for row in rows if row[0] and not re.search(r"_pkey$|_key$|^sqlite_", str(row[0]))}

    indexes_on_postgresql = named(
        await run_sql(postgres_url, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    )
    indexes_on_sqlite = named(await run_sql(sqlite_url, "SELECT name FROM sqlite_master WHERE type = 'index'"))
    assert indexes_on_sqlite == indexes_on_postgresql


@pytest.mark.parametrize(
    "url", ["", "mysql://localhost/x", "sqlite://", "sqlite:///", "sqlite:///folder/", "/var/lib/confrere.db"]
)
async def test_a_url_of_no_engine_is_refused(url: str) -> None:
    """A URL of an unknown engine is rejected with the accepted forms."""
    with pytest.raises(CannotOpenStore, match=r"sqlite:///<absolute path> or postgresql://"):
        await open_store(url, vault=Vault([KEY]))


async def test_what_is_no_database_is_refused(tmp_path: Path, vault: Vault) -> None:
    """A folder, a foreign file and a missing file each have their error and setting, and nothing is created."""
    (tmp_path / "other").write_text("this is not a database" * 1000)
    (tmp_path / "folder").mkdir()
    for name in ("other", "folder"):
        with pytest.raises(CannotOpenStore, match=name):
            await open_store(f"sqlite://{tmp_path / name}", vault=vault)
    with pytest.raises(StoreMissing, match=rf"{tmp_path / 'missing'}: CONFRERE_DATA_DIR .* CONFRERE_DATABASE_URL"):
        await open_store(f"sqlite://{tmp_path / 'missing'}", vault=vault)
    assert sorted(await asyncio.to_thread(os.listdir, tmp_path)) == ["folder", "other"]


async def test_a_database_that_does_not_exist_is_refused(postgres_url: str, vault: Vault) -> None:
    """A missing database is reported without its URL, which may contain a password."""
    with pytest.raises(CannotOpenStore, match="InvalidCatalogName") as refusal:
        await open_store(postgres_url.replace("/test_", "/missing_"), vault=vault)
    assert "missing_" not in str(refusal.value)
