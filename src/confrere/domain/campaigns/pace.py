"""When an account may send its next campaign message: pacing, the campaign's daily cap and the spread over the day.

The worker waits by it and the forecast counts by it, on a clock that it moves forward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.limits import Action, as_utc, window_end, window_start
from confrere.domain.pacing import LimitName, Pacing, Sent, find_breach, first_contact_limit, message_limit
from confrere.domain.sending_hours import MINUTES_A_DAY, SendingHours, find_common_opening

_EVERY_DAY: Final = frozenset(range(7))

_REASON_OF: Final = {
    LimitName.MESSAGE: WaitReason.DAY_USED_UP,
    LimitName.WARM_UP: WaitReason.DAY_USED_UP,
    LimitName.GROUP_FIRST_CONTACT: WaitReason.MONTH_USED_UP,
    LimitName.GROUP_MONTHLY_SHARE: WaitReason.MONTH_USED_UP,
    LimitName.SENDING_HOURS: WaitReason.OUTSIDE_HOURS,
    LimitName.WRITES_PER_MINUTE: WaitReason.MINIMUM_GAP,
    LimitName.MIN_GAP: WaitReason.MINIMUM_GAP,
}


@dataclass(frozen=True, slots=True)
class Pace:
    """What a campaign is paced by.

    rules:      of the workspace and of the account: all of them apply.
    daily_cap:  messages of the campaign in a UTC day; None where there is no cap.
    spread:     what is left of the day goes out evenly over what is left of the sending hours.
    """

    rules: Sequence[Pacing]
    daily_cap: int | None = None
    spread: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is sent before `until` (aware UTC), if nothing else is sent meanwhile."""

    reason: WaitReason
    until: datetime


def find_wait(pace: Pace, sent: Sent, sent_of_campaign: int, now: datetime) -> Wait | None:
    """Return what keeps the campaign's next message waiting; None where it may go out now.

    sent:              of the account, by all that send with it; with the spread, `recent` must hold the latest send.
    sent_of_campaign:  in the UTC day of `now`.
    """
    now = as_utc(now)
    waits: list[Wait] = []
    if breach := find_breach(pace.rules, sent, now):
        waits.append(Wait(_REASON_OF[breach.name], breach.opens_at))
    if pace.daily_cap is not None and sent_of_campaign >= pace.daily_cap:
        waits.append(Wait(WaitReason.CAMPAIGN_CAP, window_end(Action.MESSAGE, now)))
    elif pace.spread and sent.recent and not waits:
        last = as_utc(sent.recent[0])
        if last >= window_start(Action.MESSAGE, now):
            left = _left_today(pace, sent, sent_of_campaign, now)
            waits.append(Wait(WaitReason.SPREAD, last + spread_gap(pace.rules, left, last)))
    longest = max(waits, key=lambda wait: wait.until, default=None)
    if longest is None or longest.until <= now:
        return None
    hours = _hours(pace.rules)
    until = find_common_opening(hours, longest.until) if hours else longest.until
    return Wait(longest.reason, until or longest.until)


def spread_turn(rules: Sequence[Pacing], left: int, after: datetime) -> datetime:
    """Return when the next message goes out after a send, if `left` more are spread over the rest of the day."""
    turn = as_utc(after) + spread_gap(rules, left, after)
    return find_common_opening(_hours(rules), turn) or turn


def spread_gap(rules: Sequence[Pacing], left: int, after: datetime) -> timedelta:
    """Return the gap after a send that spreads `left` more evenly over what is left of the day's sending hours.

    The last one of the day is followed by a gap too, so that none falls on the end of the hours.
    """
    after = as_utc(after)
    end = window_end(Action.MESSAGE, after)
    spans = _open_spans(_hours(rules), window_start(Action.MESSAGE, after), end)
    open_time = sum((closing - max(opening, after) for opening, closing in spans if closing > after), timedelta())
    return open_time / (max(0, left) + 1)


def _left_today(pace: Pace, sent: Sent, sent_of_campaign: int, now: datetime) -> int:
    left = [message_limit(pace.rules, sent.daily_limit, now) - sent.today]
    if pace.daily_cap is not None:
        left.append(pace.daily_cap - sent_of_campaign)
    monthly = first_contact_limit(pace.rules)
    if monthly is not None and sent.first_contacts is not None:
        left.append(monthly - sent.first_contacts)
    return min(left)


def _hours(rules: Sequence[Pacing]) -> tuple[SendingHours, ...]:
    return tuple(rule.sending_hours for rule in rules if rule.sending_hours is not None)


@lru_cache(maxsize=1024)
def _open_spans(
    hours: tuple[SendingHours, ...], start: datetime, end: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when all hours are open, between two moments."""
    spans: list[tuple[datetime, datetime]] = []
    opening = find_common_opening(hours, start)
    while opening is not None and opening < end:
        closing = min([end, *(_closes_at(each, opening) for each in hours)])
        spans.append((opening, closing))
        opening = find_common_opening(hours, closing)
    return tuple(spans)


def _closes_at(hours: SendingHours, moment: datetime) -> datetime:
    """The first moment from this one on at which the hours are closed; far ahead where they never are."""
    return min((closed.opens_at(moment) for closed in _complement(hours)), default=moment + timedelta(days=8))


@lru_cache(maxsize=256)
def _complement(hours: SendingHours) -> tuple[SendingHours, ...]:
    """Hours that together are open whenever these are closed: the rest of each day, and the days that are left out."""
    rest = SendingHours(hours.zone, _EVERY_DAY, hours.ends % MINUTES_A_DAY, hours.begins or MINUTES_A_DAY)
    other_days = SendingHours(hours.zone, _EVERY_DAY - hours.weekdays, hours.begins, hours.ends)
    return tuple(
        each
        for each, exists in ((rest, hours.ends - hours.begins < MINUTES_A_DAY), (other_days, other_days.weekdays))
        if exists
    )
