from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[SandboxProcess]:
    """Start a sandbox for the recipes alone: a late message of another test must not be counted here."""
    with running_sandbox(members=500) as sandbox:
        yield sandbox
