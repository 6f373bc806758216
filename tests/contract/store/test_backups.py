"""Backups and restoring them, on both engines and from one to the other."""

import errno
import os
import stat
from datetime import timedelta
from functools import partial
from pathlib import Path

import apsw
import pytest

from confrere.access.login import Logins
from confrere.cli.runtime import SetupError
from confrere.domain.account import LOOKS_FOR, UNTIL_RELEASED
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.campaigns.campaign import CampaignStatus
from confrere.domain.errors import AccountHeld, InvalidField, NotFound
from confrere.domain.keys import hash_key
from confrere.domain.opt_out import OptOut
from confrere.domain.urns import ProfileUrn
from confrere.domain.users import Rights, Role, User
from confrere.settings import Settings
from confrere.store import (
    CannotOpenStore,
    JournalFile,
    JournalKeeper,
    Restored,
    SqlStore,
    Vault,
    WrongSecretKey,
    back_up,
    erasure_line,
    open_store,
    restore,
)
from confrere.store.rows import to_micros
from confrere.store.script import run_query
from confrere.wiring.backups import restore_store
from tests.contract.store.campaigns import draft
from tests.contract.store.scene import ACCEPTED, NOON, REQUEST, Clock, Scene, stored_key, written
from tests.contract.store.webhooks import add_webhook, deliver_later

PASSWORD = "a long and secret password"


def _silent(_done: int, _total: int) -> None:
    pass


async def _restore(url: str, file: Path, vault: Vault, **more: object) -> Restored:
    arguments = {"journal": [], "replace": True, "now": NOON + timedelta(days=1), "progress": _silent} | more
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
    file, known = tmp_path / "backup", JournalFile(tmp_path / "journal.jsonl")
    await back_up(url, file, progress=_silent)
    erasure = scene.store.erasure_of("default", recipient, NOON)
    line = erasure_line(erasure)
    known.add([line])
    known.add([line])
    assert known.read() == [line]
    await scene.store.erase_person(erasure, recipient, COMMAND_LINE, NOON)
    await scene.store.close()
    await _restore(url, file, vault, journal=known.read())
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


async def _join(logins: Logins, name: str) -> User:
    """Let somebody become a user."""
    _, token = await logins.invite("default", Rights(Role.VIEWER), COMMAND_LINE)
    await logins.redeem(token, COMMAND_LINE, name=name, password=PASSWORD)
    return await logins.read("default", name)


async def _journal(store: SqlStore, scene: Scene, folder: Path) -> JournalFile:
    """Write the journal as a server does."""
    file = JournalFile(folder / "journal.jsonl")
    keeper = JournalKeeper(store, file, lambda: scene.now)
    await keeper.copy()
    await keeper.copy()
    assert keeper.fault is None
    return file


async def test_a_restored_backup_writes_to_nobody_who_has_opted_out_since(
    scene: Scene, url: str, vault: Vault, tmp_path: Path
) -> None:
    """By the journal, in the order in which people were put on the list and taken off; it names nobody."""
    await scene.store.close()
    store = scene.store = await open_store(url, vault=vault, clock=lambda: scene.now)
    urns = [f"urn:li:fsd_profile:ACoAAperson{number}" for number in range(4)]
    await store.add_opt_outs("default", [OptOut(urns[0], None, "crm", NOON)])
    await back_up(url, tmp_path / "backup", progress=_silent)
    await store.add_opt_outs("default", [OptOut(urn, "said so", "crm", scene.later(minutes=1)) for urn in urns[1:]])
    scene.later(minutes=1)
    for urn in urns[:3]:
        await store.remove_opt_out("default", urn)
    await store.add_opt_outs("default", [OptOut(urns[2], "again", "crm", scene.later(minutes=1))])
    file = await _journal(store, scene, tmp_path)
    assert "ACoAA" not in file.path.read_text()
    assert "said so" not in file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert len(file.read()) == len({line.key for line in file.read()}) == 9  # with the account
    await store.close()
    for _ in range(2):  # a backup can be restored again
        restored = await _restore(url, tmp_path / "backup", vault, journal=file.read())
        assert {kind: count for kind, count in restored.again.items() if count} == {"listed": 2, "unlisted": 1}
    store = await open_store(url, vault=vault)
    try:
        found = await store.list_opt_outs("default", after=None, count=9)
        assert [(one.recipient, one.reason) for one in found] == [(urns[2], "again"), (urns[3], "said so")]
    finally:
        await store.close()


