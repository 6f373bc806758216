"""Pacing: rules that make an account slower than its daily limit, and the arithmetic of when it may send again.

Off unless somebody sets it, for a workspace, for an account, or for both: then both apply. A rule is broken by a send,
never by a read. Source: the HTTP contract, section 2.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from confrere.domain.limits import Action, as_utc, window_end, window_start
from confrere.domain.sending_hours import SendingHours, find_common_opening

MINUTE = timedelta(minutes=1)
LONGEST_GAP = timedelta(days=1)


class LimitName(StrEnum):
    """The limit that a refusal names. MESSAGE is the day's quota itself."""

    MESSAGE = "MESSAGE"
    WRITES_PER_MINUTE = "WRITES_PER_MINUTE"
    CALLS_PER_MINUTE = "CALLS_PER_MINUTE"
    MIN_GAP = "MIN_GAP"
    SENDING_HOURS = "SENDING_HOURS"
    GROUP_FIRST_CONTACT = "GROUP_FIRST_CONTACT"
    GROUP_MONTHLY_SHARE = "GROUP_MONTHLY_SHARE"
    WARM_UP = "WARM_UP"


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A daily limit that grows: `first_day` messages on `starts_on` (a UTC day), `growth` more each day after it.

    Before `starts_on` nothing is sent.
    """

    starts_on: date
    first_day: int
    growth: int

    def limit_on(self, day: date) -> int:
        """How many messages that UTC day allows."""
        return 0 if day < self.starts_on else self.first_day + self.growth * (day - self.starts_on).days


@dataclass(frozen=True, slots=True)
class Pacing:
    """The rules that one workspace or one account has; None is no such rule.

    writes_per_minute:         sends of an account in any 60 s.
    calls_per_minute:          API calls of a key in any 60 s; a rule of workspaces only, since a key has no account.
    min_gap:                   between two sends of an account.
    first_contacts_per_month:  first messages to a person through a group, in a UTC month.
    group_monthly_share:       percent of a group's members who are first written to in a UTC month, over all accounts;
                               a rule of workspaces only.
    repeat_window:             for so long after a 200, an identical send without a key gets that 200 again; a rule of
                               workspaces only, for workflow tools that run steps again.
    """

    writes_per_minute: int | None = None
    calls_per_minute: int | None = None
    min_gap: timedelta | None = None
    sending_hours: SendingHours | None = None
    first_contacts_per_month: int | None = None
    warm_up: WarmUp | None = None
    repeat_window: timedelta | None = None
    group_monthly_share: float | None = None

    @property
    def is_off(self) -> bool:
        """Whether there is no rule."""
        return all(getattr(self, rule.name) is None for rule in fields(self))


@dataclass(frozen=True, slots=True)
class GroupContacts:
    """Members of a group who were first written to in the UTC month, by any account; `limit` of them may be."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What an account has sent so far: the sends that hold a unit, by the time at which they took it.

    recent:          the latest times, newest first: those of the last minute, and of the longest gap.
    today:           messages of the UTC day; `daily_limit` of them are allowed.
    first_contacts:  of the UTC month; None where the message at hand would be none.
    group_contacts:  None where the message at hand would be none, and where the group's size is not known.
    """

    recent: Sequence[datetime]
    today: int
    daily_limit: int
    first_contacts: int | None = None
    group_contacts: GroupContacts | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A send now would break a rule.

    used, limit:  of the rule that keeps it waiting longest. Hours that are closed allow 0.
    opens_at:     aware UTC; the first time at which no rule is in the way, if nothing else is sent meanwhile.
    """

    name: LimitName
    used: int
    limit: int
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class _Gate:
    """One rule: from a time to the first one from it on that the rule allows."""

    name: LimitName
    used: int
    limit: int
    opens_at: Callable[[datetime], datetime]


def find_breach(rules: Sequence[Pacing], sent: Sent, now: datetime) -> Breach | None:
    """Return the rule that a send now would break; None where there is none.

    rules:  of the workspace and of the account: all of them apply.
    """
    now = as_utc(now)
    gates = [(gate.opens_at(now), gate) for gate in _gates(rules, sent, now)]
    opening, last = max(gates, key=lambda pair: (pair[0], -pair[1].limit))
    if opening <= now:
        return None
    hours = [rule.sending_hours for rule in rules if rule.sending_hours is not None]
    if hours:  # every other rule lets pass from a time on, hours only for a while
        others = max(then for then, gate in gates if gate.name is not LimitName.SENDING_HOURS)
        opening = find_common_opening(hours, others) or opening
    return Breach(last.name, last.used, last.limit, opening)


