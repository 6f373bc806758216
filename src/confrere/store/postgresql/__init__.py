"""The engine for several machines: every process has a pool of connections to one server."""

from confrere.store.postgresql.engine import PostgresqlEngine
from confrere.store.postgresql.opening import migrate, open_engine

__all__ = ["PostgresqlEngine", "migrate", "open_engine"]
