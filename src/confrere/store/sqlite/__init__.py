"""The embedded engine: one file, shared by the processes of one machine."""

from confrere.store.sqlite.engine import SqliteEngine
from confrere.store.sqlite.opening import migrate, open_engine

__all__ = ["SqliteEngine", "migrate", "open_engine"]
