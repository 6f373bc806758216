from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox
from tests.server_process import ServerProcess, Site, prepare_site, running_server


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[SandboxProcess]:
    """One LinkedIn for all tests."""
    with running_sandbox(members=500) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(one_sandbox: SandboxProcess) -> SandboxProcess:
    """LinkedIn, with nothing remembered of other tests."""
    one_sandbox.reset()
    return one_sandbox


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, one_sandbox: SandboxProcess) -> Site:
    """One SQLite store with one account; every test writes texts of its own."""
    return prepare_site(tmp_path_factory.mktemp("mcp"), one_sandbox)


@pytest.fixture(scope="session")
def server(site: Site) -> Iterator[ServerProcess]:
    """One server on it."""
    with running_server(site) as server:
        yield server


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the standard error of `confrere mcp` goes."""
    return tmp_path / "agent.log"
