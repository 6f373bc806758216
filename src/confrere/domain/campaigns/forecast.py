"""The forecast of a campaign: the sends that its pace allows, counted by day on a clock that is moved forward."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.campaigns.pace import Pace, find_wait
from confrere.domain.limits import Action, as_utc, window_start
from confrere.domain.pacing import Sent, first_contact_limit, message_limit

HORIZON: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many messages go out on a UTC day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a campaign goes out if nothing interferes.

    ends_on:  the UTC day of the last message; None where that is not within a year.
    per_day:  the days of that year on which something is sent, in order.
    """

    ends_on: date | None
    per_day: tuple[DayCount, ...]

    @property
    def sending_days(self) -> int:
        """Days on which something is sent."""
        return len(self.per_day)

    def __str__(self) -> str:
        if self.ends_on is None:
            return "not within a year"
        if not self.per_day:
            return "nothing to send"
        days = "1 sending day" if self.sending_days == 1 else f"{self.sending_days} sending days"
        return f"about {days}, until {self.ends_on.day} {self.ends_on:%B %Y}"


@dataclass(frozen=True, slots=True)
class Queue:
    """A campaign with so many people who wait. sent_today: its messages in the UTC day in which a forecast starts."""

    people: int
    pace: Pace
    sent_today: int = 0


def forecast(queue: Queue, sent: Sent, now: datetime, *, others: Sequence[Queue] = ()) -> Forecast:
    """Count the days on which the messages of a campaign go out.

    sent:    of the account so far; its `first_contacts` must be given where a rule limits them.
    now:     the start: the present, or later where the campaign is scheduled or the account is held.
    others:  the other running campaigns of the account; all take turns.
    """
    return forecast_all([*others, queue], sent, now)[-1]


def forecast_all(queues: Sequence[Queue], sent: Sent, now: datetime) -> list[Forecast]:
    """Count for each of an account's campaigns, which take turns, the days on which its messages go out."""
    counts = [Counter[date]() for _ in queues]
    for number, at in send_times(queues, sent, now):
        counts[number][at.date()] += 1
    return [_to_forecast(queue, days, now) for queue, days in zip(queues, counts, strict=True)]


def _to_forecast(queue: Queue, days: Counter[date], now: datetime) -> Forecast:
    ends_on = max(days, default=as_utc(now).date()) if days.total() >= queue.people else None
    return Forecast(ends_on, tuple(DayCount(day, count) for day, count in days.items()))


def send_times(queues: Sequence[Queue], sent: Sent, now: datetime) -> Iterator[tuple[int, datetime]]:
    """Yield each send within a year: the number of its campaign, from 0, and its moment in UTC; see `forecast`."""
    left = [queue.people for queue in queues]
    today_of = [queue.sent_today for queue in queues]
    turns = deque(number for number, people in enumerate(left) if people > 0)
    at = as_utc(now)
    until = at + HORIZON
    rules = [rule for queue in queues for rule in queue.pace.rules]
    kept = max([1, *(rule.writes_per_minute or 1 for rule in rules)])  # the sends that a rule compares with
    recent = deque(sent.recent[:kept], maxlen=kept)  # newest first
    today, first_contacts = sent.today, sent.first_contacts
    while turns and at < until:
        state = Sent(recent, today, sent.daily_limit, first_contacts)
        number, wait = _next_turn(turns, queues, state, today_of, at)
        if wait is None:
            for count in range(_free_now(queues, state, at)):
                following = number if count == 0 else _next_below_cap(turns, queues, today_of)
                if following is None:
                    break
                number = following
                yield number, at
                left[number] -= 1
                if left[number] == 0:
                    turns.remove(number)
                today_of[number] += 1
                recent.appendleft(at)
                today += 1
                first_contacts = None if first_contacts is None else first_contacts + 1
        else:
            if window_start(Action.MESSAGE, wait) > window_start(Action.MESSAGE, at):
                today, today_of = 0, [0] * len(queues)
            if window_start(Action.GROUP_FIRST_CONTACT, wait) > window_start(Action.GROUP_FIRST_CONTACT, at):
                first_contacts = None if first_contacts is None else 0
            at = wait


def _free_now(queues: Sequence[Queue], sent: Sent, now: datetime) -> int:
    """Return how many sends may begin at this moment, where one may: all that are left, if no rule is about gaps."""
    rules = queues[0].pace.rules  # of workspace and account: those of all
    if any(queue.pace.spread for queue in queues) or any(rule.writes_per_minute or rule.min_gap for rule in rules):
        return 1
    left = message_limit(rules, sent.daily_limit, now) - sent.today
    monthly = first_contact_limit(rules)
    return left if monthly is None or sent.first_contacts is None else min(left, monthly - sent.first_contacts)


def _next_below_cap(turns: deque[int], queues: Sequence[Queue], today_of: Sequence[int]) -> int | None:
    """Return whose turn it is, and give the next one the turn after it; None where all have reached their caps."""
    for _ in range(len(turns)):
        number = turns[0]
        turns.rotate(-1)
        cap = queues[number].pace.daily_cap
        if cap is None or today_of[number] < cap:
            return number
    return None


def _next_turn(
    turns: deque[int], queues: Sequence[Queue], state: Sent, today_of: Sequence[int], at: datetime
) -> tuple[int, datetime | None]:
    """Return whose turn it is, and None; or until when nobody's is. One that has reached its own cap is passed over."""
    openings: list[datetime] = []
    for _ in range(len(turns)):
        number = turns[0]
        wait = find_wait(queues[number].pace, state, today_of[number], at)
        if wait is not None and wait.reason is not WaitReason.CAMPAIGN_CAP:
            return number, wait.until
        turns.rotate(-1)
        if wait is None:
            return number, None
        openings.append(wait.until)
    return turns[0], min(openings)
