"""Fixtures of one sandbox and one server for all tests of a folder: its conftest.py imports them."""

from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[SandboxProcess]:
    """One sandbox for all tests."""
    with running_sandbox(members=500) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: SandboxProcess) -> SandboxProcess:
    """The sandbox, with nothing left of other tests."""
    one_sandbox.reset()
    return one_sandbox


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, one_sandbox: SandboxProcess) -> Site:
    """One SQLite store with one account; every test sends texts of its own."""
    return prepare_site(tmp_path_factory.mktemp("site"), one_sandbox)


@pytest.fixture(scope="session")
def one_server(site: Site) -> Iterator[ServerProcess]:
    """One server for all tests."""
    with running_server(site) as server:
        yield server


@pytest.fixture
def server(one_server: ServerProcess, sandbox: SandboxProcess) -> ServerProcess:
    """The server, on a sandbox with nothing left of other tests."""
    return one_server
