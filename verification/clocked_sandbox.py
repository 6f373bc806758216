"""A sandbox with a clock that a test moves: `python -m verification.clocked_sandbox FILE …`; see `clocked_process`.

Its messages have the times of that clock, as LinkedIn's have those of a clock that agrees with ours.
"""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

from confrere.sandbox import conversations
from confrere.sandbox.__main__ import main
from verification.clocked_process import MovedClock


def move_clock(name: str) -> None:
    """Make the sandbox in this process read the clock of that file."""
    moved = MovedClock(Path(name))
    clock = SimpleNamespace(time_ns=lambda: time.time_ns() + int(moved.ahead.total_seconds() * 1e9))
    conversations.time = clock  # type: ignore[assignment,attr-defined]


if __name__ == "__main__":
    move_clock(sys.argv.pop(1))
    sys.exit(main())