async def test_what_was_shut_after_a_backup_stays_shut(
    scene: Scene, logins: Logins, clock: Clock, url: str, vault: Vault, tmp_path: Path
) -> None:
    """Revoked keys, users who are disabled, changed logins, webhooks, accounts: as the journal has them."""
    store = scene.store
    assert scene.account is not None
    keys = [stored_key(f"key-{number}") for number in range(2)]
    for number, key in enumerate(keys):
        await store.add_key(key, hash_key(f"key-{number}"))
    users = [await _join(logins, name) for name in ("Ada", "Bea", "Cleo", "Dora")]
    campaign = await draft(scene)
    await store.start_campaign("default", campaign.id, [], started_by=None, first=None, now=scene.now)
    changed, deleted, _ = [await add_webhook(scene, description=name) for name in ("changed", "deleted", "kept")]
    await back_up(url, tmp_path / "backup", progress=_silent)
    clock.now = scene.later(minutes=1)
    await store.change_campaign_status("default", campaign.id, CampaignStatus.STOPPED, now=scene.now)
    await store.revoke_key("default", keys[0].id, scene.now)
    await store.disable_user("default", users[0].id, COMMAND_LINE, scene.now)
    await store.disable_user("default", users[1].id, COMMAND_LINE, scene.now)
    assert await store.begin_second_factor(users[2].id, "A" * 32)
    assert await store.confirm_second_factor("default", users[2].id, 1, ["one"], COMMAND_LINE, scene.now)
    await store.change_webhook("default", changed.id, url="https://elsewhere.example/hook")
    await store.delete_webhook("default", deleted.id)
    await store.disconnect_account("default", scene.account.id)
    clock.now = scene.later(minutes=1)
    _, token = await logins.invite_to_reset("default", "Bea", COMMAND_LINE)
    await logins.redeem(token, COMMAND_LINE, password=PASSWORD)  # enables her
    file = await _journal(store, scene, tmp_path)
    await store.close()
    restored = await _restore(url, tmp_path / "backup", vault, journal=file.read())
    assert {str(kind): count for kind, count in restored.again.items() if count} == {
        "key_revoked": 1,
        "user_disabled": 1,
        "login_changed": 2,
        "webhook_changed": 1,
        "webhook_deleted": 1,
        "account_disconnected": 1,
        "campaign_paused": 1,
    }
    store = await open_store(url, vault=vault)
    try:
        assert await store.find_caller(hash_key("key-0"), scene.now) is None
        assert await store.find_caller(hash_key("key-1"), scene.now) is not None
        state = {one.name: (one.disabled_at is None, one.has_password) for one in await store.list_users("default")}
        assert state == {"Ada": (False, True), "Bea": (True, False), "Cleo": (True, False), "Dora": (True, True)}
        hooks = {one.description: one.enabled for one in await store.list_webhooks("default")}
        assert hooks == {"changed": False, "kept": True}
        assert not (await store.read_account("default", scene.account.id)).has_session
        assert (await store.read_campaign("default", campaign.id)).status is CampaignStatus.PAUSED
    finally:
        await store.close()


async def test_an_erasure_removes_its_person_from_the_journal(scene: Scene, tmp_path: Path) -> None:
    """Also where the entry of the do-not-contact list is copied after it; a half-written line is cut off."""
    store, urn = scene.store, ProfileUrn("urn:li:fsd_profile:ACoAAperson1")
    await store.add_opt_outs("default", [OptOut(urn, "said so", "crm", scene.now)])
    file = await _journal(store, scene, tmp_path)
    connected, listed = file.read()
    file.path.write_bytes(file.path.read_bytes() + b'["listed","def')
    erasure = store.erasure_of("default", urn, scene.later(minutes=1))
    file.add([erasure_line(erasure)])
    assert file.read() == [connected, erasure_line(erasure)]
    file.add([listed])
    await _journal(store, scene, tmp_path)
    assert file.read() == [connected, erasure_line(erasure)]
    await store.erase_person(erasure, urn, COMMAND_LINE, scene.now)


