import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from confrere.cli.app import app
from confrere.domain.account import Account
from tests.fakes.runtime import FakeRuntime
from tests.fakes.upstream import BROWSER


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return its one JSON document."""
        assert self.out.count("\n") == 1, self
        return json.loads(self.out)


Confrere = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _no_logs() -> Iterator[None]:
    """Discard the logs that the composition root sends to standard error."""
    with capture_logs():
        yield


@pytest.fixture
def runtime(tmp_path: Path) -> FakeRuntime:
    """Build an empty runtime."""
    return FakeRuntime(tmp_path)


@pytest.fixture
def confrere(runtime: FakeRuntime) -> Confrere:
    """Run commands in that runtime: `confrere("keys", "list")`."""

    def run(*arguments: str, given: str | bytes | None = None) -> Ran:
        done = CliRunner().invoke(app, list(arguments), input=given, obj=lambda: runtime)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Ran(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def account(runtime: FakeRuntime) -> Account:
    """Connect Odile's account."""
    return runtime.do(lambda services: services.accounts.connect("default", BROWSER))
