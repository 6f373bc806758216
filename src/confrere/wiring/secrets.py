"""The keys that encrypt stored data: loading and rotating them."""

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from confrere.settings import Settings
from confrere.store import Vault, open_store
from confrere.store import rotate_secrets as reseal_secrets


def open_vault(settings: Settings) -> Vault:
    """Load the keys from the setting or the key file, which is created for the first secret of a new store."""
    if settings.secret_keys is not None:
        keys = [key.strip() for key in settings.secret_keys.split(",") if key.strip()]
        return Vault(keys, source="CONFRERE_SECRET_KEYS")
    return Vault.from_file(settings.key_file)


async def rotate_secrets(settings: Settings, progress: Callable[[int, int], None]) -> int:
    """Encrypt all stored data with a new key. Returns how many values were written.

    In the key file a new key is put first, and when everything is under it only the one before it is kept, for
    processes that still run with it. Keys from the setting are the operator's: the first one there is the new one.
    Stopped halfway, it loses nothing and can be run again.
    """
    if settings.secret_keys is not None:
        return await _reseal(settings, progress)
    file = settings.key_file
    store = await open_store(settings.store_url, vault=open_vault(settings))  # its keys fit, before any is added
    await store.close()
    keys = [Vault.new_key(), *file.read_text("ascii").split()]
    _write_keys(file, keys)
    count = await _reseal(settings, progress)
    _write_keys(file, keys[:2])
    return count


async def _reseal(settings: Settings, progress: Callable[[int, int], None]) -> int:
    store = await open_store(settings.store_url, vault=open_vault(settings))
    try:
        return await reseal_secrets(store, progress=progress)
    finally:
        await store.close()


def _write_keys(file: Path, keys: Sequence[str]) -> None:
    """Replace the file atomically: without its keys, the stored data is lost."""
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write("".join(f"{key}\n" for key in keys))
        opened.flush()
        os.fsync(opened.fileno())
    Path(beside).replace(file)
