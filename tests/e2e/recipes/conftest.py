from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def one_sandbox() -> Iterator[SandboxProcess]:
    """A LinkedIn of their own: a message that another test has left on its way must not be counted here."""
    with running_sandbox(members=500) as sandbox:
        yield sandbox
