"""What pages call conditions, outcomes and reasons."""

from collections.abc import Mapping
from typing import Final

from confrere.domain.account import Condition
from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.outcome import OutcomeName
from confrere.domain.webhooks import DeliveryStatus, DisabledReason, EventType

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
    WaitReason.ACCOUNT_HELD: "LinkedIn throttled the account",
    WaitReason.ACCOUNT_ERROR: "The account cannot be used",
    WaitReason.CAMPAIGN_PAUSED: "The campaign is paused",
    WaitReason.HELD: "Held by a person",
    WaitReason.SCHEDULED: "Scheduled",
    WaitReason.SPREAD: "Spread over the day",
}

EVENT_WORDS: Final[Mapping[EventType, str]] = {
    EventType.SEND_ACCEPTED: "A message was accepted",
    EventType.SEND_REFUSED: "A message was refused",
    EventType.SEND_UNKNOWN: "A message's outcome is unknown",
    EventType.SEND_NOT_SENT: "A message was not sent",
    EventType.MESSAGE_RECEIVED: "Somebody has replied",
    EventType.RECIPIENT_OPTED_OUT: "Somebody is not to be contacted",
    EventType.CAMPAIGN_STARTED: "A campaign was started",
    EventType.CAMPAIGN_PAUSED: "A campaign was paused",
    EventType.CAMPAIGN_FINISHED: "A campaign has ended",
    EventType.ACCOUNT_SESSION_DEAD: "An account's session has ended",
    EventType.ACCOUNT_HELD: "LinkedIn throttles an account",
    EventType.ACCOUNT_AVAILABLE: "An account can be used again",
    EventType.QUOTA_USED_UP: "An account's day is used up",
    EventType.WEBHOOK_DISABLED: "Another webhook was disabled",
    EventType.PING: "A test",
}

DELIVERY_WORDS: Final[Mapping[DeliveryStatus, str]] = {
    DeliveryStatus.PENDING: "To be sent",
    DeliveryStatus.DELIVERED: "Delivered",
    DeliveryStatus.FAILED: "Failed",
}

DISABLED_WORDS: Final[Mapping[DisabledReason, str]] = {
    DisabledReason.GONE: "it answered 410: it wants no more events",
    DisabledReason.FAILING: "every try has failed for five days",
}
