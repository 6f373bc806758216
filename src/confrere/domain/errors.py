"""Errors that keep us from asking LinkedIn, as exceptions; LinkedIn's answers are values (`outcome`).

ConfrereError
├── InvalidField            a caller's value has the wrong form
│   ├── MissingFields       required ones are absent, null or blank
│   ├── AccountDisabled     the account is one that its operator has disabled
│   └── SessionNotTaken     LinkedIn did not take a session, or could not be asked about it
├── Unauthorized            no key, or one that is unknown, expired or revoked
├── Forbidden               a good key without the scope that this needs
├── NotFound                no such thing in this workspace
├── KeyInUse                the first request with this idempotency key is still running
├── KeyReused               the idempotency key was used with another body
├── NoSession               the account has no session that LinkedIn would take
├── LimitIsZero             the account's daily limit is 0; waiting does not help
├── LimitReached            a limit of ours
│   ├── QuotaUsedUp         the account's window is used up
│   ├── TooFast             a rule of pacing keeps it waiting
│   ├── LoginDelayed        too many logins of a name or an address have failed
│   └── AccountHeld         the account is on hold: LinkedIn throttled it, or a backup was restored
├── Draining                the server is stopping and begins nothing new
└── StoreUnavailable        the store did not answer; nothing was changed by this call
    ├── StoreDamaged        what it keeps cannot be read
    └── ClockWrong          this process's clock contradicts what the store knows, so that no quota can be trusted
"""

from collections.abc import Sequence
from datetime import datetime

from confrere.domain import remedies
from confrere.domain.account import describe_hold
from confrere.domain.limits import Quota, iso_z
from confrere.domain.outcome import SessionDead, Throttled


class ConfrereError(Exception):
    """Any refusal of ours. `quota` is the state to report with it, where an account is known."""

    quota: Quota | None = None


class InvalidField(ConfrereError):
    """A caller's value cannot be used; the text names the field and what it must be, never the value."""

    def __init__(self, field: str, must_be: str) -> None:
        super().__init__(f"{field} {must_be}")
        self.field = field


class MissingFields(InvalidField):
    """Required fields are absent, null or blank. `missing`: which, where the text does not say it."""

    def __init__(self, text: str, missing: Sequence[str] = ()) -> None:
        super().__init__(text, "")
        self.args = (text,)
        self.missing = missing


class AccountDisabled(InvalidField):
    """The account that is named, or the default one, is disabled."""

    def __init__(self, account_id: str, quota: Quota) -> None:
        super().__init__(
            "accountId",
            f"must be an account that is enabled; {account_id} is disabled: `confrere accounts enable {account_id}` or "
            f'PATCH /v1/accounts/{account_id} {{"enabled": true}} enables it',
        )
        self.account_id = account_id
        self.quota = quota


class SessionNotTaken(InvalidField):
    """A session was not stored. `objection`: LinkedIn's; None where it could not be asked."""

    def __init__(self, why: str, objection: SessionDead | Throttled | None) -> None:
        super().__init__("session", f"must be one that LinkedIn takes; it was probed: {why}")
        self.objection = objection


class Unauthorized(ConfrereError):
    """The credentials are missing or invalid. The text is the same whatever the reason."""


class Forbidden(ConfrereError):
    """The key is valid, but lacks the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key lacks the scope '{scope}'; create one that has it")
        self.scope = scope


class NotFound(ConfrereError):
    """There is no such thing in the caller's workspace."""


class KeyInUse(ConfrereError):
    """The first request with this Idempotency-Key has not ended yet."""

    def __init__(self, quota: Quota) -> None:
        super().__init__("The first request with this Idempotency-Key is still running; repeat this one later")
        self.quota = quota


class KeyReused(ConfrereError):
    """This Idempotency-Key belongs to a request with another body."""

    def __init__(self, quota: Quota) -> None:
        super().__init__("This Idempotency-Key was used with another body; use a new key for a new message")
        self.quota = quota


class NoSession(ConfrereError):
    """The account has no session that can be used. `account_id` is None where the workspace has no account."""

    def __init__(self, account_id: str | None, quota: Quota | None) -> None:
        super().__init__("The account has no usable LinkedIn session; connect it again")
        self.account_id = account_id
        self.quota = quota


