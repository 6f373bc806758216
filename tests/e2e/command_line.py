"""Commands of confrere as processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a process printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return its one JSON document."""
        return json.loads(self.out)


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the process's environment with these settings and no others."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")} | dict(variables)


def confrere(variables: Mapping[str, str], *arguments: str, given: str = "") -> Ran:
    """Run a command and wait for its end."""
    done = subprocess.run(
        [sys.executable, "-m", "confrere", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment_of(variables),
    )
    return Ran(done.returncode, done.stdout, done.stderr)
