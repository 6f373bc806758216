"""The engine for several machines: every process has a pool of connections to one server.

It is imported where a store's URL names it: its driver takes 3 MB.
"""

from confrere.store.postgresql.backup import copy_in, copy_out, refuse_if_used
from confrere.store.postgresql.engine import PostgresqlEngine
from confrere.store.postgresql.opening import migrate, open_engine

__all__ = ["PostgresqlEngine", "copy_in", "copy_out", "migrate", "open_engine", "refuse_if_used"]
