"""The file of erasures beside the secret keys, by which a restored older backup is brought up to date.

It holds keyed hashes and times only, one JSON array a line.
"""

import json
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from confrere.domain.erasure import Erasure
from confrere.domain.limits import iso_z
from confrere.store.errors import CannotOpenStore


class ErasureFile:
    """The file; it is made with the first erasure, readable for its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Sequence[Erasure]:
        """Return all of them, each once. Raises CannotOpenStore where the file cannot be read."""
        try:
            lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
            rows = [json.loads(line) for line in lines if line.strip()]
            found = [Erasure(row[0], row[1], datetime.fromisoformat(row[2])) for row in rows]
        except (OSError, ValueError, IndexError, TypeError) as fault:
            raise CannotOpenStore(f"The file of erasures {self.path} cannot be read: {type(fault).__name__}") from fault
        return list({(one.workspace_id, one.person): one for one in reversed(found)}.values())

    def add(self, erasures: Iterable[Erasure]) -> None:
        """Append those that are not in it yet, durably. Raises OSError."""
        known = {(one.workspace_id, one.person) for one in self.read()}
        fresh = [one for one in erasures if (one.workspace_id, one.person) not in known]
        if not fresh:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            for one in fresh:
                file.write(json.dumps([one.workspace_id, one.person, iso_z(one.erased_at)]) + "\n")
            file.flush()
            os.fsync(file.fileno())
