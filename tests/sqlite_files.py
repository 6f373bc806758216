"""SQLite stores for the tests: copies of a file that each process migrates once."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from confrere.store import migrate_store


def migrated_file(folder: Path) -> str:
    """Create an empty migrated store in the folder, and return its URL."""
    path = folder / "confrere.db"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_empty_store())
    return f"sqlite://{path}"


@cache
def _empty_store() -> bytes:
    """Return the content of a new store's file; in a thread, because the caller may run in an event loop."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as thread:
        path = Path(folder) / "empty.db"
        thread.submit(lambda: asyncio.run(migrate_store(f"sqlite://{path}"))).result()
        return path.read_bytes()