def test_erasures_of_earlier_versions_are_in_the_journal(tmp_path: Path) -> None:
    """Their file becomes the journal; its lines stay."""
    former = tmp_path / "erasures.jsonl"
    former.write_text('["default", "urn:li:fsd_profile:ERASED-0", "2026-03-14T12:00:00Z"]\n')
    file = JournalFile(tmp_path / "journal.jsonl", former=former)
    [line] = file.read()
    assert (line.kind, line.workspace_id, line.subject) == ("erased", "default", "urn:li:fsd_profile:ERASED-0")
    assert line.at == NOON.timestamp() * 1_000_000
    assert not former.exists()


async def test_a_journal_that_cannot_be_written_is_reported(scene: Scene, tmp_path: Path) -> None:
    """The change is made anyway; it is written as soon as the file can be."""
    (tmp_path / "journal.jsonl").mkdir()
    file = JournalFile(tmp_path / "journal.jsonl")
    keeper = JournalKeeper(scene.store, file, lambda: scene.now)
    await scene.store.add_opt_outs("default", [OptOut("urn:li:fsd_profile:ACoAAperson1", None, "crm", scene.now)])
    await keeper.copy()
    assert keeper.fault is not None
    (tmp_path / "journal.jsonl").rmdir()
    await keeper.copy()
    assert keeper.fault is None
    assert [line.kind for line in file.read()] == ["account_connected", "listed"]


async def test_a_journal_that_was_deleted_or_cut_off_is_written_anew(scene: Scene, tmp_path: Path) -> None:
    """A server that runs notices that lines are gone, and copies everything again."""
    file = await _journal(scene.store, scene, tmp_path)
    keeper = JournalKeeper(scene.store, file, lambda: scene.now)
    await scene.store.add_opt_outs("default", [OptOut("urn:li:fsd_profile:ACoAAperson1", None, "crm", scene.now)])
    await keeper.copy()
    whole = file.read()
    assert [line.kind for line in whole] == ["account_connected", "listed"]
    assert file.find_gap() is None
    scene.later(minutes=60)
    await keeper.copy()
    file.path.unlink()
    assert "There is no journal" in (file.find_gap() or "")
    await keeper.copy()
    assert [line.key for line in file.read()] == [line.key for line in whole]
    os.truncate(file.path, file.size_bytes() - 9)
    assert "ends in the middle of a line" in (file.find_gap() or "")
    await keeper.copy()
    assert [line.key for line in file.read()] == [line.key for line in whole]


async def test_a_restore_reports_a_journal_that_lacks_what_the_backup_has(
    scene: Scene, url: str, vault: Vault, tmp_path: Path
) -> None:
    """It is of another store, or old; people who were erased since the backup are not missed."""
    urn = ProfileUrn("urn:li:fsd_profile:ACoAAperson1")
    await scene.store.add_opt_outs("default", [OptOut(urn, None, "crm", NOON)])
    await back_up(url, tmp_path / "backup", progress=_silent)
    erasure = scene.store.erasure_of("default", urn, NOON)
    await scene.store.erase_person(erasure, urn, COMMAND_LINE, NOON)
    file = await _journal(scene.store, scene, tmp_path)
    await scene.store.close()
    assert (await _restore(url, tmp_path / "backup", vault)).lacking == 2
    assert (await _restore(url, tmp_path / "backup", vault, journal=file.read())).lacking == 0


@pytest.mark.parametrize("line", ['{"a": 1}', "12", "[]", '"abc"', "\xff", '[["listed"], 1, 2, 3]', "[" * 100_000])
def test_a_damaged_line_of_the_journal_is_named(tmp_path: Path, line: str) -> None:
    """Whatever is in it."""
    file = JournalFile(tmp_path / "journal.jsonl")
    file.path.write_bytes(b'["key_revoked", "default", "a", 5]\n' + line.encode("latin-1") + b"\n")
    with pytest.raises(CannotOpenStore, match="is damaged in line 2"):
        file.read()


