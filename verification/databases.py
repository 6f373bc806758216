"""Fresh databases for the parts, and a PostgreSQL server that can be killed and restarted."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.postgres import _FAST, PostgresServer, running_postgres

_PATIENCE_SECONDS = 30


class Databases:
    """Databases by engine. PostgreSQL is started at its first use."""

    def __init__(self, server: PostgresServer | None = None) -> None:
        self._server = server
        self._stack = ExitStack()

    @property
    def server(self) -> PostgresServer:
        """The one PostgreSQL server of the run."""
        if self._server is None:
            self._server = self._stack.enter_context(running_postgres(_FAST))
        return self._server

    def fresh_url(self, engine: str) -> str | None:
        """Return the URL of an empty database; None for the embedded store in a site's own folder."""
        return self.server.url(self.server.create_database()) if engine == "postgresql" else None

    def close(self) -> None:
        """Stop what was started here."""
        self._stack.close()


@contextmanager
def open_databases() -> Iterator[Databases]:
    """Yield the databases for one run."""
    databases = Databases()
    try:
        yield databases
    finally:
        databases.close()


class MortalPostgres:
    """A PostgreSQL server that can be killed and restarted on the same files."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.url = server.url(server.create_database())
        self.socket: Path = server.home / ".s.PGSQL.5432"

    def kill(self) -> None:
        """Kill all its processes at once, as a crash does, without a checkpoint."""
        process = self.server._process
        assert process is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in [process.pid, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait(_PATIENCE_SECONDS)

    def start(self) -> None:
        """Start it on the same files."""
        home = self.server.home
        (home / "data" / "postmaster.pid").unlink(missing_ok=True)
        options = [f"-c{name}={value}" for name, value in self.server._settings.items()]
        with (home / "log").open("ab") as log:
            self.server._process = subprocess.Popen(
                [self.server.binaries / "postgres", "-D", home / "data", "-k", home, *options],
                stdout=log,
                stderr=log,
                user=self.server._user,
                cwd=home,
                env=self.server._environment(),
            )


@contextmanager
def mortal_postgres() -> Iterator[MortalPostgres]:
    """Yield a running one."""
    with running_postgres(_FAST) as server:
        yield MortalPostgres(server)
