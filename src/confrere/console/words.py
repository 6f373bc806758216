"""What pages call conditions, outcomes and reasons."""

from collections.abc import Mapping
from typing import Final

from confrere.domain.account import Condition
from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.outcome import OutcomeName

CONDITION_WORDS: Final[Mapping[Condition, str]] = {
    Condition.AVAILABLE: "Ready",
    Condition.ERROR: "Session ended",
    Condition.HELD: "On hold",
    Condition.DISABLED: "Disabled",
    Condition.DISCONNECTED: "Disconnected",
}

OUTCOME_WORDS: Final[Mapping[OutcomeName, str]] = {
    OutcomeName.ACCEPTED: "Accepted",
    OutcomeName.UNKNOWN: "Unknown",
    OutcomeName.IN_FLIGHT: "In flight",
    OutcomeName.REFUSED: "Refused",
    OutcomeName.THROTTLED: "Throttled",
    OutcomeName.SESSION_DEAD: "Session ended",
    OutcomeName.NOT_SENT: "Not sent",
}
"""In the order in which charts stack them and tables list them."""

REASON_WORDS: Final[Mapping[WaitReason, str]] = {
    WaitReason.NEXT_IN_LINE: "Next in line",
    WaitReason.OUTSIDE_HOURS: "Outside its sending hours",
    WaitReason.DAY_USED_UP: "Today's limit is used up",
    WaitReason.MONTH_USED_UP: "This month's limit is used up",
    WaitReason.MINIMUM_GAP: "Waits for the gap between two messages",
    WaitReason.CAMPAIGN_CAP: "The campaign's limit of today is reached",
    WaitReason.ACCOUNT_HELD: "The account is on hold",
    WaitReason.ACCOUNT_ERROR: "The account cannot be used",
    WaitReason.CAMPAIGN_PAUSED: "The campaign is paused",
    WaitReason.HELD: "Held by a person",
    WaitReason.SCHEDULED: "Scheduled",
    WaitReason.SPREAD: "Spread over the day",
}
