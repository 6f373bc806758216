"""A server that kills itself at a named point of its first send: `python -m tests.faults.crashing_server POINT …`.

The points stand where a send's transactions begin and end; nothing of this is in the product.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from confrere.__main__ import main
from confrere.linkedin import LinkedInClient
from confrere.store import SqlStore

POINTS: dict[str, tuple[type, str, bool]] = {
    "after_reserve": (LinkedInClient, "_send", False),
    "after_accepted": (LinkedInClient, "_send", True),
    "before_settle": (SqlStore, "settle", False),
    "after_settle": (SqlStore, "settle", True),
}


def crash_at(point: str) -> None:
    """Kill the process there: before the method does anything, or after all that it does."""
    owner, name, afterwards = POINTS[point]
    method: Callable[..., Any] = getattr(owner, name)

    async def dying(*args: Any) -> None:
        if afterwards:
            await method(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, dying)


if __name__ == "__main__":
    crash_at(sys.argv.pop(1))
    main()