def next_allowed(rules: Sequence[Pacing], sent: Sent, now: datetime) -> datetime:
    """The first time from `now` on at which a send breaks no rule, if nothing else is sent meanwhile; in UTC."""
    breach = find_breach(rules, sent, now)
    return as_utc(now) if breach is None else breach.opens_at


def message_limit(rules: Sequence[Pacing], daily_limit: int, now: datetime) -> int:
    """Return how many messages the UTC day of `now` allows: the daily limit, or less while an account warms up."""
    day = as_utc(now).date()
    return min([daily_limit, *(rule.warm_up.limit_on(day) for rule in rules if rule.warm_up is not None)])


def first_contact_limit(rules: Sequence[Pacing]) -> int | None:
    """Return how many first messages through a group a month allows; None where that is not limited."""
    caps = [rule.first_contacts_per_month for rule in rules if rule.first_contacts_per_month is not None]
    return min(caps, default=None)


def group_share(rules: Sequence[Pacing]) -> float | None:
    """Return which percent of a group's members may be first written to in a month; None where that is not limited."""
    return min((rule.group_monthly_share for rule in rules if rule.group_monthly_share is not None), default=None)


def share_of(members: int, percent: float) -> int:
    """Return how many of so many members that is; at least one, since a rule slows down and does not forbid."""
    return max(1, int(members * percent / 100))


def longest_gap(rules: Sequence[Pacing]) -> timedelta:
    """Return how far back the rules count single sends."""
    return max([MINUTE, *(rule.min_gap for rule in rules if rule.min_gap is not None)])


def _gates(rules: Sequence[Pacing], sent: Sent, now: datetime) -> Iterator[_Gate]:
    """The day's quota first: where a rule keeps a send waiting no longer than it, it is the one that is named."""
    yield _daily(LimitName.MESSAGE, sent.today, sent.daily_limit, now)
    if (group := sent.group_contacts) is not None:
        yield _monthly(LimitName.GROUP_MONTHLY_SHARE, group.used, group.limit, now)
    for rule in rules:
        if rule.first_contacts_per_month is not None and sent.first_contacts is not None:
            yield _monthly(LimitName.GROUP_FIRST_CONTACT, sent.first_contacts, rule.first_contacts_per_month, now)
        if rule.warm_up is not None:
            yield _warming_up(rule.warm_up, sent.today, now)
        if rule.sending_hours is not None:
            yield _Gate(LimitName.SENDING_HOURS, 0, 0, rule.sending_hours.opens_at)
        if rule.writes_per_minute is not None:
            yield _rolling(rule.writes_per_minute, sent.recent, now)
        if rule.min_gap is not None and sent.recent:
            yield _not_before(LimitName.MIN_GAP, 1, 1, sent.recent[0] + rule.min_gap)


def _not_before(name: LimitName, used: int, limit: int, opening: datetime) -> _Gate:
    opening = as_utc(opening)
    return _Gate(name, used, limit, lambda instant: max(instant, opening))


def _rolling(limit: int, recent: Sequence[datetime], now: datetime) -> _Gate:
    """There is room again a minute after the send that is `limit` places back."""
    used = sum(1 for instant in recent if instant > now - MINUTE)
    opening = recent[limit - 1] + MINUTE if len(recent) >= limit else now
    return _not_before(LimitName.WRITES_PER_MINUTE, used, limit, opening)


def _daily(name: LimitName, used: int, limit: int, now: datetime) -> _Gate:
    return _not_before(name, used, limit, window_end(Action.MESSAGE, now) if used >= limit else now)


def _monthly(name: LimitName, used: int, limit: int, now: datetime) -> _Gate:
    opening = window_end(Action.GROUP_FIRST_CONTACT, now) if used >= limit else now
    return _not_before(name, used, limit, opening)


def _warming_up(warm_up: WarmUp, used: int, now: datetime) -> _Gate:
    """Each day from the first on allows at least one message, and begins with none sent."""
    limit = warm_up.limit_on(window_start(Action.MESSAGE, now).date())
    opening = window_end(Action.MESSAGE, now) if used >= limit else now
    beginning = datetime.combine(warm_up.starts_on, time(), UTC)
    return _not_before(LimitName.WARM_UP, used, limit, max(opening, beginning))
