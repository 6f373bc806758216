"""What pages call conditions, outcomes and reasons."""

from collections.abc import Mapping
from typing import Final

from confrere.domain.account import Condition
from confrere.domain.audit import ActorKind, AuditAction
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
    WaitReason.ACCOUNT_HELD: "LinkedIn throttled the account",
    WaitReason.ACCOUNT_ERROR: "The account cannot be used",
    WaitReason.CAMPAIGN_PAUSED: "The campaign is paused",
    WaitReason.HELD: "Held by a person",
    WaitReason.SCHEDULED: "Scheduled",
    WaitReason.SPREAD: "Spread over the day",
}

ACTOR_WORDS: Final[Mapping[ActorKind, str]] = {
    ActorKind.USER: "User",
    ActorKind.KEY: "API key",
    ActorKind.AGENT: "Agent",
    ActorKind.COMMAND_LINE: "Command line",
    ActorKind.SERVER: "The server itself",
    ActorKind.NOBODY: "Nobody who is known",
}

_ACTION_WORDS: Final[Mapping[AuditAction, str]] = {
    AuditAction.DO_NOT_CONTACT_ADDED: "Put on the do-not-contact list",
    AuditAction.DO_NOT_CONTACT_IMPORTED: "Do-not-contact list imported",
    AuditAction.DO_NOT_CONTACT_REMOVED: "Taken off the do-not-contact list",
    AuditAction.ACCOUNT_HOLD_RELEASED: "Hold of an account released",
    AuditAction.CAMPAIGN_PEOPLE_ADDED: "People added to a campaign",
    AuditAction.AUDIENCE_PEOPLE_ADDED: "People added to an audience",
    AuditAction.KEY_CREATED: "API key created",
    AuditAction.KEY_REVOKED: "API key revoked",
}


def action_words(action: AuditAction) -> str:
    """Return what pages call an action: its own name, where that is what people say."""
    return _ACTION_WORDS.get(action) or action.replace("_", " ").capitalize()


def detail_words(detail: str) -> str:
    """Return the detail of an entry; a reason that is a name, such as `account_error`, as words."""
    return detail.replace("_", " ") if detail.islower() and " " not in detail else detail
