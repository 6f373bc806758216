"""When an account sends its next message of a campaign: the rest of the day, spread over the rest of its hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from confrere.domain.limits import Action, window_end
from confrere.domain.pacing import Pacing

_STEP = timedelta(minutes=5)


def spread_turn(rules: Sequence[Pacing], left: int, now: datetime) -> datetime:
    """Return when the next message goes out, if `left` more are to be spread evenly over the rest of the UTC day.

    rules:  of the workspace and of the account. Only time in which all sending hours are open counts.
    """
    end = window_end(Action.MESSAGE, now)
    if left <= 0:
        return end
    return min(end, now + _open_time(rules, now, end) / left)


def _open_time(rules: Sequence[Pacing], now: datetime, end: datetime) -> timedelta:
    """In steps of five minutes: a zone may change its clock within the day."""
    hours = [rule.sending_hours for rule in rules if rule.sending_hours is not None]
    if not hours:
        return end - now
    steps = (now + _STEP * number for number in range((end - now) // _STEP + 1))
    return _STEP * sum(all(each.is_open(moment) for each in hours) for moment in steps)
