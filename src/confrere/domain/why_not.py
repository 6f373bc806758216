"""Why an account, a campaign or a person is not sending, or not written to, yet: one reason, one time, one remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from confrere.domain import remedies
from confrere.domain.account import Account, Condition
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonStatus,
    Turn,
    WaitFilter,
    WaitReason,
)
from confrere.domain.limits import Action, window_end
from confrere.domain.pacing import Breach, LimitName


@dataclass(frozen=True, slots=True)
class WhyNot:
    """until: when it passes by itself; None where somebody has to act. remedy: what to do, one sentence."""

    reason: WaitReason
    until: datetime | None
    remedy: str


_OF_LIMIT: Final[Mapping[LimitName, WaitReason]] = {
    LimitName.MESSAGE: WaitReason.DAY_USED_UP,
    LimitName.WARM_UP: WaitReason.DAY_USED_UP,
    LimitName.WRITES_PER_MINUTE: WaitReason.MINIMUM_GAP,
    LimitName.CALLS_PER_MINUTE: WaitReason.MINIMUM_GAP,
    LimitName.MIN_GAP: WaitReason.MINIMUM_GAP,
    LimitName.SENDING_HOURS: WaitReason.OUTSIDE_HOURS,
    LimitName.GROUP_FIRST_CONTACT: WaitReason.MONTH_USED_UP,
    LimitName.GROUP_MONTHLY_SHARE: WaitReason.MONTH_USED_UP,
}

_OF_CAUSE: Final[Mapping[PauseCause | None, str]] = {
    None: remedies.RESUME_CAMPAIGN,
    PauseCause.PERSON: remedies.RESUME_CAMPAIGN,
    PauseCause.FIRST_SENT: remedies.READ_FIRST,
    PauseCause.ACCOUNT_ERROR: remedies.CONNECT_THEN_RESUME,
    PauseCause.REFUSALS: remedies.READ_REFUSALS,
    PauseCause.OVERDUE: remedies.RESUME_OVERDUE,
    PauseCause.UNKNOWN_VARIABLE: remedies.FIX_VARIABLE,
}


def why_account_waits(account: Account, breach: Breach | None, turn: Turn | None, now: datetime) -> WhyNot | None:
    """Return why the account sends nothing now; None where it may.

    What a person has to fix comes first, then what lasts longest.
    breach:  of a message to somebody new, if it were sent now.
    turn:    when the account's lane is due.
    """
    waits: list[tuple[datetime, WhyNot]] = []
    match account.condition(now):
        case Condition.DISABLED:
            return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.ENABLE_ACCOUNT)
        case Condition.DISCONNECTED | Condition.ERROR:
            return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.CONNECT_AGAIN)
        case Condition.HELD:
            assert account.hold_until is not None
            if account.awaits_release:
                return WhyNot(WaitReason.ACCOUNT_HELD, None, remedies.RELEASE_ACCOUNT)
            waits.append(_wait(WaitReason.ACCOUNT_HELD, account.hold_until, remedies.LET_REST))
        case Condition.AVAILABLE:
            pass
    if account.daily_limit == 0:
        return WhyNot(WaitReason.DAY_USED_UP, None, remedies.RAISE_LIMIT)
    if breach is not None:
        waits.append(_wait(_OF_LIMIT[breach.name], breach.opens_at, remedies.WAIT_OR_CHANGE_PACING))
    if turn is not None and turn.at > now:
        remedy = remedies.WAIT_FOR_SPREAD if turn.reason is WaitReason.SPREAD else remedies.WAIT
        waits.append(_wait(turn.reason or WaitReason.NEXT_IN_LINE, turn.at, remedy))
    return max(waits, key=lambda wait: wait[0])[1] if waits else None


def _wait(reason: WaitReason, until: datetime, remedy: str) -> tuple[datetime, WhyNot]:
    return until, WhyNot(reason, until, remedy)


def why_campaign_waits(campaign: Campaign, sent_today: int, account: WhyNot | None, now: datetime) -> WhyNot | None:
    """Return why the campaign sends nothing now; None where it may, or where it is over.

    sent_today:  its messages of the UTC day.  account: why its account waits.
    """
    match campaign.status:
        case CampaignStatus.DRAFT:
            return WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.START_CAMPAIGN)
        case CampaignStatus.SCHEDULED:
            return WhyNot(WaitReason.SCHEDULED, max(campaign.starts_at or now, now), remedies.WAIT)
        case CampaignStatus.PAUSED:
            return WhyNot(WaitReason.CAMPAIGN_PAUSED, None, _OF_CAUSE[campaign.cause])
        case CampaignStatus.FINISHED | CampaignStatus.STOPPED | CampaignStatus.ARCHIVED:
            return None
        case CampaignStatus.RUNNING:
            pass
    if account is not None and account.until is None:
        return account
    if campaign.daily_cap is not None and sent_today >= campaign.daily_cap:
        midnight = window_end(Action.MESSAGE, now)
        if account is None or account.until is None or account.until <= midnight:
            return WhyNot(WaitReason.CAMPAIGN_CAP, midnight, remedies.WAIT_OR_RAISE_CAP)
    return account


def why_person_waits(person: CampaignPerson, campaign: WhyNot | None, now: datetime) -> WhyNot | None:
    """Return why this person has no message yet; None only where the person does not wait.

    campaign:  why the campaign waits.
    """
    if person.status is not PersonStatus.WAITING:
        return None
    own_from = _own_from(campaign, now)
    if own_from is not None and person.due_at is not None and person.due_at >= own_from:
        if person.is_held:
            return WhyNot(WaitReason.HELD, person.due_at, remedies.RELEASE_PERSON)
        return WhyNot(WaitReason.NEXT_IN_LINE, person.due_at, remedies.WAIT)
    return campaign or WhyNot(WaitReason.NEXT_IN_LINE, now, remedies.WAIT)


def people_who_wait_for(reason: WaitReason, campaign: WhyNot | None, now: datetime) -> WaitFilter:
    """Return the filter of those for whom `why_person_waits` names this reason."""
    shared = WaitReason.NEXT_IN_LINE if campaign is None else campaign.reason
    return WaitFilter(reason, shared, _own_from(campaign, now))


def _own_from(campaign: WhyNot | None, now: datetime) -> datetime | None:
    """Return from which due time on people wait longer than the campaign; None if that waits until somebody acts."""
    soonest = now + timedelta(microseconds=1)
    if campaign is None:
        return soonest
    return None if campaign.until is None else max(campaign.until, soonest)
