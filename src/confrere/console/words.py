"""What pages call conditions, outcomes and reasons."""

from collections.abc import Mapping
from typing import Final

from confrere.domain.account import Condition
from confrere.domain.audit import ActorKind, AuditAction
from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.campaigns.audience_csv import NOT_LISTED
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, PersonStatus, SkipReason, WaitReason
from confrere.domain.campaigns.check import WarningName
from confrere.domain.group import Relationship
from confrere.domain.keys import Scope
from confrere.domain.outcome import OutcomeName
from confrere.domain.preflight import CheckName
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
    WaitReason.ACCOUNT_HELD: "The account is on hold",
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

CAMPAIGN_WORDS: Final[Mapping[CampaignStatus, str]] = {
    CampaignStatus.DRAFT: "Draft",
    CampaignStatus.SCHEDULED: "Scheduled",
    CampaignStatus.RUNNING: "Running",
    CampaignStatus.PAUSED: "Paused",
    CampaignStatus.FINISHED: "Finished",
    CampaignStatus.STOPPED: "Stopped",
    CampaignStatus.ARCHIVED: "Archived",
}

CAUSE_WORDS: Final[Mapping[PauseCause, str]] = {
    PauseCause.PERSON: "by a person",
    PauseCause.FIRST_SENT: "after its first messages, as asked at its start",
    PauseCause.ACCOUNT_ERROR: "because the account cannot be used",
    PauseCause.REFUSALS: "because LinkedIn refused too many messages",
    PauseCause.OVERDUE: "because its start was missed by more than 12 hours",
    PauseCause.UNKNOWN_VARIABLE: "because its text names a variable that there is not",
}
"""After "Paused"."""

PERSON_WORDS: Final[Mapping[PersonStatus, str]] = {
    PersonStatus.WAITING: "Waiting",
    PersonStatus.IN_FLIGHT: "In flight",
    PersonStatus.UNKNOWN: "Unknown",
    PersonStatus.SENT: "Sent",
    PersonStatus.REPLIED: "Replied",
    PersonStatus.REFUSED: "Refused",
    PersonStatus.SKIPPED: "Skipped",
}

SKIP_WORDS: Final[Mapping[SkipReason, str]] = {
    SkipReason.DO_NOT_CONTACT: "On the do-not-contact list",
    SkipReason.ALREADY_WRITTEN_TO: "Written to before",
    SkipReason.REPLIED_BEFORE: "Has replied before",
    SkipReason.CONVERSATION_EXISTS: "Has a conversation with the account already",
    SkipReason.BLANK_VARIABLE: "A variable of the text is blank for them",
    SkipReason.TEXT_TOO_LONG: "Their text would be longer than 8,000 characters",
    SkipReason.NOT_IN_GROUP: "Not in the group",
    SkipReason.OWN_ACCOUNT: "The sending account itself",
    SkipReason.STOPPED: "The campaign was stopped before their turn",
}

WARNING_WORDS: Final[Mapping[WarningName, str]] = {
    WarningName.NO_WAY_OUT: "No way out in the text",
    WarningName.ODD_NAMES: "Odd names",
}

AUDIENCE_WORDS: Final[Mapping[AudienceStatus, str]] = {
    AudienceStatus.COLLECTING: "Being collected",
    AudienceStatus.READY: "Ready",
}


def row_problem(error: str) -> str:
    """Return why a row of a table names nobody, in the words of the console."""
    if NOT_LISTED in error:
        return (
            "this address is not among the group's members who were read so far; have the members read first, or give "
            "the profile's URN"
        )
    return error


SOURCE_WORDS: Final[Mapping[str, str]] = {"ids": "Chosen, or listed", "csv": "A table", "group": "Members of the group"}
"""How the people of an audience were found."""

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

SCOPE_WORDS: Final[Mapping[Scope, str]] = {
    Scope.READ: "Reads accounts, sends with their texts, groups and campaigns.",
    Scope.SEND: "Also sends single messages, and prepares campaigns.",
    Scope.APPROVE: "Also starts, pauses and stops campaigns.",
    Scope.INBOX: "Reads private conversations and replies; it includes nothing else.",
    Scope.ADMIN: "Does everything, such as connecting accounts and creating keys.",
    Scope.OPERATOR: "Manages workspaces.",
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
    AuditAction.ACCOUNT_HELD: "LinkedIn throttles an account: it is held",
    AuditAction.ACCOUNT_HOLD_RELEASED: "Hold of an account released",
    AuditAction.ACCOUNT_RESTORE_ENDED: "Search for messages that a backup lacks ended",
    AuditAction.ACCOUNT_SESSION_DEAD: "An account's session has ended",
    AuditAction.WEBHOOK_DISABLED: "Webhook disabled because it failed",
    AuditAction.WEBHOOK_SECRET_ROTATED: "New secret of a webhook",
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
