"""The forecast of a campaign: the sends that its pace allows, counted by day on a clock that is moved forward."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from confrere.domain.campaigns.pace import Pace, find_wait
from confrere.domain.limits import Action, as_utc, window_start
from confrere.domain.pacing import Sent

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


def forecast(
    people: int, pace: Pace, sent: Sent, now: datetime, *, sent_of_campaign: int = 0, others: Sequence[int] = ()
) -> Forecast:
    """Count the days on which `people` messages go out.

    sent:              of the account so far; its `first_contacts` must be given where a rule limits them.
    now:               the start: the present, or later where the campaign is scheduled or the account is held.
    sent_of_campaign:  in the UTC day of `now`.
    others:            how many wait in each other running campaign of the account; all take turns.
    """
    times = send_times(people, pace, sent, now, sent_of_campaign=sent_of_campaign, others=others)
    counts = Counter(moment.date() for moment in times)
    ends_on = max(counts, default=as_utc(now).date()) if counts.total() >= people else None
    return Forecast(ends_on, tuple(DayCount(day, count) for day, count in counts.items()))


def send_times(
    people: int, pace: Pace, sent: Sent, now: datetime, *, sent_of_campaign: int = 0, others: Sequence[int] = ()
) -> Iterator[datetime]:
    """Yield the moment of each send of the campaign, in UTC, as long as they are within a year; see `forecast`."""
    turns = deque([*((count, False) for count in others if count > 0), (people, True)])
    at = as_utc(now)
    until = at + HORIZON
    kept = max([1, *(rule.writes_per_minute or 1 for rule in pace.rules)])  # the sends that a rule compares with
    recent = deque(sent.recent[:kept], maxlen=kept)  # newest first
    today, first_contacts = sent.today, sent.first_contacts
    while people > 0 and at < until:
        state = Sent(recent, today, sent.daily_limit, first_contacts)
        wait = find_wait(pace, state, sent_of_campaign, at)
        if wait is None:
            left, is_own = turns.popleft()
            if left > 1:
                turns.append((left - 1, is_own))
            if is_own:
                yield at
                people -= 1
                sent_of_campaign += 1
            recent.appendleft(at)
            today += 1
            first_contacts = None if first_contacts is None else first_contacts + 1
        else:
            if window_start(Action.MESSAGE, wait.until) > window_start(Action.MESSAGE, at):
                today = sent_of_campaign = 0
            if window_start(Action.GROUP_FIRST_CONTACT, wait.until) > window_start(Action.GROUP_FIRST_CONTACT, at):
                first_contacts = None if first_contacts is None else 0
            at = wait.until
