"""Backups and restoring them, on both engines and from one to the other."""

import stat
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.errors import AccountHeld, NotFound
from confrere.domain.urns import ProfileUrn
from confrere.store import CannotOpenStore, ErasureFile, Vault, WrongSecretKey, back_up, open_store, restore
from tests.contract.store.scene import ACCEPTED, NOON, REQUEST, Scene, written


def _silent(_done: int, _total: int) -> None:
    pass


async def _restore(url: str, file: Path, vault: Vault, **more: object) -> object:
    arguments = {"erasures": [], "replace": True, "now": NOON + timedelta(days=1), "progress": _silent} | more
    return await restore(url, file, vault=vault, **arguments)  # type: ignore[arg-type]


async def test_a_backup_is_restored_with_every_account_held(
    scene: Scene, url: str, empty_url: str, vault: Vault, tmp_path: Path
) -> None:
    """What was written before the backup is there again, on either engine; every account waits for a person."""
    claim = await scene.reserve()
    await scene.settle(claim, ACCEPTED)
    await written(scene.store)
    file = tmp_path / "backup"
    assert await back_up(url, file, progress=_silent) == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    later = await scene.reserve(scene.to_another())
    await scene.settle(later, ACCEPTED)
    other_url = empty_url.replace("confrere.db", "other.db")
    await _restore(other_url, file, vault, replace=False)
    store = await open_store(other_url, vault=vault)
    try:
        assert await store.read_text("default", claim.send_id) == claim.request.text
        assert await store.find_damage() == []
        with pytest.raises(NotFound):
            await store.read_send("default", later.send_id)
        account = await store.read_account("default", None)
        assert account.hold_until == UNTIL_RELEASED
        assert account.awaits_release
        assert account.lost is not None
        assert account.lost.until == NOON + timedelta(days=1)
        restored = Scene(store)
        restored.account = account
        restored.later(days=1)
        with pytest.raises(AccountHeld, match="until a person releases it"):
            await restored.reserve(restored.to_another())
        [entry, *_] = await store.list_audit("default", before=None, count=1)
        assert entry.action == "backup_restored"
    finally:
        await store.close()


async def test_a_store_in_use_is_not_replaced(scene: Scene, url: str, vault: Vault, tmp_path: Path) -> None:
    """Whatever is asked for: a server that has it open would go on with what is no more."""
    file = tmp_path / "backup"
    await back_up(url, file, progress=_silent)
    with pytest.raises(CannotOpenStore, match="in use"):
        await _restore(url, file, vault)
    await scene.store.close()
    with pytest.raises(CannotOpenStore, match="--replace"):
        await _restore(url, file, vault, replace=False)
    await _restore(url, file, vault)


async def test_a_backup_replaces_no_file(scene: Scene, url: str, tmp_path: Path) -> None:
    """Neither an earlier backup nor anything else; and nothing half-written stays."""
    file = tmp_path / "backup"
    file.write_text("earlier")
    with pytest.raises(CannotOpenStore, match="already"):
        await back_up(url, file, progress=_silent)
    assert file.read_text() == "earlier"
    assert not list(tmp_path.glob(".backup*"))


async def test_what_is_no_good_backup_changes_nothing(sqlite_url: str, vault: Vault, tmp_path: Path) -> None:
    """A file of something else, a damaged one, and one of other keys are refused, and the store stays."""
    file, path = tmp_path / "backup", Path(sqlite_url.removeprefix("sqlite://"))
    store = await open_store(sqlite_url, vault=vault)
    await Scene(store).connect()
    await store.close()
    await back_up(sqlite_url, file, progress=_silent)
    before = path.read_bytes()
    strange, damaged = tmp_path / "strange", tmp_path / "damaged"
    strange.write_text("not a database at all, but long enough to be read as one" * 40)
    damaged.write_bytes(file.read_bytes()[:-20_000])
    for bad in (strange, damaged):
        with pytest.raises(CannotOpenStore, match="cannot be restored"):
            await _restore(sqlite_url, bad, vault)
    with pytest.raises(WrongSecretKey):
        await _restore(sqlite_url.replace("confrere.db", "new.db"), file, Vault([Vault.new_key()]))
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".restoring*"))


async def test_a_restored_backup_does_not_bring_an_erased_person_back(
    scene: Scene, url: str, vault: Vault, tmp_path: Path
) -> None:
    """Who was erased after the backup is erased in it, by the file beside the keys."""
    recipient = ProfileUrn(REQUEST.recipient)
    await scene.settle(await scene.reserve(), ACCEPTED)
    await written(scene.store)
    file, known = tmp_path / "backup", ErasureFile(tmp_path / "erasures.jsonl")
    await back_up(url, file, progress=_silent)
    erasure = scene.store.erasure_of("default", recipient, NOON)
    known.add([erasure])
    known.add([erasure])
    assert known.read() == [erasure]
    await scene.store.erase_person(erasure, recipient, COMMAND_LINE, NOON)
    await scene.store.close()
    await _restore(url, file, vault, erasures=known.read())
    store = await open_store(url, vault=vault)
    try:
        assert (await store.read_erasure("default", recipient)) == erasure
        everything = await store.read_everything("default", recipient, COMMAND_LINE, NOON)
        assert [row["text"] for row in everything["sends"]] == [""]
    finally:
        await store.close()
    if url.startswith("sqlite"):
        connection = apsw.Connection(url.removeprefix("sqlite://"))
        assert list(connection.execute("SELECT COUNT(*) FROM sends WHERE recipient = ?", (recipient,))) == [(0,)]
        connection.close()
