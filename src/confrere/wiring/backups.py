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


async def restore_store(
    settings: Settings, file: Path, progress: Progress, *, replace: bool
) -> tuple[Restored, str | None]:
    """Restore a backup, with the changes since then that are in the journal. Raises SetupError.

    Returns what was restored, and why the journal may lack changes.
    """
    journal = open_journal(settings)
    with setup_errors():
        journal.read()  # a damaged one is refused, not continued
        await _keep_changes(settings, journal)
        gap, lines = journal.find_gap(), journal.read()
        restored = await restore(
            settings.store_url,
            file,
            vault=open_vault(settings),
            journal=lines,
            replace=replace,
            now=read_clock(),
            progress=progress,
        )
    if gap is None and restored.lacking:
        gap = (
            f"The journal {journal.path} is old or of another store: it lacks {restored.lacking} changes of the backup"
        )
    return restored, gap


async def _keep_changes(settings: Settings, journal: JournalFile) -> None:
    """Add what only the present store knows to the journal; the store may be damaged, or there may be none.

    Raises OSError where the journal cannot be written.
    """
    with suppress(CannotOpenStore, StoreUnavailable):
        store = await open_store(settings.store_url, vault=open_vault(settings))
        try:
            keeper = JournalKeeper(store, journal, read_clock)
            await keeper.copy()
            if keeper.fault is not None:
                raise OSError(f"Nothing was restored: the journal lacks changes of the present store. {keeper.fault}")
        finally:
            await store.close()
