"""A damaged file is the store's fault: it is reported with the remedy, and nothing of it is a traceback."""

import asyncio
import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

from confrere.domain.errors import ConfrereError, StoreDamaged, StoreUnavailable
from confrere.domain.limits import Action
from confrere.domain.send import SendFilter
from confrere.store import SqlStore, Vault, migrate_store, open_store
from tests.contract.store.scene import ACCEPTED, NOON, UNKNOWN, Scene

PAGE = 4_096
SENDS = 60


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Vault]:
    """A file with some rows of everything, and nothing in its log."""
    path, vault = tmp_path_factory.mktemp("undamaged") / "confrere.db", Vault([Vault.new_key()])

    async def fill() -> None:
        store = await open_store(f"sqlite://{path}", vault=vault, migrate=True)
        scene = Scene(store)
        for number in range(3):
            scene.account = await scene.connect(number)
        for number in range(SENDS):
            await scene.send(UNKNOWN if number % 5 == 0 else ACCEPTED, recipient=f"urn:li:fsd_profile:ACoAA{number}")
        await store.close()

    asyncio.run(fill())
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path, vault


def damage(path: Path, page: int, random_bytes: bytes) -> None:
    """Write over a part of a page, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(page * PAGE + 8 if page else PAGE // 2)
        file.write(random_bytes)


async def use_all(store: SqlStore) -> list[BaseException]:
    """Everything that reads or writes, and what it raised."""
    scene = Scene(store)
    page = await outcome_of(lambda: store.search_sends("default", SendFilter(), before_id=None, count=1_000))
    accounts = await outcome_of(lambda: store.list_accounts("default"))
    faults = [each for each in (page, accounts) if isinstance(each, BaseException)]
    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: store.list_keys("default"),
        lambda: store.list_opt_outs("default", after=None, count=100),
        lambda: store.reserve(scene.to_another()),
        lambda: store.claim_unknown(NOON, count=100),
        lambda: store.count_accounts(NOON),
        lambda: store.read_pacing("default", None),
        lambda: store.beat(is_worker=True),
    ]
    for account in () if isinstance(accounts, BaseException) else accounts:
        asked += [
            lambda each=account: store.read_session(each.id, each.session_version),  # type: ignore[misc]
            lambda each=account: store.read_quotas(each.id, NOON),  # type: ignore[misc]
            lambda each=account: store.take_units(  # type: ignore[misc]
                each.id, Action.GROUP_MEMBERS, limit=1_000, count=1, now=NOON
            ),
        ]
    for send in () if isinstance(page, BaseException) else page[:10]:
        asked.append(lambda each=send: store.read_text("default", each.id))  # type: ignore[misc]
    results = [await outcome_of(one) for one in asked]
    return faults + [result for result in results if isinstance(result, BaseException)]


async def outcome_of(ask: Callable[[], Awaitable[object]]) -> Any:
    """What it returned or raised."""
    try:
        return await ask()
    except Exception as fault:  # noqa: BLE001 - judged by the test
        return fault


@pytest.mark.parametrize("seed", range(8))
async def test_a_damaged_page_is_never_a_traceback(undamaged: tuple[Path, Vault], tmp_path: Path, seed: int) -> None:
    """Whatever page is overwritten with whatever: each operation works, or says that the store cannot be read."""
    path, vault = undamaged
    chance = random.Random(seed)
    pages = path.stat().st_size // PAGE
    for number, page in enumerate(chance.sample(range(pages), 4)):
        copy = tmp_path / f"{number}.db"
        shutil.copy(path, copy)
        kinds = (chance.randbytes(chance.choice((4, 60, 2_000))), b"\xff" * 400, b"\0" * (PAGE - 8))
        damage(copy, page, chance.choice(kinds)[: PAGE // 2 if page == 0 else None])
        try:
            store = await open_store(f"sqlite://{copy}", vault=vault)
        except ConfrereError:
            continue
        faults = await use_all(store)
        await store.close()
        assert all(isinstance(fault, ConfrereError) for fault in faults), (page, faults)


async def test_structural_damage_is_found_without_using_it(undamaged: tuple[Path, Vault], tmp_path: Path) -> None:
    """The check reads all of the file: no page of it can be zeroed unnoticed, and a whole file is found whole."""
    path, vault = undamaged
    store = await open_store(f"sqlite://{path}", vault=vault)
    assert await store.find_damage() == []
    await store.close()
    for page in range(1, path.stat().st_size // PAGE):
        copy = tmp_path / f"{page}.db"
        shutil.copy(path, copy)
        with copy.open("r+b") as file:
            file.seek(page * PAGE)
            file.write(b"\0" * PAGE)
        try:
            store = await open_store(f"sqlite://{copy}", vault=vault)
        except ConfrereError:
            continue
        found = await outcome_of(store.find_damage)
        await store.close()
        assert found, page


@pytest.mark.parametrize(
    ("sql", "ask"),
    [
        ("UPDATE sends SET recipient = CAST(x'ff61' AS TEXT)", "list"),
        ("UPDATE sends SET outcome = 'acccepted'", "list"),
        ("UPDATE sends SET created_at = 9223372036854775807", "list"),
        ("UPDATE sends SET text = 'gAAAAA'", "text"),
        ("UPDATE accounts SET session = 'gAAAAA'", "session"),
        ("UPDATE accounts SET rules = '[{\"min'", "quotas"),
    ],
)
async def test_text_that_nobody_wrote_is_damage_with_a_remedy(
    sqlite_url: str, vault: Vault, sql: str, ask: str
) -> None:
    """Undecodable text, an unknown word, an impossible moment, a token that no key opens: a backup helps."""
    await migrate_store(sqlite_url)
    store = await open_store(sqlite_url, vault=vault)
    scene = Scene(store)
    account = await scene.connect()
    claim = await scene.send(ACCEPTED)
    connection = apsw.Connection(sqlite_url.removeprefix("sqlite://"))
    connection.execute(sql)
    connection.close()
    asks: dict[str, Callable[[], Awaitable[object]]] = {
        "list": lambda: store.search_sends("default", SendFilter(), before_id=None, count=10),
        "text": lambda: store.read_text("default", claim.send_id),
        "session": lambda: store.read_session(account.id, account.session_version),
        "quotas": lambda: store.read_quotas(account.id, NOON),
    }
    with pytest.raises(StoreDamaged) as found:
        await asks[ask]()
    assert isinstance(found.value, StoreUnavailable)
    assert "backup" in found.value.advice
    await store.close()
