"""Confrere with a clock that a test moves: `python -m verification.clocked_process FILE POINT serve …`.

FILE holds by how many seconds the clock is ahead, as a double; every process that reads it has the same clock. It is
the one by which the product judges quotas and leases: the world's time has moved, and no clock is wrong. With
`machine:` before FILE the machine's own clock is wrong, and the store can compare it with others. At POINT the process
stops itself with SIGSTOP, once; "-" is no point. Nothing of this is in the product.
"""

import mmap
import signal
import struct
import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from confrere.__main__ import main
from confrere.wiring import services
from verification.dying_process import die_at

WRONG_MACHINE = "machine:"


class MovedClock:
    """A clock that differs from the machine's by an offset, which processes share in a file."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(struct.pack("d", 0.0))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), 8)

    @property
    def ahead(self) -> timedelta:
        """The offset."""
        return timedelta(seconds=struct.unpack("d", self._shared[:8])[0])

    def set(self, ahead: timedelta) -> None:
        """Set the offset, for all processes at once."""
        self._shared[:8] = struct.pack("d", ahead.total_seconds())

    def move(self, **parts: float) -> None:
        """Change the offset by so much, forwards or backwards."""
        self.set(self.ahead + timedelta(**parts))

    def now(self, zone: tzinfo) -> datetime:
        """Replace `datetime.now`."""
        return datetime.now(zone) + self.ahead

    def time_ns(self) -> int:
        """Replace `time.time_ns`: a module whose `time` is this clock reads it."""
        return time.time_ns() + int(self.ahead.total_seconds() * 1e9)


def move_clock(name: str) -> None:
    """Make this process read the clock of that file."""
    moved = MovedClock(Path(name.removeprefix(WRONG_MACHINE)))
    if name.startswith(WRONG_MACHINE):
        services.datetime = moved  # type: ignore[attr-defined,assignment]
    else:
        build = services.build_services  # type: ignore[attr-defined]
        services.build_services = lambda **parts: build(  # type: ignore[attr-defined]
            **{**parts, "clock": lambda: moved.now(UTC)}
        )


if __name__ == "__main__":
    move_clock(sys.argv.pop(1))
    if (point := sys.argv.pop(1)) != "-":
        die_at(point, 1, of=signal.SIGSTOP)
    main()
