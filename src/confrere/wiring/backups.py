"""Backups and restoring them, on the store that the settings name."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from confrere.domain.errors import StoreUnavailable
from confrere.settings import Settings
from confrere.store import (
    CannotOpenStore,
    JournalFile,
    JournalKeeper,
    Restored,
    back_up,
    erasure_line,
    open_store,
    restore,
)
from confrere.wiring.secrets import open_vault
from confrere.wiring.services import open_journal, read_clock, setup_errors

Progress = Callable[[int, int], None]


async def back_up_store(settings: Settings, file: Path, progress: Progress) -> int:
    """Write a backup; return its size in bytes. Raises SetupError."""
    with setup_errors():
        return await back_up(settings.store_url, file, progress=progress)


async def restore_store(settings: Settings, file: Path, progress: Progress, *, replace: bool) -> Restored:
    """Restore a backup, with the changes since then that are in the journal. Raises SetupError."""
    journal = open_journal(settings)
    with setup_errors():
        await _keep_changes(settings, journal)
        return await restore(
            settings.store_url,
            file,
            vault=open_vault(settings),
            journal=journal.read(),
            replace=replace,
            now=read_clock(),
            progress=progress,
        )


async def _keep_changes(settings: Settings, journal: JournalFile) -> None:
    """Add what only the present store knows to the journal; it may be damaged, or there may be none."""
    with suppress(CannotOpenStore, StoreUnavailable):
        store = await open_store(settings.store_url, vault=open_vault(settings))
        try:
            await JournalKeeper(store, journal, read_clock).copy()
            journal.add(map(erasure_line, await store.list_erasures()))
        finally:
            await store.close()
