"""Checks of this process's clock, on which quotas, leases and keys depend.

A clock that is behind what the store has seen would spend a day's quota twice; one that is ahead would spend
tomorrow's, end leases and expire keys. A claim is checked within its own transaction (`reserve_send`, `find_sender`),
everything else by the scripts below.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from confrere.domain.errors import ClockWrong
from confrere.store.rows import from_micros
from confrere.store.script import Query, Script

_MICROSECOND: Final = timedelta(microseconds=1)

CLOCK_TOLERANCE: Final = timedelta(seconds=60) // _MICROSECOND
"""By how much two clocks may differ. More than a send waits for the store, and less than a lease."""

ABSENCE_TOLERANCE: Final = timedelta(seconds=20) // _MICROSECOND
"""The same where absence is decided: two reads of LinkedIn have to be minutes apart, whichever processes make them."""


def read_system_clock() -> datetime:
    """Return the machine's present time, aware UTC."""
    return datetime.now(UTC)


def check_clock(instance: str, clock: int, *, tolerance: int = CLOCK_TOLERANCE) -> Script[None]:
    """Compare the clock with the server's, or with those of the other processes. Raises ClockWrong."""
    for (other,) in (yield Query("read_clocks", (instance,))):
        if abs(clock - other) > tolerance:
            raise ClockWrong.differs(from_micros(clock), from_micros(other))


def check_newest(now: int, newest: int | None) -> None:
    """Raises ClockWrong where a window is used that has not begun. Around midnight processes need not agree."""
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        raise ClockWrong.went_back(from_micros(now), from_micros(newest))
