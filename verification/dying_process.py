"""Confrere as a process that kills itself at a named point: `python -m verification.dying_process POINT TIMES serve …`.

It dies when it comes to the point for the TIMES-th time. Nothing of this is in the product.
"""

import inspect
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from confrere.__main__ import main
from confrere.api.gate import Gate
from confrere.linkedin import LinkedInClient
from confrere.linkedin.http.connection import Connection
from confrere.sending.reconcile import Reconciler
from confrere.store import SqlStore
from confrere.store.sqlite import reserve_and_settle

POINTS: dict[str, tuple[Any, str, bool]] = {
    "before reserving": (SqlStore, "reserve", False),
    "after reserving": (SqlStore, "reserve", True),
    "before asking LinkedIn": (LinkedInClient, "send_group_message", False),
    "as the request leaves": (Connection, "ask", True),
    "after LinkedIn's answer": (LinkedInClient, "send_group_message", True),
    "before settling": (SqlStore, "settle", False),
    "after settling": (SqlStore, "settle", True),
    "inside a reservation's transaction of SQLite": (reserve_and_settle, "reserve", True),
    "inside a settlement's transaction of SQLite": (reserve_and_settle, "settle", True),
    "before the answer": (Gate, "_write", False),
    "after the answer, before it is recorded": (Gate, "_write", True),
    "before a search": (LinkedInClient, "find_message", False),
    "after a search": (LinkedInClient, "find_message", True),
    "before recording an absence": (SqlStore, "record_absent", False),
    "after recording an absence": (SqlStore, "record_absent", True),
    "as a disconnect is recorded": (SqlStore, "mark_caller_gone", False),
    "after reconciling": (Reconciler, "reconcile", True),
}


def die_at(point: str, times: int, *, of: signal.Signals = signal.SIGKILL) -> None:
    """Have the process send itself a signal at this point: before the method runs, or after it."""
    owner, name, afterwards = POINTS[point]
    method: Callable[..., Any] = getattr(owner, name)
    left = times

    def pass_by() -> None:
        nonlocal left
        left -= 1
        if left <= 0 and (left == 0 or of is signal.SIGKILL):
            os.kill(os.getpid(), of)

    async def dying_later(*args: Any, **named: Any) -> Any:
        if not afterwards:
            pass_by()
        value = await method(*args, **named)
        if afterwards:
            pass_by()
        return value

    def dying(*args: Any, **named: Any) -> Any:
        value = method(*args, **named)
        pass_by()
        return value

    setattr(owner, name, dying_later if inspect.iscoroutinefunction(method) else dying)


if __name__ == "__main__":
    die_at(sys.argv.pop(1), int(sys.argv.pop(1)))
    main()
