"""Confrere with a clock that a test moves, and a point at which it kills itself.

`python -m verification.campaign_process CLOCK POINT TIMES serve …`: see `clocked_process` for CLOCK. It dies when it
comes to POINT for the TIMES-th time; "-" is no point. Nothing of this is in the product.
"""

import sys
from pathlib import Path

from tests.faults import dying_worker

from confrere.__main__ import main
from confrere.linkedin import mailbox
from verification import dying_process
from verification.clocked_process import MovedClock, move_clock

POINTS = (
    *dying_worker.POINTS,
    *dying_worker.REPLY_POINTS,
    "as the request leaves",
    "inside a reservation's transaction of SQLite",
    "inside a settlement's transaction of SQLite",
    "after a search",
    "after recording an absence",
)
"""Of the worker's way through a campaign and a mailbox, and of a message's way to LinkedIn and through reconciling."""


def die_at(point: str, times: int) -> None:
    """Have the process kill itself at this point."""
    owner = dying_worker if point in dying_worker.ALL_POINTS else dying_process
    owner.die_at(point, times)


if __name__ == "__main__":
    clock = sys.argv.pop(1)
    move_clock(clock)
    mailbox.time = MovedClock(Path(clock))  # type: ignore[assignment,attr-defined]
    point, times = sys.argv.pop(1), int(sys.argv.pop(1))
    if point != "-":
        die_at(point, times)
    main()
