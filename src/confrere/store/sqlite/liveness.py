"""Liveness of the processes that share a database file: each holds an OS lock on a file of its own.

The operating system releases the lock when the process ends, however it ends; a time stamp could only expire later.
"""

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path


class Instances:
    """The lock of this open store, and a check of the others'."""

    def __init__(self, database: Path) -> None:
        self._directory = database.with_name(f"{database.name}.instances")
        self._directory.mkdir(mode=0o700, exist_ok=True)
        self.own = ""
        self._remove_dead()
        self.own = secrets.token_hex(12)
        self._handle = self._hold(self._directory / self.own)

    def is_alive(self, instance: str) -> bool:
        """Whether the process that opened the store under this name still has it open. Removes a dead one's file."""
        if instance == self.own:
            return True
        path = self._directory / instance
        try:
            handle = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)  # under its lock, so that nobody can have begun to use it
            return False
        finally:
            os.close(handle)

    def release(self) -> None:
        """Release the lock: others see this store as dead."""
        (self._directory / self.own).unlink(missing_ok=True)
        os.close(self._handle)

    def has_others(self) -> bool:
        """Whether another process has the database open."""
        self._remove_dead()
        return any(path.name != self.own for path in self._directory.iterdir())

    def _remove_dead(self) -> None:
        for path in self._directory.iterdir():
            self.is_alive(path.name)

    @staticmethod
    def _hold(path: Path) -> int:
        """Create and lock a file of the directory; another process may remove it between the two steps."""
        while True:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(handle).st_ino:
                    return handle
            os.close(handle)
