from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[SandboxProcess]:
    """Start one sandbox for all tests."""
    with running_sandbox(members=500) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: SandboxProcess) -> SandboxProcess:
    """Reset the sandbox."""
    one_sandbox.reset()
    return one_sandbox


@pytest.fixture
def site(tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """Create a SQLite store with one account."""
    return prepare_site(tmp_path, sandbox)


@pytest.fixture
def server(site: Site) -> Iterator[ServerProcess]:
    """Start a server on it."""
    with running_server(site) as server:
        yield server
