"""Invariant: Secrets. Cookies and texts are encrypted at rest, with keys that can be rotated."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest

from confrere.domain.errors import ConfrereError
from confrere.domain.keys import hash_key, new_key
from confrere.store import (
    CannotOpenStore,
    SecretKeyMissing,
    SqlStore,
    Vault,
    WrongSecretKey,
    open_store,
    rotate_secrets,
)
from confrere.store.vault import Unsealable
from tests.contract.store.conftest import KEY
from tests.contract.store.scene import COOKIE, TEXT, UNKNOWN, Scene, repeats, session, stored_key
from tests.postgres import PostgresServer


def everything_in(url: str, request: pytest.FixtureRequest) -> bytes:
    """Return all bytes of the database."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite://"))
        return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.is_file())
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.dump(url.split("/")[3].split("?")[0]).encode()


async def test_secrets_are_not_in_the_database(scene: Scene, url: str, request: pytest.FixtureRequest) -> None:
    """The database contains no cookie, text or key in plain, although a search finds a send's id."""
    assert scene.account is not None
    key = new_key()
    await scene.store.add_key(stored_key(key), hash_key(key))
    await scene.store.refresh_cookies(scene.account.id, {"lidc": "refreshed-secret"})
    assert await scene.store.begin_second_factor("a" * 24, "SECRETOFTHEAPP")
    claim = await scene.send(UNKNOWN)
    everything = await asyncio.to_thread(everything_in, url, request)
    assert claim.send_id.encode() in everything
    for secret in (COOKIE, TEXT, "refreshed-secret", key, "ajax:1", "Mozilla", "SECRETOFTHEAPP", KEY):
        assert secret.encode() not in everything


async def test_secrets_are_in_no_repr(scene: Scene, vault: Vault) -> None:
    """No repr of a stored object contains a secret."""
    for thing in (vault, scene.store, scene.store.engine, scene.claim(), session()):
        for secret in (COOKIE, TEXT, KEY):
            assert secret not in repr(thing)


async def test_secrets_under_another_key_refuse_the_start(scene: Scene, url: str) -> None:
    """A store with another key does not start, and the error names the place of the missing key."""
    await scene.store.close()
    with pytest.raises(WrongSecretKey, match="CONFRERE_SECRET_KEYS") as refusal:
        await open_store(url, vault=Vault([Vault.new_key()], source="CONFRERE_SECRET_KEYS"))
    assert isinstance(refusal.value, ConfrereError)
    await (await open_store(url, vault=Vault([KEY]))).close()


async def test_secrets_no_key_is_made_beside_what_another_one_encrypted(url: str, tmp_path: Path) -> None:
    """A missing key file of an existing database prevents the start, and no new key is written."""
    file = tmp_path / "keys" / "secret.key"
    await (await open_store(url, vault=Vault.from_file(file))).close()
    key = file.read_text("ascii")
    file.unlink()
    with pytest.raises(SecretKeyMissing, match=f"{file}.*CONFRERE_DATA_DIR.*CONFRERE_SECRET_KEYS"):
        await open_store(url, vault=Vault.from_file(file))
    assert not file.exists()
    file.write_text(key, "ascii")
    await (await open_store(url, vault=Vault.from_file(file))).close()


async def test_secrets_can_be_brought_under_a_new_key(scene: Scene, url: str) -> None:
    """After a rotation the old key is not needed, identical requests are matched, and nothing is left to do."""
    assert scene.account is not None
    claims = [await scene.send(UNKNOWN, text=f"{TEXT} {number}") for number in range(5)]
    assert await scene.store.begin_second_factor("a" * 24, "SECRETOFTHEAPP")
    new = Vault.new_key()
    both = await open_store(url, vault=Vault([new, KEY]))
    seen: list[tuple[int, int]] = []
    assert await rotate_secrets(both, progress=lambda done, total: seen.append((done, total))) == 5 + 1 + 1 + 1
    assert seen[-1] == (8, 8)
    assert await rotate_secrets(both) == 0
    await both.close()
    only_new = await open_store(url, vault=Vault([new]))
    try:
        assert await only_new.read_session(scene.account.id, 1) == session()
        factor = await only_new.read_second_factor("a" * 24)
        assert factor is not None
        assert factor.secret == "SECRETOFTHEAPP"
        assert factor.secret not in repr(factor)
        for number, claim in enumerate(claims):
            assert await only_new.read_text("default", claim.send_id) == f"{TEXT} {number}"
        repeats(await only_new.reserve(scene.claim(text=claims[0].request.text)), claims[0])
    finally:
        await only_new.close()
    with pytest.raises(WrongSecretKey):
        await open_store(url, vault=Vault([KEY]))


