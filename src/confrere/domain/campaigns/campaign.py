"""Campaigns: one message each to many members of a group, over days.

A campaign is nothing but rows. Its audience is frozen into people when it starts; a person is in it once, for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.errors import ConfrereError
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn

OVERDUE_AFTER: Final = timedelta(hours=12)
"""A scheduled campaign that is later than this does not start by itself: there was an outage, or a restored backup."""

REFUSALS_IN_A_ROW: Final = 5
"""As many refusals without a message between them pause a campaign; so does a tenth of at least 50 answers."""


class CampaignStatus(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    ARCHIVED = "archived"


class PauseCause(StrEnum):
    """Why a campaign is paused."""

    PERSON = "person"
    FIRST_SENT = "first_sent"
    ACCOUNT_ERROR = "account_error"
    REFUSALS = "refusals"
    OVERDUE = "overdue"
    UNKNOWN_VARIABLE = "unknown_variable"


class PersonStatus(StrEnum):
    """What became of one person of a campaign."""

    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    SENT = "sent"
    REPLIED = "replied"
    REFUSED = "refused"
    SKIPPED = "skipped"


class WaitReason(StrEnum):
    """Why a person who is `waiting` has no message yet."""

    NEXT_IN_LINE = "next_in_line"
    OUTSIDE_HOURS = "outside_hours"
    DAY_USED_UP = "day_used_up"
    MONTH_USED_UP = "month_used_up"
    MINIMUM_GAP = "minimum_gap"
    SPREAD = "spread"
    CAMPAIGN_CAP = "campaign_cap"
    ACCOUNT_HELD = "account_held"
    ACCOUNT_ERROR = "account_error"
    CAMPAIGN_PAUSED = "campaign_paused"
    HELD = "held"
    SCHEDULED = "scheduled"


class SkipReason(StrEnum):
    """Why a person is `skipped`: no message will be sent."""

    DO_NOT_CONTACT = "do_not_contact"
    ALREADY_WRITTEN_TO = "already_written_to"
    REPLIED_BEFORE = "replied_before"
    CONVERSATION_EXISTS = "conversation_exists"
    BLANK_VARIABLE = "blank_variable"
    TEXT_TOO_LONG = "text_too_long"
    NOT_IN_GROUP = "not_in_group"
    OWN_ACCOUNT = "own_account"
    STOPPED = "stopped"


CAMPAIGN_MOVES: Final[Mapping[CampaignStatus, frozenset[CampaignStatus]]] = {
    CampaignStatus.DRAFT: frozenset({CampaignStatus.SCHEDULED, CampaignStatus.RUNNING, CampaignStatus.ARCHIVED}),
    CampaignStatus.SCHEDULED: frozenset({CampaignStatus.RUNNING, CampaignStatus.PAUSED, CampaignStatus.STOPPED}),
    CampaignStatus.RUNNING: frozenset({CampaignStatus.PAUSED, CampaignStatus.FINISHED, CampaignStatus.STOPPED}),
    CampaignStatus.PAUSED: frozenset({CampaignStatus.RUNNING, CampaignStatus.SCHEDULED, CampaignStatus.STOPPED}),
    CampaignStatus.FINISHED: frozenset({CampaignStatus.RUNNING, CampaignStatus.ARCHIVED}),
    CampaignStatus.STOPPED: frozenset({CampaignStatus.ARCHIVED}),
    CampaignStatus.ARCHIVED: frozenset(),
}
"""From each status of a campaign, those that may follow. A finished one runs again when people are added."""

PERSON_MOVES: Final[Mapping[PersonStatus, frozenset[PersonStatus]]] = {
    # Straight to `sent`: LinkedIn turned out to have a message that was counted as not sent.
    PersonStatus.WAITING: frozenset(
        {PersonStatus.IN_FLIGHT, PersonStatus.SKIPPED, PersonStatus.SENT, PersonStatus.REPLIED}
    ),
    # Back to `waiting` where certainly nothing was sent, and only then.
    PersonStatus.IN_FLIGHT: frozenset(
        {
            PersonStatus.UNKNOWN,
            PersonStatus.WAITING,
            PersonStatus.SENT,
            PersonStatus.REFUSED,
            PersonStatus.REPLIED,
            PersonStatus.SKIPPED,
        }
    ),
    PersonStatus.UNKNOWN: frozenset(
        {PersonStatus.WAITING, PersonStatus.SENT, PersonStatus.REFUSED, PersonStatus.REPLIED, PersonStatus.SKIPPED}
    ),
    PersonStatus.SENT: frozenset({PersonStatus.REPLIED}),
    PersonStatus.REPLIED: frozenset(),
    PersonStatus.REFUSED: frozenset({PersonStatus.REPLIED}),
    PersonStatus.SKIPPED: frozenset({PersonStatus.SENT, PersonStatus.REPLIED}),
}
"""From each status of a person, those that may follow."""

OPEN_PERSON: Final = frozenset({PersonStatus.WAITING, PersonStatus.IN_FLIGHT, PersonStatus.UNKNOWN})
"""A campaign with anybody in these is not finished."""


@dataclass(frozen=True, slots=True)
class PersonText:
    """What one person is to get: a text, or the reason why none can be made. text: None means the campaign's own."""

    person: AudiencePerson
    text: MessageText | None = None
    skip: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the audience. skip: why they would be skipped, as far as the store knows; None: they would not."""

    one: AudiencePerson
    skip: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign without its text.

    cause:         why it is paused, else None.
    starts_at:     when a scheduled one starts.
    daily_cap:     messages of the campaign in a UTC day; None is no limit of its own.
    spread:        whether its messages are spread evenly over what is left of the day's sending hours.
    first_left:    how many messages it sends before it pauses with `first_sent`; None where it does not.
    started_at, ended_at:  when it began to run, and when it was finished or stopped.
    template_id:       None where its text is its own.
    template_version:  the newest while it is a draft, afterwards that of its texts.
    revision:          of the draft: grows with each change.
    """

    id: str
    workspace_id: str
    name: str
    account_id: str
    group_id: GroupId
    audience_id: str
    status: CampaignStatus
    cause: PauseCause | None
    starts_at: datetime | None
    daily_cap: int | None
    spread: bool
    skip_existing_conversations: bool
    first_left: int | None
    created_by: str | None
    started_by: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    template_id: str | None = None
    template_version: int | None = None
    revision: int = 1


