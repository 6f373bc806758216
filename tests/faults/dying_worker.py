"""A worker that kills itself at a named point: `python -m tests.faults.dying_worker POINT TIMES worker`.

The points are those of a campaign, of a poll for replies, and of webhooks. It dies when it comes to the point for the
TIMES-th time; nothing of this is in the product.
"""

import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from confrere.__main__ import main
from confrere.linkedin import LinkedInClient
from confrere.store import SqlStore
from confrere.webhooks import Poster

# The last four come when nobody waits any more.
POINTS: dict[str, tuple[type, str, bool]] = {
    "after claiming a lane": (SqlStore, "claim_lanes", True),
    "after picking a person": (SqlStore, "pick_person", True),
    "after reading LinkedIn for a conversation": (LinkedInClient, "find_conversation", True),
    "before reserving": (SqlStore, "reserve", False),
    "after reserving": (SqlStore, "reserve", True),
    "after LinkedIn's answer": (LinkedInClient, "send_group_message", True),
    "before settling": (SqlStore, "settle", False),
    "after settling": (SqlStore, "settle", True),
    "before finishing a campaign": (SqlStore, "finish_campaign", False),
    "after finishing a campaign": (SqlStore, "finish_campaign", True),
    "before releasing a lane": (SqlStore, "release_lane", False),
    "after releasing a lane": (SqlStore, "release_lane", True),
}

REPLY_POINTS: dict[str, tuple[type, str, bool]] = {
    "after claiming a mailbox": (SqlStore, "claim_mailboxes", True),
    "after reading the mailbox": (LinkedInClient, "read_mailbox_changes", True),
    "after reading a thread": (LinkedInClient, "read_thread", True),
    "before recording a reply": (SqlStore, "record_reply", False),
    "after recording a reply": (SqlStore, "record_reply", True),
    "before releasing a mailbox": (SqlStore, "release_mailbox", False),
    "after releasing a mailbox": (SqlStore, "release_mailbox", True),
}


WEBHOOK_POINTS: dict[str, tuple[type, str, bool]] = {
    "after writing bodies": (SqlStore, "add_bodies", True),
    "after claiming deliveries": (SqlStore, "claim_deliveries", True),
    "after the receiver's answer": (Poster, "post", True),
    "before recording a try": (SqlStore, "end_try", False),
}

ALL_POINTS = POINTS | REPLY_POINTS | WEBHOOK_POINTS


def die_at(point: str, times: int) -> None:
    """From now on the process kills itself there: before the method does anything, or after all that it does."""
    owner, name, afterwards = ALL_POINTS[point]
    method: Callable[..., Any] = getattr(owner, name)
    assert inspect.iscoroutinefunction(method)
    left = times

    async def dying(*args: Any, **named: Any) -> Any:
        nonlocal left
        value = await method(*args, **named) if afterwards else None
        left -= bool(value) or not point.startswith("after claiming")  # where nothing is due, nothing has begun
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return value if afterwards else await method(*args, **named)

    setattr(owner, name, dying)


if __name__ == "__main__":
    die_at(sys.argv.pop(1), int(sys.argv.pop(1)))
    main()
