"""Why an account, a campaign or a person is not sending, or not written to, yet: one reason, one time, one remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from confrere.domain import remedies
from confrere.domain.account import Account, Condition
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonStatus,
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


def why_account_waits(
    account: Account, breach: Breach | None, turn_at: datetime | None, now: datetime
) -> WhyNot | None:
    """Return why the account sends nothing now; None where it may.

    breach:   of a message to somebody new, if it were sent now.
    turn_at:  when the account's lane is due.
    """
    match account.condition(now):
        case Condition.DISABLED:
            return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.ENABLE_ACCOUNT)
        case Condition.DISCONNECTED | Condition.ERROR:
            return WhyNot(WaitReason.ACCOUNT_ERROR, None, remedies.CONNECT_AGAIN)
        case Condition.HELD:
            return WhyNot(WaitReason.ACCOUNT_HELD, account.hold_until, remedies.LET_REST)
        case Condition.AVAILABLE:
            pass
    if account.daily_limit == 0:
        return WhyNot(WaitReason.DAY_USED_UP, None, remedies.RAISE_LIMIT)
    if breach is not None:
        return WhyNot(_OF_LIMIT[breach.name], breach.opens_at, remedies.WAIT_OR_CHANGE_PACING)
    if turn_at is not None and turn_at > now:
        return WhyNot(WaitReason.MINIMUM_GAP, turn_at, remedies.WAIT)
    return None


def why_campaign_waits(campaign: Campaign, sent_today: int, account: WhyNot | None, now: datetime) -> WhyNot | None:
    """Return why the campaign sends nothing now; None where it may, or where it is over.

    sent_today:  its messages of the UTC day.  account: why its account waits.
    """
    match campaign.status:
        case CampaignStatus.DRAFT:
            return WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.START_CAMPAIGN)
        case CampaignStatus.SCHEDULED:
            return WhyNot(WaitReason.SCHEDULED, campaign.starts_at, remedies.WAIT)
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


def why_person_waits(
    person: CampaignPerson, campaign: WhyNot | None, turn_at: datetime | None, now: datetime
) -> WhyNot | None:
    """Return why this person has no message yet; None only where the person does not wait.

    campaign:  why the campaign waits.  turn_at: when the account's lane is due.
    """
    if person.status is not PersonStatus.WAITING:
        return None
    due_at = person.due_at if person.due_at is not None and person.due_at > now else None
    if campaign is not None and campaign.until is None:
        return campaign
    if due_at is not None and person.is_held and (campaign is None or not campaign.until or campaign.until <= due_at):
        return WhyNot(WaitReason.HELD, due_at, remedies.RELEASE_PERSON)
    if campaign is not None:
        return campaign
    return WhyNot(WaitReason.NEXT_IN_LINE, due_at or max(turn_at or now, now), remedies.WAIT)
