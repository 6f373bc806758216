"""Backups and restoring them, on the store that the settings name."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from confrere.domain.errors import StoreUnavailable
from confrere.settings import Settings
from confrere.store import CannotOpenStore, ErasureFile, Restored, back_up, open_store, restore
from confrere.wiring.secrets import open_vault
from confrere.wiring.services import read_clock, setup_errors

Progress = Callable[[int, int], None]


async def back_up_store(settings: Settings, file: Path, progress: Progress) -> int:
    """Write a backup; return its size in bytes. Raises SetupError."""
    with setup_errors():
        return await back_up(settings.store_url, file, progress=progress)


async def restore_store(settings: Settings, file: Path, progress: Progress, *, replace: bool) -> Restored:
    """Restore a backup, with the erasures that are in the file beside the keys. Raises SetupError."""
    known = ErasureFile(settings.erasure_file)
    with setup_errors():
        await _keep_erasures(settings, known)
        return await restore(
            settings.store_url,
            file,
            vault=open_vault(settings),
            erasures=known.read(),
            replace=replace,
            now=read_clock(),
            progress=progress,
        )


async def _keep_erasures(settings: Settings, known: ErasureFile) -> None:
    """Add what the present store knows of erasures to the file; it may be damaged, or there may be none."""
    with suppress(CannotOpenStore, StoreUnavailable):
        store = await open_store(settings.store_url, vault=open_vault(settings))
        try:
            known.add(await store.list_erasures())
        finally:
            await store.close()
