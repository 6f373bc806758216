from pathlib import Path

import pytest

from tests.shared_server import one_sandbox, one_server, sandbox, server, site

__all__ = ["log", "one_sandbox", "one_server", "sandbox", "server", "site"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the standard error of `confrere mcp` goes."""
    return tmp_path / "agent.log"
