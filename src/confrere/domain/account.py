"""A LinkedIn account that the workspace's owner runs."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from confrere.domain.limits import iso_z


class AccountStatus(StrEnum):
    """Source: the HTTP contract, section 4. A held account is AVAILABLE again when its hold ends."""

    AVAILABLE = "AVAILABLE"
    IN_USE = "IN_USE"
    WARMUP = "WARMUP"
    ERROR = "ERROR"
    UNKNOWN = "UNKNOWN"


def describe_hold(until: datetime) -> str:
    """Return why an account is on hold, as a sentence for people, without its full stop."""
    if until >= UNTIL_RELEASED:
        return "This account is held since a backup was restored, until a person releases it"
    return f"LinkedIn throttles this account until {iso_z(until.replace(microsecond=0))}"


class Condition(StrEnum):
    """What keeps an account from being used. In ERROR its session is dead: a person has to connect it again."""

    AVAILABLE = "available"
    ERROR = "error"
    HELD = "held"
    DISABLED = "disabled"
    DISCONNECTED = "disconnected"


UNTIL_RELEASED: Final = datetime(3000, 1, 1, tzinfo=UTC)
"""The end of the hold that a restored backup puts on every account: it ends when a person releases it."""

NOT_RELEASED: Final = "must be that of an account that was released; this one is held since a backup was restored"
"""Which account cannot yet stop looking."""

LOOKS_FOR: Final = timedelta(days=30)
"""How long an account looks for messages of the lost time after it was released; see `Account.looks_until`."""

MIN_IDLE_FACTOR = 0.9
MAX_IDLE_FACTOR = 1.1
"""A random factor of the idle time, so that accounts that were connected together are not probed together."""


def probe_due_at(account_id: str, last_active_at: datetime, idle_for: timedelta) -> datetime:
    """Return when the account's session is probed if it is idle until then; the same in all processes."""
    digest = hashlib.sha256(f"{account_id} {last_active_at.timestamp()}".encode()).digest()
    part = int.from_bytes(digest[:4]) / 2**32
    return last_active_at + idle_for * (MIN_IDLE_FACTOR + part * (MAX_IDLE_FACTOR - MIN_IDLE_FACTOR))


@dataclass(frozen=True, slots=True)
class LostSends:
    """The time between a backup and its restoring: the account may have sent messages then that are in no row."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """An account, without its session.

    daily_limit:     messages a day, at most the ceiling.
    status_reason:   one clause for people on why the status is ERROR, else None.
    hold_until:      aware UTC; the account is not used before then: LinkedIn throttled it, or a backup was restored.
    session_version: counts the changes of the stored session; 0 where there is none.
    last_used_at:    when the last unit was taken.
    lost:            since a restored backup: each message is looked for in its conversation before it is sent.
    connected_at:    when a person last connected its session; None where none is stored, or that is not known.
    answered_at:     when LinkedIn last answered as to a session that is alive, to a minute.
    looks_until:     when that ends, or later: once no campaign of the backup is left; None while the account is held.
    """

    id: str
    workspace_id: str
    profile_urn: str
    first_name: str
    last_name: str
    public_id: str
    picture: str | None
    premium: bool | None
    status: AccountStatus
    status_reason: str | None
    enabled: bool
    is_default: bool
    daily_limit: int
    hold_until: datetime | None
    session_version: int
    created_at: datetime
    last_used_at: datetime | None
    lost: LostSends | None = None
    connected_at: datetime | None = None
    answered_at: datetime | None = None
    looks_until: datetime | None = None

    @property
    def has_session(self) -> bool:
        """Whether a session is stored."""
        return self.session_version > 0

    def is_held(self, now: datetime) -> bool:
        """Whether LinkedIn is not to be asked with this account, whatever else its condition is."""
        return self.hold_until is not None and self.hold_until > now

    @property
    def awaits_release(self) -> bool:
        """Whether it is held since a backup was restored."""
        return self.hold_until is not None and self.hold_until >= UNTIL_RELEASED

    def condition(self, now: datetime) -> Condition:
        """Return the first of disabled, disconnected, error, held that applies, or available.

        This is the one order. The query `count_accounts` repeats it in SQL; a contract test compares the two.
        """
        return self.condition_if_enabled(now) if self.enabled else Condition.DISABLED

    def condition_if_enabled(self, now: datetime) -> Condition:
        """Return the condition apart from `enabled`: what a disabled account has sent is still reconciled."""
        if not self.has_session:
            return Condition.DISCONNECTED
        if self.status is AccountStatus.ERROR:
            return Condition.ERROR
        return Condition.HELD if self.is_held(now) else Condition.AVAILABLE


def describe_looking(account: Account) -> str:
    """Return what a released account does since a backup was restored, and until when, as a clause for people."""
    assert account.lost is not None
    until = "" if account.looks_until is None else f" until {iso_z(account.looks_until.replace(microsecond=0))}"
    return (
        f"since a backup of {iso_z(account.lost.since.replace(microsecond=0))} was restored, it looks into each "
        f"conversation before it writes{until}, and longer while a campaign that the backup held is not finished; "
        "`confrere accounts end-restore` ends that"
    )
