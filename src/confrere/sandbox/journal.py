"""The journal on disk: one JSON line for each message, reply and change to the world.

Each line is written before the request is answered, so that a sandbox that is killed restarts with all it accepted.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """An append-only file of JSON lines; without a path nothing is stored."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = -1

    def replay(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of earlier runs. A last line that a crash cut is removed."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch()
        self._path.chmod(0o600)  # also where an earlier version, or an umask, had left it open to others
        lines = self._path.read_bytes()
        whole = lines.rfind(b"\n") + 1
        if whole < len(lines):
            os.truncate(self._path, whole)
        for line in lines[:whole].splitlines():
            yield msgspec.json.decode(line)

    def open(self) -> None:
        """Open the file for appending."""
        if self._path is not None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: dict[str, Any]) -> None:
        """Append one line."""
        if self._file >= 0:
            os.write(self._file, msgspec.json.encode(line) + b"\n")

    def clear(self) -> None:
        """Delete every line."""
        if self._file >= 0:
            os.truncate(self._file, 0)
