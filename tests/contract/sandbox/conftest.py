"""One sandbox for all tests of this folder, as new for each."""

from collections.abc import Iterator

import pytest

from tests.contract.sandbox.browser import Browser
from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[SandboxProcess]:
    """A running sandbox."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> SandboxProcess:
    """The sandbox, with nothing of the test before left in it."""
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def browser(sandbox: SandboxProcess) -> Browser:
    """The first account's browser."""
    return Browser(sandbox, sandbox.accounts[0])
