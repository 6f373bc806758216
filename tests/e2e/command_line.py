"""Commands of confrere as processes."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.forked_python import ForkedPython


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
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with ForkedPython(["-m", "confrere", *arguments], env=environment_of(variables), **streams) as process:
        try:
            out, err = process.communicate(given, timeout=60)
        finally:
            process.kill()
    return Ran(process.returncode, out, err)
