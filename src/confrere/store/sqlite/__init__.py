"""The embedded engine: one file, shared by the processes of one machine."""

from confrere.store.sqlite.backup import copy_out, put_in_place, refuse_if_damaged, refuse_if_used
from confrere.store.sqlite.engine import SqliteEngine
from confrere.store.sqlite.opening import migrate, open_engine, path_of

__all__ = [
    "SqliteEngine",
    "copy_out",
    "migrate",
    "open_engine",
    "path_of",
    "put_in_place",
    "refuse_if_damaged",
    "refuse_if_used",
]