async def test_secrets_rotation_can_be_stopped_and_begun_again(scene: Scene, url: str) -> None:
    """A stopped rotation keeps its progress and can be continued."""
    for number in range(3):
        await scene.send(UNKNOWN, text=str(number))

    class Stopped(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Stopped

    new = Vault.new_key()
    both = await open_store(url, vault=Vault([new, KEY]))
    with pytest.raises(Stopped):
        await rotate_secrets(both, progress=stop)
    assert await rotate_secrets(both) == 3
    await both.close()
    await (await open_store(url, vault=Vault([new]))).close()


async def test_two_processes_that_open_a_new_database_share_its_secrets(url: str, vault: Vault) -> None:
    """Two processes that open a new database agree on one key for fingerprints."""
    stores: list[SqlStore] = await asyncio.gather(*(open_store(url, vault=vault) for _ in range(5)))
    scene = Scene(stores[0])
    await scene.connect()
    first = await scene.send(UNKNOWN)
    for store in stores:
        repeats(await store.reserve(scene.claim()), first)
    for store in stores:
        await store.close()


def test_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The key file is created once, readable by its owner only."""
    path = tmp_path / "new" / "secret.key"
    sealed = Vault.from_file(path).seal("text")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Vault.from_file(path).unseal(sealed) == "text"
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


async def test_key_file_made_by_two_processes_at_once_is_one(tmp_path: Path) -> None:
    """Processes that create the key file concurrently all use the key that is in it."""
    path = tmp_path / "secret.key"
    program = (
        "import sys; from pathlib import Path; from confrere.store import Vault;"
        "print(Vault.from_file(Path(sys.argv[1])).seal('text'))"
    )
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(path), stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    sealed = [(await process.communicate())[0].decode().strip() for process in processes]
    assert {Vault.from_file(path).unseal(token) for token in sealed} == {"text"}


def test_key_file_may_hold_several_keys_and_comments(tmp_path: Path) -> None:
    """The first key of the file encrypts, all of them decrypt, and comments are ignored."""
    old, new = Vault.new_key(), Vault.new_key()
    path = tmp_path / "secret.key"
    path.write_text(f"# made in March\n{new}\n\n{old}\n")
    vault = Vault.from_file(path)
    assert vault.unseal(Vault([old]).seal("text")) == "text"
    assert Vault([new]).unseal(vault.seal("text")) == "text"


def test_key_file_is_read_again_when_a_key_is_missing(tmp_path: Path) -> None:
    """A running server reads the key file again for an unknown key, and then encrypts with the new one."""
    path = tmp_path / "secret.key"
    running = Vault.from_file(path)
    running.seal("the first secret of a store")
    old, new = path.read_text().strip(), Vault.new_key()
    path.write_text(f"{new}\n{old}\n")
    assert running.unseal(Vault([new]).seal("text")) == "text"
    assert Vault([new]).unseal(running.seal("text")) == "text"
    with pytest.raises(Unsealable):
        running.unseal(Vault([Vault.new_key()]).seal("text"))


@pytest.mark.parametrize("content", ["", "not a key\n", "c2hvcnQ=\n"])
def test_key_file_with_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    """A malformed key file is rejected by name, without its content."""
    path = tmp_path / "secret.key"
    path.write_text(content)
    with pytest.raises(CannotOpenStore, match=r"secret\.key") as refusal:
        Vault.from_file(path)
    assert not content.strip() or content.strip() not in str(refusal.value)
