"""The hours in which an account may send, in the local time of a zone, across changes to and from summer time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from confrere.domain.limits import as_utc

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.weekday`."""

MINUTES_A_DAY = 24 * 60

_PROBE = timedelta(hours=6)
"""The step of the search for a change of the zone's offset. No zone changes twice within this time."""

_COMMON_WITHIN = timedelta(days=366)
"""Hours repeat weekly, and the clocks of zones change twice a year. Where several have no common opening time within a
year, they have none."""


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Open while the local time in `zone` is from `begins` up to, not including, `ends`.

    zone:      an IANA name that exists.
    weekdays:  0 is Monday; of the day on which the hours begin, where they span midnight.
    begins:    minute of the day, 0 to 1439.
    ends:      minute of the day, 1 to 1440; before `begins` it is on the next day. Never equal to `begins`.
    """

    zone: str
    weekdays: frozenset[int]
    begins: int
    ends: int

    def is_open(self, instant: datetime) -> bool:
        """Whether the hours are open at this time."""
        wall = instant.astimezone(ZoneInfo(self.zone))
        minute, weekday = wall.hour * 60 + wall.minute, wall.weekday()
        if self.begins < self.ends:
            return weekday in self.weekdays and self.begins <= minute < self.ends
        if minute >= self.begins:
            return weekday in self.weekdays
        return minute < self.ends and (weekday - 1) % 7 in self.weekdays

    def opens_at(self, instant: datetime) -> datetime:
        """Return the first time, from this one on, at which the hours are open; in UTC."""
        at = as_utc(instant)
        while not self.is_open(at):
            # While the clock keeps its offset, the next opening is plain arithmetic; where it changes, look anew.
            opening = self._opening_at_this_offset(at)
            at = self._clock_change(at, opening) or opening
        return at

    def _opening_at_this_offset(self, at: datetime) -> datetime:
        offset = self._offset(at)
        wall = at + offset
        midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        days = (midnight + timedelta(days=number, minutes=self.begins) for number in range(8))
        return next(day for day in days if day.weekday() in self.weekdays and day > wall) - offset

    def _clock_change(self, after: datetime, until: datetime) -> datetime | None:
        """Return the first time in this period at which the zone's offset differs from that at its start."""
        before, offset = after, self._offset(after)
        while before < until:
            then = min(before + _PROBE, until)
            if self._offset(then) != offset:
                return self._bisect(before, then, offset)
            before = then
        return None

    def _bisect(self, before: datetime, then: datetime, offset: timedelta) -> datetime:
        """Clocks change at whole seconds."""
        low, high = int(before.timestamp()), int(then.timestamp()) + (then.microsecond > 0)
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(datetime.fromtimestamp(middle, before.tzinfo)) == offset:
                low = middle
            else:
                high = middle
        return datetime.fromtimestamp(high, before.tzinfo)

    def _offset(self, instant: datetime) -> timedelta:
        offset = instant.astimezone(ZoneInfo(self.zone)).utcoffset()
        assert offset is not None
        return offset


def find_common_opening(hours: Sequence[SendingHours], instant: datetime) -> datetime | None:
    """Return the first time, from this one on, at which all are open; None where there is none."""
    at = as_utc(instant)
    until = at + _COMMON_WITHIN
    while at < until:
        opening = max((each.opens_at(at) for each in hours), default=at)
        if opening == at:
            return at
        at = opening
    return None
