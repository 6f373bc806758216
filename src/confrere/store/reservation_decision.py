"""The row form of a claim, and the decision that the database returns: the same for both engines."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, assert_never

from confrere.domain.campaigns.campaign import PersonDeclined, SkipReason
from confrere.domain.errors import (
    AccountDisabled,
    AccountHeld,
    ClockWrong,
    InvalidField,
    KeyInUse,
    KeyReused,
    LimitIsZero,
    NoSession,
    QuotaUsedUp,
    TooFast,
)
from confrere.domain.limits import Action, Quota, no_account_quota
from confrere.domain.outcome import OPTED_OUT
from confrere.domain.pacing import Breach, LimitName
from confrere.domain.reservation import Claim, InFlightElsewhere, OptedOut, Repeats, Reservation, Reserved
from confrere.domain.send import Send
from confrere.store.rows import from_micros, lost_of, message_quota, outcome_columns, to_micros, windows_of

OPTED_OUT_COLUMNS: Final = outcome_columns(OPTED_OUT)
"""What is stored of a send that the do-not-contact list forbids."""


class DecisionName(StrEnum):
    """How a claim was decided."""

    RESERVED = "reserved"
    REPEATS_KEYED = "repeats_keyed"
    REPEATS_ANSWERED = "repeats_answered"
    REPEATS = "repeats"
    IN_FLIGHT_ELSEWHERE = "in_flight_elsewhere"
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
    DECLINED = "declined"


class ClaimRow(NamedTuple):
    """A claim for the database: its fields are the parameters of the queries that decide it. Times are microseconds.

    group_id:  '' for a plain message, in every row.
    person:  the stand-in of the recipient, which is on the do-not-contact list where they were erased.
    clock:  the time of the process's clock; `now` is the time that the gates compare with.
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
    person: str
    idempotency_key: str | None
    instance: str
    now: int
    lease_until: int
    day: int
    month: int
    clock: int
    wait_for_ids: frozenset[str] | None
    campaign_person_id: str | None
    conversation_urn: str | None


class Decision(NamedTuple):
    """How a claim was decided, with what is known of its account, or for a repeat of the earlier send's account.

    other_clock:  the time that contradicts the claim's, where the name is about clocks.
    pending_ids:  identical sends of other live processes whose outcome is not known yet.
    skip_reason:  why a declined person of a campaign is skipped.
    """

    name: DecisionName
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
    pending_ids: frozenset[str] = frozenset()
    skip_reason: str | None = None
    lost_from: int | None = None
    lost_until: int | None = None


def claim_row(
    claim: Claim, sealed_text: str, fingerprint: str, person: str, instance: str, clock: datetime
) -> ClaimRow:
    """Prepare a claim for the database: seal its secrets and compute its windows."""
    request, now = claim.request, to_micros(claim.now)
    windows = windows_of(now)
    return ClaimRow(
        send_id=claim.send_id,
        request_id=request.request_id,
        workspace_id=request.workspace_id,
        account_id=request.account_id,
        recipient=str(request.recipient),
        group_id=str(request.group_id or ""),
        sealed_text=sealed_text,
        origin_token=claim.origin_token,
        fingerprint=fingerprint,
        person=person,
        idempotency_key=request.idempotency_key,
        instance=instance,
        now=now,
        lease_until=to_micros(claim.lease_until),
        day=windows.day,
        month=windows.month,
        clock=to_micros(clock),
        wait_for_ids=claim.wait_for_ids,
        campaign_person_id=request.campaign_person_id,
        conversation_urn=request.conversation_urn and str(request.conversation_urn),
    )


def to_reservation(decision: Decision, claim: Claim, earlier: Send | None, clock: datetime) -> Reservation:
    """Return the reservation, or raise the error, with the quota where the account is known."""
    quota = (
        no_account_quota(Action.MESSAGE, claim.now)
        if decision.account_id is None
        else message_quota(decision.daily_limit, decision.used, decision.last_taken_at, claim.now, decision.rules)
    )
    match decision.name:
        case DecisionName.RESERVED:
            assert decision.account_id is not None
            assert decision.profile_urn is not None
            lost = lost_of(decision.lost_from, decision.lost_until)
            return Reserved(decision.account_id, decision.profile_urn, decision.session_version, quota, lost)
        case DecisionName.REPEATS | DecisionName.REPEATS_KEYED | DecisionName.REPEATS_ANSWERED:
            assert earlier is not None
            return Repeats(earlier, quota, keyed=decision.name is not DecisionName.REPEATS)
        case DecisionName.IN_FLIGHT_ELSEWHERE:
            return InFlightElsewhere(decision.pending_ids)
        case DecisionName.OPTED_OUT:
            return OptedOut(quota)
        case _:
            raise _refusal(decision, claim, quota, clock)


def _refusal(decision: Decision, claim: Claim, quota: Quota, clock: datetime) -> Exception:
    match decision.name:
        case DecisionName.KEY_IN_USE:
            return KeyInUse(quota)
        case DecisionName.KEY_REUSED:
            return KeyReused(quota)
        case DecisionName.CLOCK_WENT_BACK | DecisionName.CLOCK_DIFFERS:
            return _clock_wrong(decision, claim, clock)
        case DecisionName.UNKNOWN_ACCOUNT:
            return InvalidField("accountId", "must be an account of this workspace")
        case DecisionName.DISABLED:
            assert decision.account_id is not None
            return AccountDisabled(decision.account_id, quota)
        case DecisionName.NO_ACCOUNT:
            return NoSession(None, None)
        case DecisionName.NO_SESSION:
            return NoSession(decision.account_id, quota)
        case DecisionName.HELD:
            assert decision.hold_until is not None
            return AccountHeld(quota, from_micros(decision.hold_until))
        case DecisionName.USED_UP | DecisionName.TOO_FAST if decision.daily_limit == 0:
            return LimitIsZero(quota)
        case DecisionName.USED_UP:
            return QuotaUsedUp(quota)
        case DecisionName.TOO_FAST:
            assert decision.breach is not None
            return _too_fast(decision.breach, quota)
        case DecisionName.DECLINED:
            return PersonDeclined(None if decision.skip_reason is None else SkipReason(decision.skip_reason))
        case (
            DecisionName.RESERVED
            | DecisionName.REPEATS
            | DecisionName.REPEATS_KEYED
            | DecisionName.REPEATS_ANSWERED
            | DecisionName.IN_FLIGHT_ELSEWHERE
            | DecisionName.OPTED_OUT
        ):
            raise AssertionError(decision.name)
        case _:
            assert_never(decision.name)


def _clock_wrong(decision: Decision, claim: Claim, clock: datetime) -> ClockWrong:
    assert decision.other_clock is not None
    other = from_micros(decision.other_clock)
    if decision.name is DecisionName.CLOCK_WENT_BACK:
        return ClockWrong.went_back(claim.now, other)
    return ClockWrong.differs(clock, other)


def _too_fast(breach: Breach, quota: Quota) -> Exception:
    if breach.name is LimitName.MESSAGE:
        return QuotaUsedUp(quota, breach.opens_at)
    return TooFast(breach.name, breach.used, breach.limit, breach.opens_at, quota)
