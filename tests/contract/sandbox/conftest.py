"""One sandbox for all tests of this folder, reset before each."""

from collections.abc import Iterator

import pytest

from tests.chromium import _close_chromium  # noqa: F401  # a fixture
from tests.contract.sandbox.browser import Browser
from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[SandboxProcess]:
    """Start a sandbox."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> SandboxProcess:
    """Reset the sandbox."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def browser(sandbox: SandboxProcess) -> Browser:
    """Return the first account's browser."""
    return Browser(sandbox, sandbox.accounts[0])
