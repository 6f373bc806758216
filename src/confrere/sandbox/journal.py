"""What happened, kept on disk: one JSON line for each message, each reply and each change to the world.

Every line is written before its answer is given, so a sandbox that is killed comes back with all it had accepted.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """An append-only file of JSON lines; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = -1

    def replay(self) -> Iterator[dict[str, Any]]:
        """The lines of earlier runs. A last line that was cut by a crash is left out, and cut off."""
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
        """Append from here on."""
        if self._path is not None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: dict[str, Any]) -> None:
        """Keep one line."""
        if self._file >= 0:
            os.write(self._file, msgspec.json.encode(line) + b"\n")

    def clear(self) -> None:
        """Forget every line."""
        if self._file >= 0:
            os.truncate(self._file, 0)
