"""What a transaction decided about a claim, and what is said of it to the caller: the same for both engines."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, assert_never

from confrere.domain.errors import (
    AccountDisabled,
    AccountHeld,
    ClockWrong,
    InvalidField,
    KeyInUse,
    KeyReused,
    LimitIsZero,
    NoSession,
    OptedOut,
    QuotaUsedUp,
    TooFast,
)
from confrere.domain.limits import Action, Quota, no_account_quota
from confrere.domain.outcome import OPTED_OUT
from confrere.domain.pacing import Breach, LimitName
from confrere.domain.reservation import Claim, Repeats, Reservation, Reserved, RunsBeside
from confrere.domain.send import Send
from confrere.store.rows import from_micros, message_quota, outcome_columns, to_micros, windows_of

OPTED_OUT_COLUMNS = outcome_columns(OPTED_OUT)


class Verdict(StrEnum):
    """How a claim was decided."""

    RESERVED = "reserved"
    REPEATS_KEYED = "repeats_keyed"
    REPEATS_ANSWERED = "repeats_answered"
    REPEATS = "repeats"
    RUNS_BESIDE = "runs_beside"
    KEY_IN_USE = "key_in_use"
    KEY_REUSED = "key_reused"
    CLOCK_WENT_BACK = "clock_went_back"
    CLOCK_DIFFERS = "clock_differs"
    UNKNOWN_ACCOUNT = "unknown_account"
    NO_ACCOUNT = "no_account"
    DISABLED = "disabled"
    NO_SESSION = "no_session"
    OPTED_OUT = "opted_out"
    HELD = "held"
    USED_UP = "used_up"
    TOO_FAST = "too_fast"


class ClaimRow(NamedTuple):
    """A claim in the form in which it goes into the database. Times are microseconds.

    clock:  what the process's clock says now; `now` is what the claim is judged by.
    """

    send_id: str
    request_id: str
    workspace_id: str
    account_id: str | None
    recipient: str
    group_id: str
    sealed_text: str
    origin_token: str
    fingerprint: str
    idempotency_key: str | None
    instance: str
    now: int
    lease_until: int
    day: int
    month: int
    clock: int
    waits_for: frozenset[str] | None


class Ruling(NamedTuple):
    """The verdict with what is known of the account: of the one claimed, or of the earlier send's for a repeat.

    other_clock:  the time that contradicts the claim's, where the verdict is about clocks.
    """

    verdict: Verdict
    account_id: str | None = None
    profile_urn: str | None = None
    session_version: int = 0
    daily_limit: int = 0
    used: int = 0
    last_taken_at: int | None = None
    hold_until: int | None = None
    rules: str | None = None
    other_clock: int | None = None
    earlier_id: str | None = None
    breach: Breach | None = None
    beside: frozenset[str] = frozenset()


def claim_row(claim: Claim, sealed_text: str, fingerprint: str, instance: str, clock: datetime) -> ClaimRow:
    """The claim with its secrets sealed and its windows worked out."""
    now = to_micros(claim.now)
    windows = windows_of(now)
    return ClaimRow(
        claim.send_id,
        claim.request_id,
        claim.workspace_id,
        claim.account_id,
        claim.recipient,
        claim.group_id,
        sealed_text,
        claim.origin_token,
        fingerprint,
        claim.idempotency_key,
        instance,
        now,
        to_micros(claim.lease_until),
        windows.day,
        windows.month,
        to_micros(clock),
        claim.waits_for,
    )


def conclude(ruling: Ruling, claim: Claim, earlier: Send | None, clock: datetime) -> Reservation:
    """The reservation, or the refusal raised with the quota where the account is known."""
    quota = (
        no_account_quota(Action.MESSAGE, claim.now)
        if ruling.account_id is None
        else message_quota(ruling.daily_limit, ruling.used, ruling.last_taken_at, claim.now, ruling.rules)
    )
    match ruling.verdict:
        case Verdict.RESERVED:
            assert ruling.account_id is not None
            assert ruling.profile_urn is not None
            return Reserved(ruling.account_id, ruling.profile_urn, ruling.session_version, quota)
        case Verdict.REPEATS | Verdict.REPEATS_KEYED | Verdict.REPEATS_ANSWERED:
            assert earlier is not None
            return Repeats(earlier, quota, keyed=ruling.verdict is not Verdict.REPEATS)
        case Verdict.RUNS_BESIDE:
            return RunsBeside(ruling.beside)
        case _:
            raise _refusal(ruling, claim, quota, clock)


def _refusal(ruling: Ruling, claim: Claim, quota: Quota, clock: datetime) -> Exception:
    match ruling.verdict:
        case Verdict.KEY_IN_USE:
            return KeyInUse(quota)
        case Verdict.KEY_REUSED:
            return KeyReused(quota)
        case Verdict.CLOCK_WENT_BACK | Verdict.CLOCK_DIFFERS:
            return _clock_wrong(ruling, claim, clock)
        case Verdict.UNKNOWN_ACCOUNT:
            return InvalidField("accountId", "must be an account of this workspace")
        case Verdict.DISABLED:
            assert ruling.account_id is not None
            return AccountDisabled(ruling.account_id, quota)
        case Verdict.NO_ACCOUNT:
            return NoSession(None, None)
        case Verdict.NO_SESSION:
            return NoSession(ruling.account_id, quota)
        case Verdict.OPTED_OUT:
            return OptedOut(claim.send_id, quota)
        case Verdict.HELD:
            assert ruling.hold_until is not None
            return AccountHeld(quota, from_micros(ruling.hold_until))
        case Verdict.USED_UP | Verdict.TOO_FAST if ruling.daily_limit == 0:
            return LimitIsZero(quota)
        case Verdict.USED_UP:
            return QuotaUsedUp(quota)
        case Verdict.TOO_FAST:
            assert ruling.breach is not None
            return _too_fast(ruling.breach, quota)
        case (
            Verdict.RESERVED | Verdict.REPEATS | Verdict.REPEATS_KEYED | Verdict.REPEATS_ANSWERED | Verdict.RUNS_BESIDE
        ):
            raise AssertionError(ruling.verdict)
        case _:
            assert_never(ruling.verdict)


def _clock_wrong(ruling: Ruling, claim: Claim, clock: datetime) -> ClockWrong:
    assert ruling.other_clock is not None
    other = from_micros(ruling.other_clock)
    if ruling.verdict is Verdict.CLOCK_WENT_BACK:
        return ClockWrong.went_back(claim.now, other)
    return ClockWrong.differs(clock, other)


def _too_fast(breach: Breach, quota: Quota) -> Exception:
    if breach.name is LimitName.MESSAGE:
        return QuotaUsedUp(quota, breach.opens_at)
    return TooFast(breach.name, breach.used, breach.limit, breach.opens_at, quota)