@dataclass(frozen=True, slots=True)
class CampaignPerson:
    """One person of a campaign, without the text.

    reason:   of a skip; LinkedIn's words where refused.
    is_held:  a person has put the message off until `due_at`.
    due_at:   not before then; None where nothing keeps it.
    send_id:  the ledger's row: of the latest attempt, or of the earlier message where `already_written_to`.
    replied_at:  the person's last reply to any account of the workspace.
    sent_by, sent_at:  the account and the time of that row, where LinkedIn has the message or may have it.
    """

    id: str
    campaign_id: str
    workspace_id: str
    recipient: ProfileUrn
    name: str
    status: PersonStatus
    reason: str | None
    is_held: bool
    due_at: datetime | None
    send_id: str | None
    changed_at: datetime
    sent_by: str | None = None
    sent_at: datetime | None = None
    replied_at: datetime | None = None

    @property
    def message_at(self) -> datetime | None:
        """The time at which the campaign's message to them was sent."""
        return self.sent_at if self.status in (PersonStatus.SENT, PersonStatus.REPLIED) else None

    @property
    def written_to_by(self) -> str | None:
        """The account that had written to them before, if they are skipped for that."""
        return self.sent_by if self.reason == SkipReason.ALREADY_WRITTEN_TO else None

    @property
    def written_to_at(self) -> datetime | None:
        """The time at which it had written."""
        return self.sent_at if self.reason == SkipReason.ALREADY_WRITTEN_TO else None


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """How many people are in which status. waiting: without those who are held."""

    waiting: int = 0
    held: int = 0
    in_flight: int = 0
    unknown: int = 0
    sent: int = 0
    replied: int = 0
    refused: int = 0
    skipped: int = 0
    skipped_by_reason: Mapping[str, int] = field(default_factory=dict)

    @property
    def by_status(self) -> dict[str, int]:
        """The same by name, without the reasons."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "skipped_by_reason"}


@dataclass(frozen=True, slots=True)
class WaitFilter:
    """Which of the people who wait to list. Their reasons are not stored: all share one, except those who wait longer.

    reason:    for which they wait.
    shared:    the reason of everybody who is due before `own_from`.
    own_from:  people who are due then or later are `held`, or else `next_in_line`; None: everybody shares.
    """

    reason: WaitReason
    shared: WaitReason
    own_from: datetime | None


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """Which people of a campaign to list; None means any.

    reason:  one that is stored: of a skip, or LinkedIn's words.
    """

    status: PersonStatus | None = None
    reason: str | None = None
    wait: WaitFilter | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """When an account's lane is due. reason: why not earlier, where the lane alone knows it: `spread`."""

    at: datetime
    reason: WaitReason | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One account's turn to send, leased to this process.

    lease_until:       when others may take it.
    last_campaign_id:  whose person was the last one; the next campaign of the account has its turn.
    """

    account_id: str
    workspace_id: str
    lease_until: datetime
    last_campaign_id: str | None


class WrongStatus(ConfrereError):
    """The campaign is not in a status in which this can be done."""

    def __init__(self, action: str, status: CampaignStatus) -> None:
        super().__init__(f"A campaign that is {status} cannot be {action}")
        self.action = action
        self.status = status


class ContentChanged(ConfrereError):
    """People, texts or settings are not what was checked, or what was read before they were edited."""

    def __init__(
        self, text: str = "The campaign has changed since it was checked; check it again, then start it"
    ) -> None:
        super().__init__(text)


class PersonDeclined(ConfrereError):
    """The reserving transaction found that this person is not to be written to; nothing was taken.

    reason:  for which the person is skipped now; None where the campaign does not run, the person does not wait, or
             another message to them may have been sent.
    """

    def __init__(self, reason: SkipReason | None) -> None:
        super().__init__("This person of the campaign is not to be written to")
        self.reason = reason
