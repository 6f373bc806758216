"""Stores with many accounts, and one with a ledger of millions of rows; made by the store's own code, then kept."""

import asyncio
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import apsw
import asyncpg

from confrere.domain.keys import ApiKey, Scope, hash_key, new_key, visible_part
from confrere.domain.limits import Action, window_start
from confrere.domain.session import Member, Session
from confrere.store import Vault, migrate_store, open_store
from confrere.store.migrations import load_migrations
from confrere.store.rows import session_to_json, to_micros

CACHE = Path(__file__).resolve().parent.parent / ".cache/bench"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
WORKSPACE = "default"
_BATCH = 20_000
_TEXT = "Hello fellow group member! This is about as long as a first message of this kind is in practice."

_ACCOUNT = """INSERT INTO accounts (id, workspace_id, profile_urn, first_name, last_name, public_id, status,
  daily_limit, session, session_version, created_at) VALUES ({0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10})"""
_SEND = """INSERT INTO sends (id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token,
  fingerprint, outcome, message_urn, conversation_urn, window_start, holds_unit, owner, lease_until, answer, is_open,
  created_at, ended_at, settled_at)
  VALUES (?, ?, 'default', ?, ?, '12345678', ?, ?, ?, ?, ?, ?, ?, ?, 'bench', ?, 'delivered', 0, ?, ?, ?)"""
_UNITS = """INSERT INTO quotas (account_id, action, window_start, used, last_taken_at)
  SELECT account_id, 'MESSAGE', window_start, COUNT(*), MAX(created_at) FROM sends WHERE holds_unit = 1
  GROUP BY account_id, window_start"""
_REFUSED_EVERY = 50


@dataclass(frozen=True)
class BenchStore:
    """A store ready to be served. `accounts` is the file of its account ids, as the load wants it."""

    url: str
    folder: Path
    key: str
    accounts: Path


def account_ids(count: int) -> list[str]:
    """The ids of this many accounts: the same for every contestant."""
    return [f"{number:024x}" for number in range(1, count + 1)]


def account_file(count: int) -> Path:
    """All ids in one file, 24 characters each."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"accounts-{count}"
    path.write_text("".join(account_ids(count)), "ascii")
    return path


def session_of(number: int) -> Session:
    """A session of the size that LinkedIn's have."""
    token = sha256(b"%d" % number).hexdigest()
    cookies = {
        "li_at": "AQED" + (token * 3)[:148],
        "JSESSIONID": f'"ajax:{number:019d}"',
        "bcookie": f'"v=2&{token[:32]}"',
        "bscookie": f'"v=1&{token}{token[:40]}"',
        "lidc": f'"b=VB:s=V:r=V:a=V:p=V:g=1:u=1:x=1:i=1:t=1:v=2:sig={token[:44]}"',
    }
    return Session(cookies, AGENT)


def make_store(folder: Path, *, accounts: int, url: str | None = None) -> BenchStore:
    """A fresh store with this many accounts and a key, in SQLite unless a URL is given."""
    folder.mkdir(parents=True, exist_ok=True)
    store = BenchStore(url or f"sqlite://{folder / 'confrere.db'}", folder, new_key(), account_file(accounts))
    asyncio.run(_fill(store, accounts))
    return store


def big_store(*, accounts: int, rows: int) -> BenchStore:
    """A store whose ledger has this many rows, made once and kept as long as the schema stays the same."""
    schema = sha256("".join(m.sql for m in load_migrations("sqlite")).encode() + Path(__file__).read_bytes())
    folder = CACHE / f"ledger-{accounts}-{rows}-{schema.hexdigest()[:12]}"
    if not (folder / "ready").exists():
        for old in CACHE.glob(f"ledger-{accounts}-{rows}-*"):
            shutil.rmtree(old)
        store = make_store(folder, accounts=accounts)
        _add_rows(store, accounts, rows)
        (folder / "ready").write_text(store.key, "ascii")
    path = folder / "confrere.db"
    connection = apsw.Connection(str(path))
    today = to_micros(window_start(Action.MESSAGE, datetime.now(UTC)))
    connection.execute("DELETE FROM quotas WHERE window_start >= ?", (today,))  # of earlier runs on the same day
    connection.close()
    return BenchStore(f"sqlite://{path}", folder, (folder / "ready").read_text("ascii"), account_file(accounts))