async def test_a_store_whose_changes_cannot_be_kept_is_not_replaced(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not lose who has opted out since the backup."""
    key = Vault.new_key()
    file, vault = Path(sqlite_url.removeprefix("sqlite://")), Vault([key])
    store = await open_store(sqlite_url, vault=vault)
    await back_up(sqlite_url, tmp_path / "backup", progress=_silent)
    await store.add_opt_outs("default", [OptOut("urn:li:fsd_profile:ACoAAperson1", None, "crm", NOON)])
    await store.close()

    def fill(_handle: int, _lines: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("confrere.store.journal._write", fill)
    settings = Settings(data_dir=tmp_path / "data", database_url=sqlite_url, secret_keys=key)
    before = file.read_bytes()
    with pytest.raises(SetupError, match="Nothing was restored"):
        await restore_store(settings, tmp_path / "backup", _silent, replace=True)
    assert file.read_bytes() == before


async def test_a_released_account_looks_for_lost_messages_until_its_time_is_over(scene: Scene) -> None:
    """And longer while a campaign from before the restore is not finished; a person can end it, once it is released."""
    store, account = scene.store, scene.account
    assert account is not None
    campaign = await draft(scene)
    held = to_micros(UNTIL_RELEASED), to_micros(NOON - timedelta(days=1)), to_micros(NOON)

    async def restored() -> None:
        await store.engine.transact(partial(run_query, "hold_restored", held))
        with pytest.raises(InvalidField, match="released"):
            await store.end_looking("default", account.id)
        assert await store.end_looking_in_time(NOON + timedelta(days=99)) == 0
        await store.end_restore(account, 0, scene.now, nothing_lost=False)
        await store.update_account("default", account.id, release_hold=True)

    await restored()
    looking = await store.read_account("default", account.id)
    assert looking.looks_until == scene.now + LOOKS_FOR
    await store.start_campaign("default", campaign.id, [], started_by=None, first=None, now=scene.now)
    scene.now += LOOKS_FOR
    assert await store.end_looking_in_time(scene.now) == 0
    await store.change_campaign_status("default", campaign.id, CampaignStatus.STOPPED, now=scene.now)
    assert await store.end_looking_in_time(scene.now - timedelta(seconds=1)) == 0
    assert await store.end_looking_in_time(scene.now) == 1
    assert (await store.read_account("default", account.id)).lost is None
    await restored()
    ended = await store.end_looking("default", account.id)
    assert (ended.lost, ended.looks_until) == (None, None)
    [entry] = [one for one in await store.list_audit("default", before=None, count=9) if one.subject == account.id][:1]
    assert entry.action == "account_restore_ended"
    assert await store.end_looking("default", account.id) == ended


async def test_what_webhooks_were_waiting_for_is_sent_with_the_same_ids_unless_it_is_old(
    scene: Scene, url: str, vault: Vault, tmp_path: Path
) -> None:
    """A receiver drops by the id what it has; nobody gets events of days ago."""
    await add_webhook(scene)
    times = (NOON - timedelta(days=3), NOON)
    for scene.now in times:
        await scene.send(ACCEPTED, recipient=f"urn:li:fsd_profile:ACoAA{scene.now.day}")
        await deliver_later(scene)
    new = await scene.send(ACCEPTED, recipient="urn:li:fsd_profile:ACoAAnew")
    await back_up(url, tmp_path / "backup", progress=_silent)
    lease = NOON + timedelta(minutes=1)
    before = await scene.store.claim_deliveries(NOON, at_once=9, count=9, lease_until=lease)
    await scene.store.close()
    await _restore(url, tmp_path / "backup", vault, now=NOON)
    store = await open_store(url, vault=vault)
    try:
        later = NOON + timedelta(minutes=2)
        after = await store.claim_deliveries(later, at_once=9, count=9, lease_until=later + timedelta(minutes=1))
        waited, waiting = (sorted((one.id, one.event_id) for one in some) for some in (before, after))
        assert waiting == waited[-len(after) :]
        assert len(before) > len(after) > 0
        assert [one.subject for one in await store.list_new_events(count=9)] == [new.send_id]
    finally:
        await store.close()
