"""Giving processes a share of the time: stopped and let go in turns, which needs no rights and no kernel's help."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_TURN_SECONDS = 0.05
_TURNS = 4


@contextmanager
def in_turns(pids: Sequence[int]) -> Iterator[None]:
    """Each process runs every fourth turn, no two in the same one."""
    ended = threading.Event()

    def take_turns() -> None:
        turn = 0
        while not ended.is_set():
            for place, pid in enumerate(pids):
                os.kill(pid, signal.SIGCONT if place == turn % _TURNS else signal.SIGSTOP)
            turn += 1
            ended.wait(_TURN_SECONDS)
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=take_turns)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