async def _fill(store: BenchStore, accounts: int) -> None:
    await migrate_store(store.url)
    vault = Vault.from_file(store.folder / "secret.key")
    opened = await open_store(store.url, vault=vault)
    now = datetime.now(UTC)
    kept = ApiKey(
        secrets.token_hex(12),
        WORKSPACE,
        "bench",
        visible_part(store.key),
        frozenset([Scope.SEND]),
        now,
        None,
        None,
        None,
    )
    await opened.add_key(kept, hash_key(store.key))
    # One through the door, so that the rows below are seen to be what the door makes; the rest in bulk.
    first = await opened.connect_account(
        WORKSPACE, session_of(0), Member("urn:li:fsd_profile:ACoAA0", "B", "0", "b0"), now
    )
    assert (await opened.read_session(first.id, 1)) == session_of(0)
    await opened.close()
    rows = (_account_row(vault, number, name, now) for number, name in enumerate(account_ids(accounts), 1))
    if store.url.startswith("sqlite"):
        connection = apsw.Connection(store.url.removeprefix("sqlite://"))
        with connection:
            connection.executemany(_ACCOUNT.format(*["?"] * 11), rows)
        connection.close()
        return
    server = await asyncpg.connect(store.url)
    names = (
        "id workspace_id profile_urn first_name last_name public_id status daily_limit session session_version "
        "created_at"
    )
    await server.copy_records_to_table("accounts", records=list(rows), columns=names.split())
    await server.execute("ANALYZE")
    await server.close()


def _account_row(vault: Vault, number: int, account_id: str, now: datetime) -> tuple[object, ...]:
    sealed = vault.seal(session_to_json(session_of(number)))
    urn = f"urn:li:fsd_profile:ACoAA{number:034d}"
    return (account_id, WORKSPACE, urn, "Bench", str(number), f"b{number}", "AVAILABLE", 150, sealed, 1, to_micros(now))


def _add_rows(store: BenchStore, accounts: int, count: int) -> None:
    """Rows of sends of the past year, straight into the table with all its indexes, and the units that they hold."""
    connection = apsw.Connection(store.url.removeprefix("sqlite://"))
    connection.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA wal_autocheckpoint = 20000")
    text = Vault.from_file(store.folder / "secret.key").seal(_TEXT)
    rows = _send_rows(accounts, count, text)
    for _ in range(0, count, _BATCH):
        with connection:
            connection.executemany(_SEND, (row for row, _ in zip(rows, range(_BATCH), strict=False)))
    connection.execute(_UNITS)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _send_rows(accounts: int, count: int, text: str) -> Iterator[tuple[object, ...]]:
    names = account_ids(accounts)
    end = time.time_ns() // 1_000_000 - 86_400_000
    step = 365 * 86_400_000 // count
    for number in range(count):
        at = end - (count - number) * max(step, 1)
        digest = sha256(b"%d" % number).hexdigest()
        micros, is_refused = at * 1_000, number % _REFUSED_EVERY == 0
        day = to_micros(window_start(Action.MESSAGE, datetime.fromtimestamp(at / 1_000, UTC))) if step > 10 else 0
        yield (
            f"{at << 80 | 0x7000 << 64 | 0x80 << 56 | number:032x}",
            digest[:32],
            names[number % accounts],
            f"urn:li:fsd_profile:ACoAA{digest[:34]}",
            text,
            f"{digest[:8]}-{digest[8:12]}-4{digest[12:15]}-8{digest[15:18]}-{digest[:12]}",
            digest,
            "refused" if is_refused else "accepted",
            f"urn:li:msg_message:(urn:li:fsd_profile:ACoAA{digest[:34]},2-{digest[:40]})",
            f"urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA{digest[:34]},2-{digest[:40]})",
            day,
            int(not is_refused),
            micros + 60_000_000,
            micros,
            micros + 500_000,
            micros + 500_000,
        )