class LimitIsZero(ConfrereError):
    """The account's daily limit is 0: it sends nothing until somebody raises the limit."""

    def __init__(self, quota: Quota) -> None:
        super().__init__(
            f"Rate limit exceeded for {quota.action}: {quota.used}/0 used; the daily limit of this account is 0, so it "
            "may send none until the limit is raised"
        )
        self.quota: Quota = quota


class LimitReached(ConfrereError):
    """A limit keeps the call from going on until `resets_at` (aware UTC)."""

    def __init__(self, text: str, quota: Quota | None, resets_at: datetime) -> None:
        super().__init__(text)
        self.quota = quota
        self.resets_at = resets_at


class QuotaUsedUp(LimitReached):
    """Accepted + in flight + unknown have reached the limit of the window.

    resets_at:  where pacing keeps the account waiting beyond the end of the window.
    """

    quota: Quota

    def __init__(self, quota: Quota, resets_at: datetime | None = None) -> None:
        text = f"Rate limit exceeded for {quota.action}: {quota.used}/{quota.limit} used"
        super().__init__(text, quota, resets_at or quota.resets_at)


class TooFast(LimitReached):
    """A rule of pacing, `limit_name`, keeps the call waiting. `quota` is the day's, where an account is known."""

    def __init__(self, limit_name: str, used: int, limit: int, resets_at: datetime, quota: Quota | None = None) -> None:
        super().__init__(f"Rate limit exceeded for {limit_name}: {used}/{limit} used", quota, resets_at)
        self.limit_name = limit_name


class AccountHeld(LimitReached):
    """The account is not used before `resets_at`: LinkedIn throttled it, or a backup was restored."""

    quota: Quota

    def __init__(self, quota: Quota, hold_until: datetime) -> None:
        super().__init__(describe_hold(hold_until), quota, hold_until)


class LoginDelayed(LimitReached):
    """Too many logins with this name, or from this address, have failed."""

    def __init__(self, resets_at: datetime) -> None:
        super().__init__("Too many logins have failed; wait before the next one", None, resets_at)


class Draining(ConfrereError):
    """The server is stopping: sends in flight settle, new ones are refused."""


class StoreUnavailable(ConfrereError):
    """The store did not answer, or not in time. The text names the engine and the fault, never a value.

    remedy:  what an operator has to do, where it does not pass by itself.
    """

    remedy: str | None = None

    @property
    def advice(self) -> str:
        """The error and its remedy, in two sentences."""
        return f"{self}. {self.remedy}" if self.remedy else str(self)


class StoreDamaged(StoreUnavailable):
    """Stored data cannot be read."""

    remedy = remedies.RESTORE_BACKUP


class ClockWrong(StoreUnavailable):
    """The clock for quotas, leases and keys is certainly wrong, so nothing is sent."""

    remedy = remedies.SET_CLOCK

    @classmethod
    def went_back(cls, now: datetime, newest: datetime) -> "ClockWrong":
        """The account has used a window that, by this clock, has not begun."""
        fault = cls(f"The clock went back: it says {iso_z(now)}, and units of {newest:%Y-%m-%d} (UTC) are used already")
        fault.remedy = f"{cls.remedy}. {remedies.ACCEPT_CLOCK}"
        return fault

    @classmethod
    def accounts_ahead(cls, now: datetime, count: int) -> "ClockWrong":
        """As `went_back`, for a number of accounts."""
        fault = cls(f"The clock went back: it says {iso_z(now)}, and accounts that used a later day: {count}")
        fault.remedy = f"{cls.remedy}. {remedies.ACCEPT_CLOCK}"
        return fault

    @classmethod
    def differs(cls, clock: datetime, other: datetime) -> "ClockWrong":
        """The store's other clock differs."""
        seconds = round((clock - other).total_seconds())
        where = "ahead of" if seconds > 0 else "behind"
        return cls(f"The clock is wrong: it is {abs(seconds)} s {where} PostgreSQL's, or that of another process")
