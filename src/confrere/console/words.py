"""What pages call conditions, outcomes and reasons."""

from collections.abc import Mapping
from typing import Final

from confrere.domain.account import Condition
from confrere.domain.campaigns.campaign import PersonStatus, SkipReason, WaitReason
from confrere.domain.group import Relationship
from confrere.domain.outcome import OutcomeName
from confrere.domain.preflight import CheckName

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

RELATIONSHIP_WORDS: Final[Mapping[Relationship, str]] = {
    Relationship.NO_CONNECTION: "Not connected",
    Relationship.CONNECTION: "Connected",
    Relationship.SELF: "The account itself",
}

PERSON_WORDS: Final[Mapping[PersonStatus, str]] = {
    PersonStatus.WAITING: "Waits",
    PersonStatus.IN_FLIGHT: "In flight",
    PersonStatus.UNKNOWN: "Unknown",
    PersonStatus.SENT: "Sent",
    PersonStatus.REPLIED: "Replied",
    PersonStatus.REFUSED: "Refused",
    PersonStatus.SKIPPED: "Skipped",
}

PERSON_CLASSES: Final[Mapping[PersonStatus, str]] = {
    PersonStatus.WAITING: "plain",
    PersonStatus.IN_FLIGHT: "in_flight",
    PersonStatus.UNKNOWN: "unknown",
    PersonStatus.SENT: "accepted",
    PersonStatus.REPLIED: "accepted",
    PersonStatus.REFUSED: "refused",
    PersonStatus.SKIPPED: "plain",
}
"""The colours of badges."""

SKIP_WORDS: Final[Mapping[SkipReason, str]] = {
    SkipReason.DO_NOT_CONTACT: "On the do-not-contact list",
    SkipReason.ALREADY_WRITTEN_TO: "Already written to",
    SkipReason.REPLIED_BEFORE: "Has replied before",
    SkipReason.CONVERSATION_EXISTS: "There is a conversation already",
    SkipReason.BLANK_VARIABLE: "A variable of the text is blank",
    SkipReason.TEXT_TOO_LONG: "The text would be too long",
    SkipReason.NOT_IN_GROUP: "Not in the group",
    SkipReason.OWN_ACCOUNT: "One of your own accounts",
    SkipReason.STOPPED: "The campaign was stopped",
}

CHECK_WORDS: Final[Mapping[CheckName, str]] = {
    CheckName.FIELDS: "Form",
    CheckName.ACCOUNT: "Account",
    CheckName.DO_NOT_CONTACT: "Do not contact",
    CheckName.QUOTA: "Messages of the day",
    CheckName.PACING: "Pacing",
    CheckName.RECENT_IDENTICAL: "Sent a moment ago",
    CheckName.SENDER_IN_GROUP: "Sender in the group",
    CheckName.RECIPIENT_IN_GROUP: "Recipient in the group",
    CheckName.CONVERSATION: "Conversation",
}
