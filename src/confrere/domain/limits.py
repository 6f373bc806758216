"""Quotas and their windows: arithmetic on UTC days and months."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MESSAGES_PER_DAY_CEILING = 150
"""No account can be set above this. Source: the HTTP contract, section 2."""

GROUP_MEMBERS_PER_DAY = 1_000
"""Members read per account and day. Source: the HTTP contract, section 4."""

GROUP_FIRST_CONTACTS_PUBLISHED = 15
"""First messages a month to fellow group members, the only allowance LinkedIn ever published (help text, June 2015)."""


class Action(StrEnum):
    """What a unit of a quota pays for."""

    MESSAGE = "MESSAGE"
    GROUP_MEMBERS = "GROUP_MEMBERS"
    GROUP_FIRST_CONTACT = "GROUP_FIRST_CONTACT"


class Window(StrEnum):
    """How long a quota's window lasts; all windows begin at midnight UTC."""

    DAILY = "daily"
    MONTHLY = "monthly"


WINDOW_OF = {
    Action.MESSAGE: Window.DAILY,
    Action.GROUP_MEMBERS: Window.DAILY,
    Action.GROUP_FIRST_CONTACT: Window.MONTHLY,
}


@dataclass(frozen=True, slots=True)
class Quota:
    """The state of one action's quota in one window of one account.

    limit:       units in the window; None where none is configured.
    used:        accepted + in flight + unknown.
    resets_at:   aware UTC, the beginning of the next window.
    reached_at:  when the last unit was taken, if none is left.
    """

    action: Action
    limit: int | None
    used: int
    resets_at: datetime
    reached_at: datetime | None = None

    @property
    def remaining(self) -> int | None:
        """Units left; None where there is no limit. Never negative."""
        return None if self.limit is None else max(0, self.limit - self.used)


def window_start(action: Action, now: datetime) -> datetime:
    """The beginning of the window of `action` that holds `now` (aware; any zone), in UTC."""
    day = as_utc(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if WINDOW_OF[action] is Window.MONTHLY else day


def window_end(action: Action, now: datetime) -> datetime:
    """The beginning of the window after the one that holds `now`, in UTC."""
    start = window_start(action, now)
    if WINDOW_OF[action] is Window.MONTHLY:
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=1)


def no_account_quota(action: Action, now: datetime) -> Quota:
    """The quota of a caller whose account is not known: it may perform none."""
    return Quota(action, 0, 0, window_end(action, now))


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC. A naive datetime is refused: it names no instant."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime names no instant")
    return instant.astimezone(UTC)


def iso_z(instant: datetime) -> str:
    """ISO 8601 in UTC with `Z`; milliseconds only where there are any."""
    utc = as_utc(instant)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def optional_iso_z(instant: datetime | None) -> str | None:
    """Return the same; None where there is no time."""
    return None if instant is None else iso_z(instant)
